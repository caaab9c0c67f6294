// What the doctor says of endpoints: each way in which one fails, and what mends it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <ctime>
#include <fstream>
#include <thread>
#include <tuple>
#include <utility>

#include "doctor/doctor.hpp"
#include "sim/simulator.hpp"
#include "support/raw_tls_server.hpp"
#include "support/temporary_folder.hpp"

namespace steelyard {
namespace {

using sim::CertificateFlaw;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using Level = Finding::Level;

// A socket on any free port of loopback.
[[nodiscard]] std::pair<int, std::uint16_t> bound() {
  const int handle = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof at;
  EXPECT_EQ(bind(handle, reinterpret_cast<sockaddr*>(&at), size), 0);
  EXPECT_EQ(getsockname(handle, reinterpret_cast<sockaddr*>(&at), &size), 0);
  return {handle, ntohs(at.sin_port)};
}

// A port that somebody had a moment ago and nobody has now.
[[nodiscard]] std::uint16_t unused_port() {
  const auto [handle, port] = bound();
  close(handle);
  return port;
}

// Answers one client in plain text, whatever it says.
class PlainServer {
 public:
  explicit PlainServer(std::string answer) {
    std::tie(listener_, port_) = bound();
    EXPECT_EQ(listen(listener_, 1), 0);
    thread_ = std::thread{[this, answer = std::move(answer)] {
      const int client = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
      char heard[4096];
      if (recv(client, heard, sizeof heard, 0) > 0) {
        (void)send(client, answer.data(), answer.size(), MSG_NOSIGNAL);
      }
      close(client);
    }};
  }
  ~PlainServer() {
    shutdown(listener_, SHUT_RDWR);
    thread_.join();
    close(listener_);
  }
  PlainServer(const PlainServer&) = delete;
  PlainServer& operator=(const PlainServer&) = delete;
  [[nodiscard]] std::uint16_t port() const noexcept { return port_; }

 private:
  int listener_ = -1;
  std::uint16_t port_ = 0;
  std::thread thread_;
};

class DoctorOfEndpoints : public testing::Test {
 protected:
  void trust(const std::string& authority) {
    plan_.ca_file = folder_ / "ca.pem";
    std::ofstream{plan_.ca_file} << authority;
  }
  [[nodiscard]] Finding finding(const std::string& host, std::uint16_t port) {
    plan_.venues = {{"okx", host, std::to_string(port), "/"}};
    std::vector<Finding> out;
    look_at_venues(plan_, out);
    EXPECT_EQ(out.size(), 1U);
    const Finding& found = out.at(0);
    EXPECT_EQ(found.name, "okx " + host + ":" + std::to_string(port));
    if (found.level == Level::Warning || found.level == Level::Bad) {
      EXPECT_FALSE(found.why.empty());
      EXPECT_FALSE(found.fix.empty());
    }
    return found;
  }
  // Of a simulated venue whose certificate has this flaw; its authority is trusted.
  [[nodiscard]] Finding of(CertificateFlaw flaw) {
    sim::SimulatorOptions options;
    options.venues = {{"okx", 0}};
    options.certificate = flaw;
    const sim::Simulator simulator{options};
    trust(simulator.authority_pem());
    return finding("localhost", simulator.port("okx"));
  }
  // Of a server that answers with this.
  [[nodiscard]] Finding answered(const std::string& answer) {
    const sim::Certificate certificate = sim::make_certificate();
    const RawTlsServer server{certificate, {.answer = answer}};
    trust(certificate.authority_pem);
    return finding("localhost", server.port());
  }
  [[nodiscard]] static std::string dated(std::time_t at) {
    std::tm utc{};
    gmtime_r(&at, &utc);
    char text[64];
    std::strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &utc);
    return std::string{"HTTP/1.1 200 OK\r\nDate: "} + text + "\r\n\r\n";
  }

  TemporaryFolder folder_;
  DoctorPlan plan_;
};

TEST_F(DoctorOfEndpoints, AGoodOneIsTimedStepByStep) {
  const Finding found = of(CertificateFlaw::None);

  EXPECT_EQ(found.level, Level::Note) << "the simulator's certificate is of today only";
  for (const char* const step :
       {"DNS ", "TCP ", "TLS ", "answer ", "clock ", "certificate ends in "}) {
    EXPECT_THAT(found.found, HasSubstr(step));
  }
}

TEST_F(DoctorOfEndpoints, AnExpiredCertificateMakesOneLookAtTheClockFirst) {
  const Finding found = of(CertificateFlaw::Expired);

  EXPECT_EQ(found.level, Level::Bad);
  EXPECT_EQ(found.found, "TLS: certificate has expired");
  EXPECT_THAT(found.fix, AllOf(HasSubstr("date -u"), HasSubstr("-dates")));
  EXPECT_THAT(found.fix, Not(HasSubstr("ca_file"))) << "no authority makes it valid again";
}

TEST_F(DoctorOfEndpoints, ACertificateOfAnotherNameShowsHowToSeeWhose) {
  const Finding found = of(CertificateFlaw::WrongHost);

  EXPECT_EQ(found.level, Level::Bad);
  EXPECT_EQ(found.found, "TLS: hostname mismatch");
  EXPECT_THAT(found.fix, AllOf(HasSubstr("-servername localhost"), HasSubstr("subjectAltName")));
}

TEST_F(DoctorOfEndpoints, AnUnknownAuthorityPointsToTheListOfThem) {
  const Finding found = of(CertificateFlaw::WrongAuthority);

  EXPECT_EQ(found.level, Level::Bad);
  EXPECT_THAT(found.found, HasSubstr("TLS: "));
  EXPECT_THAT(found.fix, HasSubstr("network.ca_file (" + plan_.ca_file + ")"));
  EXPECT_THAT(of(CertificateFlaw::SelfSigned).fix, HasSubstr("network.ca_file"));
}

TEST_F(DoctorOfEndpoints, WithoutAuthoritiesOfItsOwnTheSystemsAreTaken) {
  sim::SimulatorOptions options;
  options.venues = {{"okx", 0}};
  const sim::Simulator simulator{options};
  const Finding found = finding("localhost", simulator.port("okx"));

  EXPECT_EQ(found.level, Level::Bad);
  EXPECT_THAT(found.fix, HasSubstr("apt-get install ca-certificates"));
}

TEST_F(DoctorOfEndpoints, ARefusedPortIsNoQuestionOfRoutes) {
  const std::uint16_t port = unused_port();
  const Finding found = finding("localhost", port);

  EXPECT_EQ(found.level, Level::Bad);
  EXPECT_EQ(found.found, "TCP: Connection refused");
  EXPECT_THAT(found.fix, HasSubstr("nothing listens there"));
  EXPECT_THAT(found.fix, HasSubstr("localhost:" + std::to_string(port)));
}

TEST_F(DoctorOfEndpoints, AnUnreachableAddressIsAQuestionOfRoutes) {
  // Linux connects no TCP to it, whatever routes there are.
  const Finding found = finding("255.255.255.255", 443);

  EXPECT_EQ(found.level, Level::Bad);
  EXPECT_EQ(found.found, "TCP: Network is unreachable");
  EXPECT_THAT(found.fix, AllOf(HasSubstr("ip route get"), HasSubstr("network.proxy")));
}

TEST_F(DoctorOfEndpoints, AServerThatSpeaksNoTlsIsNoMatterOfAuthorities) {
  const PlainServer server{"HTTP/1.1 400 Bad Request\r\n\r\n"};
  const Finding found = finding("localhost", server.port());

  EXPECT_EQ(found.level, Level::Bad);
  EXPECT_THAT(found.found, AllOf(HasSubstr("TLS: "), HasSubstr("wrong version number")));
  EXPECT_THAT(found.fix, AllOf(HasSubstr("openssl s_client"), Not(HasSubstr("certificates"))));
}

TEST_F(DoctorOfEndpoints, ARefusingProxyIsNamedAndNotTheVenue) {
  plan_.proxy = "localhost:" + std::to_string(unused_port());
  const Finding found = finding("venue.invalid", 443);

  EXPECT_EQ(found.found, "TCP: Connection refused");
  EXPECT_THAT(found.fix, HasSubstr("network.proxy (" + plan_.proxy + ")"));
}

TEST_F(DoctorOfEndpoints, ANameThatDoesNotResolveIsTheResolversAffair) {
  const Finding found = finding("no-such-host.invalid", 443);

  EXPECT_EQ(found.level, Level::Bad);
  EXPECT_THAT(found.found, HasSubstr("DNS: "));
  EXPECT_THAT(found.fix, HasSubstr("getent hosts no-such-host.invalid"));
}

TEST_F(DoctorOfEndpoints, AClockThatIsOffIsAWarningWithItsSign) {
  const std::time_t now = std::time(nullptr);

  const Finding ahead = answered(dated(now - 30));
  EXPECT_EQ(ahead.level, Level::Warning) << "ours, ahead of theirs";
  EXPECT_THAT(ahead.found, testing::ContainsRegex("clock \\+(29|30|31)\\.[0-9] s"));
  EXPECT_THAT(ahead.fix, HasSubstr("chronyc tracking"));

  const Finding behind = answered(dated(now + 30));
  EXPECT_EQ(behind.level, Level::Warning);
  EXPECT_THAT(behind.found, testing::ContainsRegex("clock -(29|30|31)\\.[0-9] s"));

  EXPECT_EQ(answered(dated(now)).level, Level::Note) << "the certificate's end is all there is";
}

TEST_F(DoctorOfEndpoints, AnAnswerWithoutADateSaysNothingOfClocks) {
  const Finding found = answered("HTTP/1.1 404 Not Found\r\n\r\n");

  EXPECT_EQ(found.level, Level::Note);
  EXPECT_THAT(found.found, Not(HasSubstr("clock")));
}

TEST_F(DoctorOfEndpoints, WhatAnswersOtherwiseIsNoVenue) {
  EXPECT_EQ(answered("220 mail.example ESMTP\r\n\r\n").found, "HTTP: no HTTP answer");
  EXPECT_EQ(answered("").found, "HTTP: no answer");
  EXPECT_THAT(answered("").fix, HasSubstr("no venue"));
}

TEST_F(DoctorOfEndpoints, AMissingFileOfAuthoritiesIsSaidOnce) {
  plan_.ca_file = folder_ / "none.pem";
  plan_.venues = {{"okx", "localhost", "1", "/"}, {"okx", "localhost", "2", "/"}};
  std::vector<Finding> out;
  look_at_venues(plan_, out);

  ASSERT_EQ(out.size(), 1U);
  EXPECT_EQ(out[0].level, Level::Bad);
  EXPECT_THAT(out[0].found, HasSubstr("none.pem cannot be read"));
  EXPECT_THAT(out[0].fix, HasSubstr("network.ca_file"));
}

}  // namespace
}  // namespace steelyard
