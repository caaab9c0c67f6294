// tests/support/scripted_session.hpp -- a client of a simulated venue without a socket.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "sim/session.hpp"

namespace steelyard {

// Keeps what it is sent; a test reads it and says what is left unread.
class ScriptedSession final : public sim::Session {
 public:
  explicit ScriptedSession(std::string at = "/") { path = std::move(at); }

  using Session::send;
  void send(std::string text) override { received.push_back(std::move(text)); }
  void send_binary(std::string bytes) override { received.push_back("binary " + bytes); }
  void send_slowly(sim::WireFrame frame) override { received.push_back("slowly " + frame.bytes); }
  void ping() override { ++pings; }
  void close() override { closed = true; }
  void tear() override { torn = true; }
  [[nodiscard]] std::size_t queued() const override { return unread; }

  // All that came since the last time.
  [[nodiscard]] std::vector<std::string> take() { return std::exchange(received, {}); }

  std::vector<std::string> received;
  std::size_t unread = 0;
  int pings = 0;
  bool closed = false;
  bool torn = false;
};

}  // namespace steelyard
