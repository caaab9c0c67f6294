// src/signals/market_event.hpp -- what a signal is told of one event, with the shared work done
// once.
#pragma once

#include <cstdint>
#include <span>

#include "book/order_book.hpp"
#include "core/int128.hpp"
#include "core/messages.hpp"
#include "steelyard/types.hpp"

namespace steelyard {

inline constexpr std::uint32_t kTopLevels = 20;

// One level touched by a book message, in the order of the wire; the same price may come twice.
struct LevelChange {
  Price price;
  Qty before;
  Qty after;
  Side side;
};

// One event of one instrument after its data were applied (signals.md C3). Valid during the call.
struct MarketEvent {
  TimestampNs now{};  // clamped: never runs backwards for an instrument
  EventKind kind = EventKind::Timer;
  BookStatus status = BookStatus::NoBook;
  bool observation = false;  // a book message was applied and left status not NoBook, not Crossed
  bool rebase = false;       // a snapshot that is no difference to the book before: flow is zero
  const OrderBook* book = nullptr;  // as of now; meaningless while status is NoBook
  std::span<const Level> bids{};    // the best kTopLevels levels, best first; empty while NoBook
  std::span<const Level> asks{};
  // The best levels before this rank are known to be those of the book event before: whoever filled
  // them in says so. 0: nothing is known.
  std::uint32_t bids_same_until = 0;
  std::uint32_t asks_same_until = 0;
  // ... and from this rank on.
  std::uint32_t bids_same_from = kTopLevels;
  std::uint32_t asks_same_from = kTopLevels;
  // The first rank at which a side's best levels may differ from those of the book event before;
  // kTopLevels: none does. InstrumentSignals finds them.
  std::uint32_t bids_differ_from = 0;
  std::uint32_t asks_differ_from = 0;
  // ... and the rank from which they do not any more.
  std::uint32_t bids_differ_until = kTopLevels;
  std::uint32_t asks_differ_until = kTopLevels;
  // What units.hpp makes of the best levels where that is work, by rank; null where it is none.
  // InstrumentSignals finds them.
  const Int128* bid_sizes = nullptr;
  const Int128* ask_sizes = nullptr;
  // What this message changed. Empty for a rebase, a trade, a timer, a reset.
  std::span<const LevelChange> changes{};
  // Trade, Liquidation.
  Level traded{};
  Aggressor aggressor = Aggressor::Unknown;
};

// Whether an event can have changed the book.
[[nodiscard]] constexpr bool touches_book(const MarketEvent& event) noexcept {
  return event.kind == EventKind::Snapshot || event.kind == EventKind::Delta ||
         event.kind == EventKind::Reset;
}

// Whether a best level can have changed, and with it the status, which is what they say.
[[nodiscard]] constexpr bool moves_best(const MarketEvent& event) noexcept {
  return event.bids_differ_from == 0 || event.asks_differ_from == 0;
}

}  // namespace steelyard
