// src/sim/session.hpp -- what a simulated venue sees of its clients: sockets that carry text, and
// requests.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sim/sim_clock.hpp"

namespace steelyard::sim {

// One frame as it is on the wire.
struct WireFrame {
  std::string bytes;
  bool binary = false;
};

// One WebSocket client. Belongs to the simulator's thread.
class Session {
 public:
  virtual ~Session() = default;
  virtual void send(std::string text) = 0;
  virtual void send_binary(std::string bytes) = 0;
  virtual void send_slowly(WireFrame frame) = 0;
  void send(WireFrame frame) {
    frame.binary ? send_binary(std::move(frame.bytes)) : send(std::move(frame.bytes));
  }
  virtual void ping() = 0;
  virtual void close() = 0;  // politely, once all that was sent is out
  virtual void tear() = 0;   // with a reset
  // Bytes sent that the kernel has not taken yet.
  [[nodiscard]] virtual std::size_t queued() const = 0;

  std::string path;               // path and query of the upgrade
  std::set<std::string> streams;  // what it subscribed to
  std::set<std::string> silent;   // ... of which it was told yes, and gets nothing
  std::chrono::steady_clock::time_point opened = steady_now();
  std::chrono::steady_clock::time_point last_heard = opened;
  std::chrono::steady_clock::time_point last_pong = opened;
  std::chrono::steady_clock::time_point last_ping = opened;
  std::chrono::steady_clock::time_point last_pushed = opened;  // data, to the client
  std::chrono::steady_clock::time_point second_began = opened;
  std::uint32_t said_in_second = 0;  // messages of the client since then
  std::uint32_t requests = 0;        // ... of those that are counted by the hour
  bool said_goodbye = false;         // its end was a close frame
  bool stalled = false;
  bool half_open = false;
  std::chrono::steady_clock::time_point half_open_since{};
  std::map<std::string, WireFrame> held;  // by symbol: a delta to change places with the next
};

struct HttpReply {
  int status = 200;
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;
  std::chrono::milliseconds delay{0};
};

// A venue's protocol. One thread.
class Protocol {
 public:
  virtual ~Protocol() = default;
  virtual HttpReply on_request(std::string_view target) = 0;
  // A request with a body.
  virtual HttpReply on_post(std::string_view target, std::string_view) {
    return on_request(target);
  }
  // Whether there is a WebSocket at this path; false: 404.
  [[nodiscard]] virtual bool accepts(std::string_view) const { return true; }
  virtual void on_open(Session& session) = 0;
  virtual void on_text(Session& session, std::string_view text) = 0;
  virtual void on_closed(Session& session) = 0;
  // Moves the market on and sends what there is to send. Called at every interval.
  virtual void on_tick() = 0;
};

}  // namespace steelyard::sim
