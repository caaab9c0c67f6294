#include "net/https_get.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/frame.hpp"
#include "support/loopback.hpp"
#include "support/raw_tls_server.hpp"
#include "support/tiny_proxy.hpp"

namespace steelyard {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;
using End = RawTlsServer::End;

class HttpsGet : public Loopback {
 protected:
  HttpsGet() { serve(); }

  HttpAnswer get(const WsTarget& to) {
    HttpAnswer got;
    int calls = 0;
    https_get(io_, *tls_, to, [&](HttpAnswer answer) {
      got = std::move(answer);
      ++calls;
    });
    EXPECT_TRUE(run_until([&] { return calls != 0; }));
    settle(5ms);
    EXPECT_EQ(calls, 1);
    return got;
  }
  HttpAnswer get(RawTlsServer& from, std::chrono::milliseconds deadline = 5000ms) {
    WsTarget to = target("/path?query=1");
    to.port = std::to_string(from.port());
    to.deadline = deadline;
    return get(to);
  }
  HttpAnswer get(const std::string& answer, End end = End::Proper) {
    RawTlsServer server{certificate_, {.answer = answer, .end = end}};
    return get(server);
  }
  [[nodiscard]] static std::string body_of(const HttpAnswer& answer) {
    return answer.body.substr(0, answer.body_bytes);
  }
};

TEST_F(HttpsGet, AsksForWhatItShouldAndHandsTheBodyOnWithPadding) {
  RawTlsServer server{certificate_,
                      {.answer = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n"
                                 "X-MBX-USED-WEIGHT-1M: 1234\r\n\r\nhello"}};

  const HttpAnswer answer = get(server);

  EXPECT_EQ(answer.error, "");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(body_of(answer), "hello");
  EXPECT_EQ(answer.body.size(), 5 + kFramePadding);
  EXPECT_EQ(answer.used_weight, 1234);
  EXPECT_EQ(answer.retry_after_s, -1);
  ASSERT_EQ(server.requests().size(), 1U);
  EXPECT_THAT(server.requests()[0], StartsWith("GET /path?query=1 HTTP/1.1\r\nHost: localhost"));
  EXPECT_THAT(server.requests()[0], HasSubstr("Connection: close"));
}

TEST_F(HttpsGet, PutsChunksTogether) {
  const HttpAnswer answer =
      get("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
          "4\r\n{\"a\"\r\n3;x=y\r\n:1}\r\n0\r\n\r\n");

  EXPECT_EQ(answer.error, "");
  EXPECT_EQ(body_of(answer), "{\"a\":1}");
}

TEST_F(HttpsGet, TellsARefusalAndHowLongToWait) {
  const HttpAnswer answer =
      get("HTTP/1.1 429 Too Many Requests\r\nRetry-After: 17\r\nContent-Length: 2\r\n\r\n{}");

  EXPECT_EQ(answer.error, "");
  EXPECT_EQ(answer.status, 429);
  EXPECT_EQ(answer.retry_after_s, 17);

  EXPECT_EQ(get("HTTP/1.1 418 I'm a teapot\r\nRetry-After: Wed, 21 Oct 2026 07:28:00 GMT\r\n"
                "Content-Length: 0\r\n\r\n")
                .retry_after_s,
            -1)
      << "a date is not understood, and not mistaken for seconds";
}

TEST_F(HttpsGet, RefusesABodyThatEndsBeforeItsEnd) {
  EXPECT_THAT(get("HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{\"bids\":[").error,
              StartsWith("read: "));
  EXPECT_THAT(get("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\n{\"a\"\r\n").error,
              StartsWith("read: "));
  // Without a length only TLS can tell an end from a cut.
  EXPECT_THAT(get("HTTP/1.1 200 OK\r\n\r\n{\"bids\":[", End::Abrupt).error, StartsWith("read: "));
  EXPECT_EQ(body_of(get("HTTP/1.1 200 OK\r\n\r\n{}", End::Proper)), "{}");
}

TEST_F(HttpsGet, RefusesABodyThatIsTooLarge) {
  EXPECT_THAT(get("HTTP/1.1 200 OK\r\nContent-Length: 67108865\r\n\r\n", End::Never).error,
              HasSubstr("body limit exceeded"));

  // One mebibyte after the other, of which nobody says how many there will be.
  const std::string chunk = "100000\r\n" + std::string(1U << 20, 'x') + "\r\n";
  RawTlsServer endless{certificate_,
                       {.answer = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk,
                        .repeat_last = chunk.size(),
                        .repeats = 70,
                        .end = End::Never}};
  EXPECT_THAT(get(endless).error, HasSubstr("body limit exceeded"));
}

TEST_F(HttpsGet, RefusesWhatIsNoHttp) {
  EXPECT_THAT(get("SSH-2.0-OpenSSH_9.2\r\n\r\n").error, StartsWith("read: "));
  EXPECT_THAT(get("HTTP/1.1 200 OK\r\nX: " + std::string(40'000, 'x') + "\r\n\r\n").error,
              HasSubstr("header limit exceeded"));
}

TEST_F(HttpsGet, GivesUpAtItsDeadlineWhereverItStands) {
  RawTlsServer silent{certificate_, {.answer = {}, .silent = true}};
  RawTlsServer half{
      certificate_,
      {.answer = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel", .end = End::Never}};

  EXPECT_EQ(get(silent, 60ms).error, "no answer within 60 ms");
  EXPECT_EQ(get(half, 60ms).error, "no answer within 60 ms");
}

TEST_F(HttpsGet, VerifiesWhomItAsks) {
  for (const sim::CertificateFlaw flaw :
       {sim::CertificateFlaw::Expired, sim::CertificateFlaw::SelfSigned,
        sim::CertificateFlaw::WrongHost, sim::CertificateFlaw::WrongAuthority}) {
    serve(flaw);
    EXPECT_THAT(get(target()).error, StartsWith("tls: certificate refused: "));
  }
  EXPECT_TRUE(protocol_.requests.empty());
}

TEST_F(HttpsGet, GoesThroughAProxyOrSaysWhyNot) {
  protocol_.answer = [](std::string_view) {
    return sim::HttpReply{.status = 200, .body = "through", .headers = {}};
  };
  TinyProxy proxy;
  WsTarget to = target("/x");
  to.proxy_host = "127.0.0.1";
  to.proxy_port = proxy.port();
  EXPECT_EQ(body_of(get(to)), "through");
  EXPECT_THAT(proxy.requests(), ElementsAre(StartsWith("CONNECT localhost:" + to.port)));

  TinyProxy strict{"HTTP/1.1 403 Forbidden"};
  to.proxy_port = strict.port();
  EXPECT_EQ(get(to).error, "proxy: HTTP/1.1 403 Forbidden");
}

TEST_F(HttpsGet, SaysWhereItFailed) {
  WsTarget to = target();
  to.host = "no-such-host.invalid";
  EXPECT_THAT(get(to).error, StartsWith("resolve: "));

  to = target();
  server_->stop();
  EXPECT_THAT(get(to).error, StartsWith("connect: "));
}

}  // namespace
}  // namespace steelyard
