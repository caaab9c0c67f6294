// src/core/sequence.hpp -- what a delta is, given what was applied before: one judge for all
// venues.
#pragma once

#include <array>
#include <cstdint>

#include "core/messages.hpp"
#include "steelyard/types.hpp"

namespace steelyard {

// How consecutive deltas of a channel prove that nothing is missing between them.
enum class Link : std::uint8_t {
  None,  // no proof
  Prev,  // each delta names the last id of the one before
  Step,  // ids count on: first == last id of the one before + 1
};

// Which rule the first delta on a fetched snapshot S has to satisfy, and which are contained in it.
enum class Splice : std::uint8_t {
  AtLast,      // Binance USD-M/COIN-M: contained if last < S; first must have first <= S <= last
  AfterLast,   // Binance spot: contained if last <= S; first must have first <= S + 1 <= last
  PrevIs,      // HTX spot: contained if last <= S; first must have prev == S
  PrevWithin,  // Bitget, in band too: contained if last <= S; first must have prev <= S
};

enum class SequenceVerdict : std::uint8_t { InOrder, Stale, Gap };

// The ids of the messages applied last: what comes again is a duplicate, not a gap.
class RecentIds {
 public:
  void clear() noexcept { count_ = 0; }
  void add(SequenceNo id, TimestampNs received = {}) noexcept {
    seen_[count_++ % kKept] = {id, received};
  }
  [[nodiscard]] bool contains(SequenceNo id) const noexcept { return find(id) != nullptr; }
  // When it came first; 0 if it is not among them.
  [[nodiscard]] TimestampNs time_of(SequenceNo id) const noexcept {
    const Seen* const seen = find(id);
    return seen != nullptr ? seen->received : TimestampNs{};
  }

 private:
  static constexpr std::uint32_t kKept = 64;
  struct Seen {
    SequenceNo id;
    TimestampNs received;
  };
  [[nodiscard]] const Seen* find(SequenceNo id) const noexcept {
    const std::uint32_t kept = count_ < kKept ? count_ : kKept;
    for (std::uint32_t i = 0; i < kept; ++i) {
      if (seen_[i].id == id) return &seen_[i];
    }
    return nullptr;
  }
  std::uint32_t count_ = 0;
  std::array<Seen, kKept> seen_{};
};

// Where a book stands in its stream.
struct SequenceCursor {
  SequenceNo last;
  bool spliced = false;  // false: at a fetched snapshot, the first delta on it is still to come
};

// The row of a book channel that this file needs.
struct LinkRule {
  Link link = Link::None;
  Splice splice = Splice::AfterLast;
  bool legal_backstep = false;  // OKX: after maintenance ids go on from a lower number
  bool splice_by_time = false;  // Link::None: ids grow, so that what is not newer is contained
  // Bitget: a delta with predecessor 0 starts a new count, of a book that nobody has told of.
  bool zero_restarts = false;
};

// HOT. Pure. `recent` is looked at only where identity decides.
[[nodiscard]] constexpr SequenceVerdict judge(const LinkRule& rule, const SequenceCursor& at,
                                              const RecentIds& recent,
                                              const Message& delta) noexcept {
  using enum SequenceVerdict;
  if ((delta.ids & kHasLast) == 0) return InOrder;
  if (rule.link == Link::None) {
    // Ids that prove nothing still say what a fetched snapshot contains (Bitstamp's times).
    return rule.splice_by_time && delta.last <= at.last ? Stale : InOrder;
  }
  if (rule.zero_restarts && (delta.ids & kHasPrev) != 0 && delta.prev == SequenceNo{}) {
    return delta.last == at.last || recent.contains(delta.last) ? Stale : Gap;
  }
  if (!at.spliced) {
    // The first delta on a fetched snapshot.
    const bool contained =
        rule.splice == Splice::AtLast ? delta.last < at.last : delta.last <= at.last;
    if (contained) return Stale;
    if (rule.splice == Splice::PrevIs) return delta.prev == at.last ? InOrder : Gap;
    if (rule.splice == Splice::PrevWithin) return delta.prev <= at.last ? InOrder : Gap;
    const std::uint64_t reach = rule.splice == Splice::AtLast ? at.last.raw() : at.last.raw() + 1;
    return delta.first.raw() <= reach ? InOrder : Gap;
  }
  switch (rule.link) {
    case Link::Prev:
      if (delta.prev == at.last) {
        // OKX goes on from a lower number after maintenance: the link holds, so it is legal.
        if (delta.last >= at.last || rule.legal_backstep) return InOrder;
        return Stale;
      }
      // Identity, never `<`, where numbers may legally fall: whoever missed that message would take
      // all that follow for old, and freeze.
      if (rule.legal_backstep) {
        return delta.last == at.last || recent.contains(delta.last) ? Stale : Gap;
      }
      return delta.last <= at.last ? Stale : Gap;
    case Link::Step:
      if (delta.last <= at.last) return Stale;
      return delta.first.raw() <= at.last.raw() + 1 ? InOrder : Gap;
    case Link::None:
      break;
  }
  return InOrder;
}

}  // namespace steelyard
