// src/net/tls_opening.hpp -- from a name to an encrypted connection: resolve, connect, a proxy,
// TLS. For the .cpp files of the two TLS clients only.
#pragma once

#include <boost/asio.hpp>
#include <boost/asio/ssl.hpp>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "net/tls_context.hpp"

namespace steelyard {

// A part of the object that owns the sockets, on its io_context's thread.
template <typename Tls, typename Tcp>
class TlsOpening {
 public:
  using Resolver =
      boost::asio::ip::basic_resolver<boost::asio::ip::tcp, boost::asio::io_context::executor_type>;
  using Error = boost::system::error_code;

  // `tcp` is the socket under `tls`.
  TlsOpening(boost::asio::io_context& io, Tls& tls, Tcp& tcp)
      : resolver_{io}, tls_{tls}, tcp_{tcp} {}

  std::function<void()> on_connected;                   // before anything is said; may be empty
  std::function<void()> on_open;                        // the certificate is the host's
  std::function<void(const std::string& why)> on_fail;  // "resolve: Host not found"

  // `owner` stays alive until one of the two was called, or close().
  void start(const WsTarget& target, std::shared_ptr<void> owner) {
    target_ = target;
    const bool proxied = !target.proxy_host.empty();
    resolver_.async_resolve(
        proxied ? target.proxy_host : target.host, proxied ? target.proxy_port : target.port,
        [this, owner = std::move(owner)](Error error, const auto& results) {
          if (error) return fail("resolve", error.message());
          boost::asio::async_connect(tcp_, results, [this, owner](Error refused, const auto&) {
            if (refused) return fail("connect", refused.message());
            if (on_connected) on_connected();
            if (target_.proxy_host.empty()) return handshake(owner);
            ask_proxy(owner);
          });
        });
  }
  // Whatever is under way fails, or comes to nothing.
  void close() {
    resolver_.cancel();
    Error ignored;
    tcp_.close(ignored);
  }

 private:
  void ask_proxy(const std::shared_ptr<void>& owner) {
    const std::string at = target_.host + ':' + target_.port;
    text_ = "CONNECT " + at + " HTTP/1.1\r\nHost: " + at + "\r\n\r\n";
    boost::asio::async_write(
        tcp_, boost::asio::buffer(text_), [this, owner](Error error, std::size_t) {
          if (error) return fail("proxy", error.message());
          text_.clear();
          boost::asio::async_read_until(tcp_, boost::asio::dynamic_buffer(text_, 8192), "\r\n\r\n",
                                        [this, owner](Error read_error, std::size_t) {
                                          if (read_error)
                                            return fail("proxy", read_error.message());
                                          if (proxy_agrees(text_)) return handshake(owner);
                                          fail("proxy", text_.substr(0, text_.find('\r')));
                                        });
        });
  }

  void handshake(const std::shared_ptr<void>& owner) {
    if (!expect_host(tls_.native_handle(), target_.host)) {
      return fail("tls", "the host name cannot be announced");
    }
    tls_.async_handshake(boost::asio::ssl::stream_base::client, [this, owner](Error error) {
      if (!error) return on_open();
      fail("tls", handshake_failure(tls_.native_handle(), error));
    });
  }

  void fail(const char* where, const std::string& why) { on_fail(std::string{where} + ": " + why); }

  Resolver resolver_;
  Tls& tls_;
  Tcp& tcp_;
  WsTarget target_;
  std::string text_;  // to and from the proxy
};

}  // namespace steelyard
