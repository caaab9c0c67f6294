// tests/support/naive_signals.hpp -- S1 to S6 and the spread, written from the specification alone:
// slow, obvious, and unlike src/signals wherever it can be.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "core/instrument.hpp"
#include "core/messages.hpp"
#include "signals/signal_params.hpp"
#include "steelyard/types.hpp"
#include "support/naive_bars.hpp"

namespace steelyard {

// One event as a venue tells it, not as the engine does.
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

// Keeps every observation since the last reset, and whole books; sums everything anew each time.
class NaiveSignals {
 public:
  NaiveSignals(const SignalParams& params, const Instrument& instrument)
      : params_{params}, instrument_{instrument}, bars_{params, instrument.scale.price_exponent} {}

  // Every column by name.
  [[nodiscard]] std::map<std::string, double> on(const NaiveEvent& event);
  [[nodiscard]] BookStatus status() const { return status_; }
  [[nodiscard]] std::int64_t now() const { return now_; }
  // Populated levels, best first, and the base size of one.
  [[nodiscard]] std::vector<std::pair<std::int64_t, std::int64_t>> levels(Side side) const {
    return best(book_, side);
  }
  [[nodiscard]] long double base_size(std::int64_t price, std::int64_t qty) const {
    return base(size(price, qty));
  }

 private:
  using Real = long double;
  using SideMap = std::map<std::int64_t, std::int64_t>;
  struct Book {
    SideMap bids, asks;
  };
  struct Observation {
    std::int64_t time;
    std::vector<Real> e;
    Real general, best_depth, all_depth;
  };
  using Row = std::map<std::string, double>;

  void apply(const NaiveEvent& event);
  void observe(bool rebase);
  [[nodiscard]] BookStatus status_of_book() const;
  [[nodiscard]] Real size(std::int64_t price, std::int64_t qty) const;
  [[nodiscard]] Real notional(std::int64_t price, std::int64_t qty) const;
  [[nodiscard]] Real base(Real size) const;
  // Populated levels, best first.
  [[nodiscard]] static std::vector<std::pair<std::int64_t, std::int64_t>> best(const Book& book,
                                                                               Side side);
  [[nodiscard]] Real side_flow(Side side, std::size_t m, const Book& now, const Book& before) const;
  [[nodiscard]] Real general_flow(Side side, const Book& now, const Book& before) const;

  void write_levels(Row& row) const;
  void write_bands(Row& row) const;
  void write_flow(Row& row) const;
  void write_cost(Row& row) const;
  // What the event was, for the bars; `row` has the bands.
  [[nodiscard]] NaiveFact fact_of(const NaiveEvent& event, const Row& row) const;

  SignalParams params_;
  Instrument instrument_;
  Book book_;
  BookStatus status_ = BookStatus::NoBook;
  bool started_ = false;
  std::int64_t now_ = 0;
  bool has_before_ = false;
  Book before_;  // as of the last observation
  std::vector<Observation> observations_;
  std::vector<std::pair<std::int64_t, Real>> impulses_;  // for ofi_ew: never rounded in time
  std::vector<Real> e_;
  Real general_ = 0;
  bool observed_ = false;  // this event was an observation
  NaiveBars bars_;
};

}  // namespace steelyard
