// tests/support/naive_signals.hpp -- every signal, written from the specification alone: slow,
// obvious, and unlike src/signals wherever it can be. S1 to S6 and the spread here, others in files
// of their own.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "support/naive_bars.hpp"
#include "support/naive_deviation.hpp"
#include "support/naive_event.hpp"
#include "support/naive_liquidation.hpp"
#include "support/naive_time_weighted.hpp"
#include "support/naive_trades.hpp"

namespace steelyard {

// Keeps every observation since the last reset, and whole books; sums everything anew each time.
class NaiveSignals {
 public:
  NaiveSignals(const SignalParams& params, const Instrument& instrument)
      : params_{params}, instrument_{instrument}, bars_{params, instrument.scale.price_exponent} {}
  NaiveSignals(const NaiveSignals&) = delete;
  NaiveSignals& operator=(const NaiveSignals&) = delete;

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
  using Row = NaiveRow;

  void apply(const NaiveEvent& event);
  void observe(bool rebase);
  [[nodiscard]] BookStatus status_of_book() const;
  [[nodiscard]] Real size(std::int64_t price, std::int64_t qty) const {
    return NaiveUnits{instrument_}.size(price, qty);
  }
  [[nodiscard]] Real notional(std::int64_t price, std::int64_t qty) const {
    return NaiveUnits{instrument_}.notional(price, qty);
  }
  [[nodiscard]] Real base(Real size) const { return NaiveUnits{instrument_}.base(size); }
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
  NaiveTrades trades_{params_, instrument_};
  NaiveDeviation deviation_{params_};
  NaiveTimeWeighted time_weighted_{params_, instrument_};
  NaiveLiquidation liquidation_{params_, instrument_};
};

}  // namespace steelyard
