#include "sim/registry.hpp"

#include "sim/binance_sim.hpp"
#include "sim/bitstamp_sim.hpp"
#include "sim/coinbase_sim.hpp"
#include "sim/deribit_sim.hpp"
#include "sim/htx_sim.hpp"
#include "sim/hyperliquid_sim.hpp"
#include "sim/kraken_sim.hpp"
#include "sim/kucoin_sim.hpp"
#include "sim/mexc_sim.hpp"
#include "sim/okx_sim.hpp"

namespace steelyard::sim {
namespace {

constexpr SimulatedVenue kVenues[] = {
    {"binance-spot", make_binance_spot},
    {"binance-usdm", make_binance_usdm},
    {"okx", make_okx},
    {"kraken", make_kraken},
    {"coinbase", make_coinbase},
    {"deribit", make_deribit},
    {"htx", make_htx},
    {"mexc", make_mexc},
    {"kucoin", make_kucoin},
    {"hyperliquid", make_hyperliquid},
    {"bitstamp", make_bitstamp},
};

}  // namespace

std::span<const SimulatedVenue> simulated_venues() noexcept { return kVenues; }

const SimulatedVenue* find_simulated(std::string_view name) noexcept {
  for (const SimulatedVenue& venue : kVenues) {
    if (venue.name == name) return &venue;
  }
  return nullptr;
}

std::string simulated_names() {
  std::string names;
  for (const SimulatedVenue& venue : kVenues) {
    names.append(names.empty() ? "" : ", ").append(venue.name);
  }
  return names;
}

}  // namespace steelyard::sim
