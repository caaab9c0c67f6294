// src/signals/signal_set.hpp -- the signals of one configuration: their columns and their states.
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "signals/signal.hpp"

namespace steelyard {

// The states of one instrument's signals, in its arena. Belongs to the instrument's shard.
class InstrumentSignals {
 public:
  static constexpr std::size_t kMaxSignals = 32;

  // HOT. Time passes over the values held so far. Time that runs backwards does not pass.
  void advance(TimestampNs from, TimestampNs to) noexcept {
    if (to <= from) return;
    for (std::size_t i = 0; i < advance_count_; ++i) {
      advances_[i].advance(advances_[i].state, from, to);
    }
  }

  // HOT. The event's data were applied to the book; the row's columns follow. Every event of the
  // instrument comes here, in its order, with the same row.
  void update(MarketEvent& event, ValueRow row) noexcept {
    const bool of_book = touches_book(event);
    if (of_book) {
      event.bids_differ_from = shared_->bids.replace(event.bids, event.bids_same_until,
                                                     event.bids_same_from, event.bids_differ_until);
      event.asks_differ_from = shared_->asks.replace(event.asks, event.asks_same_until,
                                                     event.asks_same_from, event.asks_differ_until);
    } else {
      event.bids_differ_from = event.asks_differ_from = kTopLevels;
    }
    event.bid_sizes = shared_->bids.sizes();
    event.ask_sizes = shared_->asks.sizes();
    shared_->member.follow(event);
    const Hears hears = !of_book            ? Hears::Everything
                        : moves_best(event) ? Hears::BestLevels
                                            : Hears::Books;
    const Updates& updates = updates_[static_cast<std::size_t>(hears)];
    for (std::size_t i = 0; i < updates.count; ++i) {
      updates.list[i].update(updates.list[i].state, event, row);
    }
  }

  // As the others of its group see it; lies in the arena, and stays there when it is built anew.
  [[nodiscard]] GroupMember& member() noexcept { return shared_->member; }

  // Observations that met a fixed capacity, whose values are therefore coarser or not defined.
  [[nodiscard]] std::uint64_t limited() const noexcept;

 private:
  friend class SignalSet;

  // The best levels of one side as the event before left them; of an inverse contract also what
  // they are in base units, so that every level is measured once.
  class TopSide {
   public:
    void measure_by(const InverseUnits& units) noexcept { units_ = units; }
    // By rank; null if the quantities say it.
    [[nodiscard]] const Int128* sizes() const noexcept { return units_ ? sizes_.data() : nullptr; }

    // The first rank at which `levels` differ; kTopLevels if none does; and `until` where they do
    // not any more. Those before `same` do not, nor do those from `same_from` on.
    [[nodiscard]] std::uint32_t replace(std::span<const Level> levels, std::uint32_t same,
                                        std::uint32_t same_from, std::uint32_t& until) noexcept {
      until = 0;
      if (same == kTopLevels) return kTopLevels;
      const auto count = static_cast<std::uint32_t>(levels.size());
      if (!units_) {
        // Nothing to keep: what may differ is taken to differ.
        const bool moved = count != count_;
        count_ = count;
        if (moved) return until = kTopLevels, same;
        until = std::min(count, same_from);
        return same < until ? same : kTopLevels;
      }
      // Of another number of levels, all from the first that differs on do.
      const std::uint32_t end = count == count_ ? std::min(count, same_from) : count;
      const std::uint32_t common = std::min(end, count_);
      while (same < common && levels[same] == levels_[same]) ++same;
      if (same == end && count == count_) return kTopLevels;
      if (units_) measure(levels.data(), same, end);
      for (std::uint32_t i = same; i < end; ++i) levels_[i] = levels[i];
      until = count == count_ ? end : kTopLevels;
      count_ = count;
      return same;
    }

   private:
    // From rank `from` up to `end`. Most levels that differ moved by one rank, and keep their size.
    void measure(const Level* levels, std::uint32_t from, std::uint32_t end) noexcept {
      Int128 above = from != 0 ? sizes_[from - 1] : 0;
      for (std::uint32_t i = from; i < end; ++i) {
        const Int128 here = sizes_[i];
        if (i < count_ && levels[i] == levels_[i]) {
          // as it was
        } else if (i + 1 < count_ && levels[i] == levels_[i + 1]) {
          sizes_[i] = sizes_[i + 1];
        } else if (i != 0 && i <= count_ && levels[i] == levels_[i - 1]) {
          sizes_[i] = above;
        } else {
          sizes_[i] = units_->size(levels[i]);
        }
        above = here;
      }
    }

    std::array<Level, kTopLevels> levels_{};
    std::uint32_t count_ = 0;
    std::optional<InverseUnits> units_;
    std::array<Int128, kTopLevels> sizes_{};
  };
  // What signals share, ahead of their own states in the arena.
  struct Shared {
    TopSide bids;
    TopSide asks;
    BarFeed bars;
    GroupMember member;
  };

  struct Advance {
    void* state;
    void (*advance)(void*, TimestampNs, TimestampNs) noexcept;
  };
  struct Update {
    void* state;
    void (*update)(void*, const MarketEvent&, ValueRow) noexcept;
  };
  struct Updates {
    std::size_t count = 0;
    std::array<Update, kMaxSignals> list{};
  };
  struct Limited {
    const void* state;
    std::uint64_t (*limited)(const void*) noexcept;
  };
  void add(void* state, const SignalOps& ops) noexcept;

  Shared* shared_ = nullptr;
  // Each in the order of the registry, those only that have something to do.
  std::size_t advance_count_ = 0;
  std::array<Advance, kMaxSignals> advances_{};
  std::array<Updates, 3> updates_{};  // by what an event is to be heard as
  std::size_t limited_count_ = 0;
  std::array<Limited, kMaxSignals> limited_{};
};

// Built once, at start, and then only read. Holds one set of parameters or several;
// Instrument::params says which one an instrument is measured with. The first makes the columns,
// and the others must make the same.
class SignalSet {
 public:
  // The parameters must be valid.
  explicit SignalSet(const SignalParams& params,
                     std::span<const SignalRow> registry = signal_registry());
  explicit SignalSet(std::vector<SignalParams> sets,
                     std::span<const SignalRow> registry = signal_registry());

  // Empty if the signals fit together; else which does not and why, and nothing may be built.
  [[nodiscard]] const std::string& error() const noexcept { return error_; }

  // The row, in directory order.
  [[nodiscard]] std::span<const Column> columns() const noexcept { return columns_; }
  [[nodiscard]] std::optional<std::size_t> find(std::string_view name) const noexcept;
  [[nodiscard]] std::span<const SignalParams> sets() const noexcept { return sets_; }
  [[nodiscard]] const SignalParams& params(const Instrument& instrument) const noexcept;
  // Whether an instrument could have these parameters: they make the same columns.
  [[nodiscard]] bool takes(const SignalParams& params) const;
  // Half the width of the widest band, relative to the mid.
  [[nodiscard]] double widest_band() const noexcept { return sets_[0].bands_bps.back() / 1e4; }

  // Before anything is built: the estimator's side of each instrument, by its id. They outlive
  // this.
  void attach(std::span<const std::unique_ptr<MicroPriceExchange>> exchanges) noexcept {
    exchanges_ = exchanges;
  }

  [[nodiscard]] std::size_t arena_bytes(const Instrument& instrument) const noexcept;
  // `arena`: arena_bytes, aligned to a cache line, zeroed by this. May be called again: all starts
  // anew. The row must then be undefined (NaN) all over. `group`, if the instrument is in one,
  // holds its member before the first event.
  [[nodiscard]] InstrumentSignals build(const Instrument& instrument, std::span<std::byte> arena,
                                        Group* group = nullptr) const noexcept;

 private:
  struct Places {
    std::vector<std::uint16_t> own;
    std::uint32_t tiers = 0;                        // of its columns, bit by bit
    std::vector<std::vector<std::uint16_t>> reads;  // by parameter set: names depend on them
  };

  [[nodiscard]] bool computes(std::size_t signal, const SignalParams& params) const noexcept;
  void bind_reads(std::size_t signal, const SignalParams& params,
                  const std::vector<std::size_t>& owner);

  std::vector<SignalParams> sets_;
  std::span<const SignalRow> registry_;
  std::vector<Column> columns_;
  std::vector<Places> places_;  // per signal of the registry
  std::string error_;
  std::span<const std::unique_ptr<MicroPriceExchange>> exchanges_;
};

}  // namespace steelyard
