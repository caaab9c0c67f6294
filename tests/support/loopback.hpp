// tests/support/loopback.hpp -- a client's and a server's sockets on one thread, with a trusted
// certificate between them.
#pragma once

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <fstream>
#include <functional>
#include <memory>
#include <string>

#include "net/ws_stream.hpp"
#include "sim/certificate.hpp"
#include "sim/server.hpp"
#include "support/scripted_protocol.hpp"
#include "support/temporary_folder.hpp"

namespace steelyard {

class Loopback : public testing::Test {
 protected:
  // Of tests that start again with another certificate, the last one counts.
  void serve(sim::CertificateFlaw flaw = sim::CertificateFlaw::None) {
    certificate_ = sim::make_certificate(flaw);
    server_ = std::make_unique<sim::Server>(io_, 0, certificate_, protocol_);
    std::ofstream{folder_ / "ca.pem"} << certificate_.authority_pem;
    tls_ = std::make_unique<TlsContext>(folder_ / "ca.pem");
  }

  [[nodiscard]] WsTarget target(std::string path = "/ws") const {
    WsTarget target;
    target.host = "localhost";
    target.port = std::to_string(server_->port());
    target.path = std::move(path);
    return target;
  }

  // Works until the condition holds; false: it does not, for ten seconds.
  [[nodiscard]] bool run_until(const std::function<bool()>& condition) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{10};
    while (!condition()) {
      if (std::chrono::steady_clock::now() > deadline) return false;
      io_.restart();
      io_.run_one_for(std::chrono::milliseconds{5});
      if (each_round_) each_round_();
    }
    return true;
  }
  // Works for as long as something can still happen at once, and a little longer.
  void settle(std::chrono::milliseconds time = std::chrono::milliseconds{50}) {
    const auto deadline = std::chrono::steady_clock::now() + time;
    (void)run_until([&] { return std::chrono::steady_clock::now() > deadline; });
  }

  boost::asio::io_context io_{1};
  TemporaryFolder folder_;
  ScriptedProtocol protocol_;
  sim::Certificate certificate_;
  std::unique_ptr<sim::Server> server_;
  std::unique_ptr<TlsContext> tls_;
  std::function<void()> each_round_;
};

}  // namespace steelyard
