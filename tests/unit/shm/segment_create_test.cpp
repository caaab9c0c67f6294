// Creating a segment: whole or not at all, for one living publisher, and after a dead one.
#include <gmock/gmock.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <atomic>
#include <csignal>
#include <fstream>
#include <thread>

#include "support/child_process.hpp"
#include "support/test_segment.hpp"

namespace steelyard {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class SegmentCreate : public SharedMemoryTest {
 protected:
  // A process that publishes so many records and then waits for its end.
  [[nodiscard]] static ChildProcess publisher_of(std::uint64_t records) {
    ChildProcess child{[records](int to_parent) {
      Segment segment = Segment::create(test_plan());
      ShardPublisher shard = segment.shard(0);
      for (std::uint64_t n = 0; n < records; ++n) publish(shard, n);
      tell(to_parent, "published");
      for (;;) pause();
    }};
    EXPECT_EQ(child.read_line(), "published");
    return child;
  }
  [[nodiscard]] struct stat status() const {
    struct stat of{};
    EXPECT_EQ(stat(segment_path("test").c_str(), &of), 0);
    return of;
  }
};

TEST_F(SegmentCreate, SaysInTheSegmentAllThatTheReaderNeeds) {
  const Segment segment = Segment::create(test_plan(2));

  SegmentView view;
  ASSERT_EQ(view.open(segment_path("test")), "");
  const SegmentHeader& head = view.header();
  EXPECT_EQ(head.publisher_pid, getpid());
  EXPECT_EQ(head.pid_start, process_start(getpid()));
  EXPECT_NE(head.pid_start, 0U);
  EXPECT_EQ(head.file_bytes, static_cast<std::uint64_t>(status().st_size));
  EXPECT_EQ(head.shards, 2U);
  EXPECT_EQ(head.state, SegmentState::Running);
  EXPECT_NE(head.generation, 0U);
  EXPECT_EQ(SegmentView::text(head.version), STEELYARD_VERSION);
  EXPECT_EQ(view.count(RegionKind::Rings), 2U);
  ASSERT_EQ(view.count(RegionKind::Instruments), 2U);
  EXPECT_EQ(SegmentView::text(view.instrument(1).symbol), "BBBUSDT");
  EXPECT_EQ(SegmentView::text(view.instrument(1).name), "BBB-USDT");
  EXPECT_EQ(SegmentView::text(view.instrument(1).channel), "depth@100ms");
  ASSERT_EQ(view.count(RegionKind::Columns), 3U);
  EXPECT_EQ(SegmentView::text(view.column(0).name), "mid");
  EXPECT_EQ(view.column(0).headline, 1);
  EXPECT_EQ(view.column(1).headline, 0);
  EXPECT_EQ(view.column(2).headline, -1);
  EXPECT_EQ(SegmentView::text(view.counter(1).label), "two");
  EXPECT_EQ(view.ring(1).slot_count, kTestSlots);
  EXPECT_EQ(view.ring(1).values, 2U);
}

TEST_F(SegmentCreate, CutsTextThatIsLongerThanItsField) {
  SegmentPlan plan = test_plan();
  plan.counters[0] = std::string(500, 'x');

  const Segment segment = Segment::create(plan);

  SegmentView view;
  ASSERT_EQ(view.open(segment_path("test")), "");
  EXPECT_EQ(SegmentView::text(view.counter(0).label), std::string(119, 'x'));
}

TEST_F(SegmentCreate, ShowsReadersAWholeSegmentOrNone) {
  std::atomic<bool> stop{false};
  std::atomic<std::uint64_t> whole{0};
  std::string wrong;
  std::thread reader{[&] {
    while (!stop) {
      SegmentView view;
      const std::string reason = view.open(segment_path("test"));
      if (reason.empty()) {
        ++whole;
      } else if (reason.find("No such file") == std::string::npos) {
        wrong = reason;
      }
    }
  }};

  for (int i = 0; i < 100 || whole < 10; ++i) {
    const Segment segment = Segment::create(test_plan());
  }
  stop = true;
  reader.join();

  EXPECT_EQ(wrong, "");
}

TEST_F(SegmentCreate, GivesTheModeWhateverTheUmask) {
  const mode_t before = umask(077);
  const Segment segment = Segment::create(test_plan());
  umask(before);

  EXPECT_EQ(status().st_mode & 07777U, 0640U);
}

TEST_F(SegmentCreate, GivesTheOwnerAndTheGroupByNumber) {
  SegmentPlan plan = test_plan();
  plan.mode = 0600;
  plan.owner = std::to_string(geteuid() == 0 ? 65'534 : geteuid());
  plan.group = std::to_string(geteuid() == 0 ? 65'533 : getegid());

  const Segment segment = Segment::create(plan);

  EXPECT_EQ(std::to_string(status().st_uid), plan.owner);
  EXPECT_EQ(std::to_string(status().st_gid), plan.group);
  EXPECT_EQ(status().st_mode & 07777U, 0600U);
}

TEST_F(SegmentCreate, RefusesOwnersAndGroupsThatDoNotExist) {
  for (const char* const name : {"no-such-name", "-1", "4294967295", "99999999999", "12x", " 1"}) {
    SegmentPlan plan = test_plan();
    plan.owner = name;
    EXPECT_EQ(refusal(plan), "segment owner = \"" + plan.owner + "\": there is none");
    plan.owner.clear();
    plan.group = name;
    EXPECT_EQ(refusal(plan), "segment group = \"" + plan.group + "\": there is none");
  }
  EXPECT_TRUE(files().empty());
}

TEST_F(SegmentCreate, RefusesNamesThatAreNoFileNameOrCollideWithFilesOfOthers) {
  for (const std::string& name :
       {std::string{}, std::string{"."}, std::string{".hidden"}, std::string{"a/b"},
        std::string{"../x"}, std::string{"a b"}, std::string{"a\n"}, std::string{"a\0b", 3},
        std::string{"\xc3\xa4"}, std::string(65, 'a'), std::string{"test.lock"},
        std::string{"test.77.new"}}) {
    SegmentPlan plan = test_plan();
    plan.instance = name;
    EXPECT_THAT(refusal(plan), HasSubstr("segment instance = \"" + std::string{name.c_str()}));
  }
  for (const std::string& name :
       {std::string{"A-z_0.9"}, std::string(64, 'a'), std::string{"lock"}}) {
    SegmentPlan plan = test_plan();
    plan.instance = name;
    EXPECT_EQ(refusal(plan), "accepted");
  }
}

TEST_F(SegmentCreate, RefusesRingsThatAreNoPowerOfTwoOrTooSmall) {
  for (const std::uint32_t slots : {0U, 1U, 32U, 63U, 65U, 96U, 0xffff'ffffU}) {
    SegmentPlan plan = test_plan();
    plan.ring_slots = slots;
    EXPECT_EQ(refusal(plan),
              "ring_slots = " + std::to_string(slots) + ": a power of two, at least 64");
  }
}

TEST_F(SegmentCreate, RefusesAFolderThatIsNotThere) {
  SegmentPlan plan = test_plan();
  plan.directory = folder_ / "nowhere";

  EXPECT_EQ(refusal(plan),
            plan.directory + "/steelyard.test.lock: cannot be opened: No such file or directory");
}

TEST_F(SegmentCreate, LeavesNothingBehindWhenThereIsNoRoom) {
  rlimit before{};
  getrlimit(RLIMIT_FSIZE, &before);
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  const rlimit little{4096, before.rlim_max};
  setrlimit(RLIMIT_FSIZE, &little);

  const std::string refused = refusal(test_plan());

  setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, handler);
  EXPECT_THAT(refused, HasSubstr(".new: no room for "));
  EXPECT_THAT(files(), ElementsAre("steelyard.test.lock"));
  EXPECT_EQ(refusal(test_plan()), "accepted") << "nobody holds the lock";
}

TEST_F(SegmentCreate, RefusesALivingPublisherNamingItsProcess) {
  const ChildProcess child = publisher_of(0);

  EXPECT_EQ(refusal(test_plan()),
            segment_path("test") + ": in use by a living publisher, process " +
                std::to_string(child.pid()) + "; stop it or choose another instance name");
  SegmentView view;
  ASSERT_EQ(view.open(segment_path("test")), "");
  EXPECT_EQ(view.header().publisher_pid, child.pid()) << "it was not touched";
}

TEST_F(SegmentCreate, RefusesALivingPublisherWhoseLockFileSomebodyRemoved) {
  ChildProcess child = publisher_of(0);
  std::filesystem::remove(segment_path("test") + ".lock");

  EXPECT_THAT(refusal(test_plan()),
              HasSubstr("process " + std::to_string(child.pid()) + ", whose lock file is gone"));

  child.kill();
  EXPECT_EQ(refusal(test_plan()), "accepted") << "its heartbeat is young, but the process is gone";
}

TEST_F(SegmentCreate, TakesOverTheSegmentOfADeadPublisherAndMarksItStopped) {
  ChildProcess child = publisher_of(3);
  SegmentView old;
  ASSERT_EQ(old.open(segment_path("test")), "");
  child.kill();
  EXPECT_EQ(old.header().state, SegmentState::Running) << "nobody was left to say it";

  const Segment segment = Segment::create(test_plan());

  EXPECT_EQ(old.header().state, SegmentState::Stopped);
  SegmentView view;
  ASSERT_EQ(view.open(segment_path("test")), "");
  EXPECT_NE(view.inode(), old.inode());
  EXPECT_NE(view.header().generation, old.header().generation);
  EXPECT_EQ(view.header().predecessor, old.header().generation);
}

TEST_F(SegmentCreate, CountsWhatAllPredecessorsPublishedHoweverTheyEnded) {
  EXPECT_EQ(process_start(0), 0U) << "no such process";
  {
    Segment first = Segment::create(test_plan());
    ShardPublisher shard = first.shard(0);
    for (std::uint64_t n = 0; n < 5; ++n) publish(shard, n);
  }
  publisher_of(7).kill();
  {
    const Segment third = Segment::create(test_plan(2));
    ShardPublisher one = third.shard(0);
    ShardPublisher other = third.shard(1);
    publish(one, 0);
    publish(other, 0);
  }

  const Segment fourth = Segment::create(test_plan());

  SegmentView view;
  ASSERT_EQ(view.open(segment_path("test")), "");
  EXPECT_EQ(view.header().records_before, 5U + 7U + 2U);
}

TEST_F(SegmentCreate, CountsARecordThatAKilledPublisherCompletedAndDidNotCount) {
  publisher_of(7).kill();
  {
    SegmentView view;
    ASSERT_EQ(view.open(segment_path("test")), "");
    const std::uint64_t six = 6;  // as if it had been killed between slot and counter
    std::fstream file{segment_path("test"), std::ios::binary | std::ios::in | std::ios::out};
    file.seekp(static_cast<std::streamoff>(view.header().regions[5].offset +
                                           offsetof(RingHeader, published)));
    file.write(reinterpret_cast<const char*>(&six), sizeof six);
  }

  const Segment segment = Segment::create(test_plan());

  SegmentView view;
  ASSERT_EQ(view.open(segment_path("test")), "");
  EXPECT_EQ(view.header().records_before, 7U);
}

TEST_F(SegmentCreate, ReplacesWhatIsNoSegment) {
  std::ofstream{segment_path("test")} << "something else";
  std::ofstream{segment_path("test") + ".lock"} << "and no lock text";

  const Segment segment = Segment::create(test_plan());

  SegmentView view;
  EXPECT_EQ(view.open(segment_path("test")), "");
  EXPECT_EQ(view.header().records_before, 0U);
}

TEST_F(SegmentCreate, TakesItsNameAwayAtTheEndAndNobodyElses) {
  SegmentView view;
  {
    Segment segment = Segment::create(test_plan());
    ASSERT_EQ(view.open(segment_path("test")), "");
    EXPECT_TRUE(segment.is_reachable());
    std::ofstream{folder_ / "other"} << "of somebody else";
    std::filesystem::rename(folder_ / "other", segment_path("test"));
    EXPECT_FALSE(segment.is_reachable());

    segment.close();
  }
  EXPECT_EQ(view.header().state, SegmentState::Stopped);
  EXPECT_THAT(files(), ElementsAre("steelyard.test", "steelyard.test.lock"));

  Segment::create(test_plan()).close();
  EXPECT_THAT(files(), ElementsAre("steelyard.test.lock"));
}

}  // namespace
}  // namespace steelyard
