#include "web/web_server.hpp"

#include <sys/random.h>

#include <boost/asio.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/websocket.hpp>
#include <map>
#include <optional>

#include "web/guard.hpp"

namespace steelyard {

namespace net = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
namespace websocket = beast::websocket;
using Error = boost::system::error_code;
using Tcp = net::ip::tcp;
using Request = http::request<http::empty_body>;
using Response = http::response<http::string_body>;

namespace {

constexpr std::size_t kMostClients = 128;
constexpr auto kPatience = std::chrono::seconds{30};

[[nodiscard]] std::string_view view(beast::string_view text) { return {text.data(), text.size()}; }

[[nodiscard]] const char* refusal(Admission admission) {
  switch (admission) {
    case Admission::WrongHost:
      return "this server answers to localhost only; start it with --host and a token to reach it "
             "by "
             "another name\n";
    case Admission::WrongOrigin:
      return "a page of another site may not open this\n";
    default:
      return "a token is needed: open the address that the server printed, or send "
             "\"Authorization: Bearer TOKEN\"\n";
  }
}

}  // namespace

struct WebServer::Impl : std::enable_shared_from_this<WebServer::Impl> {
  struct Client;

  Impl(const WebOptions& given, Handlers handed)
      : options{given}, handlers{std::move(handed)}, acceptor{io}, timer{io} {
    Error error;
    Tcp::resolver resolver{io};
    const auto found = resolver.resolve(options.host, std::to_string(options.port),
                                        Tcp::resolver::numeric_service, error);
    if (error || found.empty()) throw WebError{options.host + ": " + error.message()};
    const Tcp::endpoint at = *found.begin();
    if (options.token.empty() && !at.address().is_loopback()) {
      throw WebError{options.host + " can be reached from other machines: a token is needed"};
    }
    acceptor.open(at.protocol(), error);
    if (!error) acceptor.set_option(net::socket_base::reuse_address{true}, error);
    if (!error) acceptor.bind(at, error);
    if (!error) acceptor.listen(net::socket_base::max_listen_connections, error);
    if (error) {
      throw WebError{options.host + " port " + std::to_string(options.port) + ": " +
                     error.message()};
    }
    port = acceptor.local_endpoint().port();
  }

  void accept();
  void beat(const std::atomic<bool>& stop, std::chrono::milliseconds interval,
            const std::function<void()>& tick);

  WebOptions options;
  Handlers handlers;
  net::io_context io{1};
  Tcp::acceptor acceptor;
  net::steady_timer timer;
  std::uint16_t port = 0;
  std::size_t connections = 0;
  ClientId next_id = 1;
  std::map<ClientId, Client*> sockets;  // open WebSockets
};

// One accepted connection: requests one after another, or a WebSocket from its upgrade on.
struct WebServer::Impl::Client : std::enable_shared_from_this<Client> {
  Client(Tcp::socket socket, std::shared_ptr<Impl> of)
      : owner{std::move(of)}, ws{std::move(socket)} {
    ++owner->connections;
  }
  ~Client() {
    --owner->connections;
    if (id == 0) return;
    owner->sockets.erase(id);
    if (owner->handlers.closed) owner->handlers.closed(id);
  }

  void read_request() {
    parser.emplace();
    parser->header_limit(8192);
    parser->body_limit(0);
    beast::get_lowest_layer(ws).expires_after(kPatience);
    http::async_read(ws.next_layer(), buffer, *parser,
                     [self = shared_from_this()](Error error, std::size_t) {
                       if (!error) self->on_request();
                     });
  }

  void on_request() {
    request = parser->release();
    const bool upgrade = websocket::is_upgrade(request);
    const Admission admission =
        admit({view(request[http::field::host]), view(request[http::field::origin]),
               view(request[http::field::authorization]), view(request[http::field::cookie]),
               view(request.target())},
              owner->options.token, upgrade);
    if (admission == Admission::SetCookie) return redirect();
    if (admission != Admission::Granted) {
      return answer({admission == Admission::NoToken ? 401U : 403U, "text/plain; charset=utf-8",
                     refusal(admission)});
    }
    if (upgrade) return accept_socket();
    if (request.method() != http::verb::get && request.method() != http::verb::head) {
      return answer({405, "text/plain; charset=utf-8", "only GET and HEAD\n"});
    }
    const std::string_view target = view(request.target());
    answer(owner->handlers.get({view(request.method_string()), target.substr(0, target.find('?')),
                                view(request[http::field::accept])}));
  }

  // The token leaves the address bar, and with it the history and the Referer.
  void redirect() {
    response = {};
    response.result(http::status::see_other);
    response.set(http::field::location,
                 std::string{view(request.target())}.substr(0, view(request.target()).find('?')));
    response.set(http::field::set_cookie, std::string{kTokenCookie} + "=" + owner->options.token +
                                              "; HttpOnly; SameSite=Strict; Path=/");
    send();
  }

  void answer(WebResponse&& given) {
    response = {};
    response.result(given.status);
    response.set(http::field::content_type, given.content_type);
    if (given.status == 401) response.set(http::field::www_authenticate, "Bearer");
    response.body() = std::move(given.body);
    send();
  }

  void send() {
    response.version(request.version());
    response.keep_alive(request.keep_alive());
    response.set(http::field::server, "steelyard");
    response.set(http::field::cache_control, "no-store");
    response.set("X-Content-Type-Options", "nosniff");
    response.set("Referrer-Policy", "no-referrer");
    response.set("Content-Security-Policy", owner->options.content_security_policy);
    response.prepare_payload();
    if (request.method() == http::verb::head) response.body().clear();
    beast::get_lowest_layer(ws).expires_after(kPatience);
    http::async_write(
        ws.next_layer(), response, [self = shared_from_this()](Error error, std::size_t) {
          if (error) return;
          if (self->response.keep_alive()) return self->read_request();
          Error ignored;
          beast::get_lowest_layer(self->ws).socket().shutdown(Tcp::socket::shutdown_send, ignored);
        });
  }

  void accept_socket() {
    if (!owner->handlers.opened) {
      return answer({404, "text/plain; charset=utf-8", "no WebSocket here\n"});
    }
    beast::get_lowest_layer(ws).expires_never();
    websocket::stream_base::timeout patience =
        websocket::stream_base::timeout::suggested(beast::role_type::server);
    patience.idle_timeout = kPatience;
    patience.keep_alive_pings = true;
    ws.set_option(patience);
    ws.read_message_max(4096);
    ws.async_accept(request, [self = shared_from_this()](Error error) {
      if (error) return;
      self->id = self->owner->next_id++;
      self->owner->sockets[self->id] = self.get();
      self->owner->handlers.opened(self->id);
      self->read_message();
    });
  }

  void read_message() {
    buffer.clear();
    ws.async_read(buffer, [self = shared_from_this()](Error error, std::size_t) {
      if (error) return;
      if (self->ws.got_text() && self->owner->handlers.text) {
        const std::string text = beast::buffers_to_string(self->buffer.data());
        self->owner->handlers.text(self->id, text);
      }
      self->read_message();
    });
  }

  void write(std::string text) {
    writing = true;
    outgoing = std::move(text);
    ws.text(true);
    ws.async_write(net::buffer(outgoing), [self = shared_from_this()](Error error, std::size_t) {
      self->writing = false;
      if (error) beast::get_lowest_layer(self->ws).close();
    });
  }

  std::shared_ptr<Impl> owner;
  websocket::stream<beast::tcp_stream> ws;
  beast::flat_buffer buffer;
  std::optional<http::request_parser<http::empty_body>> parser;
  Request request;
  Response response;
  std::string outgoing;
  ClientId id = 0;
  bool writing = false;
};

void WebServer::Impl::accept() {
  acceptor.async_accept([self = shared_from_this()](Error error, Tcp::socket socket) {
    if (error == net::error::operation_aborted) return;
    if (!error && self->connections < kMostClients) {
      Error ignored;
      socket.set_option(Tcp::no_delay{true}, ignored);
      std::make_shared<Client>(std::move(socket), self)->read_request();
    }
    self->accept();
  });
}

void WebServer::Impl::beat(const std::atomic<bool>& stop, std::chrono::milliseconds interval,
                           const std::function<void()>& tick) {
  if (stop.load(std::memory_order_relaxed)) {
    io.stop();
    return;
  }
  tick();
  timer.expires_after(interval);
  timer.async_wait([this, &stop, interval, &tick](Error error) {
    if (!error) beat(stop, interval, tick);
  });
}

WebServer::WebServer(const WebOptions& options, Handlers handlers)
    : impl_{std::make_shared<Impl>(options, std::move(handlers))} {}

WebServer::~WebServer() {
  // Connections hold the server that holds them: what waits is let go of first.
  impl_->handlers = {};
  Error ignored;
  impl_->acceptor.close(ignored);
  for (const auto& [id, client] : impl_->sockets) beast::get_lowest_layer(client->ws).close();
  impl_->io.restart();
  impl_->io.poll();
}

std::uint16_t WebServer::port() const noexcept { return impl_->port; }

std::string WebServer::url() const {
  const std::string& host = impl_->options.host;
  const bool v6 = host.find(':') != std::string::npos;
  return "http://" + (v6 ? "[" + host + "]" : host) + ":" + std::to_string(impl_->port) + "/" +
         (impl_->options.token.empty() ? "" : "?token=" + impl_->options.token);
}

bool WebServer::is_ready(ClientId client) const {
  const auto found = impl_->sockets.find(client);
  return found != impl_->sockets.end() && !found->second->writing;
}

bool WebServer::push(ClientId client, std::string text) {
  if (!is_ready(client)) return false;
  impl_->sockets[client]->write(std::move(text));
  return true;
}

void WebServer::run(const std::atomic<bool>& stop, std::chrono::milliseconds interval,
                    const std::function<void()>& tick) {
  impl_->accept();
  impl_->beat(stop, interval, tick);
  impl_->io.run();
}

std::string random_token() {
  unsigned char bytes[16];
  if (getrandom(bytes, sizeof bytes, 0) != sizeof bytes) throw WebError{"no randomness"};
  std::string text;
  for (const unsigned char byte : bytes) {
    constexpr char kDigits[] = "0123456789abcdef";
    text += kDigits[byte >> 4];
    text += kDigits[byte & 15];
  }
  return text;
}

bool is_loopback(std::string_view host) {
  if (host == "localhost" || host == "::1" || host == "[::1]") return true;
  Error error;
  const net::ip::address address = net::ip::make_address(std::string{host}, error);
  return !error && address.is_loopback();
}

}  // namespace steelyard
