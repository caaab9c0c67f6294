// The one file that instantiates a WebSocket over TLS: it takes half a minute to compile.
#include "net/ws_stream.hpp"

#include <boost/asio.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/websocket.hpp>
#include <boost/beast/websocket/ssl.hpp>
#include <deque>
#include <utility>

#include "core/clock.hpp"
#include "core/frame.hpp"
#include "net/stamped_socket.hpp"
#include "net/tls_context.hpp"

namespace steelyard {

namespace net = boost::asio;
namespace beast = boost::beast;
namespace websocket = beast::websocket;
using Error = boost::system::error_code;

struct WsStream::Impl : std::enable_shared_from_this<WsStream::Impl> {
  using Resolver = net::ip::basic_resolver<net::ip::tcp, net::io_context::executor_type>;
  using Tls = net::ssl::stream<StampedSocket>;
  using Socket = websocket::stream<Tls>;

  Impl(net::io_context& io, TlsContext& tls)
      : resolver{io}, socket{io, tls.impl().context}, deadline{io} {}

  void connect(const WsTarget& to, WsHandlers with) {
    target = to;
    handlers = std::move(with);
    deadline.expires_after(target.deadline);
    deadline.async_wait([self = shared_from_this()](Error error) {
      if (error || self->open) return;
      self->fail("connect",
                 "no answer within " + std::to_string(self->target.deadline.count()) + " ms");
    });
    const bool proxied = !target.proxy_host.empty();
    resolver.async_resolve(proxied ? target.proxy_host : target.host,
                           proxied ? target.proxy_port : target.port,
                           [self = shared_from_this()](Error error, auto results) {
                             if (error) return self->fail("resolve", error);
                             self->on_resolved(results);
                           });
  }

  void on_resolved(const net::ip::tcp::resolver::results_type& results) {
    net::async_connect(socket.next_layer().next_layer().next_layer(), results,
                       [self = shared_from_this()](Error error, const auto&) {
                         if (error) return self->fail("connect", error);
                         Error ignored;
                         auto& layer = self->socket.next_layer().next_layer();
                         layer.next_layer().set_option(net::ip::tcp::no_delay{true}, ignored);
                         layer.enable_stamps();
                         if (self->target.proxy_host.empty()) {
                           self->handshake_tls();
                         } else {
                           self->ask_proxy();
                         }
                       });
  }

  void ask_proxy() {
    const std::string at = target.host + ':' + target.port;
    proxy_text = "CONNECT " + at + " HTTP/1.1\r\nHost: " + at + "\r\n\r\n";
    auto& tcp = socket.next_layer().next_layer().next_layer();
    net::async_write(
        tcp, net::buffer(proxy_text), [self = shared_from_this(), &tcp](Error error, std::size_t) {
          if (error) return self->fail("proxy", error);
          self->proxy_text.clear();
          net::async_read_until(
              tcp, net::dynamic_buffer(self->proxy_text, 8192), "\r\n\r\n",
              [self](Error read_error, std::size_t) {
                if (read_error) return self->fail("proxy", read_error);
                if (proxy_agrees(self->proxy_text)) {
                  return self->handshake_tls();
                }
                self->fail("proxy", self->proxy_text.substr(0, self->proxy_text.find('\r')));
              });
        });
  }

  void handshake_tls() {
    Tls& tls = socket.next_layer();
    if (!expect_host(tls.native_handle(), target.host)) {
      return fail("tls", "the host name cannot be announced");
    }
    tls.async_handshake(net::ssl::stream_base::client, [self = shared_from_this()](Error error) {
      if (!error) return self->upgrade();
      self->fail("tls", handshake_failure(self->socket.next_layer().native_handle(), error));
    });
  }

  void upgrade() {
    socket.set_option(websocket::stream_base::timeout{std::chrono::seconds{10},
                                                      websocket::stream_base::none(), false});
    socket.set_option(websocket::stream_base::decorator([](websocket::request_type& request) {
      request.set(beast::http::field::user_agent, "steelyard/" STEELYARD_VERSION);
    }));
    socket.auto_fragment(false);
    socket.read_message_max(kMaxMessage);
    socket.control_callback([this](websocket::frame_type kind, beast::string_view) {
      if (handlers.on_control_frame && kind != websocket::frame_type::close) {
        handlers.on_control_frame(kind == websocket::frame_type::ping);
      }
    });
    // As browsers and venues have it: the port only where it is not the usual one.
    const std::string host = target.port == "443" ? target.host : target.host + ':' + target.port;
    // A venue's address without a path asks for the root, as HTTP has it.
    const std::string path = target.path.empty() ? "/" : target.path;
    socket.async_handshake(host, path, [self = shared_from_this()](Error error) {
      if (error) return self->fail("upgrade", error);
      self->open = true;
      self->deadline.cancel();
      if (self->target.poll_socket) self->socket.next_layer().next_layer().poll();
      // Room for the largest message and the padding behind it: never grown again.
      self->buffer.reserve(1U << 20);
      if (self->handlers.on_open) self->handlers.on_open();
      self->read();
      self->write();
    });
  }

  void read() {
    if (closed) return;
    socket.async_read(buffer, [self = shared_from_this()](Error error, std::size_t bytes) {
      if (error) return self->fail("read", error);
      TimestampNs received = self->socket.next_layer().next_layer().received();
      const TimestampNs now = wall_clock();
      // A stamp from the future, or long ago (bytes that TLS held back), is worth less than none.
      if (received > now || now.raw() - received.raw() > 1'000'000'000) received = now;
      if (received < self->last_received) received = self->last_received;
      self->last_received = received;
      self->buffer.prepare(kFramePadding);  // readable bytes behind the message
      if (self->handlers.on_message) {
        self->handlers.on_message({static_cast<const char*>(self->buffer.data().data()), bytes},
                                  self->socket.got_binary(), received);
      }
      self->buffer.consume(bytes);
      self->read();
    });
  }

  void send(std::string text) {
    outbox.push_back(std::move(text));
    if (open) write();
  }

  void write() {
    if (writing || outbox.empty() || closed) return;
    writing = true;
    socket.text(true);
    socket.async_write(net::buffer(outbox.front()),
                       [self = shared_from_this()](Error error, std::size_t) {
                         self->writing = false;
                         if (error) return self->fail("write", error);
                         self->outbox.pop_front();
                         self->write();
                       });
  }

  void ping() {
    // One at a time: the next would only say the same.
    if (!open || closed || pinging) return;
    pinging = true;
    socket.async_ping({}, [self = shared_from_this()](Error error) {
      self->pinging = false;
      if (error) self->fail("ping", error);
    });
  }

  void close() {
    if (closed) return;
    if (!open) return fail("close", "before it was open");
    deadline.expires_after(std::chrono::milliseconds{500});
    deadline.async_wait([self = shared_from_this()](Error error) {
      if (!error) self->fail("close", "no answer");
    });
    socket.async_close(websocket::close_code::normal,
                       [self = shared_from_this()](Error) { self->fail("close", "as asked"); });
  }

  void fail(const char* where, const Error& error) { fail(where, error.message()); }
  void fail(const char* where, const std::string& why) {
    if (closed) return;
    drop();
    if (handlers.on_closed) {
      const auto tell = std::move(handlers.on_closed);
      tell(std::string{where} + ": " + why);
    }
  }

  void drop() {
    if (closed) return;
    closed = true;
    deadline.cancel();
    resolver.cancel();
    Error ignored;
    socket.next_layer().next_layer().next_layer().close(ignored);
  }

  Resolver resolver;
  Socket socket;
  net::basic_waitable_timer<std::chrono::steady_clock, net::wait_traits<std::chrono::steady_clock>,
                            net::io_context::executor_type>
      deadline;
  WsTarget target;
  WsHandlers handlers;
  beast::flat_buffer buffer{kMaxMessage + kFramePadding};
  std::deque<std::string> outbox;
  std::string proxy_text;
  TimestampNs last_received;
  bool open = false;
  bool writing = false;
  bool pinging = false;
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
void WsStream::send(std::string text) { impl_->send(std::move(text)); }
void WsStream::ping() { impl_->ping(); }
void WsStream::close() { impl_->close(); }
void WsStream::leave() {
  impl_->handlers = {};
  impl_->close();
  impl_.reset();
}

}  // namespace steelyard
