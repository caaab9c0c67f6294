// src/signals/signal.hpp -- what a signal is: a state, its columns, and what it does with an event.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <new>
#include <span>

#include "core/instrument.hpp"
#include "signals/column.hpp"
#include "signals/market_event.hpp"
#include "signals/signal_params.hpp"
#include "signals/units.hpp"

namespace steelyard {

// What a state is built from. `own`: indices into the row of the signal's columns, in the order in
// which it declared them. `memory`: as many bytes as it asked for, zeroed, aligned to a cache line.
struct SignalContext {
  const SignalParams& params;
  const Instrument& instrument;
  std::span<const std::uint16_t> own;
  std::span<std::byte> memory;
};

// A signal, as a template over the units of its instrument:
//   static constexpr const char* kName;
//   static void columns(const SignalParams&, ColumnList&);          declares its columns
//   static std::size_t memory(const SignalParams&);                 bytes beyond the state itself
//   (optional) explicit S(const SignalContext&);                               start; may be built
//   again void advance(TimestampNs from, TimestampNs to) noexcept;        time passes over the old
//   values (optional) void update(const MarketEvent&, std::span<double> row) noexcept;  HOT
// States are trivially destructible: an arena holds them, and forgets them.
template <typename S>
concept Signal =
    std::constructible_from<S, const SignalContext&> && std::is_trivially_destructible_v<S> &&
    requires(S state, const MarketEvent& event, std::span<double> row) {
      { state.update(event, row) } noexcept;
    };

// The functions of one signal for one kind of units.
struct SignalOps {
  std::size_t state_bytes = 0;
  std::size_t (*memory)(const SignalParams&) = nullptr;
  void (*build)(void* state, const SignalContext&) = nullptr;
  void (*advance)(void* state, TimestampNs from, TimestampNs to) noexcept = nullptr;  // or null
  void (*update)(void* state, const MarketEvent&, std::span<double> row) noexcept = nullptr;
};

struct SignalRow {
  const char* name = nullptr;
  void (*columns)(const SignalParams&, ColumnList&) = nullptr;
  SignalOps linear;
  SignalOps inverse;
};

template <Signal S>
[[nodiscard]] constexpr SignalOps make_ops() {
  SignalOps ops;
  ops.state_bytes = sizeof(S);
  ops.memory = [](const SignalParams& params) -> std::size_t {
    if constexpr (requires { S::memory(params); }) {
      return S::memory(params);
    } else {
      (void)params;
      return 0;
    }
  };
  ops.build = [](void* state, const SignalContext& context) { ::new (state) S{context}; };
  if constexpr (requires(S state, TimestampNs t) { state.advance(t, t); }) {
    ops.advance = [](void* state, TimestampNs from, TimestampNs to) noexcept {
      static_cast<S*>(state)->advance(from, to);
    };
  }
  ops.update = [](void* state, const MarketEvent& event, std::span<double> row) noexcept {
    static_cast<S*>(state)->update(event, row);
  };
  return ops;
}

template <template <typename> typename S>
[[nodiscard]] constexpr SignalRow make_signal() {
  return {S<LinearUnits>::kName, S<LinearUnits>::columns, make_ops<S<LinearUnits>>(),
          make_ops<S<InverseUnits>>()};
}

// Every signal, in the normative order of signals.md C3: one may read the columns of those before
// it.
[[nodiscard]] std::span<const SignalRow> signal_registry() noexcept;

}  // namespace steelyard
