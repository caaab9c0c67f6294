// tests/bench/synthetic_market.hpp -- one instrument's endless events, cheap to make, with a book
// of its own.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "book/book_status.hpp"
#include "book/order_book.hpp"
#include "core/instrument.hpp"
#include "signals/signal_set.hpp"
#include "support/row_memory.hpp"

namespace steelyard::bench {

struct MarketShape {
  std::int64_t levels = 1'000;  // a side
  std::int64_t mean_gap_ns = 1'000'000;
  std::int64_t tick = 10;
  std::int64_t mid = 6'000'000;
  // In a million events.
  std::uint32_t trades = 200'000, liquidations = 1'000, timers = 20'000, crossings = 200,
                resets = 0;
};

// The best levels change most, the mid goes up and down by ticks. Prices have two decimals, sizes
// three.
class SyntheticMarket {
 public:
  explicit SyntheticMarket(const MarketShape& shape, std::uint64_t seed = 1)
      : shape_{shape}, book_{{.tick = shape.tick}}, random_{seed}, best_bid_{shape.mid} {
    changes_.reserve(64);
  }

  [[nodiscard]] Instrument instrument() const {
    Instrument instrument;
    instrument.id = InstrumentId{0};
    instrument.scale.price_exponent = -2;
    instrument.scale.qty_exponent = -3;
    instrument.tick = shape_.tick;
    return instrument;
  }
  [[nodiscard]] TimestampNs now() const { return TimestampNs{now_}; }

  // Valid until the next call.
  MarketEvent next() {
    now_ += static_cast<std::int64_t>(below(2 * static_cast<std::uint64_t>(shape_.mean_gap_ns)));
    changes_.clear();
    std::uint32_t dice = below(1'000'000);
    const auto is = [&dice](std::uint32_t share) {
      if (dice < share) return true;
      dice -= share;
      return false;
    };
    if (!has_book_) return snapshot();
    if (crossed_) return uncross();
    if (is(shape_.trades)) return trade(EventKind::Trade);
    if (is(shape_.liquidations)) return trade(EventKind::Liquidation);
    if (is(shape_.timers)) return told(EventKind::Timer);
    if (is(shape_.resets)) return reset();
    if (is(shape_.crossings)) return cross();
    return delta();
  }

  // What the book is now, for who comes to it late.
  [[nodiscard]] MarketEvent whole_book() {
    changes_.clear();
    MarketEvent event = told(EventKind::Snapshot);
    event.rebase = true;
    return event;
  }

 private:
  // xorshift64*
  std::uint32_t below(std::uint64_t limit) {
    random_ ^= random_ >> 12;
    random_ ^= random_ << 25;
    random_ ^= random_ >> 27;
    return static_cast<std::uint32_t>(((random_ * 2'685'821'657'736'338'717ULL) >> 32) * limit >>
                                      32);
  }
  [[nodiscard]] std::int64_t price(Side side, std::int64_t rank) const {
    return side == Side::Bid ? best_bid_ - rank * shape_.tick
                             : best_bid_ + (1 + rank) * shape_.tick;
  }
  std::int64_t some_qty() { return 1 + below(20'000); }
  void set(Side side, std::int64_t at, std::int64_t qty) {
    const OrderBook::Applied done = book_.set(side, Price{at}, Qty{qty});
    changes_.push_back({Price{at}, done.before, Qty{qty}, side});
  }

  MarketEvent told(EventKind kind) {
    status_ =
        has_book_ ? book_status(book_.best(Side::Bid), book_.best(Side::Ask)) : BookStatus::NoBook;
    MarketEvent event;
    event.now = TimestampNs{now_};
    event.kind = kind;
    event.status = status_;
    event.book = &book_;
    if (has_book_) {
      event.bids = {bids_.data(), book_.top(Side::Bid, bids_)};
      event.asks = {asks_.data(), book_.top(Side::Ask, asks_)};
    }
    const bool book_message = kind == EventKind::Snapshot || kind == EventKind::Delta;
    event.observation = book_message && has_book_ && status_ != BookStatus::Crossed;
    if (book_message) event.changes = changes_;
    return event;
  }
  MarketEvent snapshot() {
    book_.clear();
    for (std::int64_t rank = 0; rank < shape_.levels; ++rank) {
      for (const Side side : {Side::Bid, Side::Ask}) {
        (void)book_.set(side, Price{price(side, rank)}, Qty{some_qty()});
      }
    }
    has_book_ = true;
    return whole_book();
  }
  MarketEvent reset() {
    has_book_ = false;
    return told(EventKind::Reset);
  }
  MarketEvent cross() {
    crossed_ = true;
    set(Side::Bid, price(Side::Ask, 2), some_qty());
    return told(EventKind::Delta);
  }
  MarketEvent uncross() {
    crossed_ = false;
    set(Side::Bid, price(Side::Ask, 2), 0);
    return told(EventKind::Delta);
  }
  MarketEvent trade(EventKind kind) {
    const bool buy = below(2) == 0;
    MarketEvent event = told(kind);
    event.traded = {Price{price(buy ? Side::Ask : Side::Bid, 0)}, Qty{some_qty()}};
    event.aggressor = buy ? Aggressor::Buy : Aggressor::Sell;
    return event;
  }
  MarketEvent delta() {
    if (below(20) == 0) {
      // As far up as down, and never far from where it began.
      const bool up = best_bid_ > shape_.mid + 5'000 * shape_.tick   ? false
                      : best_bid_ < shape_.mid - 5'000 * shape_.tick ? true
                                                                     : below(2) == 0;
      if (up) {
        set(Side::Ask, price(Side::Ask, 0), 0);
        set(Side::Bid, price(Side::Bid, shape_.levels - 1), 0);
        best_bid_ += shape_.tick;
        set(Side::Bid, price(Side::Bid, 0), some_qty());
        set(Side::Ask, price(Side::Ask, shape_.levels - 1), some_qty());
      } else {
        set(Side::Bid, price(Side::Bid, 0), 0);
        set(Side::Ask, price(Side::Ask, shape_.levels - 1), 0);
        best_bid_ -= shape_.tick;
        set(Side::Ask, price(Side::Ask, 0), some_qty());
        set(Side::Bid, price(Side::Bid, shape_.levels - 1), some_qty());
      }
      return told(EventKind::Delta);
    }
    for (std::uint32_t i = 0, count = 1 + below(4); i < count; ++i) {
      const Side side = below(2) == 0 ? Side::Bid : Side::Ask;
      // Half of all at the best three, the rest ever rarer outwards.
      std::int64_t rank = below(3);
      while (below(2) == 0) rank = 2 * rank + 1;
      if (rank >= shape_.levels) continue;
      set(side, price(side, rank), rank > 0 && below(4) == 0 ? 0 : some_qty());
    }
    return told(EventKind::Delta);
  }

  MarketShape shape_;
  OrderBook book_;
  std::uint64_t random_;
  std::int64_t best_bid_;
  std::int64_t now_ = 1'700'000'000'000'000'000;
  bool has_book_ = false;
  bool crossed_ = false;
  BookStatus status_ = BookStatus::NoBook;
  std::vector<LevelChange> changes_;
  std::array<Level, kTopLevels> bids_{};
  std::array<Level, kTopLevels> asks_{};
};

// Signals with an arena and a row, driven by whoever has events.
class SignalRun {
 public:
  SignalRun(const SignalSet& set, const Instrument& instrument)
      : set_{set}, arena_(set.arena_bytes(instrument) + 64), row_{set.columns().size()} {
    const std::size_t skip = (64 - reinterpret_cast<std::uintptr_t>(arena_.data()) % 64) % 64;
    signals_ = set_.build(instrument, std::span{arena_}.subspan(skip));
  }
  void on(MarketEvent event) {
    if (last_.raw() != 0) signals_.advance(last_, event.now);
    last_ = event.now;
    signals_.update(event, row_.view());
  }
  [[nodiscard]] const std::vector<double>& row() const { return row_.values; }
  [[nodiscard]] double operator[](std::string_view name) const {
    return row_.values[*set_.find(name)];
  }
  [[nodiscard]] std::uint64_t limited() const { return signals_.limited(); }

 private:
  const SignalSet& set_;
  std::vector<std::byte> arena_;
  RowMemory row_;
  InstrumentSignals signals_;
  TimestampNs last_;
};

}  // namespace steelyard::bench
