// The reader: attaches or says why it does not, delivers records, and knows exactly what it missed.
#include "steelyard/reader.hpp"

#include <gmock/gmock.h>

#include <fstream>
#include <thread>

#include "support/child_process.hpp"
#include "support/reader_of.hpp"

namespace steelyard {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

TEST_F(ReaderOf, SaysWhyItDoesNotAttachAndFindsThePublisherOnceItIsThere) {
  Reader reader{kAtOnce};
  EXPECT_THAT(reader.attach("test"), HasSubstr("steelyard.test: No such file or directory"));
  EXPECT_FALSE(reader.is_attached());
  EXPECT_FALSE(reader.is_alive());
  EXPECT_EQ(reader.instruments(), 0U);
  EXPECT_EQ(drain(reader), Poll::Dead);

  start();

  EXPECT_EQ(reader.poll(record_), Poll::Restarted);
  EXPECT_TRUE(reader.is_attached());
  EXPECT_EQ(reader.restarts(), 0U) << "it was the first";
}

TEST_F(ReaderOf, DeliversRecordsWithTheirNamesAndValues) {
  start();
  Reader reader{kAtOnce};
  ASSERT_EQ(reader.attach("test"), "");

  publish(2);

  ASSERT_EQ(reader.poll(record_), Poll::Ok);
  ASSERT_EQ(reader.poll(record_), Poll::Ok);
  EXPECT_TRUE(is_numbered(record_.tick(), 1));
  EXPECT_EQ(record_.venue(), "binance-spot");
  EXPECT_EQ(record_.symbol(), "BBBUSDT");
  EXPECT_EQ(record_["mid"], 1.0);
  EXPECT_EQ(record_["qi"], 1.5);
  EXPECT_TRUE(std::isnan(record_["extra"])) << "not in the slot";
  EXPECT_TRUE(std::isnan(record_["no such column"]));
  EXPECT_DOUBLE_EQ(record_.bid(), 0.04);
  EXPECT_EQ(reader.find("binance-spot", "BBB-USDT"), InstrumentId{1});
  EXPECT_EQ(reader.find("okx", "BBB-USDT"), std::nullopt);
  StateView view;
  std::array<double, 3> row{};
  ASSERT_TRUE(reader.latest(InstrumentId{1}, view, row));
  EXPECT_EQ(row[2], 1.25);
  EXPECT_FALSE(reader.latest(InstrumentId{2}, view, row)) << "there is none";
}

TEST_F(ReaderOf, FindsAColumnOnceAndAgainAfterARestartWithOtherColumns) {
  start();
  Reader reader{kAtOnce};
  ASSERT_EQ(reader.attach("test"), "");
  const ColumnHandle mid = reader.column("mid");
  const ColumnHandle extra = reader.column("extra");
  publish(1);
  ASSERT_EQ(reader.poll(record_), Poll::Ok);
  EXPECT_EQ(record_[mid], 0.0);
  EXPECT_TRUE(std::isnan(record_[extra])) << "not in the slot";
  EXPECT_EQ(extra.row(reader.segment()), 2);
  EXPECT_EQ(extra.headline(reader.segment()), -1);

  publisher_.reset();
  SegmentPlan plan = test_plan();
  std::swap(plan.columns[0], plan.columns[2]);  // mid is the last now, and in the slot as such
  plan.headline = {2, 1};
  const Segment segment = Segment::create(plan);
  ShardPublisher shard = segment.shard(0);
  steelyard::publish(shard, 8);
  ASSERT_EQ(reader.poll(record_), Poll::Restarted);
  ASSERT_EQ(reader.poll(record_), Poll::Ok);

  EXPECT_EQ(record_[mid], 8.25);
  EXPECT_EQ(record_["mid"], 8.25);
  EXPECT_EQ(extra.row(reader.segment()), 0);
  EXPECT_TRUE(std::isnan(record_[reader.column("none")]));
}

TEST_F(ReaderOf, GivesTheLatestStateWithNamesAndLevels) {
  start();
  Reader reader{kAtOnce};
  ASSERT_EQ(reader.attach("test"), "");
  InstrumentState state;
  EXPECT_TRUE(std::isnan(state["mid"])) << "of nothing yet";
  EXPECT_EQ(state.symbol(), "");
  EXPECT_FALSE(reader.latest(InstrumentId{1}, state));
  publish(6);

  ASSERT_TRUE(reader.latest(InstrumentId{1}, state));

  EXPECT_EQ(state.symbol(), "BBBUSDT");
  EXPECT_EQ(state["extra"], 5.25);
  EXPECT_EQ(state[reader.column("extra")], 5.25);
  EXPECT_TRUE(std::isnan(state["none"]));
  ASSERT_EQ(state.bids().size(), 1U);
  EXPECT_DOUBLE_EQ(state.price(state.bids()[0]), 0.05);
  EXPECT_TRUE(state.asks().empty());
  EXPECT_DOUBLE_EQ(state.bid(), 0.08);
  EXPECT_FALSE(reader.latest(InstrumentId{2}, state)) << "there is none";
}

TEST_F(ReaderOf, DoesNotWaitForWhatWaitingDoesNotCure) {
  Reader reader{kAtOnce};
  EXPECT_FALSE(reader.wait_for("test", 0ms));
  EXPECT_EQ(reader.refusal(), Refusal::Missing);
  EXPECT_THAT(reader.why_not(), HasSubstr("No such file"));
  start();
  const auto patch = [](std::uint32_t version) {
    std::fstream file{segment_path("test"), std::ios::in | std::ios::out | std::ios::binary};
    file.seekp(offsetof(SegmentHeader, ready_version));
    file.write(reinterpret_cast<const char*>(&version), sizeof version);
  };

  patch((kLayoutMajor + 1) << 16);
  EXPECT_FALSE(reader.wait_for("test", 24h)) << "at once";
  EXPECT_EQ(reader.refusal(), Refusal::OtherVersion);
  EXPECT_THAT(reader.why_not(), HasSubstr("layout 2, this reader knows 1"));
  patch(0);
  EXPECT_FALSE(reader.wait_for("test", 0ms));
  EXPECT_EQ(reader.refusal(), Refusal::NotReady);
  patch(kLayoutMajor << 16);
  EXPECT_TRUE(reader.wait_for("test", 10s));
  EXPECT_EQ(reader.refusal(), Refusal::None);
  EXPECT_EQ(reader.why_not(), "");
}

TEST_F(ReaderOf, IsToldThatItMayNotReadASegmentOfOthersAndDoesNotWaitForIt) {
  start();
  std::filesystem::permissions(folder_ / "", std::filesystem::perms::others_exec,
                               std::filesystem::perm_options::add);
  std::filesystem::permissions(segment_path("test"), std::filesystem::perms::none);
  ChildProcess child{[](int to_parent) {
    // To root file modes do not apply; to nobody they do.
    if (geteuid() == 0 && (setgid(65'534) != 0 || setuid(65'534) != 0)) _exit(2);
    Reader reader{kAtOnce};
    const std::string reason = reader.attach("test");
    const bool told = reader.refusal() == Refusal::NoPermission && !reader.wait_for("test", 24h);
    tell(to_parent, told ? reason.c_str() : "another refusal");
  }};

  EXPECT_EQ(child.read_line(), segment_path("test") + ": Permission denied");
}

TEST_F(ReaderOf, FindsASegmentThatIsBeingRewrittenWholeOrNotAtAll) {
  start();
  std::atomic<bool> done{false};
  std::thread writer{[this, &done] {
    for (int round = 0; round < 200; ++round) start();
    done = true;
  }};
  std::uint64_t whole = 0;
  do {
    Reader reader{kAtOnce};
    if (reader.attach("test").empty()) {
      EXPECT_EQ(reader.instruments(), 2U);
      ++whole;
    } else {
      EXPECT_EQ(reader.refusal(), Refusal::Missing) << reader.why_not();
    }
  } while (!done);
  writer.join();
  EXPECT_GT(whole, 0U);
}

TEST_F(ReaderOf, TakesNoHalfOfARecordFromAPublisherThatDiedInTheMiddleOfIt) {
  start();
  Reader reader{{.dead_after = 50ms, .check_every = 0ms}};
  ASSERT_EQ(reader.attach("test"), "");
  publish(3);
  // As the writer does at first: the row's stamp is odd, and the words behind it are new.
  const Region& rows = reader.segment().header().regions[2];
  const std::uint64_t half[] = {0x101, ~0ULL};
  std::fstream file{segment_path("test"), std::ios::in | std::ios::out | std::ios::binary};
  file.seekp(static_cast<std::streamoff>(rows.offset));
  file.write(reinterpret_cast<const char*>(half), sizeof half);
  file.close();

  Poll end = drain(reader);
  while (end == Poll::Empty) end = drain(reader);

  EXPECT_EQ(end, Poll::Dead);
  EXPECT_EQ(delivered_, 3U);
  StateView state{};
  EXPECT_FALSE(reader.latest(InstrumentId{0}, state, {}));
  EXPECT_TRUE(reader.latest(InstrumentId{1}, state, {})) << "the other row is whole";
}

TEST_F(ReaderOf, BeginsWithWhatComesFromNowOnUnlessAskedForTheRest) {
  start();
  publish(10);
  Reader from_now{kAtOnce};
  Reader from_start{{.dead_after = 1h, .check_every = 0ms, .from_start = true}};
  ASSERT_EQ(from_now.attach("test"), "");
  ASSERT_EQ(from_start.attach("test"), "");
  publish(1);

  drain(from_now);
  EXPECT_EQ(delivered_, 1U);
  delivered_ = 0;
  drain(from_start);
  EXPECT_EQ(delivered_, 11U);
}

TEST_F(ReaderOf, CountsNothingAsLostThatWasGoneBeforeItCame) {
  start();
  publish(5 * kTestSlots);
  Reader reader{{.dead_after = 1h, .check_every = 0ms, .from_start = true}};
  ASSERT_EQ(reader.attach("test"), "");

  drain(reader);

  EXPECT_EQ(delivered_, kTestSlots - 1) << "what the ring held";
  EXPECT_EQ(reader.lost(), 0U);
}

TEST_F(ReaderOf, TellsALapAndCountsItExactly) {
  start(2);
  Reader reader{kAtOnce};
  ASSERT_EQ(reader.attach("test"), "");

  publish(3 * kTestSlots, 0);
  publish(10, 1);
  EXPECT_EQ(reader.lag(), 3 * kTestSlots + 10);
  std::size_t laps = 0;
  for (Poll polled = Poll::Ok; polled != Poll::Empty; polled = reader.poll(record_)) {
    laps += polled == Poll::Lapped ? 1 : 0;
    delivered_ += polled == Poll::Ok ? 1 : 0;
  }
  --delivered_;  // the loop's own first Ok

  EXPECT_EQ(laps, 1U);
  EXPECT_EQ(delivered_ + reader.lost(), published_);
  EXPECT_EQ(reader.lost(), 3 * kTestSlots - kTestSlots / 2);
}

TEST_F(ReaderOf, IsNotLedAstrayByAFileThatIsNoSegment) {
  start();
  Reader reader{kAtOnce};
  ASSERT_EQ(reader.attach("test"), "");
  std::ofstream{folder_ / "junk"} << "junk";
  std::filesystem::rename(folder_ / "junk", segment_path("test"));

  publish(2);

  EXPECT_EQ(drain(reader), Poll::Empty);
  EXPECT_EQ(delivered_, 2U);
}

TEST_F(ReaderOf, WaitsForAPublisherThatIsAliveAndNotForADeadOne) {
  ChildProcess child{[](int to_parent) {
    const Publisher old;
    tell(to_parent, "there");
    for (;;) pause();
  }};
  ASSERT_EQ(child.read_line(), "there");
  child.kill();
  Reader reader{{.dead_after = 50ms}};
  while (reader.attach("test").empty() && reader.is_alive()) {
  }
  ASSERT_TRUE(reader.is_attached());
  EXPECT_FALSE(reader.wait_for("test", 30ms));

  std::thread publisher{[this] { start(); }};
  const bool came = reader.wait_for("test", 10s);
  publisher.join();

  EXPECT_TRUE(came);
  EXPECT_EQ(reader.lost(), 0U);
}

TEST_F(ReaderOf, NextGoesOnThroughLossAndRestartAndEndsWithThePublisher) {
  start();
  Reader reader{{.dead_after = 1h, .check_every = 1ms}};
  ASSERT_EQ(reader.attach("test"), "");
  publish(3 * kTestSlots);
  start();
  publish(5);

  for (std::uint32_t i = 0; i < kTestSlots / 2 + 5; ++i) ASSERT_TRUE(reader.next(record_));
  EXPECT_TRUE(is_numbered(record_.tick(), 4));
  EXPECT_EQ(reader.lost() + kTestSlots / 2 + 5, published_);

  std::thread writer{[this] { publish(1); }};
  EXPECT_TRUE(reader.next(record_)) << "it waits";
  writer.join();
  publisher_.reset();
  EXPECT_FALSE(reader.next(record_));
}

}  // namespace
}  // namespace steelyard
