// include/steelyard/reader.hpp -- what a strategy includes: attach, poll, look up, know when it is
// over.
//
//   steelyard::Reader feed;
//   feed.wait_for("demo");
//   for (steelyard::Record r; feed.next(r);) if (r.is_live()) trade(r.symbol(), r["pbi_10bp"]);
#pragma once

#include <time.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "steelyard/broadcast_ring.hpp"
#include "steelyard/segment_view.hpp"
#include "steelyard/state_table.hpp"

namespace steelyard {

[[nodiscard]] inline std::int64_t monotonic_ns() noexcept {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

[[nodiscard]] inline double mantissa_to_double(std::int64_t mantissa, int exponent) noexcept {
  double power = 1.0;
  for (int i = 0; i < (exponent < 0 ? -exponent : exponent) && i < 40; ++i) power *= 10.0;
  const auto value = static_cast<double>(mantissa);
  return exponent < 0 ? value / power : value * power;
}

// Nothing is wrong with the book that this is about; kShallow is a limit, not a doubt.
[[nodiscard]] inline bool is_live(const Tick& tick) noexcept {
  return (tick.validity & ~std::uint32_t{kShallow}) == 0;
}

class Reader;

// One record of the ring: its Tick and the headline columns. Views into the reader: valid until its
// next poll.
class Record {
 public:
  [[nodiscard]] const Tick& tick() const noexcept { return tick_; }
  // The book is in step with its venue. It may still be shallow: see kShallow.
  [[nodiscard]] bool is_live() const noexcept { return steelyard::is_live(tick_); }
  [[nodiscard]] EventKind event() const noexcept { return static_cast<EventKind>(tick_.event); }
  [[nodiscard]] BookStatus status() const noexcept { return static_cast<BookStatus>(tick_.status); }
  // NaN where that side of the book is empty.
  [[nodiscard]] double bid() const noexcept { return side(tick_.best_bid, tick_.bid_qty); }
  [[nodiscard]] double ask() const noexcept { return side(tick_.best_ask, tick_.ask_qty); }
  [[nodiscard]] std::string_view venue() const noexcept;
  [[nodiscard]] std::string_view symbol() const noexcept;
  [[nodiscard]] std::span<const double> values() const noexcept { return values_; }
  // A headline column by name; NaN if it is undefined, or not among the headline columns.
  [[nodiscard]] double operator[](std::string_view column) const noexcept;

 private:
  friend class Reader;
  [[nodiscard]] double side(Price price, Qty qty) const noexcept {
    return qty.raw() == 0 ? std::numeric_limits<double>::quiet_NaN()
                          : mantissa_to_double(price.raw(), tick_.price_exponent);
  }
  const Reader* reader_ = nullptr;
  Tick tick_{};
  std::span<const double> values_;
};

enum class Poll : std::uint8_t {
  Ok,         // a record
  Empty,      // nothing new
  Lapped,     // records were lost: lost() says how many; the next poll goes on
  Restarted,  // a new publisher: the reader is attached to it, from its first record on
  Dead,       // the publisher's heartbeat is too old, or it stopped; polling on waits for another
};

// Attaches to one instance. Read-only: whatever a reader does delays nobody. One thread.
class Reader {
 public:
  // A heartbeat older than this means that the publisher is dead; it beats every 100 ms. A restart
  // is noticed within `check_every`.
  struct Options {
    std::chrono::milliseconds dead_after{1000};
    std::chrono::milliseconds check_every{50};
    bool from_start = false;  // with what the ring still holds; else with what comes from now on
  };

  Reader() = default;
  explicit Reader(const Options& options) : options_{options} {}

  // Empty if attached; else the reason. Starts anew: what was read or lost before does not count.
  // Not there yet is no reason to give up: poll, and it is found when it comes.
  [[nodiscard]] std::string attach(std::string_view instance) {
    begin(instance);
    if (std::string reason = successor_.open(segment_path(instance_)); !reason.empty()) {
      return reason;
    }
    follow();
    return {};
  }

  // Waits for the daemon to be there and alive. False: it did not come in time.
  bool wait_for(std::string_view instance,
                std::chrono::milliseconds timeout = std::chrono::hours{24}) {
    const auto deadline = std::chrono::steady_clock::now() + timeout;
    begin(instance);
    for (;;) {
      if (successor_.open(segment_path(instance_)).empty() && is_alive(successor_)) {
        follow();
        return true;
      }
      successor_ = SegmentView{};
      if (std::chrono::steady_clock::now() >= deadline) return false;
      std::this_thread::sleep_for(std::chrono::milliseconds{10});
    }
  }

  // The next record of any ring.
  [[nodiscard]] Poll poll(Record& record) {
    for (bool over = false;;) {
      const RingPoll polled = poll_rings(record);
      if (polled == RingPoll::Ok) return Poll::Ok;
      if (polled == RingPoll::Lapped) return Poll::Lapped;
      // The end, or a successor, had been seen before the rings were drained: so this was all.
      if (successor_.is_open()) {
        if (view_.is_open()) ++restarts_;
        follow();
        return Poll::Restarted;
      }
      if (over) {
        dead_ = true;
        return Poll::Dead;
      }
      const std::int64_t now = monotonic_ns();
      if (now < next_check_ns_) return dead_ ? Poll::Dead : Poll::Empty;
      next_check_ns_ = now + std::chrono::nanoseconds{options_.check_every}.count();
      if (look_for_successor()) continue;
      if (is_alive()) {
        dead_ = false;
        return Poll::Empty;
      }
      over = true;
    }
  }

  // Waits for the next record, through losses and restarts; false once the publisher is dead.
  [[nodiscard]] bool next(Record& record) {
    for (;;) {
      const Poll polled = poll(record);
      if (polled == Poll::Ok) return true;
      if (polled == Poll::Dead) return false;
      if (polled == Poll::Empty) std::this_thread::sleep_for(std::chrono::microseconds{50});
    }
  }

  // Records that were published since the reader attached and will not be delivered, over all rings
  // and restarts, those included that came and went unseen.
  [[nodiscard]] std::uint64_t lost() const noexcept {
    std::uint64_t lost = lost_before_;
    for (const RingReader& ring : rings_) lost += ring.lost();
    return lost;
  }
  [[nodiscard]] std::uint64_t restarts() const noexcept { return restarts_; }
  [[nodiscard]] std::uint64_t lag() const noexcept {
    std::uint64_t lag = 0;
    for (const RingReader& ring : rings_) lag += ring.lag();
    return lag;
  }
  [[nodiscard]] bool is_attached() const noexcept { return view_.is_open(); }
  [[nodiscard]] bool is_alive() const noexcept { return view_.is_open() && is_alive(view_); }

  [[nodiscard]] const SegmentView& segment() const noexcept { return view_; }
  [[nodiscard]] std::uint32_t instruments() const noexcept {
    return view_.count(RegionKind::Instruments);
  }
  [[nodiscard]] std::uint32_t columns() const noexcept { return view_.count(RegionKind::Columns); }

  // By the venue's own symbol or by the normalised name; an empty venue means any.
  [[nodiscard]] std::optional<InstrumentId> find(std::string_view venue,
                                                 std::string_view symbol) const noexcept {
    for (std::uint32_t i = 0; i < instruments(); ++i) {
      const InstrumentEntry& entry = view_.instrument(i);
      if (!venue.empty() && SegmentView::text(entry.venue) != venue) continue;
      if (SegmentView::text(entry.symbol) == symbol || SegmentView::text(entry.name) == symbol) {
        return InstrumentId{i};
      }
    }
    return std::nullopt;
  }
  [[nodiscard]] std::optional<std::uint32_t> find_column(std::string_view name) const noexcept {
    for (std::uint32_t i = 0; i < columns(); ++i) {
      if (SegmentView::text(view_.column(i).name) == name) return i;
    }
    return std::nullopt;
  }

  // The latest state of an instrument: every column (NaN where undefined) and the book's top. Never
  // waits. False: nothing was published of it yet.
  [[nodiscard]] bool latest(InstrumentId instrument, StateView& view,
                            std::span<double> row) const noexcept {
    if (instrument.raw() >= instruments()) return false;
    return read_state_row(view_.state_row(instrument.raw()), view,
                          row.first(std::min<std::size_t>(row.size(), columns())), [] {});
  }

 private:
  void begin(std::string_view instance) {
    *this = Reader{options_};
    instance_ = instance;
  }
  [[nodiscard]] bool is_alive(const SegmentView& view) const noexcept {
    const SegmentHeader& head = view.header();
    if (head.state.load(std::memory_order_acquire) != SegmentState::Running) return false;
    // Compared, not subtracted from: it may be any number.
    const std::int64_t beat = head.heartbeat_ns.load(std::memory_order_acquire);
    return beat > monotonic_ns() - std::chrono::nanoseconds{options_.dead_after}.count();
  }

  [[nodiscard]] RingPoll poll_rings(Record& record) {
    for (std::size_t i = 0; i < rings_.size(); ++i) {
      turn_ = turn_ + 1 < rings_.size() ? turn_ + 1 : 0;
      const RingPoll polled = rings_[turn_].poll(record.tick_, values_);
      if (polled == RingPoll::Empty) continue;
      if (polled == RingPoll::Ok) {
        record.reader_ = this;
        record.values_ = values_;
      }
      return polled;
    }
    return RingPoll::Empty;
  }

  // Does the name lead to another segment than ours? A file that is no segment is not followed.
  [[nodiscard]] bool look_for_successor() {
    const std::string path = segment_path(instance_);
    struct stat status{};
    if (instance_.empty() || stat(path.c_str(), &status) != 0) return false;
    if (view_.is_open() && status.st_ino == view_.inode()) return false;
    return successor_.open(path).empty();
  }

  // Goes on in `successor_`: after a restart with its very first record, so that none is missed.
  void follow() {
    const bool restart = view_.is_open();
    std::uint64_t seen = 0;  // under this name, up to the end of the old rings
    if (restart) {
      seen = view_.header().records_before;
      for (const RingReader& ring : rings_) {
        lost_before_ += ring.lost();
        seen += ring.position();
      }
    }
    std::swap(view_, successor_);
    successor_ = SegmentView{};
    const std::uint64_t before = view_.header().records_before;
    if (restart && before > seen) lost_before_ += before - seen;
    rings_.clear();
    for (std::uint32_t i = 0; i < view_.count(RegionKind::Rings); ++i) {
      const RingHeader& ring = view_.ring(i);
      std::uint64_t next = ring.published.load(std::memory_order_acquire);
      if (restart) {
        next = 0;
      } else if (options_.from_start) {
        next -= std::min<std::uint64_t>(next, ring.slot_count - 1U);  // what the ring still holds
      }
      rings_.emplace_back(&ring, view_.ring_words(i), next);
    }
    values_.assign(view_.count(RegionKind::Rings) == 0 ? 0 : view_.ring(0).values,
                   std::numeric_limits<double>::quiet_NaN());
    turn_ = 0;
    dead_ = false;
    next_check_ns_ = 0;
  }

  Options options_{};
  std::string instance_;
  SegmentView view_;
  SegmentView successor_;  // seen, and not followed yet
  std::vector<RingReader> rings_;
  std::vector<double> values_;
  std::size_t turn_ = 0;
  std::uint64_t lost_before_ = 0;
  std::uint64_t restarts_ = 0;
  std::int64_t next_check_ns_ = 0;
  bool dead_ = false;
};

inline std::string_view Record::venue() const noexcept {
  return tick_.instrument.raw() < reader_->instruments()
             ? SegmentView::text(reader_->segment().instrument(tick_.instrument.raw()).venue)
             : std::string_view{};
}
inline std::string_view Record::symbol() const noexcept {
  return tick_.instrument.raw() < reader_->instruments()
             ? SegmentView::text(reader_->segment().instrument(tick_.instrument.raw()).symbol)
             : std::string_view{};
}
inline double Record::operator[](std::string_view column) const noexcept {
  const std::optional<std::uint32_t> index = reader_->find_column(column);
  if (!index) return std::numeric_limits<double>::quiet_NaN();
  const std::int32_t headline = reader_->segment().column(*index).headline;
  return headline < 0 ? std::numeric_limits<double>::quiet_NaN()
                      : values_[static_cast<std::size_t>(headline)];
}

}  // namespace steelyard
