// One WebSocket over TLS: whom it trusts, what it carries, and what it refuses.
#include "net/ws_stream.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include <algorithm>

#include "core/frame.hpp"
#include "support/allocation_count.hpp"
#include "support/loopback.hpp"
#include "support/raw_tls_server.hpp"
#include "support/tiny_proxy.hpp"

namespace steelyard {
namespace {

using namespace std::chrono_literals;
using sim::CertificateFlaw;
using testing::ElementsAre;
using testing::HasSubstr;

class WsStreamOverTls : public Loopback {
 protected:
  // Until it is open or closed; the reason why it closed.
  std::string connect(const WsTarget& to) {
    stream_ = std::make_unique<WsStream>(io_, *tls_);
    reason_.clear();
    open_ = closed_ = false;
    WsHandlers handlers;
    handlers.on_open = [this] { open_ = true; };
    handlers.on_message = [this](std::string_view payload, bool binary, TimestampNs) {
      // Padding: address sanitizer tells if it is not there.
      for (std::size_t i = 0; i < kFramePadding; ++i)
        padding_sum_ += payload.data()[payload.size() + i];
      places_.push_back(payload.data());
      bytes_ += payload.size();
      ++messages_;
      if (payload.size() < 1000) last_ = (binary ? "binary " : "") + std::string{payload};
    };
    handlers.on_control_frame = [this](bool ping) { ++(ping ? pings_ : pongs_); };
    handlers.on_closed = [this](const std::string& reason) {
      closed_ = true;
      reason_ = reason;
    };
    stream_->connect(to, std::move(handlers));
    EXPECT_TRUE(run_until([this] { return open_ || closed_; }));
    return reason_;
  }
  [[nodiscard]] sim::Session& session() { return *protocol_.clients.back().session; }

  std::unique_ptr<WsStream> stream_;
  bool open_ = false;
  bool closed_ = false;
  std::string reason_;
  std::string last_;
  std::vector<const char*> places_;
  std::size_t bytes_ = 0;
  std::size_t messages_ = 0;
  int pings_ = 0;
  int pongs_ = 0;
  int padding_sum_ = 0;
};

TEST_F(WsStreamOverTls, ConnectsToWhomTheGivenAuthorityVouchesFor) {
  serve();

  EXPECT_EQ(connect(target("/a/b?c=d")), "");

  EXPECT_TRUE(open_);
  ASSERT_TRUE(run_until([this] { return protocol_.clients.size() == 1; }));
  EXPECT_EQ(session().path, "/a/b?c=d");
}

TEST_F(WsStreamOverTls, AsksForTheRootWhereTheAddressHasNoPath) {
  serve();
  ASSERT_EQ(connect(target("")), "");

  EXPECT_EQ(session().path, "/");
}

TEST_F(WsStreamOverTls, ConnectsToAnAddressThatTheCertificateNames) {
  serve();
  WsTarget to = target();
  to.host = "127.0.0.1";

  EXPECT_EQ(connect(to), "");
}

TEST_F(WsStreamOverTls, RefusesEveryOtherCertificateAndSaysWhatIsWrongWithIt) {
  const std::pair<CertificateFlaw, const char*> kCases[] = {
      {CertificateFlaw::Expired, "tls: certificate refused: certificate has expired"},
      {CertificateFlaw::SelfSigned, "tls: certificate refused: self-signed certificate"},
      {CertificateFlaw::WrongHost, "tls: certificate refused: hostname mismatch"},
      {CertificateFlaw::WrongAuthority,
       "tls: certificate refused: self-signed certificate in certificate chain"}};
  for (const auto& [flaw, expected] : kCases) {
    serve(flaw);
    EXPECT_EQ(connect(target()), expected);
    EXPECT_FALSE(open_);
  }
  EXPECT_EQ(protocol_.clients.size(), 0U) << "not a word was said";
}

TEST_F(WsStreamOverTls, RefusesAnAddressThatTheCertificateDoesNotName) {
  serve(CertificateFlaw::WrongHost);
  WsTarget to = target();
  to.host = "127.0.0.1";

  EXPECT_EQ(connect(to), "tls: certificate refused: IP address mismatch");
}

TEST_F(WsStreamOverTls, TrustsNobodyButTheSystemsAuthoritiesIfNotTold) {
  serve();
  tls_ = std::make_unique<TlsContext>("");

  EXPECT_THAT(connect(target()), HasSubstr("tls: certificate refused: "));
}

TEST(TlsContext, NamesTheFileThatHoldsNoAuthorities) {
  const TemporaryFolder folder;
  std::ofstream{folder / "empty.pem"} << "nothing";
  for (const std::string& file : {folder / "none.pem", folder / "empty.pem"}) {
    try {
      const TlsContext context{file};
      ADD_FAILURE() << file << " was accepted";
    } catch (const std::runtime_error& error) {
      EXPECT_THAT(error.what(), HasSubstr(file + ": cannot be loaded as certificate authorities"));
    }
  }
}

// A client that takes any version shows that the server would speak the old one.
[[nodiscard]] bool speaks_to_an_old_client(std::uint16_t port) {
  SSL_CTX* const context = SSL_CTX_new(TLS_client_method());
  SSL_CTX_set_security_level(context, 0);
  SSL_CTX_set_min_proto_version(context, TLS1_VERSION);
  SSL_CTX_set_max_proto_version(context, TLS1_1_VERSION);
  BIO* const bio = BIO_new_ssl_connect(context);
  BIO_set_conn_hostname(bio, ("127.0.0.1:" + std::to_string(port)).c_str());
  const bool spoke = BIO_do_connect(bio) == 1;
  BIO_free_all(bio);
  SSL_CTX_free(context);
  return spoke;
}

TEST_F(WsStreamOverTls, SpeaksNoTlsBelow12) {
  serve();
  RawTlsServer old{certificate_, {.answer = {}, .highest_version = TLS1_1_VERSION}};
  RawTlsServer recent{certificate_, {.answer = {}, .highest_version = TLS1_2_VERSION}};
  ASSERT_TRUE(speaks_to_an_old_client(old.port()));
  WsTarget to = target();

  to.port = std::to_string(old.port());
  EXPECT_THAT(connect(to), testing::StartsWith("tls: "));
  to.port = std::to_string(recent.port());
  EXPECT_THAT(connect(to), testing::StartsWith("upgrade: ")) << "TLS itself came about";
}

TEST_F(WsStreamOverTls, SaysWhyThereIsNoConnection) {
  serve();
  WsTarget to = target("/nothing");
  protocol_.refuse_path = "/nothing";
  EXPECT_THAT(connect(to), HasSubstr("upgrade: "));

  to.host = "no-such-host.invalid";
  EXPECT_THAT(connect(to), HasSubstr("resolve: "));

  to = target();
  server_->stop();
  EXPECT_THAT(connect(to), HasSubstr("connect: Connection refused"));
}

TEST_F(WsStreamOverTls, GivesUpOnAServerThatAcceptsAndSaysNothing) {
  serve();
  RawTlsServer silent{certificate_, {.answer = {}, .silent = true}};
  WsTarget to = target();
  to.port = std::to_string(silent.port());
  to.deadline = 60ms;

  EXPECT_EQ(connect(to), "connect: no answer within 60 ms");
}

TEST_F(WsStreamOverTls, GoesThroughAProxyThatAgrees) {
  serve();
  TinyProxy proxy;
  WsTarget to = target();
  to.proxy_host = "127.0.0.1";
  to.proxy_port = proxy.port();

  EXPECT_EQ(connect(to), "");

  const std::string at = "localhost:" + to.port;
  EXPECT_THAT(proxy.requests(),
              ElementsAre("CONNECT " + at + " HTTP/1.1\r\nHost: " + at + "\r\n\r\n"));
  session().send("through");
  EXPECT_TRUE(run_until([this] { return last_ == "through"; }));
}

TEST_F(WsStreamOverTls, VerifiesTheVenueBehindAProxyToo) {
  serve(CertificateFlaw::WrongHost);
  TinyProxy proxy;
  WsTarget to = target();
  to.proxy_host = "127.0.0.1";
  to.proxy_port = proxy.port();

  EXPECT_EQ(connect(to), "tls: certificate refused: hostname mismatch");
}

TEST_F(WsStreamOverTls, SaysWhatAProxyAnsweredThatDoesNot) {
  serve();
  TinyProxy proxy{"HTTP/1.1 407 Proxy 200 Authentication Required"};
  WsTarget to = target();
  to.proxy_host = "127.0.0.1";
  to.proxy_port = proxy.port();

  EXPECT_EQ(connect(to), "proxy: HTTP/1.1 407 Proxy 200 Authentication Required");
}

TEST_F(WsStreamOverTls, CarriesTextAndBinaryBothWaysInOrder) {
  serve();
  ASSERT_EQ(connect(target()), "");

  for (int i = 0; i < 20; ++i) stream_->send("message " + std::to_string(i));
  ASSERT_TRUE(run_until([this] { return protocol_.clients[0].said.size() == 20; }));
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(protocol_.clients[0].said[static_cast<std::size_t>(i)],
              "message " + std::to_string(i));
  }
  session().send("text");
  ASSERT_TRUE(run_until([this] { return last_ == "text"; }));
  session().send_binary("bytes");
  EXPECT_TRUE(run_until([this] { return last_ == "binary bytes"; }));
}

TEST_F(WsStreamOverTls, MakesOneMessageOfManyFragments) {
  serve();
  ASSERT_EQ(connect(target()), "");
  const std::string text(900, 'x');

  session().send_slowly({text, false});

  ASSERT_TRUE(run_until([this] { return messages_ == 1; }));
  EXPECT_EQ(last_, text);
}

TEST_F(WsStreamOverTls, TakesTheLargestMessageAndRefusesALargerOne) {
  serve();
  ASSERT_EQ(connect(target()), "");
  session().send(std::string(WsStream::kMaxMessage, 'x'));
  ASSERT_TRUE(run_until([this] { return messages_ == 1 || closed_; }));
  EXPECT_EQ(bytes_, WsStream::kMaxMessage);

  session().send(std::string(WsStream::kMaxMessage + 1, 'x'));

  ASSERT_TRUE(run_until([this] { return closed_; }));
  EXPECT_EQ(messages_, 1U);
  EXPECT_THAT(reason_, HasSubstr("read: "));
}

// The client has its own event loop here, so that what it does can be told from what the server
// does.
TEST_F(WsStreamOverTls, NeitherMovesItsBufferNorAllocatesForAMessageOnceWarm) {
  serve();
  boost::asio::io_context client;
  each_round_ = [&] {
    client.restart();
    client.poll();
  };
  WsStream stream{client, *tls_};
  WsHandlers handlers;
  handlers.on_open = [this] { open_ = true; };
  handlers.on_message = [this](std::string_view payload, bool, TimestampNs) {
    places_.push_back(payload.data());
  };
  stream.connect(target(), std::move(handlers));
  ASSERT_TRUE(run_until([this] { return open_ && protocol_.clients.size() == 1; }));
  places_.reserve(100'000);
  const auto send = [&](std::size_t messages) {
    for (std::size_t i = 0; i < messages; ++i) session().send(std::string(900, 'x'));
  };
  send(2000);
  ASSERT_TRUE(run_until([&] { return places_.size() == 2000; }));
  each_round_ = {};
  send(200);
  ASSERT_TRUE(run_until([&] { return session().queued() == 0; })) << "the kernel holds them all";
  places_.clear();

  const std::size_t before = allocation_count();
  while (places_.size() < 200) {
    client.restart();
    client.run_one();
  }
  const std::size_t allocations = allocation_count() - before;

  EXPECT_EQ(allocations, 0U);
  const auto [low, high] = std::minmax_element(places_.begin(), places_.end());
  EXPECT_LT(*high - *low, 64 << 10) << "it moved";
}

TEST_F(WsStreamOverTls, SendsPingsAndHearsTheirPongs) {
  serve();
  ASSERT_EQ(connect(target()), "");

  stream_->ping();
  stream_->ping();

  ASSERT_TRUE(run_until([this] { return pongs_ >= 1; }));
  settle();
  EXPECT_EQ(pongs_, 1) << "one at a time";
  stream_->ping();
  EXPECT_TRUE(run_until([this] { return pongs_ == 2; }));
}

TEST_F(WsStreamOverTls, CallsNobodyAfterItIsGone) {
  serve();
  ASSERT_EQ(connect(target()), "");
  for (int i = 0; i < 50; ++i) session().send("more");

  stream_.reset();
  settle();

  EXPECT_FALSE(closed_);
  EXPECT_TRUE(run_until([this] { return protocol_.open_clients() == 0; }));
}

}  // namespace
}  // namespace steelyard
