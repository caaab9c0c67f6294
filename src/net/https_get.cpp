#include "net/https_get.hpp"

#include <boost/asio.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>
#include <charconv>
#include <memory>
#include <utility>

#include "core/clock.hpp"
#include "core/frame.hpp"
#include "net/tls_opening.hpp"

namespace steelyard {
namespace {

namespace net = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using Error = boost::system::error_code;

constexpr std::size_t kMaxBody = 64U << 20;

class Get : public std::enable_shared_from_this<Get> {
 public:
  Get(net::io_context& io, TlsContext& tls, const WsTarget& target,
      std::function<void(HttpAnswer)> handler, std::optional<HttpPost> post)
      : stream_{io, tls.impl().context},
        opening_{io, stream_, stream_.next_layer()},
        deadline_{io},
        target_{target},
        handler_{std::move(handler)},
        post_{std::move(post)} {
    parser_.body_limit(kMaxBody);
    parser_.header_limit(32 * 1024);
  }

  void start() {
    deadline_.expires_after(target_.deadline);
    deadline_.async_wait([self = shared_from_this()](Error error) {
      if (error) return;
      self->finish("no answer within " + std::to_string(self->target_.deadline.count()) + " ms");
    });
    opening_.on_open = [this] { ask(); };
    opening_.on_fail = [this](const std::string& why) { finish(why); };
    opening_.start(target_, shared_from_this());
  }

 private:
  void ask() {
    request_.method(post_ ? http::verb::post : http::verb::get);
    request_.target(target_.path);
    request_.version(11);
    request_.set(http::field::host, target_.host);
    request_.set(http::field::user_agent, "steelyard/" STEELYARD_VERSION);
    request_.set(http::field::connection, "close");
    if (post_) {
      request_.set(http::field::content_type, "application/json");
      request_.body() = post_->body;
      request_.prepare_payload();
    }
    http::async_write(stream_, request_, [self = shared_from_this()](Error error, std::size_t) {
      if (error) return self->finish("write: " + error.message());
      http::async_read(self->stream_, self->buffer_, self->parser_,
                       [self](Error read_error, std::size_t) {
                         if (read_error) return self->finish("read: " + read_error.message());
                         self->finish({});
                       });
    });
  }

  [[nodiscard]] std::int64_t number(beast::string_view name) const {
    const beast::string_view text = parser_.get()[name];
    std::int64_t value = -1;
    const auto result = std::from_chars(text.data(), text.data() + text.size(), value);
    return result.ec == std::errc{} ? value : -1;
  }

  void finish(const std::string& error) {
    if (!handler_) return;
    HttpAnswer answer;
    answer.error = error;
    answer.received = wall_clock();
    if (error.empty()) {
      answer.status = static_cast<int>(parser_.get().result_int());
      answer.retry_after_s = number("Retry-After");
      answer.used_weight = number("X-MBX-USED-WEIGHT-1M");
      answer.body = std::move(parser_.get().body());
      answer.body_bytes = answer.body.size();
      answer.body.append(kFramePadding, '\0');
    }
    deadline_.cancel();
    opening_.close();
    const auto handler = std::exchange(handler_, nullptr);
    handler(std::move(answer));
  }

  using Tls = net::ssl::stream<net::ip::tcp::socket>;
  Tls stream_;
  TlsOpening<Tls, net::ip::tcp::socket> opening_;
  net::steady_timer deadline_;
  WsTarget target_;
  std::function<void(HttpAnswer)> handler_;
  std::optional<HttpPost> post_;
  beast::flat_buffer buffer_;
  http::request<http::string_body> request_;
  http::response_parser<http::string_body> parser_;
};

}  // namespace

void https_get(boost::asio::io_context& io, TlsContext& tls, const WsTarget& target,
               std::function<void(HttpAnswer)> handler, std::optional<HttpPost> post) {
  std::make_shared<Get>(io, tls, target, std::move(handler), std::move(post))->start();
}

}  // namespace steelyard
