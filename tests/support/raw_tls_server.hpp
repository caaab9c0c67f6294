// tests/support/raw_tls_server.hpp -- answers over TLS with bytes that no proper server would send.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "sim/certificate.hpp"

namespace steelyard {

// One client at a time, on a thread of its own: handshake, a request's head, the answer, the end.
class RawTlsServer {
 public:
  enum class End {
    Proper,  // TLS says that it ends
    Abrupt,  // it does not
    Never,   // the connection stays open
  };
  struct Script {
    std::string answer;
    std::size_t repeat_last = 0;  // bytes of the answer's end, sent again `repeats` times
    std::size_t repeats = 0;
    End end = End::Proper;
    int highest_version = 0;  // of TLS; 0: any
    bool silent = false;      // accepts, and does not even shake hands
  };

  RawTlsServer(const sim::Certificate& certificate, Script script);
  ~RawTlsServer();
  RawTlsServer(const RawTlsServer&) = delete;
  RawTlsServer& operator=(const RawTlsServer&) = delete;

  [[nodiscard]] std::uint16_t port() const noexcept { return port_; }
  // Heads of all requests so far.
  [[nodiscard]] std::vector<std::string> requests();

 private:
  struct Context;
  void run();
  void serve(int socket);

  Script script_;
  std::unique_ptr<Context> context_;
  int listener_ = -1;
  std::uint16_t port_ = 0;
  std::atomic<bool> stop_{false};
  std::mutex mutex_;
  std::vector<std::string> requests_;
  std::thread thread_;
};

}  // namespace steelyard
