#include "support/browser.hpp"

#include <fcntl.h>
#include <signal.h>
#include <simdjson.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/asio.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/websocket.hpp>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <stdexcept>
#include <thread>

#include "observe/json_writer.hpp"
#include "support/temporary_folder.hpp"

namespace steelyard {
namespace {

namespace net = boost::asio;
namespace beast = boost::beast;
using Tcp = net::ip::tcp;

[[nodiscard]] std::string find_chromium() {
  for (const char* const path :
       {"/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"}) {
    if (access(path, X_OK) == 0) return path;
  }
  return {};
}

// Standard base64, as the protocol sends pictures.
[[nodiscard]] std::string decode_base64(std::string_view text) {
  std::string out;
  std::uint32_t bits = 0;
  int count = 0;
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (const char c : text) {
    const std::size_t digit = kDigits.find(c);
    if (digit == std::string_view::npos) break;
    bits = bits << 6 | static_cast<std::uint32_t>(digit);
    count += 6;
    if (count < 8) continue;
    count -= 8;
    out += static_cast<char>(bits >> count & 0xff);
  }
  return out;
}

}  // namespace

struct Browser::Impl {
  Impl(int width, int height) {
    const std::string profile = "--user-data-dir=" + (folder / "profile");
    const std::string size =
        "--window-size=" + std::to_string(width) + "," + std::to_string(height);
    const std::string program = find_chromium();
    pid = fork();
    if (pid == 0) {
      setpgid(0, 0);
      const int nothing = ::open("/dev/null", O_WRONLY);
      dup2(nothing, 1);
      dup2(nothing, 2);
      execl(program.c_str(), program.c_str(), "--headless", "--no-sandbox", "--disable-gpu",
            "--disable-quic", "--no-first-run", "--disable-background-networking",
            "--disable-component-update", "--disable-sync", "--disable-extensions",
            "--hide-scrollbars", "--remote-debugging-port=0", profile.c_str(), size.c_str(),
            "about:blank", static_cast<char*>(nullptr));
      _exit(127);
    }
    connect(wait_for_port());
  }
  ~Impl() {
    kill(-pid, SIGKILL);
    kill(pid, SIGKILL);
    waitpid(pid, nullptr, 0);
  }

  // Chromium writes its port and the path of its own socket there, once it listens.
  std::string wait_for_port() {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds{30};
    while (std::chrono::steady_clock::now() < end) {
      std::ifstream file{folder / "profile/DevToolsActivePort"};
      std::string port;
      if (std::getline(file, port) && std::getline(file, path) && !path.empty()) return port;
      std::this_thread::sleep_for(std::chrono::milliseconds{20});
    }
    throw std::runtime_error{"chromium did not start"};
  }

  void connect(const std::string& port) {
    Tcp::resolver resolver{io};
    net::connect(beast::get_lowest_layer(ws), resolver.resolve("127.0.0.1", port));
    ws.handshake("127.0.0.1:" + port, path);
    ws.read_message_max(std::size_t{64} << 20);
    const std::string target =
        string_at(call("Target.createTarget", R"({"url":"about:blank"})"), "/targetId");
    session = string_at(
        call("Target.attachToTarget", R"({"flatten":true,"targetId":")" + target + R"("})"),
        "/sessionId");
    for (const char* const domain :
         {"Page.enable", "Runtime.enable", "Network.enable", "Log.enable"}) {
      call(domain, "{}");
    }
  }

  // The result of a command, as JSON text. What arrives meanwhile is kept as complaints and
  // requests.
  std::string call(const std::string& method, const std::string& parameters) {
    const int id = ++last_id;
    std::string text =
        "{\"id\":" + std::to_string(id) + ",\"method\":\"" + method + "\",\"params\":" + parameters;
    if (!session.empty()) text += ",\"sessionId\":\"" + session + "\"";
    ws.write(net::buffer(text + "}"));
    for (;;) {
      beast::flat_buffer buffer;
      ws.read(buffer);
      const std::string answer = beast::buffers_to_string(buffer.data());
      simdjson::dom::parser parser;
      const simdjson::dom::element message = parser.parse(answer);
      if (std::int64_t of = 0; message["id"].get(of) == simdjson::SUCCESS && of == id) {
        return simdjson::to_string(message["result"].error() == simdjson::SUCCESS
                                       ? message["result"].value_unsafe()
                                       : message);
      }
      note(message);
    }
  }

  void note(const simdjson::dom::element& message) {
    std::string_view method;
    if (message["method"].get(method) != simdjson::SUCCESS) return;
    std::string_view text;
    if (method == "Network.requestWillBeSent") {
      if (message.at_pointer("/params/request/url").get(text) == simdjson::SUCCESS) {
        requests.append(text).append("\n");
      }
    } else if (method == "Network.webSocketCreated") {
      if (message.at_pointer("/params/url").get(text) == simdjson::SUCCESS) {
        requests.append(text).append("\n");
      }
    } else if (method == "Runtime.exceptionThrown" || method == "Log.entryAdded") {
      complaints += simdjson::to_string(message["params"].value_unsafe()) + "\n";
    }
  }

  static std::string string_at(const std::string& json, const char* pointer) {
    simdjson::dom::parser parser;
    std::string_view text;
    if (parser.parse(json).at_pointer(pointer).get(text) != simdjson::SUCCESS) return {};
    return std::string{text};
  }

  TemporaryFolder folder;
  pid_t pid = -1;
  std::string path;
  net::io_context io;
  beast::websocket::stream<Tcp::socket> ws{io};
  std::string session;
  int last_id = 0;
  std::string complaints;
  std::string requests;
};

Browser::Browser(int width, int height) : impl_{std::make_unique<Impl>(width, height)} {
  resize(width, height);
}
Browser::~Browser() = default;

bool Browser::is_there() { return !find_chromium().empty(); }

void Browser::open(const std::string& url) {
  JsonWriter json;
  json.begin_object().member("url", url).end_object();
  impl_->call("Page.navigate", json.text());
}

std::string Browser::evaluate(const std::string& expression) {
  JsonWriter json;
  json.begin_object().member("expression", "String(" + expression + ")").end_object();
  const std::string result = impl_->call("Runtime.evaluate", json.text());
  simdjson::dom::parser parser;
  const simdjson::dom::element parsed = parser.parse(result);
  std::string_view text;
  if (parsed.at_pointer("/exceptionDetails").error() == simdjson::SUCCESS)
    return "error: " + result;
  if (parsed.at_pointer("/result/value").get(text) != simdjson::SUCCESS) return "error: " + result;
  return std::string{text};
}

bool Browser::becomes(const std::string& expression) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds{20};
  while (std::chrono::steady_clock::now() < end) {
    if (evaluate(expression) == "true") return true;
    std::this_thread::sleep_for(std::chrono::milliseconds{50});
  }
  return false;
}

std::string Browser::complaints() {
  (void)evaluate("0");
  return impl_->complaints;
}

std::string Browser::requests() {
  (void)evaluate("0");
  return impl_->requests;
}

void Browser::resize(int width, int height) {
  impl_->call("Emulation.setDeviceMetricsOverride",
              "{\"mobile\":false,\"deviceScaleFactor\":1,\"width\":" + std::to_string(width) +
                  ",\"height\":" + std::to_string(height) + "}");
}

void Browser::picture(const std::string& name) {
  const char* const folder = std::getenv("STEELYARD_SCREENSHOTS");
  if (folder == nullptr) return;
  const std::string shot = impl_->call("Page.captureScreenshot", R"({"format":"png"})");
  std::ofstream file{std::string{folder} + "/" + name + ".png", std::ios::binary};
  file << decode_base64(Impl::string_at(shot, "/data"));
}

}  // namespace steelyard
