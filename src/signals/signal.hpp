// src/signals/signal.hpp -- what a signal is: a state, its columns, and what it does with an event.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <new>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

#include "core/instrument.hpp"
#include "signals/bar.hpp"
#include "signals/column.hpp"
#include "signals/group.hpp"
#include "signals/market_event.hpp"
#include "signals/signal_params.hpp"
#include "signals/units.hpp"
#include "signals/value_row.hpp"

namespace steelyard {

class MicroPriceExchange;

// At which events a signal has anything to do.
enum class Hears : std::uint8_t {
  BestLevels,  // of the book, at which a best level may have changed: see moves_best
  Books,       // of the book: see touches_book
  Everything,
};

// What a state is built from.
struct SignalContext {
  const SignalParams& params;
  const Instrument& instrument;
  std::span<const std::uint16_t> own;    // places in the row of its columns, as it declared them
  std::span<const std::uint16_t> reads;  // places of the columns that it reads, as it named them
  std::span<std::byte> memory;           // as much as it asked for, zeroed, on a cache line
  BarFeed& bars;                         // shared: Bars writes, the signals after it read
  GroupMember& member;                   // this instrument as the others of its group see it
  const Group* group;                    // null: the instrument is looked at alone
  MicroPriceExchange* micro_price = nullptr;  // with the estimator; null: there is none
};

// A signal is a class template over the units of its instrument, S<LinearUnits> and
// S<InverseUnits>. What it may leave out is in brackets:
//   static constexpr const char* kName;
//   static void columns(const SignalParams&, ColumnList&);   declares its columns
//  [static constexpr Tier kTier;]                           of its columns that name none, or of
//  what
//                                                            has none; else 1
//  [static constexpr Hears kHears;]                         which events it is told of; else all
//  [static constexpr const char* kSource;]                  paper, and when not to trust it, of its
//  [static constexpr const char* kCaveat;]                  columns that name none
//  [static void reads(const SignalParams&, std::vector<std::string>&);]
//                                                            columns of earlier signals that it
//                                                            reads from the row
//  [static std::size_t memory(const SignalParams&);]         bytes beyond the state itself
//   explicit S(const SignalContext&);                        start, and again when scales change
//  [void advance(TimestampNs from, TimestampNs to) noexcept;]  time passes over the old values
//   void update(const MarketEvent&, ValueRow row) noexcept;
//  [void tell(const GroupBand&, GroupBook&) noexcept;]       what others of its group may know: of
//  [void tell(TimestampNs now, GroupFlow&) noexcept;]        its book, of its flow as of `now`
//  [std::uint64_t limited() const noexcept;]                 observations that met a fixed capacity
//
// A signal is not built for an instrument that computes none of its columns. One that has columns
// of several tiers asks params.computes(tier), and leaves alone what is not to be computed.
//
// `update` is HOT and is called on every event that the signal hears of. The row starts out
// undefined and keeps what was written: a signal writes what an event has changed and leaves the
// rest alone. States are trivially destructible: an arena holds them, and forgets them.
template <typename S>
concept Signal = std::constructible_from<S, const SignalContext&> &&
    std::is_trivially_destructible_v<S> &&
    requires(S state, const MarketEvent& event, ValueRow row) {
  { state.update(event, row) }
  noexcept;
};

// The functions of one signal for one kind of units. Null: it has none.
struct SignalOps {
  std::size_t state_bytes = 0;
  Hears hears = Hears::Everything;
  std::size_t (*memory)(const SignalParams&) = nullptr;
  void (*build)(void* state, const SignalContext&) = nullptr;
  void (*advance)(void* state, TimestampNs from, TimestampNs to) noexcept = nullptr;
  void (*update)(void* state, const MarketEvent&, ValueRow row) noexcept = nullptr;
  std::uint64_t (*limited)(const void* state) noexcept = nullptr;
  void (*tell_book)(void* state, const GroupBand&, GroupBook&) noexcept = nullptr;
  void (*tell_flow)(void* state, TimestampNs now, GroupFlow&) noexcept = nullptr;
};

struct SignalRow {
  const char* name = nullptr;
  Tier tier = 1;
  const char* source = "";
  const char* caveat = "";
  void (*columns)(const SignalParams&, ColumnList&) = nullptr;
  void (*reads)(const SignalParams&, std::vector<std::string>&) = nullptr;  // or null
  SignalOps linear;
  SignalOps inverse;
};

template <Signal S>
[[nodiscard]] constexpr SignalOps make_ops() {
  SignalOps ops;
  ops.state_bytes = sizeof(S);
  if constexpr (requires { S::kHears; }) ops.hears = S::kHears;
  if constexpr (requires(const SignalParams& params) { S::memory(params); }) {
    ops.memory = S::memory;
  }
  ops.build = [](void* state, const SignalContext& context) { ::new (state) S{context}; };
  if constexpr (requires(S state, TimestampNs t) { state.advance(t, t); }) {
    ops.advance = [](void* state, TimestampNs from, TimestampNs to) noexcept {
      static_cast<S*>(state)->advance(from, to);
    };
  }
  ops.update = [](void* state, const MarketEvent& event, ValueRow row) noexcept {
    static_cast<S*>(state)->update(event, row);
  };
  if constexpr (requires(S state, const GroupBand& band, GroupBook& book) {
                  state.tell(band, book);
                }) {
    ops.tell_book = [](void* state, const GroupBand& band, GroupBook& book) noexcept {
      static_cast<S*>(state)->tell(band, book);
    };
  }
  if constexpr (requires(S state, TimestampNs now, GroupFlow & flow) { state.tell(now, flow); }) {
    ops.tell_flow = [](void* state, TimestampNs now, GroupFlow& flow) noexcept {
      static_cast<S*>(state)->tell(now, flow);
    };
  }
  if constexpr (requires(const S state) { state.limited(); }) {
    ops.limited = [](const void* state) noexcept {
      return static_cast<const S*>(state)->limited();
    };
  }
  return ops;
}

template <template <typename> typename S>
[[nodiscard]] constexpr SignalRow make_signal() {
  SignalRow row;
  row.name = S<LinearUnits>::kName;
  row.columns = S<LinearUnits>::columns;
  row.linear = make_ops<S<LinearUnits>>();
  row.inverse = make_ops<S<InverseUnits>>();
  if constexpr (requires { S<LinearUnits>::kTier; }) row.tier = S<LinearUnits>::kTier;
  if constexpr (requires { S<LinearUnits>::kSource; }) row.source = S<LinearUnits>::kSource;
  if constexpr (requires { S<LinearUnits>::kCaveat; }) row.caveat = S<LinearUnits>::kCaveat;
  if constexpr (requires(const SignalParams& params, std::vector<std::string>& names) {
                  S<LinearUnits>::reads(params, names);
                }) {
    row.reads = S<LinearUnits>::reads;
  }
  return row;
}

// Every signal, in the normative order of signals.md C3: one may read the columns of those before
// it.
[[nodiscard]] std::span<const SignalRow> signal_registry() noexcept;

}  // namespace steelyard
