// src/net/ws_stream.hpp -- one WebSocket over TLS, from resolve to close. What it carries it does
// not know.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "steelyard/types.hpp"

namespace boost::asio {
class io_context;
}

namespace steelyard {

// Certificates and host names are always verified, against the system's authorities or those of a
// file.
class TlsContext {
 public:
  // Throws std::runtime_error naming the file.
  explicit TlsContext(const std::string& ca_file);
  ~TlsContext();
  struct Impl;
  [[nodiscard]] Impl& impl() const noexcept { return *impl_; }

 private:
  std::unique_ptr<Impl> impl_;
};

struct WsTarget {
  std::string host;
  std::string port;
  std::string path;
  std::string proxy_host;  // an HTTP proxy that understands CONNECT; empty: none
  std::string proxy_port;
  // Once it is open, its io_context never has nothing to do: for a thread that never sleeps.
  bool poll_socket = false;
  // From resolving to the upgrade; of a GET, to the end of its answer.
  std::chrono::milliseconds deadline{15'000};
};

// All handlers run on the io_context's thread. After on_closed none is called any more.
struct WsHandlers {
  std::function<void()> on_open;
  // Bytes were read that end a frame or several: all that is told of until the next time came with
  // them. Once a read, for what need not be done for each frame.
  std::function<void()> on_read;
  // The payload is followed by kFramePadding readable bytes and valid during the call. That it is
  // UTF-8, as the protocol has it of text, is not looked at. `received`: the kernel's receive time
  // of the read that it was completed by, or the time of that read.
  std::function<void(std::string_view payload, bool binary, TimestampNs received)> on_message;
  std::function<void(bool ping)> on_control_frame;
  std::function<void(const std::string& reason)> on_closed;
};

class WsStream {
 public:
  static constexpr std::size_t kMaxMessage = 16U << 20;

  WsStream(boost::asio::io_context& io, TlsContext& tls);
  ~WsStream();  // closes without ceremony; no handler is called
  WsStream(const WsStream&) = delete;
  WsStream& operator=(const WsStream&) = delete;

  void connect(const WsTarget& target, WsHandlers handlers);
  // Queued; sent in order.
  void send(std::string_view text);
  // A ping of the WebSocket protocol; its pong comes to on_control_frame.
  void ping();
  // Says goodbye and calls on_closed.
  void close();
  // Says goodbye in its own time, this object being free to go: no handler is called any more, so
  // not to be called by one.
  void leave();

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace steelyard
