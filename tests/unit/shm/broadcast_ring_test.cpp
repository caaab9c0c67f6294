// The broadcast ring: every record once, or counted as lost; never a torn one.
#include "steelyard/broadcast_ring.hpp"

#include <random>
#include <thread>

#include "support/test_segment.hpp"

namespace steelyard {
namespace {

constexpr std::size_t kValues = 2;
constexpr std::uint32_t kSlots = 8;

class BroadcastRing : public testing::Test {
 protected:
  BroadcastRing() {
    header_.slot_words = static_cast<std::uint32_t>(slot_words(kValues));
    header_.slot_count = kSlots;
    header_.values = kValues;
    publisher_ = RingPublisher{&header_, words_.data()};
  }
  [[nodiscard]] RingReader reader_at(std::uint64_t next = 0) {
    return RingReader{&header_, words_.data(), next};
  }
  void publish(std::uint64_t count = 1) {
    for (; count != 0; --count) {
      const std::uint64_t n = publisher_.published();
      publisher_.publish(numbered_tick(n), values_of(n));
    }
  }
  [[nodiscard]] static std::array<double, kValues> values_of(std::uint64_t n) {
    return {static_cast<double>(n), static_cast<double>(n) + 0.5};
  }
  template <typename Between>
  [[nodiscard]] RingPoll poll(RingReader& reader, Between between) {
    const RingPoll polled = reader.poll(tick_, values_, between);
    if (polled == RingPoll::Ok) {
      EXPECT_TRUE(is_numbered(tick_, reader.position() - 1));
      EXPECT_EQ(values_, values_of(reader.position() - 1));
    }
    return polled;
  }
  [[nodiscard]] RingPoll poll(RingReader& reader) {
    return poll(reader, [] {});
  }

  RingHeader header_{};
  std::array<std::atomic<std::uint64_t>, kSlots * slot_words(kValues)> words_{};
  RingPublisher publisher_;
  Tick tick_{};
  std::array<double, kValues> values_{};
};

TEST_F(BroadcastRing, IsEmptyUntilTheFirstRecord) {
  RingReader reader = reader_at();

  EXPECT_EQ(poll(reader), RingPoll::Empty);
  publish();
  EXPECT_EQ(poll(reader), RingPoll::Ok);
  EXPECT_EQ(poll(reader), RingPoll::Empty);
  EXPECT_EQ(reader.lost(), 0U);
}

TEST_F(BroadcastRing, GivesEveryRecordOnceInOrderHoweverOftenItWrapsRound) {
  RingReader reader = reader_at();
  for (std::uint64_t n = 0; n < 5 * kSlots; ++n) {
    publish();
    ASSERT_EQ(poll(reader), RingPoll::Ok);
    EXPECT_EQ(reader.position(), n + 1);
  }
  EXPECT_EQ(poll(reader), RingPoll::Empty);
}

TEST_F(BroadcastRing, HoldsOneRecordLessThanItHasSlots) {
  RingReader reader = reader_at();
  publish(kSlots - 1);

  EXPECT_EQ(reader.lag(), kSlots - 1);
  for (std::uint32_t i = 0; i < kSlots - 1; ++i) ASSERT_EQ(poll(reader), RingPoll::Ok);
  EXPECT_EQ(poll(reader), RingPoll::Empty);

  RingReader late = reader_at();
  publish(1);
  EXPECT_EQ(poll(late), RingPoll::Lapped) << "the next record's slot is no more record 0";
}

TEST_F(BroadcastRing, TellsALappedReaderHowMuchItLost) {
  for (std::uint64_t ahead = kSlots; ahead < 4 * kSlots; ++ahead) {
    RingReader reader = reader_at(publisher_.published());
    publish(ahead);

    ASSERT_EQ(poll(reader), RingPoll::Lapped);
    EXPECT_EQ(reader.lost(), ahead - kSlots / 2) << "half a ring is left to read in peace";
    std::uint64_t delivered = 0;
    while (poll(reader) == RingPoll::Ok) ++delivered;
    EXPECT_EQ(delivered + reader.lost(), ahead);
  }
}

TEST_F(BroadcastRing, ThrowsARecordAwayThatIsOverwrittenWhileItIsCopied) {
  for (std::uint64_t ahead = 0; ahead < 3 * kSlots; ++ahead) {
    RingReader reader = reader_at(publisher_.published());
    publish();
    const Tick before = tick_;

    const RingPoll polled = poll(reader, [&] { publish(ahead); });

    if (ahead < kSlots - 1) {
      EXPECT_EQ(polled, RingPoll::Ok);
      EXPECT_EQ(reader.lost(), 0U);
    } else {
      EXPECT_EQ(polled, RingPoll::Lapped);
      EXPECT_EQ(reader.lost(), 1 + ahead - kSlots / 2);
      EXPECT_EQ(std::bit_cast<TickWords>(tick_), std::bit_cast<TickWords>(before))
          << "what it had copied it does not give out";
    }
  }
}

TEST_F(BroadcastRing, ThrowsARecordAwayWhoseSlotIsBeingWritten) {
  RingReader reader = reader_at();
  publish(kSlots - 1);

  // The writer has marked the slot for its next record, and written a word of that.
  const RingPoll polled = poll(reader, [&] {
    publish();
    words_[1] = 77;
  });

  EXPECT_EQ(polled, RingPoll::Lapped);
}

TEST_F(BroadcastRing, LosesNothingUncountedInAnyInterleaving) {
  std::mt19937_64 random{11};
  for (int run = 0; run < 300; ++run) {
    const std::uint64_t from = publisher_.published();
    RingReader reader = reader_at(from);
    std::uint64_t delivered = 0;
    const auto take = [&](RingPoll polled) { delivered += polled == RingPoll::Ok ? 1 : 0; };
    for (int step = 0; step < 60; ++step) {
      switch (random() % 4) {
        case 0:
          publish(random() % (2 * kSlots));
          break;
        case 1:
          take(poll(reader, [&] { publish(random() % (2 * kSlots)); }));
          break;
        default:
          take(poll(reader));
      }
      ASSERT_EQ(delivered + reader.lost(), reader.position() - from);
    }
    RingPoll polled = RingPoll::Ok;
    while (polled != RingPoll::Empty) take(polled = poll(reader));
    EXPECT_EQ(delivered + reader.lost(), publisher_.published() - from);
    EXPECT_EQ(reader.position(), publisher_.published());
  }
}

TEST_F(BroadcastRing, NeverMovesAReaderBackWhateverAStampSays) {
  RingReader reader = reader_at();
  publish(3);
  ASSERT_EQ(poll(reader), RingPoll::Ok);
  for (const std::uint64_t stamp : {std::uint64_t{5}, std::uint64_t{6}, ~std::uint64_t{0}}) {
    words_[(reader.position() & (kSlots - 1)) * slot_words(kValues)] = stamp;
    const std::uint64_t before = reader.position();
    (void)poll(reader);
    EXPECT_GE(reader.position(), before);
  }
}

TEST_F(BroadcastRing, GivesAReaderOnAnotherThreadEachRecordWholeOrCountsIt) {
  constexpr std::uint64_t kRecords = 300'000;
  RingReader reader = reader_at();
  std::thread writer{[this] {
    for (std::uint64_t i = 0; i < kRecords; ++i) {
      publish();
      // Now and then the reader may catch up: both sides of the race are met.
      if (i % 1024 < 4) std::this_thread::yield();
    }
  }};

  std::uint64_t delivered = 0;
  while (reader.position() < kRecords) delivered += poll(reader) == RingPoll::Ok ? 1 : 0;
  writer.join();

  EXPECT_EQ(delivered + reader.lost(), kRecords);
  EXPECT_EQ(poll(reader), RingPoll::Empty);
}

}  // namespace
}  // namespace steelyard
