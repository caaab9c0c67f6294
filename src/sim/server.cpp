// The simulator's one file that instantiates a WebSocket over TLS.
#include "sim/server.hpp"

#include <boost/asio.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>
#include <boost/beast/websocket.hpp>
#include <boost/beast/websocket/ssl.hpp>
#include <ctime>
#include <deque>
#include <set>
#include <stdexcept>
#include <utility>

namespace steelyard::sim {

namespace net = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
namespace websocket = beast::websocket;
using Error = boost::system::error_code;
using Tcp = net::ip::tcp;
using Tls = net::ssl::stream<Tcp::socket>;

namespace {

// As RFC 9110 writes it; whole seconds.
[[nodiscard]] std::string http_date() {
  const std::time_t now = std::time(nullptr);
  std::tm utc{};
  gmtime_r(&now, &utc);
  char text[40];
  std::strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &utc);
  return text;
}

}  // namespace

struct Client;

struct Server::Impl : std::enable_shared_from_this<Server::Impl> {
  Impl(net::io_context& context, std::uint16_t wanted, const Certificate& certificate, Protocol& of)
      : io{context}, acceptor{context}, protocol{of} {
    tls.use_certificate_chain(net::buffer(certificate.chain_pem));
    tls.use_private_key(net::buffer(certificate.key_pem), net::ssl::context::pem);
    Error error;
    const Tcp::endpoint at{net::ip::address_v4::loopback(), wanted};
    acceptor.open(at.protocol(), error);
    acceptor.set_option(net::socket_base::reuse_address{true}, error);
    acceptor.bind(at, error);
    if (!error) acceptor.listen(net::socket_base::max_listen_connections, error);
    if (error) {
      throw std::runtime_error{"simulator: port " + std::to_string(wanted) + ": " +
                               error.message()};
    }
    port = acceptor.local_endpoint().port();
  }
  void accept();

  net::io_context& io;
  net::ssl::context tls{net::ssl::context::tls_server};
  Tcp::acceptor acceptor;
  Protocol& protocol;
  std::set<Client*> clients;
  std::uint16_t port = 0;
  bool stopped = false;
};

// One accepted socket: a REST request, or a WebSocket from its upgrade on.
struct Client final : Session, std::enable_shared_from_this<Client> {
  Client(Tcp::socket socket, std::shared_ptr<Server::Impl> of)
      : owner{std::move(of)}, ws{std::move(socket), owner->tls}, timer{owner->io} {
    owner->clients.insert(this);
  }
  ~Client() override {
    if (open) owner->protocol.on_closed(*this);
    owner->clients.erase(this);
  }

  void start() {
    Error ignored;
    beast::get_lowest_layer(ws).set_option(Tcp::no_delay{true}, ignored);
    ws.next_layer().async_handshake(net::ssl::stream_base::server,
                                    [self = shared_from_this()](Error error) {
                                      if (!error) self->read_request();
                                    });
  }

  void read_request() {
    request = {};
    http::async_read(ws.next_layer(), buffer, request,
                     [self = shared_from_this()](Error error, std::size_t) {
                       if (error) return;
                       self->path = std::string{self->request.target()};
                       if (!websocket::is_upgrade(self->request)) {
                         Protocol& protocol = self->owner->protocol;
                         const bool post = self->request.method() == http::verb::post;
                         self->answer(post ? protocol.on_post(self->path, self->request.body())
                                           : protocol.on_request(self->path));
                       } else if (self->owner->protocol.accepts(self->path)) {
                         self->upgrade();
                       } else {
                         self->answer({.status = 404, .body = {}, .headers = {}});
                       }
                     });
  }

  void answer(HttpReply reply) {
    response = {};
    response.result(static_cast<unsigned>(reply.status));
    response.version(11);
    response.set(http::field::date, http_date());
    for (const auto& [name, value] : reply.headers) response.set(name, value);
    response.set(http::field::content_type, "application/json");
    response.keep_alive(request.keep_alive());
    response.body() = std::move(reply.body);
    response.prepare_payload();
    timer.expires_after(reply.delay);
    timer.async_wait([self = shared_from_this()](Error) {
      http::async_write(self->ws.next_layer(), self->response, [self](Error error, std::size_t) {
        if (error) return;
        if (self->response.keep_alive()) return self->read_request();
        self->ws.next_layer().async_shutdown([self](Error) {});
      });
    });
  }

  void upgrade() {
    ws.set_option(websocket::stream_base::timeout{std::chrono::seconds{10},
                                                  websocket::stream_base::none(), false});
    ws.auto_fragment(false);
    ws.control_callback([this](websocket::frame_type kind, beast::string_view) {
      if (kind == websocket::frame_type::pong) last_pong = std::chrono::steady_clock::now();
    });
    ws.async_accept(request, [self = shared_from_this()](Error error) {
      if (error) return;
      self->open = true;
      self->opened = std::chrono::steady_clock::now();
      self->last_heard = self->last_pong = self->last_ping = self->last_pushed = self->opened;
      self->owner->protocol.on_open(*self);
      self->read();
    });
  }

  void read() {
    ws.async_read(buffer, [self = shared_from_this()](Error error, std::size_t) {
      self->said_goodbye = error == websocket::error::closed;
      if (error) return self->gone();
      if (self->half_open) {
        // Reads no more, and must live on without an operation that holds it: until torn.
        self->kept = self;
        return;
      }
      self->last_heard = std::chrono::steady_clock::now();
      const std::string text = beast::buffers_to_string(self->buffer.data());
      self->buffer.consume(self->buffer.size());
      self->owner->protocol.on_text(*self, text);
      self->read();
    });
  }

  using Session::send;
  void send(std::string text) override { push({{std::move(text), false}, false}); }
  void send_binary(std::string bytes) override { push({{std::move(bytes), true}, false}); }
  void send_slowly(WireFrame frame) override { push({std::move(frame), true}); }
  void ping() override {
    if (!open || pinging) return;
    pinging = true;
    ws.async_ping({}, [self = shared_from_this()](Error) { self->pinging = false; });
  }
  void close() override {
    if (!open || closing) return;
    closing = true;
    if (outbox.empty()) say_goodbye();
  }
  void tear() override {
    Error ignored;
    Tcp::socket& socket = beast::get_lowest_layer(ws);
    socket.set_option(net::socket_base::linger{true, 0}, ignored);
    socket.close(ignored);
    gone();
  }

  [[nodiscard]] std::size_t queued() const override { return queued_bytes; }

  struct Outgoing {
    WireFrame frame;
    bool slow;
  };

  void push(Outgoing message) {
    if (!open || closing) return;
    queued_bytes += message.frame.bytes.size();
    outbox.push_back(std::move(message));
    write();
  }

  void say_goodbye() {
    ws.async_close(websocket::close_code::going_away,
                   [self = shared_from_this()](Error) { self->gone(); });
  }

  void write() {
    if (writing || outbox.empty() || !open) return;
    writing = true;
    ws.binary(outbox.front().frame.binary);
    if (outbox.front().slow) return drip(0);
    ws.async_write(net::buffer(outbox.front().frame.bytes),
                   [self = shared_from_this()](Error error, std::size_t) { self->written(error); });
  }

  // A few bytes at a time, with pauses: fragments of one message.
  void drip(std::size_t from) {
    const std::string& text = outbox.front().frame.bytes;
    const std::size_t bytes = std::min<std::size_t>(64, text.size() - from);
    const bool last = from + bytes == text.size();
    ws.async_write_some(last, net::buffer(text.data() + from, bytes),
                        [self = shared_from_this(), from, bytes, last](Error error, std::size_t) {
                          if (error || last) return self->written(error);
                          self->timer.expires_after(std::chrono::milliseconds{5});
                          self->timer.async_wait([self, from, bytes](Error stopped) {
                            if (!stopped) self->drip(from + bytes);
                          });
                        });
  }

  void written(Error error) {
    writing = false;
    if (error) return gone();
    queued_bytes -= outbox.front().frame.bytes.size();
    outbox.pop_front();
    if (outbox.empty() && closing && open) return say_goodbye();
    write();
  }

  void gone() {
    if (!open) return;
    open = false;
    owner->protocol.on_closed(*this);
    Error ignored;
    beast::get_lowest_layer(ws).close(ignored);
    // What is still under way may hold the last reference: none is needed after this.
    const std::shared_ptr<Client> last = std::move(kept);
  }

  std::shared_ptr<Server::Impl> owner;
  websocket::stream<Tls> ws;
  net::steady_timer timer;
  beast::flat_buffer buffer;
  http::request<http::string_body> request;
  http::response<http::string_body> response;
  std::deque<Outgoing> outbox;
  std::size_t queued_bytes = 0;
  std::shared_ptr<Client> kept;
  bool open = false;
  bool closing = false;
  bool writing = false;
  bool pinging = false;
};

void Server::Impl::accept() {
  acceptor.async_accept([self = shared_from_this()](Error error, Tcp::socket socket) {
    if (self->stopped) return;
    if (!error) std::make_shared<Client>(std::move(socket), self)->start();
    self->accept();
  });
}

Server::Server(net::io_context& io, std::uint16_t port, const Certificate& certificate,
               Protocol& protocol)
    : impl_{std::make_shared<Impl>(io, port, certificate, protocol)} {
  impl_->accept();
}

Server::~Server() { stop(); }

std::uint16_t Server::port() const noexcept { return impl_->port; }

void Server::stop_accepting() {
  impl_->stopped = true;
  Error ignored;
  impl_->acceptor.close(ignored);
}

void Server::stop() {
  stop_accepting();
  for (Client* const client : std::set<Client*>{impl_->clients}) client->tear();
}

}  // namespace steelyard::sim
