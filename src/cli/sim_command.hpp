// src/cli/sim_command.hpp -- what the two kinds of simulator share: a market, and a recording.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/certificate.hpp"

namespace steelyard {

struct SimArguments {
  std::string ca_file = "steelyard-sim-ca.pem";
  std::uint16_t first_port = 18'443;
  std::vector<std::string> venues;  // empty: all
  sim::CertificateFlaw certificate = sim::CertificateFlaw::None;

  std::vector<std::string> captures;
  std::string venue;
  double speed = 1.0;
  bool loop = false;
};

// Until everything was played or a stop signal came; the exit status.
[[nodiscard]] int serve_capture(const SimArguments& arguments);

// False: told on standard error.
[[nodiscard]] bool write_authority(const SimArguments& arguments, const std::string& pem);

}  // namespace steelyard
