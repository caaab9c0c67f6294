// tests/support/naive_event.hpp -- one event as a venue tells it, and what every naive signal is
// told of it.
#pragma once

#include <cmath>
#include <cstdint>
#include <cstdio>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/instrument.hpp"
#include "core/messages.hpp"
#include "signals/signal_params.hpp"
#include "steelyard/types.hpp"

namespace steelyard {

struct NaiveEvent {
  struct Level {
    Side side;
    std::int64_t price;
    std::int64_t qty;
  };
  EventKind kind = EventKind::Delta;
  std::int64_t time = 0;      // may run backwards
  std::vector<Level> levels;  // Trade, Liquidation: one, what was traded; its side says nothing
  bool rebase = true;         // Snapshot: not a difference to the book before
  Aggressor aggressor = Aggressor::Unknown;  // Trade, Liquidation
};

using NaiveReal = long double;
using NaiveRow = std::map<std::string, double>;

inline constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
inline constexpr std::int64_t kNaiveMs = 1'000'000;

// Sizes, notionals and prices of one instrument, by the definitions of contracts.
struct NaiveUnits {
  const Instrument& instrument;

  // Linear: mantissas. Inverse: base units.
  [[nodiscard]] NaiveReal size(std::int64_t price, std::int64_t qty) const {
    if (instrument.kind != ContractKind::Inverse) return static_cast<NaiveReal>(qty);
    const NaiveReal at = static_cast<NaiveReal>(price) * powl(10, instrument.scale.price_exponent);
    return notional(price, qty) / at;
  }
  // Quote units.
  [[nodiscard]] NaiveReal notional(std::int64_t price, std::int64_t qty) const {
    const NaiveReal contracts =
        static_cast<NaiveReal>(qty) * powl(10, instrument.scale.qty_exponent);
    if (instrument.kind == ContractKind::Inverse) {
      return contracts * instrument.scale.contract_size;
    }
    return contracts * static_cast<NaiveReal>(price) * powl(10, instrument.scale.price_exponent);
  }
  [[nodiscard]] NaiveReal base(NaiveReal size) const {
    return instrument.kind == ContractKind::Inverse
               ? size
               : size * powl(10, instrument.scale.qty_exponent);
  }
  [[nodiscard]] NaiveReal price(NaiveReal mantissas) const {
    return mantissas * powl(10, instrument.scale.price_exponent);
  }
};

// An event after its data were applied. What was written before it, of this event, is in the row.
struct NaiveView {
  const NaiveEvent& event;
  std::int64_t now;  // clamped
  BookStatus status;
  std::optional<NaiveReal> mid2;  // bid + ask in mantissas, in status 1 and 5
};

// C5: the time under which something that happens now stands in a window.
[[nodiscard]] inline std::int64_t naive_window_time(std::int64_t now, std::int64_t granularity) {
  if (granularity <= 0) return now;
  return static_cast<std::int64_t>(
             std::floor(static_cast<NaiveReal>(now) / static_cast<NaiveReal>(granularity))) *
         granularity;
}

[[nodiscard]] inline double naive_ratio(NaiveReal a, NaiveReal b) {
  return b == 0 ? kNaN : static_cast<double>(a / b);
}

[[nodiscard]] inline std::string naive_number(double value) {
  char text[64];
  std::snprintf(text, sizeof text, "%g", value);
  return text;
}

}  // namespace steelyard
