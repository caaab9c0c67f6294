// Checksums of books that the keeper holds, through all that may happen to a book: each message's
// is computed anew by the test, and the keeper must find the same.
#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <random>

#include "support/engine_driver.hpp"
#include "support/naive_checksum.hpp"

namespace steelyard {
namespace {

// What the venue holds of one instrument, and the messages that it tells of it.
class TellingVenue {
 public:
  explicit TellingVenue(const BookChannel& row) : row_{row} {}

  [[nodiscard]] TestMessage whole() {
    sides_[0].clear();
    sides_[1].clear();
    TestMessage scratch;
    for (int i = 0; i < 90; ++i) change(scratch);
    cut();
    return test_message(MessageKind::Snapshot, {sides_[0].begin(), sides_[0].end()},
                        {sides_[1].begin(), sides_[1].end()});
  }
  [[nodiscard]] TestMessage changes(std::int64_t most) {
    TestMessage made = test_message(MessageKind::Delta, {}, {});
    if (below(400) == 0) grows_ = 2 + below(7);
    for (std::int64_t i = below(most); i >= 0; --i) change(made);
    cut();
    return made;
  }
  std::int64_t below(std::int64_t limit) {
    return static_cast<std::int64_t>(random_() % static_cast<std::uint64_t>(limit));
  }
  [[nodiscard]] std::int32_t checksum(const Scale& scale) const {
    std::vector<Level> levels[2];
    for (const bool ask : {false, true}) {
      for (const auto& [key, qty] : sides_[ask]) levels[ask].push_back({Price{key}, Qty{qty}});
    }
    return naive_checksum(row_.checksum, levels[0], levels[1], scale);
  }

 private:
  void change(TestMessage& made) {
    const bool ask = below(2) == 0;
    auto& side = sides_[ask];
    std::int64_t price = 10'000 + (ask ? 1 : -1) * (1 + below(50));
    std::int64_t qty = below(5) == 0 ? 1 + below(4'000'000'000) : 1 + below(900);
    if (!side.empty() && below(10) >= grows_) {
      const std::int64_t rank = below(static_cast<std::int64_t>(side.size()));
      price = std::next(side.begin(), static_cast<std::ptrdiff_t>(rank))->first;
      if (below(10) >= grows_) qty = 0;
    }
    qty != 0 ? (void)(side[price] = qty) : (void)side.erase(price);
    (ask ? made.asks : made.bids).push_back({Price{price}, Qty{qty}});
  }
  // Cut off as the row says: the worst are gone without a word.
  void cut() {
    while (row_.truncate && sides_[0].size() > row_.depth) sides_[0].erase(sides_[0].begin());
    while (row_.truncate && sides_[1].size() > row_.depth) {
      sides_[1].erase(std::prev(sides_[1].end()));
    }
  }

  const BookChannel& row_;
  std::mt19937_64 random_{5};
  std::int64_t grows_ = 6;
  std::map<std::int64_t, std::int64_t> sides_[2];
};

TEST(ChecksumsOfAKeptBook, AgreeWhateverHappensToIt) {
  int rows = 0;
  for (const Venue* const venue : venue_registry()) {
    for (const BookChannel& row : venue->books) {
      if (row.checksum == ChecksumId::None || row.note != RowNote::None) continue;
      SCOPED_TRACE(std::string{venue->name} + " " + std::string{row.channel});
      ++rows;
      EngineDriver feed{
          {test_instrument(std::string{venue->name}.c_str(), "A", 0, 0, row.channel.data())}};
      ASSERT_EQ(feed.slot().rule.channel, row.channel);
      TellingVenue told{row};
      std::uint64_t good = 0, bad = 0;
      const auto with_checksum = [&](TestMessage made) {
        made.message.ids |= kHasChecksum;
        made.message.checksum = told.checksum(feed.slot().instrument.scale);
        ++good;
        return made;
      };
      (void)feed(with_checksum(told.whole()));

      for (int message = 0; message < 6'000; ++message) {
        const std::int64_t what = told.below(200);
        TestMessage made = told.changes(message % 40 == 0 ? 90 : 5);
        if (what < 20) {
          (void)feed(made);  // says nothing of a checksum
        } else {
          if (what == 20) {
            // Of a book that is not this one; then a new one, in the row's own way.
            made = with_checksum(made);
            made.message.checksum ^= 1;
            --good;
            ++bad;
            (void)feed(made);
            ASSERT_FALSE(feed.is_live());
          } else if (what == 21) {
            (void)feed.tell(EntryKind::LinkDown);
            (void)feed.tell(EntryKind::LinkUp);
          } else if (what == 22) {
            (void)feed.rescale(static_cast<std::int8_t>(-1 - told.below(6)), -8);
          } else {
            made = with_checksum(made);
            (void)feed(made);
          }
          if (what <= 24) (void)feed(with_checksum(told.whole()));  // asked for or not
        }
        ASSERT_TRUE(feed.is_live()) << "message " << message;
        ASSERT_EQ(feed.stats().checksums_ok, good) << "message " << message;
        ASSERT_EQ(feed.stats().checksums_bad, bad) << "message " << message;
      }
      EXPECT_GT(good, 5'000U);
      EXPECT_GT(bad, 10U);
    }
  }
  EXPECT_GE(rows, 4);
}

}  // namespace
}  // namespace steelyard
