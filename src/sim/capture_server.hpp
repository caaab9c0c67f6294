// src/sim/capture_server.hpp -- serves recorded venues on loopback, on a thread of its own.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "sim/certificate.hpp"
#include "sim/recorded_venue.hpp"

namespace steelyard::sim {

struct CaptureServerOptions {
  std::uint16_t first_port = 0;  // each venue takes the next; 0: any free ones
  double speed = 1.0;            // times that of the recording; 0: as fast as clients read
  bool loop = false;             // once all is played: closes all connections, and begins again
  CertificateFlaw certificate = CertificateFlaw::None;
};

// May be called from any thread.
class CaptureServer {
 public:
  struct Progress {
    std::string venue;
    std::uint16_t port = 0;
    std::uint64_t messages = 0;  // in the recording
    std::uint64_t played = 0;
    std::size_t connections_left = 0;  // not played to their end
    std::size_t clients = 0;
  };

  // Throws std::runtime_error: nothing to serve, port in use.
  CaptureServer(std::vector<RecordedVenue> venues, const CaptureServerOptions& options);
  ~CaptureServer();

  [[nodiscard]] std::uint16_t port(const std::string& venue) const;
  [[nodiscard]] const std::string& authority_pem() const noexcept;
  // In the order of the venues.
  [[nodiscard]] std::vector<Progress> progress();
  // Everything was played. Connections that were not lost in the recording are still open.
  [[nodiscard]] bool is_finished();
  // Says goodbye to every client, and accepts no more.
  void part();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace steelyard::sim
