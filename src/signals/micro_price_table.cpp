#include "signals/micro_price_table.hpp"

#include <algorithm>
#include <cmath>

namespace steelyard {
namespace {

constexpr double kSmall = 1e-12;    // terms below are the end of the series
constexpr int kMostTerms = 10'000;  // a series as long as this does not converge

using Vector = std::vector<double>;

// A square matrix of which only the rows and columns of `used` states count.
class LinearSystem {
 public:
  // I - q over `used`, as its factors: Gaussian elimination with partial pivoting.
  LinearSystem(const Vector& q, const std::vector<std::uint32_t>& used, std::size_t states)
      : used_{used}, size_{used.size()}, factors_(size_ * size_), rows_(size_) {
    for (std::size_t i = 0; i < size_; ++i) {
      rows_[i] = i;
      for (std::size_t j = 0; j < size_; ++j) {
        at(i, j) = (i == j ? 1.0 : 0.0) - q[used[i] * states + used[j]];
      }
    }
    for (std::size_t k = 0; k < size_; ++k) {
      std::size_t best = k;
      for (std::size_t i = k + 1; i < size_; ++i) {
        if (std::abs(at(i, k)) > std::abs(at(best, k))) best = i;
      }
      std::swap(rows_[k], rows_[best]);
      for (std::size_t j = 0; j < size_; ++j) std::swap(at(k, j), at(best, j));
      for (std::size_t i = k + 1; i < size_; ++i) {
        const double factor = at(i, k) /= at(k, k);
        for (std::size_t j = k + 1; j < size_; ++j) at(i, j) -= factor * at(k, j);
      }
    }
  }

  // x with (I - q) x = b; 0 in states that are not used.
  [[nodiscard]] Vector solve(const Vector& b) const {
    Vector y(size_);
    for (std::size_t i = 0; i < size_; ++i) {
      y[i] = b[used_[rows_[i]]];
      for (std::size_t j = 0; j < i; ++j) y[i] -= at(i, j) * y[j];
    }
    for (std::size_t i = size_; i-- > 0;) {
      for (std::size_t j = i + 1; j < size_; ++j) y[i] -= at(i, j) * y[j];
      y[i] /= at(i, i);
    }
    Vector x(b.size());
    for (std::size_t i = 0; i < size_; ++i) x[used_[i]] = y[i];
    return x;
  }

 private:
  [[nodiscard]] double& at(std::size_t i, std::size_t j) { return factors_[i * size_ + j]; }
  [[nodiscard]] double at(std::size_t i, std::size_t j) const { return factors_[i * size_ + j]; }

  const std::vector<std::uint32_t>& used_;
  std::size_t size_;
  Vector factors_;
  std::vector<std::size_t> rows_;
};

// Counts and their mirror images, each row divided by its sum.
struct Chain {
  Vector q;       // [from][to], the mid stands
  Vector r2;      // [from][to], the mid moves
  Vector r1;      // expected move of the mid, in ticks
  Vector leaves;  // probability that the mid moves
};

[[nodiscard]] Chain chain_of(const MicroPriceCounts& counts) {
  const MicroPriceShape& shape = counts.shape;
  const std::size_t states = shape.states();
  constexpr std::size_t kMoves = kMidMoves.size();
  Chain chain{Vector(states * states), Vector(states * states), Vector(states), Vector(states)};
  for (std::uint32_t from = 0; from < states; ++from) {
    const std::uint32_t mirrored = shape.mirror(from);
    double whole = 0.0;
    for (std::uint32_t to = 0; to < states; ++to) {
      const std::size_t here = from * states + to;
      const std::size_t there = mirrored * states + shape.mirror(to);
      chain.q[here] = counts.stay[here] + counts.stay[there];
      chain.r2[here] = counts.next[here] + counts.next[there];
      whole += chain.q[here] + chain.r2[here];
    }
    if (whole <= 0.0) continue;
    for (std::size_t to = 0; to < states; ++to) {
      chain.q[from * states + to] /= whole;
      chain.leaves[from] += chain.r2[from * states + to] /= whole;
    }
    for (std::size_t move = 0; move < kMoves; ++move) {
      // The mirror image of a move is its opposite.
      const double count =
          counts.moved[from * kMoves + move] + counts.moved[mirrored * kMoves + kMoves - 1 - move];
      chain.r1[from] += kMidMoves[move] * count / whole;
    }
  }
  return chain;
}

// From where, sooner or later, the mid may move.
[[nodiscard]] std::vector<std::uint32_t> states_that_move(const Chain& chain) {
  const std::size_t states = chain.r1.size();
  std::vector<bool> moves(states);
  for (std::size_t i = 0; i < states; ++i) moves[i] = chain.leaves[i] > 0.0;
  for (bool changed = true; changed;) {
    changed = false;
    for (std::size_t from = 0; from < states; ++from) {
      for (std::size_t to = 0; to < states && !moves[from]; ++to) {
        if (!moves[to] || chain.q[from * states + to] <= 0.0) continue;
        moves[from] = changed = true;
      }
    }
  }
  std::vector<std::uint32_t> list;
  for (std::uint32_t i = 0; i < states; ++i) {
    if (moves[i]) list.push_back(i);
  }
  return list;
}

}  // namespace

std::optional<std::vector<double>> estimate_micro_price(const MicroPriceCounts& counts) {
  const std::size_t states = counts.shape.states();
  const Chain chain = chain_of(counts);
  const std::vector<std::uint32_t> used = states_that_move(chain);
  const LinearSystem system{chain.q, used, states};

  Vector term = system.solve(chain.r1);
  Vector sum = term;
  for (int terms = 1;; ++terms) {
    double largest = 0.0;
    for (const double value : term) largest = std::max(largest, std::abs(value));
    if (largest < kSmall) break;
    if (terms == kMostTerms || !std::isfinite(largest)) return std::nullopt;
    Vector ahead(states);
    for (const std::uint32_t from : used) {
      for (std::size_t to = 0; to < states; ++to) {
        ahead[from] += chain.r2[from * states + to] * term[to];
      }
    }
    term = system.solve(ahead);
    for (std::size_t i = 0; i < states; ++i) sum[i] += term[i];
  }
  Vector table(states);
  for (std::uint32_t i = 0; i < states; ++i) {
    table[i] = (sum[i] - sum[counts.shape.mirror(i)]) / 2.0;
  }
  return table;
}

MicroPriceDesk::MicroPriceDesk(std::span<const MicroPriceParams> instruments) {
  for (const MicroPriceParams& params : instruments) {
    exchanges_.push_back(params.estimate ? std::make_unique<MicroPriceExchange>(params.shape)
                                         : nullptr);
    if (params.estimate) estimates_.emplace_back(params, *exchanges_.back());
  }
}

std::uint64_t MicroPriceDesk::work(std::int64_t now_ns) {
  if (estimates_.empty()) return published_;
  Estimate& estimate = estimates_[next_];
  next_ = next_ + 1 == estimates_.size() ? 0 : next_ + 1;
  if (estimate.done_ns == 0) estimate.done_ns = now_ns;
  if (now_ns - estimate.done_ns < std::int64_t{estimate.params.estimate_every_ms} * 1'000'000) {
    return published_;
  }
  update(estimate, now_ns);
  double moves = 0.0;
  for (const double count : estimate.counts.moved) moves += count;
  if (moves < estimate.params.estimate_least_moves) return published_;
  const auto table = estimate_micro_price(estimate.counts);
  if (table && estimate.exchange->publish(*table)) ++published_;
  return published_;
}

void MicroPriceDesk::update(Estimate& estimate, std::int64_t now_ns) {
  const double age_ms = static_cast<double>(now_ns - estimate.done_ns) / 1e6;
  const double keep = std::exp(-age_ms / static_cast<double>(estimate.params.estimate_memory_ms));
  estimate.done_ns = now_ns;
  estimate.exchange->read_counts(estimate.read);
  std::size_t place = 0;
  for (Vector* const part :
       {&estimate.counts.stay, &estimate.counts.next, &estimate.counts.moved}) {
    for (double& count : *part) {
      count = count * keep + static_cast<double>(estimate.read[place] - estimate.before[place]);
      ++place;
    }
  }
  estimate.before.swap(estimate.read);
}

}  // namespace steelyard
