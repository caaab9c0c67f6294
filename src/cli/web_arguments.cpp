#include "cli/web_arguments.hpp"

#include <CLI/CLI.hpp>
#include <charconv>
#include <cstdlib>
#include <fstream>

namespace steelyard {
namespace {

constexpr std::size_t kShortestToken = 16;

[[nodiscard]] std::string read_token(const std::string& path) {
  std::ifstream file{path};
  std::string token;
  if (!std::getline(file, token)) {
    throw std::runtime_error{"--token-file " + path +
                             ": cannot be read, or its first line is empty"};
  }
  return token;
}

}  // namespace

void add_web_options(CLI::App& command, WebArguments& arguments, unsigned default_port) {
  arguments.listen = "127.0.0.1:" + std::to_string(default_port);
  command
      .add_option(
          "--listen", arguments.listen,
          "host:port (default " + arguments.listen +
              "; port 0: any). Beyond loopback a token is needed, or made; put TLS in front")
      ->option_text("HOST:PORT");
  auto* const token =
      command
          .add_option("--token", arguments.token,
                      "What clients must know, 16 characters or more. Others on this machine can "
                      "see it in the process list: STEELYARD_TOKEN in the environment is better")
          ->option_text("TOKEN");
  command.add_option("--token-file", arguments.token_file, "... or the first line of this file")
      ->option_text("FILE")
      ->excludes(token);
}

WebOptions web_options(const WebArguments& arguments) {
  WebOptions options;
  const std::size_t colon = arguments.listen.rfind(':');
  if (colon == std::string::npos || colon == 0) {
    throw std::runtime_error{"--listen " + arguments.listen +
                             ": host:port is needed, e.g. 127.0.0.1:8080"};
  }
  options.host = arguments.listen.substr(0, colon);
  if (options.host.starts_with('[') && options.host.ends_with(']')) {
    options.host = options.host.substr(1, options.host.size() - 2);
  }
  const std::string port = arguments.listen.substr(colon + 1);
  const auto parsed = std::from_chars(port.data(), port.data() + port.size(), options.port);
  if (parsed.ec != std::errc{} || parsed.ptr != port.data() + port.size()) {
    throw std::runtime_error{"--listen " + arguments.listen + ": \"" + port +
                             "\" is no port (0 to 65535)"};
  }
  options.token = arguments.token;
  if (!arguments.token_file.empty()) options.token = read_token(arguments.token_file);
  if (const char* const token = std::getenv("STEELYARD_TOKEN");
      options.token.empty() && token != nullptr) {
    options.token = token;
  }
  constexpr const char* kAllowed =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.~";
  if (!options.token.empty() && (options.token.size() < kShortestToken ||
                                 options.token.find_first_not_of(kAllowed) != std::string::npos)) {
    throw std::runtime_error{
        "the token must have 16 characters or more, of letters, digits and - _ . ~"};
  }
  if (options.token.empty() && !is_loopback(options.host)) options.token = random_token();
  return options;
}

}  // namespace steelyard
