// src/engine/top_audit.hpp -- the book's top held against the venue's own BBO channel, at equal
// ids.
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

// Both channels number their states alike, but one of them runs ahead: whichever says an id first
// waits here for the other. Direct-mapped by id, so that a pair that never meets is overwritten.
class TopAudit {
 public:
  // `entries`: how many BBO states to keep, a power of two.
  explicit TopAudit(std::uint32_t entries) : bbos_(entries), books_(kBookStates) {}

  // HOT.
  void on_bbo(SequenceNo id, const Top& top) noexcept { meet(bbos_, books_, id, top); }
  void on_book(SequenceNo id, const Top& top) noexcept { meet(books_, bbos_, id, top); }
  void clear() noexcept;

  [[nodiscard]] std::uint64_t ok() const noexcept { return ok_; }
  [[nodiscard]] std::uint64_t bad() const noexcept { return bad_; }

 private:
  static constexpr std::uint32_t kBookStates = 64;
  struct State {
    SequenceNo id;
    Top top;
    bool waiting = false;
  };
  void meet(std::vector<State>& mine, std::vector<State>& others, SequenceNo id,
            const Top& top) noexcept;

  std::vector<State> bbos_;
  std::vector<State> books_;
  std::uint64_t ok_ = 0;
  std::uint64_t bad_ = 0;
};

}  // namespace steelyard
