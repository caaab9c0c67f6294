// Beast upgrades the connection; from then on the frames are ours (docs/adr/0014).
#include "net/ws_stream.hpp"

#include <algorithm>
#include <boost/asio.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <cstring>
#include <deque>
#include <optional>
#include <utility>

#include "core/clock.hpp"
#include "core/frame.hpp"
#include "net/stamped_socket.hpp"
#include "net/tls_opening.hpp"
#include "net/ws_decoder.hpp"
#include "net/ws_encode.hpp"
#include "net/ws_upgrade.hpp"

namespace steelyard {

namespace net = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using Error = boost::system::error_code;

struct WsStream::Impl : std::enable_shared_from_this<WsStream::Impl> {
  using Tls = net::ssl::stream<StampedSocket>;

  Impl(net::io_context& io, TlsContext& with)
      : tls{io, with.impl().context}, opening{io, tls, tcp()}, deadline{io} {}

  [[nodiscard]] StampedSocket& layer() { return tls.next_layer(); }
  [[nodiscard]] StampedSocket::Tcp& tcp() { return layer().next_layer(); }

  void connect(const WsTarget& to, WsHandlers with) {
    target = to;
    handlers = std::move(with);
    deadline.expires_after(target.deadline);
    deadline.async_wait([self = shared_from_this()](Error error) {
      if (error || self->open) return;
      self->fail("connect",
                 "no answer within " + std::to_string(self->target.deadline.count()) + " ms");
    });
    opening.on_connected = [this] {
      Error ignored;
      tcp().set_option(net::ip::tcp::no_delay{true}, ignored);
      layer().enable_stamps();
    };
    opening.on_open = [this] { ask_upgrade(); };
    opening.on_fail = [this](const std::string& why) { fail(why); };
    opening.start(target, shared_from_this());
  }

  void ask_upgrade() {
    upgrade.emplace(target);
    http::async_write(tls, upgrade->request, [self = shared_from_this()](Error error, std::size_t) {
      if (error) return self->fail("upgrade", error);
      http::async_read_header(self->tls, self->upgrade->bytes, self->upgrade->answer,
                              [self](Error read_error, std::size_t) {
                                if (read_error) return self->fail("upgrade", read_error);
                                self->on_upgrade_answer();
                              });
    });
  }

  void on_upgrade_answer() {
    if (const std::string refusal = upgrade->refusal(); !refusal.empty()) {
      return fail("upgrade", refusal);
    }
    // Frames may have come with the answer.
    const auto surplus = upgrade->bytes.data();
    const WsDecoder::Room room = decoder.room();
    std::memcpy(room.data, surplus.data(), surplus.size());
    decoder.filled(surplus.size());
    upgrade.reset();
    open = true;
    deadline.cancel();
    if (target.poll_socket) layer().poll();
    if (handlers.on_open) handlers.on_open();
    hand_on();
    read();
    write();
  }

  void read() {
    if (closed || !last_word.empty()) return;
    const WsDecoder::Room room = decoder.room();
    tls.async_read_some(net::buffer(room.data, room.bytes),
                        [self = shared_from_this()](Error error, std::size_t bytes) {
                          if (error && self->ending) return self->fail("close", "as asked");
                          if (error) return self->fail("read", error);
                          self->decoder.filled(bytes);
                          self->hand_on();
                          self->read();
                        });
  }

  // All that is whole. The handlers may end the connection.
  void hand_on() {
    TimestampNs received = layer().received();
    const TimestampNs now = wall_clock();
    // A stamp from the future, or long ago (bytes that TLS held back), is worth less than none.
    if (received > now || now.raw() - received.raw() > 1'000'000'000) received = now;
    if (received < last_received) received = last_received;
    last_received = received;
    for (bool told_of_read = false; !closed; told_of_read = true) {
      const WsEvent event = decoder.next();
      if (!told_of_read && event.kind != WsEvent::Kind::NeedBytes && handlers.on_read) {
        handlers.on_read();
      }
      switch (event.kind) {
        case WsEvent::Kind::NeedBytes:
          return;
        case WsEvent::Kind::Text:
        case WsEvent::Kind::Binary:
          if (handlers.on_message) {
            handlers.on_message(event.payload, event.kind == WsEvent::Kind::Binary, received);
          }
          break;
        case WsEvent::Kind::Ping:
          if (!ending) queue(WsOpcode::Pong, event.payload);
          [[fallthrough]];
        case WsEvent::Kind::Pong:
          if (handlers.on_control_frame) {
            handlers.on_control_frame(event.kind == WsEvent::Kind::Ping);
          }
          break;
        case WsEvent::Kind::Close:
          // Our own was answered, or theirs is: with the same code (5.5.1).
          if (ending) return part("close: as asked");
          return end(event.code, "read: closed by the server" + told(event));
        case WsEvent::Kind::Defect:
          return end(event.code, std::string{"read: "} + event.why);
      }
    }
  }

  [[nodiscard]] static std::string told(const WsEvent& close) {
    if (close.code == 0) return {};
    std::string text = ": " + std::to_string(close.code);
    if (!close.payload.empty()) text += ' ' + printable(close.payload);
    return text;
  }

  void send(std::string_view text) {
    if (!ending) queue(WsOpcode::Text, text);
  }

  // Pings and pongs go ahead of what has not been begun. Of pings that came faster than they are
  // answered, the last one is answered (5.5.3).
  void queue(WsOpcode opcode, std::string_view payload) {
    std::string frame = ws_frame(opcode, payload);
    if (opcode == WsOpcode::Text || opcode == WsOpcode::Close) {
      outbox.push_back(std::move(frame));
    } else if (opcode == WsOpcode::Pong && !outbox.empty() &&
               ws_opcode(outbox.front()) == WsOpcode::Pong) {
      outbox.front() = std::move(frame);
    } else {
      outbox.push_front(std::move(frame));
    }
    if (open) write();
  }

  void write() {
    if (!sending.empty() || outbox.empty() || closed) return;
    sending = std::move(outbox.front());
    outbox.pop_front();
    net::async_write(tls, net::buffer(sending),
                     [self = shared_from_this()](Error error, std::size_t) {
                       self->sending.clear();
                       if (error) return self->fail("write", error);
                       self->write();
                       if (!self->last_word.empty()) self->part(self->last_word);
                     });
  }

  void ping() {
    if (!open || closed || ending) return;
    // One at a time: the next would only say the same.
    const auto is_ping = [](const std::string& frame) {
      return !frame.empty() && ws_opcode(frame) == WsOpcode::Ping;
    };
    if (is_ping(sending) || std::any_of(outbox.begin(), outbox.end(), is_ping)) return;
    queue(WsOpcode::Ping, {});
  }

  void close() {
    if (closed || ending) return;
    if (!open) return fail("close", "before it was open");
    say_goodbye(static_cast<std::uint16_t>(WsCloseCode::Normal));
  }

  // Ends it once the other side has been told why, with the reason for our own.
  void end(std::uint16_t code, std::string reason) {
    last_word = std::move(reason);
    outbox.clear();
    say_goodbye(code);
  }

  // All frames have been said on both sides, or will have been: TLS has the last word.
  void part(std::string reason) {
    last_word = std::move(reason);
    if (!sending.empty() || closed) return;
    tls.async_shutdown([self = shared_from_this()](Error) { self->fail(self->last_word); });
  }

  // Nothing is sent after a close frame.
  void say_goodbye(std::uint16_t code) {
    ending = true;
    deadline.expires_after(std::chrono::milliseconds{500});
    deadline.async_wait([self = shared_from_this()](Error error) {
      if (error) return;
      self->fail("close: no answer");
    });
    queue(WsOpcode::Close, ws_close_payload(code));
  }

  void fail(const char* where, const Error& error) { fail(where, error.message()); }
  void fail(const char* where, const std::string& why) { fail(std::string{where} + ": " + why); }
  void fail(const std::string& why) {
    if (closed) return;
    drop();
    if (handlers.on_closed) {
      const auto tell = std::move(handlers.on_closed);
      // Whatever fails while it ends, it ends for the first reason.
      tell(last_word.empty() ? why : last_word);
    }
  }

  void drop() {
    if (closed) return;
    closed = true;
    deadline.cancel();
    opening.close();
  }

  Tls tls;
  TlsOpening<Tls, StampedSocket::Tcp> opening;
  net::basic_waitable_timer<std::chrono::steady_clock, net::wait_traits<std::chrono::steady_clock>,
                            net::io_context::executor_type>
      deadline;
  WsTarget target;
  WsHandlers handlers;
  std::optional<WsUpgrade> upgrade;
  // Room for what venues send, and never grown again where they keep to that.
  WsDecoder decoder{kMaxMessage, 1U << 20, kFramePadding};
  std::string sending;             // the frame on its way; empty: none
  std::deque<std::string> outbox;  // frames not begun
  std::string last_word;           // why it ends, once the close frame has gone
  TimestampNs last_received;
  bool open = false;
  bool ending = false;  // a close frame is on its way, or was sent
  bool closed = false;
};

WsStream::WsStream(boost::asio::io_context& io, TlsContext& tls)
    : impl_{std::make_shared<Impl>(io, tls)} {}

WsStream::~WsStream() {
  if (impl_ == nullptr) return;
  impl_->handlers = {};
  impl_->drop();
}

void WsStream::connect(const WsTarget& target, WsHandlers handlers) {
  impl_->connect(target, std::move(handlers));
}
void WsStream::send(std::string_view text) { impl_->send(text); }
void WsStream::ping() { impl_->ping(); }
void WsStream::close() { impl_->close(); }
void WsStream::leave() {
  impl_->handlers = {};
  impl_->close();
  impl_.reset();
}

}  // namespace steelyard
