// A checksum that follows the changes of its book, against one that is computed from nothing, after
// every message.
#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <random>
#include <vector>

#include "book/checksum.hpp"
#include "support/naive_checksum.hpp"

namespace steelyard {
namespace {

struct Change {
  Price price;
  Qty after;
  Side side;
};

// A book, the same as two maps, and the checksum that is told of its changes.
class Followed {
 public:
  Followed(ChecksumId id, const Scale& of) : scale{of}, id_{id}, followed_{id} {}

  void set(Side side, std::int64_t price, std::int64_t qty) {
    (void)book_.set(side, Price{price}, Qty{qty});
    changes_.push_back({Price{price}, Qty{qty}, side});
    auto& map = of(side);
    qty != 0 ? (void)(map[price] = qty) : (void)map.erase(price);
  }
  // A snapshot, or the end of the book: what is set next is all there is.
  void clear() {
    book_.clear();
    bids_.clear();
    asks_.clear();
    lose();
  }
  // A message without a checksum.
  void lose() {
    followed_.lose();
    changes_.clear();
  }
  [[nodiscard]] testing::AssertionResult agrees() {
    const std::int32_t got = followed_.of_changed(book_, scale, changes_);
    changes_.clear();
    std::vector<Level> levels[2];
    for (const auto& [price, qty] : bids_) levels[0].push_back({Price{price}, Qty{qty}});
    for (const auto& [price, qty] : asks_) levels[1].push_back({Price{price}, Qty{qty}});
    const std::int32_t want = naive_checksum(id_, levels[0], levels[1], scale);
    if (got == want) return testing::AssertionSuccess();
    return testing::AssertionFailure() << got << " is not " << want;
  }

  [[nodiscard]] std::size_t count(Side side) { return of(side).size(); }
  // The price at a rank, from the best on.
  [[nodiscard]] std::int64_t at(Side side, std::size_t rank) {
    auto& map = of(side);
    const auto steps = static_cast<std::ptrdiff_t>(rank);
    return side == Side::Bid ? std::next(map.rbegin(), steps)->first
                             : std::next(map.begin(), steps)->first;
  }

  Scale scale;

 private:
  [[nodiscard]] std::map<std::int64_t, std::int64_t>& of(Side side) {
    return side == Side::Bid ? bids_ : asks_;
  }

  ChecksumId id_;
  BookChecksum followed_;
  OrderBook book_{{}};
  std::map<std::int64_t, std::int64_t> bids_, asks_;
  std::vector<Change> changes_;
};

class ChecksumWalk : public testing::TestWithParam<ChecksumId> {
 protected:
  std::int64_t below(std::int64_t limit) {
    return static_cast<std::int64_t>(random_() % static_cast<std::uint64_t>(limit));
  }
  // Of few digits and of many; so many that a level's text is long, too.
  std::int64_t some_qty() {
    switch (below(8)) {
      case 0:
        return 1 + below(9);
      case 1:
        return (1 + below(9)) * 100'000'000;
      case 2:
        return 1 + below(3'000'000'000'000'000'000);
      default:
        return 1 + below(400'000);
    }
  }
  // Levels of one side: `grows` of ten that are not there yet come to it.
  void change(Followed& book, Side side, std::int64_t mid, std::int64_t grows) {
    const std::int64_t sign = side == Side::Bid ? -1 : 1;
    const auto count = static_cast<std::int64_t>(book.count(side));
    if (count != 0 && below(10) >= grows) {
      const std::int64_t reach = below(3) == 0 ? count : std::min<std::int64_t>(count, 34);
      const std::int64_t price = book.at(side, static_cast<std::size_t>(below(reach)));
      book.set(side, price, below(10) < 10 - grows ? 0 : some_qty());
    } else if (below(12) == 0) {
      book.set(side, mid + sign * (1 + below(90)), 0);  // most of them are not there
    } else {
      book.set(side, mid + sign * (1 + below(below(4) == 0 ? 5'000 : 60)), some_qty());
    }
  }

  std::mt19937_64 random_{static_cast<std::uint64_t>(GetParam())};
};

TEST_P(ChecksumWalk, IsThatOfTheBookAfterEveryMessage) {
  Followed book{GetParam(), {.price_exponent = -2, .qty_exponent = -8}};
  std::int64_t mid = 100'000;
  std::int64_t grows = 6;

  for (int message = 0; message < 30'000; ++message) {
    // Sides that fill far beyond the text's depth, and that run empty.
    if (message % 150 == 0) grows = 1 + below(9);
    mid += below(7) - 3;
    if (below(400) == 0) {
      book.lose();
      book.scale.price_exponent = static_cast<std::int8_t>(-1 - below(8));
    }
    if (below(400) == 0) {
      book.lose();
      book.scale.qty_multiplier = below(2) == 0 ? 1 : 5;
      book.scale.multiplier_exponent = static_cast<std::int8_t>(-below(3));
    }
    if (below(300) == 0) book.clear();
    const std::int64_t burst = message % 60 == 0 ? 120 : 6;
    for (std::int64_t changes = below(burst); changes > 0; --changes) {
      change(book, below(2) == 0 ? Side::Bid : Side::Ask, mid, grows);
    }
    if (below(20) == 0) {
      book.lose();
      continue;
    }

    ASSERT_TRUE(book.agrees()) << "message " << message;
  }
}

// One side alone, at every rank.
TEST_P(ChecksumWalk, FollowsALevelThatComesChangesAndGoesAtAnyRank) {
  for (const Side side : {Side::Bid, Side::Ask}) {
    for (std::int64_t rank = 0; rank < 40; ++rank) {
      Followed book{GetParam(), {.price_exponent = -1}};
      const std::int64_t sign = side == Side::Bid ? -1 : 1;
      for (std::int64_t i = 0; i < 40; ++i) {
        book.set(Side::Bid, 9'998 - 2 * i, 7);
        book.set(Side::Ask, 10'002 + 2 * i, 7);
      }
      ASSERT_TRUE(book.agrees());
      const std::int64_t between = 10'000 + sign * (2 * rank + 1);
      for (const std::int64_t qty : {4, 5, 50, 50, 123'456, 6, 0, 0}) {
        book.set(side, between, qty);
        ASSERT_TRUE(book.agrees()) << "rank " << rank << ", quantity " << qty;
      }
      // The same, with another one going in the same message.
      const std::int64_t other = 10'000 + sign * (2 * (39 - rank) + 2);
      book.set(side, other, 0);
      book.set(side, between, 3);
      ASSERT_TRUE(book.agrees()) << "rank " << rank;
    }
  }
}

// What falls out in the middle of a message may come back, changed meanwhile or gone.
TEST_P(ChecksumWalk, LooksForLevelsThatItPutAsideWithinAMessage) {
  for (const std::int64_t more : {3, 5, 9, 13, 14, 20, 27, 29, 31, 40}) {
    for (std::int64_t gone = 0; gone < 40; ++gone) {
      Followed book{GetParam(), {}};
      for (std::int64_t i = 0; i < 60; ++i) {
        book.set(Side::Bid, 900 - i, 7);
        book.set(Side::Ask, 5'000 + i, 7);
      }
      ASSERT_TRUE(book.agrees());
      for (std::int64_t i = 0; i < more; ++i) book.set(Side::Ask, 4'990 - i, 5);
      book.set(Side::Ask, 5'000 + gone, gone % 2 == 0 ? 0 : 8);
      for (std::int64_t i = 0; i < more; ++i) book.set(Side::Ask, 4'990 - i, 0);

      ASSERT_TRUE(book.agrees()) << more << " more, rank " << gone;
    }
  }
}

// As many come as go, of as many digits, and what is left of the side is less deep than the text.
TEST_P(ChecksumWalk, TakesTheBookAsItIsWhereItWasNotTold) {
  for (std::int64_t fresh = 0; fresh < 14; ++fresh) {
    for (std::int64_t left = 5; left < 30; ++left) {
      Followed book{GetParam(), {}};
      for (std::int64_t i = 0; i < 60; ++i) {
        book.set(Side::Bid, 900 - i, 7);
        book.set(Side::Ask, 5'000 + i, 7);
      }
      ASSERT_TRUE(book.agrees());
      for (std::int64_t i = 0; i < fresh; ++i) {
        book.set(Side::Ask, 4'990 - i, 5);
        book.set(Side::Ask, 5'000 + i, 0);
      }
      for (std::int64_t i = left; i < 60; ++i) book.set(Side::Ask, 5'000 + i, 0);
      book.lose();

      ASSERT_TRUE(book.agrees()) << fresh << " new, " << left << " left";
      book.set(Side::Ask, 4'999, 1);
      ASSERT_TRUE(book.agrees()) << fresh << " new, " << left << " left";
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Ids, ChecksumWalk,
                         testing::Values(ChecksumId::InterleavedTop25,
                                         ChecksumId::PaddedInterleavedTop25,
                                         ChecksumId::SignedInterleavedTop25,
                                         ChecksumId::ConcatenatedTop10));

}  // namespace
}  // namespace steelyard
