// src/signals/signal_set.hpp -- the signals of one configuration: their columns and their states.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "signals/signal.hpp"

namespace steelyard {

// The states of one instrument's signals, in its arena. Belongs to the instrument's shard.
class InstrumentSignals {
 public:
  static constexpr std::size_t kMaxSignals = 32;

  // HOT. Time passes over the values held so far.
  void advance(TimestampNs from, TimestampNs to) noexcept {
    for (std::size_t i = 0; i < count_; ++i) {
      if (states_[i].advance != nullptr) states_[i].advance(states_[i].state, from, to);
    }
  }
  // HOT. The event's data were applied to the book; the row's columns follow.
  void update(const MarketEvent& event, std::span<double> row) noexcept {
    for (std::size_t i = 0; i < count_; ++i) states_[i].update(states_[i].state, event, row);
  }

 private:
  friend class SignalSet;
  struct State {
    void* state;
    void (*advance)(void*, TimestampNs, TimestampNs) noexcept;
    void (*update)(void*, const MarketEvent&, std::span<double>) noexcept;
  };
  std::array<State, kMaxSignals> states_{};
  std::size_t count_ = 0;
};

// Built once, at start, and then only read.
class SignalSet {
 public:
  // The parameters must be valid.
  explicit SignalSet(const SignalParams& params);

  // The row, in directory order.
  [[nodiscard]] std::span<const Column> columns() const noexcept { return columns_; }
  [[nodiscard]] std::optional<std::size_t> find(std::string_view name) const noexcept;
  [[nodiscard]] const SignalParams& params() const noexcept { return params_; }
  // Half the width of the widest band, relative to the mid.
  [[nodiscard]] double widest_band() const noexcept { return params_.bands_bps.back() / 1e4; }

  [[nodiscard]] std::size_t arena_bytes(const Instrument& instrument) const noexcept;
  // `arena`: arena_bytes, aligned to a cache line, zeroed by this. May be called again: all starts
  // anew.
  [[nodiscard]] InstrumentSignals build(const Instrument& instrument,
                                        std::span<std::byte> arena) const noexcept;

 private:
  SignalParams params_;
  std::vector<Column> columns_;
  std::vector<std::vector<std::uint16_t>> own_;  // per signal of the registry
};

}  // namespace steelyard
