// The reader while publishers come and go: follows restarts, notices death, and counts what it
// missed over both.
#include <gtest/gtest.h>

#include <thread>

#include "support/reader_of.hpp"

namespace steelyard {
namespace {

using namespace std::chrono_literals;

TEST_F(ReaderOf, FollowsARestartFromItsFirstRecordAndLosesNothing) {
  start();
  Reader reader{kAtOnce};
  ASSERT_EQ(reader.attach("test"), "");
  publish(5);
  drain(reader);
  const std::uint64_t generation = reader.segment().header().generation;

  publish(7);  // not read when the publisher goes
  start();
  publish(9);  // not read when the reader comes
  drain(reader);

  EXPECT_EQ(restarts_, 1U);
  EXPECT_EQ(reader.restarts(), 1U);
  EXPECT_NE(reader.segment().header().generation, generation);
  EXPECT_EQ(delivered_, published_);
  EXPECT_EQ(reader.lost(), 0U);
}

TEST_F(ReaderOf, CountsWhatIsLostBeforeAndAfterARestart) {
  start();
  Reader reader{kAtOnce};
  ASSERT_EQ(reader.attach("test"), "");
  publish(3 * kTestSlots);
  start();
  publish(5 * kTestSlots + 3);

  drain(reader);

  EXPECT_EQ(restarts_, 1U);
  EXPECT_GT(reader.lost(), 0U);
  EXPECT_EQ(delivered_ + reader.lost(), published_);
}

TEST_F(ReaderOf, CountsThePublishersThatCameAndWentUnseen) {
  start(2);
  Reader reader{kAtOnce};
  publish(11);  // before the reader: nothing to it
  published_ = 0;
  ASSERT_EQ(reader.attach("test"), "");
  publish(5, 1);
  for (const std::uint64_t unseen : {std::uint64_t{3}, std::uint64_t{4 * kTestSlots}}) {
    start();
    publish(unseen);
  }
  start(2);
  publish(2);

  drain(reader);

  EXPECT_EQ(restarts_, 1U);
  EXPECT_EQ(delivered_, 5U + 2U);
  EXPECT_EQ(reader.lost(), 3U + 4 * kTestSlots);
}

TEST_F(ReaderOf, StartsCountingOverWhenTheFilesWereRemoved) {
  start();
  Reader reader{kAtOnce};
  ASSERT_EQ(reader.attach("test"), "");
  publish(5);
  publisher_.reset();
  for (const std::string& name : files()) std::filesystem::remove(folder_ / name);
  start();
  publish(1);

  drain(reader);

  EXPECT_EQ(delivered_, 6U);
  EXPECT_EQ(reader.lost(), 0U);
}

TEST_F(ReaderOf, ForgetsAllCountsWhenItAttachesAnew) {
  start();
  Reader reader{kAtOnce};
  ASSERT_EQ(reader.attach("test"), "");
  publish(3 * kTestSlots);
  drain(reader);
  ASSERT_GT(reader.lost(), 0U);

  ASSERT_EQ(reader.attach("test"), "");

  EXPECT_EQ(reader.lost(), 0U);
  EXPECT_EQ(reader.lag(), 0U);
}

TEST_F(ReaderOf, NoticesARestartWithinItsIntervalAndNotBefore) {
  start();
  Reader reader{{.dead_after = 1h, .check_every = 200ms}};
  ASSERT_EQ(reader.attach("test"), "");
  drain(reader);  // has just looked
  const auto looked = std::chrono::steady_clock::now();

  start();
  Poll polled = Poll::Empty;
  while (polled == Poll::Empty) polled = reader.poll(record_);
  const auto took = std::chrono::steady_clock::now() - looked;

  EXPECT_EQ(polled, Poll::Restarted);
  EXPECT_GT(took, 150ms) << "the file system is not asked at every poll";
  EXPECT_LT(took, 2s);
}

TEST_F(ReaderOf, TakesAPublisherForDeadWhoseHeartbeatIsTooOld) {
  start();
  Reader reader{{.dead_after = 100ms, .check_every = 0ms}};
  ASSERT_EQ(reader.attach("test"), "");
  publish(1);
  const auto born = std::chrono::steady_clock::now();
  EXPECT_TRUE(reader.is_alive());
  ASSERT_EQ(reader.poll(record_), Poll::Ok);

  Poll polled = Poll::Empty;
  while (polled == Poll::Empty) polled = reader.poll(record_);

  EXPECT_EQ(polled, Poll::Dead);
  EXPECT_GE(std::chrono::steady_clock::now() - born, 95ms);
  EXPECT_FALSE(reader.is_alive());

  publisher_->segment.heartbeat();
  EXPECT_EQ(reader.poll(record_), Poll::Empty) << "it was only late";
}

TEST_F(ReaderOf, ReadsAllThatAStoppedPublisherLeftBeforeItSaysDead) {
  start();
  Reader reader{kAtOnce};
  ASSERT_EQ(reader.attach("test"), "");
  publish(3);
  publisher_.reset();

  EXPECT_EQ(drain(reader), Poll::Dead);
  EXPECT_EQ(delivered_, 3U);

  start();
  EXPECT_EQ(reader.poll(record_), Poll::Restarted) << "dead is not the end";
}

TEST_F(ReaderOf, NeverSaysDeadBeforeTheLastRecordWhateverTheMomentOfTheEnd) {
  for (std::uint64_t round = 0; round < 200; ++round) {
    start();
    Reader reader{kAtOnce};
    ASSERT_EQ(reader.attach("test"), "");
    std::thread writer{[this, round] {
      publish(1 + round % 7);
      publisher_.reset();
    }};
    while (drain(reader) != Poll::Dead) {
    }
    writer.join();
    ASSERT_EQ(delivered_, published_) << "round " << round;
  }
}

}  // namespace
}  // namespace steelyard
