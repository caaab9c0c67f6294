// tests/support/signal_driver.hpp -- drives signals with events as the engine would, from a book of
// its own.
#pragma once

#include <algorithm>
#include <array>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "book/book_status.hpp"
#include "book/order_book.hpp"
#include "signals/signal_set.hpp"
#include "support/naive_signals.hpp"
#include "support/row_memory.hpp"

namespace steelyard {

class SignalDriver {
 public:
  explicit SignalDriver(const SignalParams& params, const Instrument& instrument)
      : SignalDriver(SignalSet{params}, instrument) {}

  // `group`: this instrument's member joins it.
  SignalDriver(SignalSet set, const Instrument& instrument, Group* group = nullptr)
      : set_{std::move(set)},
        instrument_{instrument},
        book_{{.tick = instrument.tick}},
        arena_(set_.arena_bytes(instrument) + 64),
        row_{set_.columns().size()} {
    changes_.reserve(65'536);
    const std::size_t skip = (64 - reinterpret_cast<std::uintptr_t>(arena_.data()) % 64) % 64;
    signals_ = set_.build(instrument_, std::span{arena_}.subspan(skip), group);
    if (group != nullptr) group->members.push_back(&signals_.member());
  }

  // Clamps time, applies, tells the signals.
  void on(const NaiveEvent& event) {
    const TimestampNs time{event.time};
    if (started_ && time > now_) signals_.advance(now_, time);
    now_ = started_ ? std::max(now_, time) : time;
    started_ = true;
    MarketEvent told = apply(event);
    told.now = now_;
    signals_.update(told, row_.view());
  }

  // What `on` does, without its clamping of time.
  void on_unclamped(const NaiveEvent& event) {
    const TimestampNs time{event.time};
    signals_.advance(now_, time);
    now_ = time;
    MarketEvent told = apply(event);
    told.now = now_;
    signals_.update(told, row_.view());
  }

  // From here on the signals are told at which ranks the best levels may differ, as the engine does
  // where it knows: sometimes one rank too many.
  void tell_ranks() { tells_ranks_ = true; }

  [[nodiscard]] double operator[](std::string_view name) const {
    return row_.values.at(*set_.find(name));
  }
  [[nodiscard]] const std::vector<double>& row() const { return row_.values; }
  [[nodiscard]] const SignalSet& set() const { return set_; }
  [[nodiscard]] const InstrumentSignals& signals() const { return signals_; }
  [[nodiscard]] const OrderBook& book() const { return book_; }
  [[nodiscard]] BookStatus status() const { return status_; }

 private:
  [[nodiscard]] MarketEvent apply(const NaiveEvent& event) {
    changes_.clear();
    MarketEvent told;
    told.kind = event.kind;
    const bool snapshot = event.kind == EventKind::Snapshot;
    told.rebase = snapshot && event.rebase;
    bool applied = snapshot || (event.kind == EventKind::Delta && status_ != BookStatus::NoBook);
    if (snapshot) {
      for (const Side side : {Side::Bid, Side::Ask}) {
        book_.walk(side, [&](Level level) {
          changes_.push_back({level.price, level.qty, Qty{}, side});
          return true;
        });
      }
      book_.clear();
    }
    if (event.kind == EventKind::Reset) {
      book_.clear();
      status_ = BookStatus::NoBook;
    }
    if (applied) {
      for (const NaiveEvent::Level& level : event.levels) {
        const OrderBook::Applied done = book_.set(level.side, Price{level.price}, Qty{level.qty});
        changes_.push_back({Price{level.price}, done.before, Qty{level.qty}, level.side});
      }
      status_ = book_status(book_.best(Side::Bid), book_.best(Side::Ask));
    }
    if (event.kind == EventKind::Trade || event.kind == EventKind::Liquidation) {
      if (!event.levels.empty()) {
        told.traded = {Price{event.levels[0].price}, Qty{event.levels[0].qty}};
      }
      told.aggressor = event.aggressor;
    }
    if (!told.rebase) told.changes = changes_;
    told.observation = applied && status_ != BookStatus::Crossed;
    told.status = status_;
    told.book = &book_;
    const bool tells = tells_ranks_ && event.kind == EventKind::Delta;
    told.bids = top(Side::Bid, bids_, tells, told.bids_same_until, told.bids_same_from);
    told.asks = top(Side::Ask, asks_, tells, told.asks_same_until, told.asks_same_from);
    return told;
  }

  struct Top {
    std::array<Level, kTopLevels> levels{};
    std::size_t count = 0;
  };
  std::span<const Level> top(Side side, Top& top, bool tells, std::uint32_t& same_until,
                             std::uint32_t& same_from) const {
    const Top before = top;
    top.count = status_ != BookStatus::NoBook ? book_.top(side, top.levels) : 0;
    if (tells) {
      const auto differs = [&](std::uint32_t rank) {
        return (rank < before.count) != (rank < top.count) ||
               (rank < top.count && top.levels[rank] != before.levels[rank]);
      };
      std::uint32_t first = 0;
      std::uint32_t end = kTopLevels;
      while (first < kTopLevels && !differs(first)) ++first;
      while (end > first && !differs(end - 1)) --end;
      const bool more = now_.raw() % 3 == 0;
      same_until = more && first != 0 && first < kTopLevels ? first - 1 : first;
      same_from = more && end < kTopLevels ? end + 1 : end;
    }
    return {top.levels.data(), top.count};
  }

  SignalSet set_;
  Instrument instrument_;
  OrderBook book_;
  BookStatus status_ = BookStatus::NoBook;
  std::vector<std::byte> arena_;
  RowMemory row_;
  std::vector<LevelChange> changes_;
  Top bids_;
  Top asks_;
  bool tells_ranks_ = false;
  InstrumentSignals signals_;
  TimestampNs now_;
  bool started_ = false;
};

}  // namespace steelyard
