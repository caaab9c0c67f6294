// src/signals/micro_price_exchange.hpp -- what a shard and the estimator of the micro-price tell
// each other of one instrument: counts one way, tables the other.
#pragma once

#include <array>
#include <atomic>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "signals/micro_price_shape.hpp"

namespace steelyard {

// Counts only ever grow, one writer, read at leisure: a reader that sees one transition and not
// another is none the worse. Tables come whole, in two buffers by turns: the estimator writes the
// one that the shard has told that it will not look at again. Neither waits for the other.
class MicroPriceExchange {
 public:
  // All memory there will be. cold: at start.
  explicit MicroPriceExchange(const MicroPriceShape& shape)
      : shape_{shape},
        counts_{std::make_unique<Count[]>(counts_of(shape))},
        tables_{std::vector<double>(shape.states()), std::vector<double>(shape.states())} {}

  [[nodiscard]] static std::size_t counts_of(const MicroPriceShape& shape) noexcept {
    const std::size_t states = shape.states();
    return states * (2 * states + kMidMoves.size());
  }
  [[nodiscard]] const MicroPriceShape& shape() const noexcept { return shape_; }

  // The shard's side. HOT.
  // The quote changed, the mid did not.
  void count_stay(std::uint32_t from, std::uint32_t to) noexcept { increase(stay(from, to)); }
  // The mid moved by kMidMoves[move].
  void count_move(std::uint32_t from, std::uint32_t to, std::size_t move) noexcept {
    increase(next(from, to));
    increase(moved(from, move));
  }
  // The newest table, adjustments in ticks by state; empty: there is none yet.
  [[nodiscard]] std::span<const double> table() noexcept {
    // acquire: with the version comes what was written before it.
    const std::uint64_t version = published_.load(std::memory_order_acquire);
    if (version == 0) return {};
    if (version != seen_.load(std::memory_order_relaxed)) {
      // release: every look at the older table was before this.
      seen_.store(version, std::memory_order_release);
    }
    return tables_[version % 2];
  }

  // The estimator's side.
  void read_counts(std::span<std::uint64_t> out) const noexcept {
    assert(out.size() == counts_of(shape_));
    for (std::size_t i = 0; i < out.size(); ++i) {
      out[i] = counts_[i].load(std::memory_order_relaxed);
    }
  }
  // False: the shard has not looked at the table before yet, and this one is not taken.
  [[nodiscard]] bool publish(std::span<const double> table) noexcept {
    assert(table.size() == shape_.states());
    const std::uint64_t version = published_.load(std::memory_order_relaxed);
    // acquire: pairs with the release in `table`: the shard is done with the other buffer.
    if (seen_.load(std::memory_order_acquire) != version) return false;
    std::vector<double>& spare = tables_[(version + 1) % 2];
    for (std::size_t i = 0; i < table.size(); ++i) spare[i] = table[i];
    published_.store(version + 1, std::memory_order_release);
    return true;
  }

  // Places in what read_counts gives.
  [[nodiscard]] std::size_t stay(std::uint32_t from, std::uint32_t to) const noexcept {
    return std::size_t{from} * shape_.states() + to;
  }
  [[nodiscard]] std::size_t next(std::uint32_t from, std::uint32_t to) const noexcept {
    return std::size_t{shape_.states()} * shape_.states() + stay(from, to);
  }
  [[nodiscard]] std::size_t moved(std::uint32_t from, std::size_t move) const noexcept {
    return 2 * std::size_t{shape_.states()} * shape_.states() + from * kMidMoves.size() + move;
  }

 private:
  using Count = std::atomic<std::uint64_t>;

  void increase(std::size_t place) noexcept {
    Count& count = counts_[place];
    count.store(count.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
  }

  MicroPriceShape shape_;
  std::unique_ptr<Count[]> counts_;
  std::array<std::vector<double>, 2> tables_;
  // Written by the estimator, and by the shard.
  alignas(64) std::atomic<std::uint64_t> published_{0};
  alignas(64) std::atomic<std::uint64_t> seen_{0};
};

}  // namespace steelyard
