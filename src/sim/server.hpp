// src/sim/server.hpp -- TLS on a loopback port: WebSocket clients and REST requests of one
// protocol.
#pragma once

#include <cstdint>
#include <memory>

#include "sim/certificate.hpp"
#include "sim/session.hpp"

namespace boost::asio {
class io_context;
}

namespace steelyard::sim {

// Belongs to the io_context's thread.
class Server {
 public:
  struct Impl;

  // Port 0: any free one. Throws std::runtime_error naming the port.
  Server(boost::asio::io_context& io, std::uint16_t port, const Certificate& certificate,
         Protocol& protocol);
  ~Server();
  [[nodiscard]] std::uint16_t port() const noexcept;
  // Who is connected stays so.
  void stop_accepting();
  void stop();

 private:
  std::shared_ptr<Impl> impl_;
};

}  // namespace steelyard::sim
