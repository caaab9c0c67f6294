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
#include "steelyard/record.hpp"

namespace steelyard {

[[nodiscard]] inline std::int64_t monotonic_ns() noexcept {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

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
    if (!look()) return reason_;
    follow();
    return {};
  }

  // Waits for the daemon to be there and alive. False: it did not come in time, or it is one that
  // waiting does not make readable (no permission, another layout version); why_not() says which.
  bool wait_for(std::string_view instance,
                std::chrono::milliseconds timeout = std::chrono::hours{24}) {
    const auto deadline = std::chrono::steady_clock::now() + timeout;
    begin(instance);
    for (;;) {
      if (look()) {
        if (is_alive(successor_)) {
          follow();
          return true;
        }
        refusal_ = Refusal::Dead;
        reason_ = segment_path(instance_) + ": its publisher is dead";
      }
      successor_ = SegmentView{};
      if (refusal_ == Refusal::NoPermission || refusal_ == Refusal::OtherVersion) return false;
      if (std::chrono::steady_clock::now() >= deadline) return false;
      std::this_thread::sleep_for(std::chrono::milliseconds{10});
    }
  }

  // Why the last attach() or wait_for() did not succeed, or, after Dead, why there is no successor;
  // empty and None if all is well.
  [[nodiscard]] const std::string& why_not() const noexcept { return reason_; }
  [[nodiscard]] Refusal refusal() const noexcept { return refusal_; }

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
    return find_instrument(view_, venue, symbol);
  }
  [[nodiscard]] std::optional<std::uint32_t> find_column(std::string_view name) const noexcept {
    return steelyard::find_column(view_, name);
  }
  // For records and states of this reader, now and after restarts: look it up once, use it at every
  // record. A column that there is not reads as NaN.
  [[nodiscard]] static ColumnHandle column(std::string_view name) { return ColumnHandle{name}; }

  // The latest state of an instrument: every column (NaN where undefined) and the book's top. Never
  // waits. False: nothing was published of it yet.
  [[nodiscard]] bool latest(InstrumentId instrument, StateView& view,
                            std::span<double> row) const noexcept {
    if (instrument.raw() >= instruments()) return false;
    return read_state_row(view_.state_row(instrument.raw()), view,
                          row.first(std::min<std::size_t>(row.size(), columns())), [] {});
  }
  // The same with names. Allocates when `state` is first used.
  [[nodiscard]] bool latest(InstrumentId instrument, InstrumentState& state) const {
    state.columns_.resize(columns());
    if (!latest(instrument, state.view_, state.columns_)) return false;
    state.segment_ = &view_;
    state.tick_ = state.view_.tick;
    return true;
  }

 private:
  void begin(std::string_view instance) {
    *this = Reader{options_};
    instance_ = instance;
  }
  // Into `successor_`.
  [[nodiscard]] bool look() {
    reason_ = successor_.open(segment_path(instance_), &refusal_);
    return reason_.empty();
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
        record.segment_ = &view_;
        record.values_ = values_;
      }
      return polled;
    }
    return RingPoll::Empty;
  }

  // Does the name lead to another segment than ours? A file that is no segment is not followed.
  [[nodiscard]] bool look_for_successor() {
    const std::string path = segment_path(instance_);
    struct stat status {};
    if (instance_.empty()) return false;
    if (stat(path.c_str(), &status) == 0 && view_.is_open() && status.st_ino == view_.inode()) {
      return false;
    }
    return look();
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
  std::string reason_;
  Refusal refusal_ = Refusal::None;
  std::vector<RingReader> rings_;
  std::vector<double> values_;
  std::size_t turn_ = 0;
  std::uint64_t lost_before_ = 0;
  std::uint64_t restarts_ = 0;
  std::int64_t next_check_ns_ = 0;
  bool dead_ = false;
};

}  // namespace steelyard
