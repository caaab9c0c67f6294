// src/sim/simulator.hpp -- simulated venues on loopback, on a thread of their own.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "sim/certificate.hpp"
#include "sim/fault.hpp"
#include "sim/venue_sim.hpp"

namespace steelyard::sim {

struct SimulatorOptions {
  // Venue name -> port; 0 is any free one. See registry.hpp for what there is.
  std::map<std::string, std::uint16_t> venues{{"binance-spot", 0}, {"binance-usdm", 0}, {"okx", 0}};
  VenueSimOptions market;
  CertificateFlaw certificate = CertificateFlaw::None;
  bool random_faults = false;  // one every few seconds, of any kind
};

// A book as the simulator has it, in decimal text, best first, and the id of its state. Sizes are
// base units, or what an inverse contract counts.
struct SimBook {
  std::uint64_t id = 0;
  std::vector<std::pair<std::string, std::string>> bids, asks;
};

// May be called from any thread.
class Simulator {
 public:
  // Throws std::runtime_error: unknown venue, port in use.
  explicit Simulator(const SimulatorOptions& options);
  ~Simulator();

  [[nodiscard]] std::uint16_t port(const std::string& venue) const;
  [[nodiscard]] const std::string& authority_pem() const noexcept;

  // False: no such venue or symbol, or it cannot happen now.
  bool cause(const std::string& venue, Fault fault, const std::string& symbol = {});
  // Stops the markets (connections live on), so that everything can settle and be compared.
  void pause(bool paused);
  [[nodiscard]] SimBook book(const std::string& venue, const std::string& symbol);
  // Faults that were asked for and have not met anything yet.
  [[nodiscard]] std::size_t waiting_faults(const std::string& venue);
  // Clients connected now.
  [[nodiscard]] std::size_t clients(const std::string& venue);
  // REST requests that came although their client had been told to wait.
  [[nodiscard]] std::uint64_t impatient_requests(const std::string& venue);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace steelyard::sim
