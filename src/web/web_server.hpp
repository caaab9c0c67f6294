// src/web/web_server.hpp -- HTTP and WebSockets for people and monitors: small, local, guarded.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace steelyard {

struct WebRequest {
  std::string_view method;  // GET or HEAD
  std::string_view path;    // without the query
  std::string_view accept;  // the header; empty if there is none
};

struct WebResponse {
  unsigned status = 200;
  std::string content_type = "text/plain; charset=utf-8";
  std::string body;
};

struct WebOptions {
  std::string host = "127.0.0.1";  // an address or a name of this machine
  std::uint16_t port = 0;          // 0: any that is free
  // What a client must know, as `Authorization: Bearer` or, for browsers, once as `?token=`, which
  // becomes a cookie. Empty: nothing is asked for, which is refused unless `host` is a loopback
  // address.
  std::string token;
  // What a page may load and do; sent with every answer.
  std::string content_security_policy = "default-src 'none'";
};

class WebError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// One thread: everything that is handed in is called on that of run(). No handler may wait. A
// client that does not read is not waited for: its pushes are left out while one is under way, and
// after half a minute without progress it is cut off.
//
// Guards: a page of another site cannot read what is served without a token (the Host of a request
// must be a loopback name, the Origin of a WebSocket must be that host).
class WebServer {
 public:
  using ClientId = std::uint64_t;
  struct Handlers {
    std::function<WebResponse(const WebRequest&)> get;
    // None: WebSockets are refused. Any path.
    std::function<void(ClientId)> opened;
    std::function<void(ClientId, std::string_view)> text;  // at most 4 KiB
    std::function<void(ClientId)> closed;
  };

  // Listens when this returns. Throws WebError.
  WebServer(const WebOptions& options, Handlers handlers);
  ~WebServer();
  WebServer(const WebServer&) = delete;
  WebServer& operator=(const WebServer&) = delete;

  [[nodiscard]] std::uint16_t port() const noexcept;
  // "http://127.0.0.1:8080", with the token if there is one: for a person to open.
  [[nodiscard]] std::string url() const;
  // Whether a push() would be sent: the client is there, and has taken the one before.
  [[nodiscard]] bool is_ready(ClientId client) const;
  // False: it was left out.
  bool push(ClientId client, std::string text);

  // Serves until `stop`, and calls `tick` every `interval`.
  void run(const std::atomic<bool>& stop, std::chrono::milliseconds interval,
           const std::function<void()>& tick);

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

// 128 bits of the kernel's randomness in hexadecimal.
[[nodiscard]] std::string random_token();
// Whether an address is of this machine only: 127.0.0.0/8, ::1, localhost.
[[nodiscard]] bool is_loopback(std::string_view host);

}  // namespace steelyard
