// src/engine/top_audit.hpp -- the book's top held against the venue's own BBO channel.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "core/messages.hpp"
#include "steelyard/types.hpp"

namespace steelyard {

// The best of both sides; a side without levels has quantity zero.
struct Top {
  Level bid;
  Level ask;
  friend constexpr bool operator==(const Top&, const Top&) noexcept = default;
};

// Both channels number their states alike, and either may run ahead: the book at id u must have the
// top that the BBO channel says last at or before u. Whether it was the last is known when a later
// one comes, so a book state waits for that. Only what the BBO channel said after the snapshot
// counts.
class TopAudit {
 public:
  // `entries`: how many BBO states to keep, a power of two; bursts bring hundreds between two
  // deltas.
  explicit TopAudit(std::uint32_t entries) : bbos_(entries) {}

  // The BBO channel leaves states out: what it said last at or before u may be older than the top
  // at u. Then only states of the same id are compared.
  void compare_same_ids_only() noexcept { same_ids_only_ = true; }

  // The book was loaded from a snapshot with this id.
  void anchor(SequenceNo snapshot) noexcept {
    settle();
    anchor_ = snapshot;
    bad_in_a_row_ = 0;
  }

  // HOT.
  void on_bbo(SequenceNo id, const Top& top) noexcept {
    // Of a connection that lags behind another: known already.
    if (bbo_count_ != 0 && id < bbos_[(bbo_count_ - 1) & (bbos_.size() - 1)].id) return;
    while (waiting_count_ != 0 && oldest_waiting().id < id) compare_oldest();
    bbos_[bbo_count_++ & (bbos_.size() - 1)] = {id, top};
  }
  // Whether there is anything yet that a book could be compared with.
  [[nodiscard]] bool compares() const noexcept { return bbo_count_ != 0; }
  // HOT.
  void on_book(SequenceNo id, const Top& top) noexcept {
    if (!compares()) return;
    if (waiting_count_ == kWaiting) compare_oldest();
    waiting_[(waiting_from_ + waiting_count_++) % kWaiting] = {id, top};
    if (bbos_[(bbo_count_ - 1) & (bbos_.size() - 1)].id > id) settle();
  }
  // Compares what still waits with what is known.
  void settle() noexcept {
    while (waiting_count_ != 0) compare_oldest();
  }

  [[nodiscard]] std::uint64_t ok() const noexcept { return ok_; }
  [[nodiscard]] std::uint64_t bad() const noexcept { return bad_; }
  // Comparisons that failed since one last held. One is lag of the other channel; many are a book
  // that is not the venue's.
  [[nodiscard]] std::uint32_t bad_in_a_row() const noexcept { return bad_in_a_row_; }

 private:
  static constexpr std::uint32_t kWaiting = 64;
  struct State {
    SequenceNo id;
    Top top;
  };

  [[nodiscard]] const State& oldest_waiting() const noexcept { return waiting_[waiting_from_]; }

  void compare_oldest() noexcept {
    const State book = oldest_waiting();
    waiting_from_ = (waiting_from_ + 1) % kWaiting;
    --waiting_count_;
    const std::uint64_t kept = bbo_count_ < bbos_.size() ? bbo_count_ : bbos_.size();
    for (std::uint64_t back = 1; back <= kept; ++back) {
      const State& bbo = bbos_[(bbo_count_ - back) & (bbos_.size() - 1)];
      if (bbo.id > book.id) continue;
      if (bbo.id <= anchor_ || (same_ids_only_ && bbo.id != book.id)) return;
      const bool same = bbo.top == book.top;
      ++(same ? ok_ : bad_);
      bad_in_a_row_ = same ? 0 : bad_in_a_row_ + 1;
      return;
    }
  }

  std::vector<State> bbos_;
  std::uint64_t bbo_count_ = 0;
  std::array<State, kWaiting> waiting_{};
  std::uint32_t waiting_from_ = 0;
  std::uint32_t waiting_count_ = 0;
  SequenceNo anchor_;
  std::uint64_t ok_ = 0;
  std::uint64_t bad_ = 0;
  std::uint32_t bad_in_a_row_ = 0;
  bool same_ids_only_ = false;
};

}  // namespace steelyard
