// src/cli/web_arguments.hpp -- the options of commands that serve over HTTP.
#pragma once

#include <string>

#include "web/web_server.hpp"

namespace CLI {
class App;
}

namespace steelyard {

struct WebArguments {
  std::string listen;  // host:port
  std::string token;
  std::string token_file;
};

// `default_port`: of this command, on loopback.
void add_web_options(CLI::App& command, WebArguments& arguments, unsigned default_port);

// Throws std::runtime_error that names the option. Where other machines can reach the address and
// no token was given, one is made.
[[nodiscard]] WebOptions web_options(const WebArguments& arguments);

}  // namespace steelyard
