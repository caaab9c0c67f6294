// The book's top held against the venue's own best bid and offer.
#include "engine/top_audit.hpp"

#include <gtest/gtest.h>

namespace steelyard {
namespace {

[[nodiscard]] Top top(std::int64_t bid, std::int64_t ask) {
  return {{Price{bid}, Qty{1}}, {Price{ask}, Qty{1}}};
}
[[nodiscard]] SequenceNo id(std::uint64_t number) { return SequenceNo{number}; }

TEST(TopAudit, HoldsABookAgainstWhatWasSaidLastBeforeIt) {
  TopAudit audit{16};
  audit.anchor(id(1));

  audit.on_bbo(id(10), top(100, 101));
  audit.on_book(id(12), top(100, 101));
  audit.on_bbo(id(14), top(102, 103));
  audit.on_book(id(16), top(100, 101));
  audit.on_bbo(id(20), top(104, 105));

  EXPECT_EQ(audit.ok(), 1U);
  EXPECT_EQ(audit.bad(), 1U);
}

TEST(TopAudit, OfAConflatedChannelComparesOnlyStatesOfTheSameId) {
  TopAudit audit{16};
  audit.compare_same_ids_only();
  audit.anchor(id(1));

  audit.on_bbo(id(10), top(100, 101));
  audit.on_book(id(12), top(102, 103));  // the top moved in between, and nobody said so
  audit.on_bbo(id(14), top(102, 103));
  audit.on_book(id(14), top(102, 103));
  audit.on_bbo(id(16), top(104, 105));
  audit.on_book(id(16), top(103, 105));
  audit.on_bbo(id(20), top(104, 105));

  EXPECT_EQ(audit.ok(), 1U);
  EXPECT_EQ(audit.bad(), 1U);
  EXPECT_EQ(audit.bad_in_a_row(), 1U);
}

TEST(TopAudit, OfAConflatedChannelNeverDoubtsABookThatMovesBetweenItsStates) {
  TopAudit audit{512};
  audit.compare_same_ids_only();
  audit.anchor(id(1));

  for (std::uint64_t i = 0; i < 1000; ++i) {
    audit.on_bbo(id(10 * i + 10), top(100, 101));
    audit.on_book(id(10 * i + 15), top(200 + static_cast<std::int64_t>(i), 1000000));
  }

  EXPECT_EQ(audit.bad_in_a_row(), 0U);
  EXPECT_EQ(audit.bad(), 0U);
}

}  // namespace
}  // namespace steelyard
