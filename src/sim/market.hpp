// src/sim/market.hpp -- one simulated instrument: a book that walks, trades that eat it, in
// integers.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <random>
#include <string>
#include <vector>

namespace steelyard::sim {

struct InstrumentSpec {
  std::string symbol;
  std::string base, quote;
  int price_decimals = 2;  // a tick is one unit of the last decimal
  int qty_decimals = 5;
  std::int64_t start_price = 0;  // in ticks
  std::int64_t typical_qty = 0;  // in lots
  double contract_size = 0.0;    // USD of an inverse contract; 0: none
  std::string contract_value;    // base units of a linear contract; empty: sizes are base units
  double busy = 1.0;             // relative rate of changes
};

struct Change {
  bool bid;
  std::int64_t price;
  std::int64_t qty;  // zero removes
};

struct Best {
  std::int64_t bid = 0, bid_qty = 0, ask = 0, ask_qty = 0;
  friend bool operator==(const Best&, const Best&) = default;
};

struct MarketTrade {
  std::int64_t price, qty;
  bool buyer_is_taker;
  std::uint64_t id;
};

// Every change has an id of its own; ids count on, by one or (as where a venue numbers several
// things together) by more. Deterministic from its seed. Never crossed.
class Market {
 public:
  Market(InstrumentSpec spec, std::uint64_t seed, bool ids_skip);

  struct Observer {
    std::function<void(const Best& best, std::uint64_t id)> on_best;
    std::function<void(const MarketTrade& trade)> on_trade;
    std::function<void(const MarketTrade& trade)> on_liquidation;
  };

  // A burst of activity of about `changes` changes; what changed is added to pending().
  void step(std::uint32_t changes, const Observer& observer);

  // What changed since the last call, in price order per side, net; ids of its first and last
  // change.
  struct Diff {
    std::vector<Change> changes;
    std::uint64_t first = 0, last = 0, previous = 0;
    [[nodiscard]] bool empty() const noexcept { return changes.empty(); }
  };
  [[nodiscard]] Diff take_diff();

  [[nodiscard]] const InstrumentSpec& spec() const noexcept { return spec_; }
  [[nodiscard]] const std::map<std::int64_t, std::int64_t, std::greater<>>& bids() const noexcept {
    return bids_;
  }
  [[nodiscard]] const std::map<std::int64_t, std::int64_t>& asks() const noexcept { return asks_; }
  [[nodiscard]] std::uint64_t last_id() const noexcept { return id_; }
  // Of the last diff taken.
  [[nodiscard]] std::uint64_t diff_id() const noexcept { return diff_id_; }
  void restart_ids(std::uint64_t from) noexcept { id_ = diff_id_ = from; }

  [[nodiscard]] std::string price_text(std::int64_t ticks) const;
  [[nodiscard]] std::string qty_text(std::int64_t lots) const;

 private:
  void set(bool bid, std::int64_t price, std::int64_t qty);
  void trade(const Observer& observer, bool forced);
  void quote();
  void refill();
  void tell(const Observer& observer);
  [[nodiscard]] std::int64_t draw_qty();
  [[nodiscard]] std::int64_t draw_offset();

  InstrumentSpec spec_;
  std::mt19937_64 random_;
  bool ids_skip_;
  std::map<std::int64_t, std::int64_t, std::greater<>> bids_;
  std::map<std::int64_t, std::int64_t> asks_;
  std::map<std::pair<bool, std::int64_t>, std::int64_t> touched_;
  std::uint64_t id_;
  std::uint64_t first_id_ = 0;
  std::uint64_t diff_id_;
  std::uint64_t trade_id_ = 1'000'000;
  Best told_;
  double drift_ = 0.0;
};

// Shortest exact text, or padded to all decimals.
[[nodiscard]] std::string decimal_text(std::int64_t value, int decimals, bool padded);

}  // namespace steelyard::sim
