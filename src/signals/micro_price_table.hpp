// src/signals/micro_price_table.hpp -- the estimator of the micro-price (Stoikov 2018), off the hot
// path.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "signals/micro_price_exchange.hpp"
#include "signals/signal_params.hpp"

namespace steelyard {

// How often the best quote went from one state to another. Counts are decayed, so not whole.
struct MicroPriceCounts {
  explicit MicroPriceCounts(const MicroPriceShape& of)
      : shape{of},
        stay(std::size_t{of.states()} * of.states()),
        next(std::size_t{of.states()} * of.states()),
        moved(of.states() * kMidMoves.size()) {}

  MicroPriceShape shape;
  std::vector<double> stay;   // [from][to], the mid stood
  std::vector<double> next;   // [from][to], the mid moved
  std::vector<double> moved;  // [from][move]
};

// G* in ticks by state: how far the mid is expected to have gone from here in the end. The counts
// are symmetrised, (bucket, spread, move) with its mirror image, so that G* is antisymmetric; rows
// are normalised; G* = sum of B^j G1 until a term is below 1e-12, with G1 = (I - Q)^-1 R1 K and B =
// (I - Q)^-1 R2. A state that never leads to a move of the mid gets 0. Nothing where the series
// does not converge: that takes more data.
[[nodiscard]] std::optional<std::vector<double>> estimate_micro_price(
    const MicroPriceCounts& counts);

// The estimators of all instruments. Belongs to one thread, which may block; the exchanges are what
// it shares with the shards.
class MicroPriceDesk {
 public:
  // By instrument id; only those that say `estimate` have an estimator.
  explicit MicroPriceDesk(std::span<const MicroPriceParams> instruments);

  // By instrument id, null without an estimator; for SignalSet::attach.
  [[nodiscard]] std::span<const std::unique_ptr<MicroPriceExchange>> exchanges() const noexcept {
    return exchanges_;
  }

  // One instrument, if it is due; how many tables were published so far.
  std::uint64_t work(std::int64_t now_ns);

 private:
  struct Estimate {
    Estimate(const MicroPriceParams& of, MicroPriceExchange& with)
        : params{of},
          exchange{&with},
          read(MicroPriceExchange::counts_of(of.shape)),
          before(read.size()),
          counts{of.shape} {}

    MicroPriceParams params;
    MicroPriceExchange* exchange;
    std::vector<std::uint64_t> read;
    std::vector<std::uint64_t> before;
    MicroPriceCounts counts;
    std::int64_t done_ns = 0;
  };
  static void update(Estimate& estimate, std::int64_t now_ns);

  std::vector<std::unique_ptr<MicroPriceExchange>> exchanges_;
  std::vector<Estimate> estimates_;
  std::size_t next_ = 0;
  std::uint64_t published_ = 0;
};

}  // namespace steelyard
