#include "web/guard.hpp"

#include <gtest/gtest.h>

#include "web/web_server.hpp"

namespace steelyard {
namespace {

constexpr std::string_view kToken = "0123456789abcdef";

TEST(Guard, AsksForNothingOnLoopback) {
  for (const char* const host :
       {"localhost", "localhost:8787", "127.0.0.1:8787", "127.0.0.2", "[::1]:8787"}) {
    EXPECT_EQ(admit({.host = host}, "", false), Admission::Granted) << host;
  }
}

TEST(Guard, RefusesANameThatWasReboundToLoopback) {
  for (const char* const host : {"evil.example", "evil.example:8787", "", "127.0.0.1.evil.example",
                                 "localhost.evil.example"}) {
    EXPECT_EQ(admit({.host = host}, "", false), Admission::WrongHost) << host;
  }
}

TEST(Guard, RefusesASocketThatAnotherSitesPageOpened) {
  EXPECT_EQ(admit({.host = "localhost:1", .origin = "http://localhost:1"}, "", true),
            Admission::Granted);
  EXPECT_EQ(admit({.host = "localhost:1", .origin = "http://localhost:2"}, "", true),
            Admission::WrongOrigin);
  EXPECT_EQ(admit({.host = "localhost:1", .origin = "null"}, "", true), Admission::WrongOrigin);
  EXPECT_EQ(admit({.host = "localhost:1"}, "", true), Admission::Granted) << "no browser";
}

TEST(Guard, TakesTheTokenAsBearerCookieOrOnceInTheQuery) {
  EXPECT_EQ(admit({.host = "h", .authorization = "Bearer 0123456789abcdef"}, kToken, false),
            Admission::Granted);
  EXPECT_EQ(
      admit({.host = "h", .cookie = "a=b; steelyard_token=0123456789abcdef; c=d"}, kToken, false),
      Admission::Granted);
  EXPECT_EQ(admit({.host = "h", .target = "/?token=0123456789abcdef"}, kToken, false),
            Admission::SetCookie);
  EXPECT_EQ(admit({.host = "h", .target = "/live?token=0123456789abcdef"}, kToken, true),
            Admission::Granted);
}

TEST(Guard, RefusesAnyOtherToken) {
  EXPECT_EQ(admit({.host = "localhost"}, kToken, false), Admission::NoToken);
  for (const char* const wrong : {"0123456789abcdeF", "0123456789abcde", "0123456789abcdef0", ""}) {
    const std::string bearer = std::string{"Bearer "} + wrong;
    const std::string cookie = std::string{"steelyard_token="} + wrong;
    EXPECT_EQ(admit({.host = "h", .authorization = bearer}, kToken, false), Admission::NoToken);
    EXPECT_EQ(admit({.host = "h", .cookie = cookie}, kToken, false), Admission::NoToken);
  }
  EXPECT_EQ(admit({.host = "h", .cookie = "xsteelyard_token=0123456789abcdef"}, kToken, false),
            Admission::NoToken);
}

TEST(WebServerOptions, WantATokenBeyondLoopback) {
  WebOptions options;
  options.host = "0.0.0.0";
  try {
    const WebServer server{options, {}};
    FAIL() << "must be refused";
  } catch (const WebError& error) {
    EXPECT_NE(std::string{error.what()}.find("a token is needed"), std::string::npos);
  }
  options.token = random_token();
  EXPECT_EQ(options.token.size(), 32U);
  const WebServer server{options, {}};
  EXPECT_NE(server.port(), 0);
}

TEST(WebServerOptions, SayWhichPortIsTaken) {
  WebOptions options;
  const WebServer first{options, {}};
  options.port = first.port();
  try {
    const WebServer second{options, {}};
    FAIL() << "must be refused";
  } catch (const WebError& error) {
    EXPECT_NE(std::string{error.what()}.find("127.0.0.1 port " + std::to_string(first.port())),
              std::string::npos);
  }
}

}  // namespace
}  // namespace steelyard
