// Publisher and readers as real processes: killed, restarted, stopped and continued.
#include <gmock/gmock.h>
#include <sys/mman.h>

#include <thread>

#include "support/child_process.hpp"
#include "support/sim_stream.hpp"
#include "support/test_segment.hpp"

namespace steelyard {
namespace {

using namespace std::chrono_literals;

constexpr Reader::Options kOptions{.from_start = true};
constexpr std::int64_t kDeadAfterNs = std::chrono::nanoseconds{kOptions.dead_after}.count();
constexpr std::int64_t kCheckEveryNs = std::chrono::nanoseconds{kOptions.check_every}.count();

// What the processes of one test tell each other; each field has one writer.
struct Board {
  std::atomic<bool> publish;      // publishers may begin
  std::atomic<bool> readers_end;  // readers report once they have read all
  struct OfPublisher {
    std::atomic<std::uint64_t> published;
    std::atomic<std::int64_t> created_ns;  // when its segment was there for sure
    std::atomic<bool> resting;             // has seen that it is to publish nothing more
  } publisher[2];
  struct OfReader {
    std::atomic<std::uint64_t> delivered;
    std::atomic<std::int64_t> dead_ns, restarted_ns;  // when it noticed
    std::atomic<std::int64_t> away_ns;  // the longest that it was not running between two polls
  } reader[2];
};

class PublisherProcesses : public SharedMemoryTest {
 protected:
  PublisherProcesses() {
    void* const memory =
        mmap(nullptr, sizeof(Board), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    board_ = new (memory) Board{};
  }
  ~PublisherProcesses() override { munmap(board_, sizeof(Board)); }

  // Publishes bursts for as long as it is left alone; its heart beats as a daemon's does.
  [[nodiscard]] ChildProcess publisher(std::size_t index) const {
    ChildProcess child{[board = board_, index](int to_parent) {
      Segment segment = Segment::create(test_plan());
      ShardPublisher shard = segment.shard(0);
      Board::OfPublisher& own = board->publisher[index];
      own.created_ns = monotonic_ns();
      tell(to_parent, "there");
      std::int64_t beat = 0;
      for (std::uint64_t n = 0;;) {
        if (const std::int64_t now = monotonic_ns(); now - beat > 100'000'000) {
          segment.heartbeat();
          beat = now;
        }
        for (int burst = 0; burst < 20 && board->publish; ++burst) {
          steelyard::publish(shard, n);
          own.published = ++n;
        }
        own.resting = !board->publish;
        std::this_thread::sleep_for(200us);
      }
    }};
    EXPECT_EQ(child.read_line(), "there");
    return child;
  }

  // Polls until it is told to end and has read all; then reports what became of every record.
  [[nodiscard]] ChildProcess reader(std::size_t index) const {
    ChildProcess child{[board = board_, index](int to_parent) {
      Board::OfReader& own = board->reader[index];
      Reader feed{kOptions};
      if (!feed.wait_for("test", 10s)) _exit(1);
      tell(to_parent, "attached");
      Record record;
      std::uint64_t delivered = 0, next = 0, wrong = 0;
      bool dead = false;
      std::int64_t before = monotonic_ns();
      for (;;) {
        const bool last = board->readers_end;
        const Poll polled = feed.poll(record);
        const std::int64_t now = monotonic_ns();
        if (now - before > own.away_ns) own.away_ns = now - before;
        before = now;
        if (polled == Poll::Ok) {
          const std::uint64_t n = record.tick().book_sequence.raw();
          if (!is_numbered(record.tick(), n) || n < next) ++wrong;
          next = n + 1;
          own.delivered = ++delivered;
          continue;
        }
        if (polled == Poll::Restarted) {
          next = 0;
          own.restarted_ns = now;
        }
        if (polled == Poll::Dead && !dead) own.dead_ns = now;
        dead = polled == Poll::Dead;
        if (last && polled != Poll::Lapped && feed.lag() == 0) break;
        if (polled == Poll::Empty) std::this_thread::sleep_for(50us);
      }
      tell(to_parent, std::to_string(delivered) + ' ' + std::to_string(feed.lost()) + ' ' +
                          std::to_string(feed.restarts()) + ' ' + std::to_string(wrong));
    }};
    EXPECT_EQ(child.read_line(), "attached");
    return child;
  }

  struct Report {
    std::uint64_t delivered = 0, lost = 0, restarts = 0, wrong = 1;
  };
  [[nodiscard]] static Report report_of(const ChildProcess& reader) {
    Report report;
    std::istringstream line{reader.read_line()};
    line >> report.delivered >> report.lost >> report.restarts >> report.wrong;
    return report;
  }
  template <typename Condition>
  [[nodiscard]] static bool wait_until(const Condition& condition) {
    const auto deadline = std::chrono::steady_clock::now() + 30s;
    while (!condition()) {
      if (std::chrono::steady_clock::now() > deadline) return false;
      std::this_thread::sleep_for(1ms);
    }
    return true;
  }
  [[nodiscard]] bool both_delivered(std::uint64_t more) const {
    const std::uint64_t from[] = {board_->reader[0].delivered, board_->reader[1].delivered};
    return wait_until([&] {
      return board_->reader[0].delivered > from[0] + more &&
             board_->reader[1].delivered > from[1] + more;
    });
  }
  // Nothing more comes from this publisher: readers read to the end and report.
  void end_with(std::size_t publisher) const {
    board_->publisher[publisher].resting = false;
    board_->publish = false;
    EXPECT_TRUE(wait_until([&] { return board_->publisher[publisher].resting.load(); }));
    board_->readers_end = true;
  }
  // What the segment says of those before it.
  [[nodiscard]] static std::uint64_t records_before() {
    SegmentView view;
    EXPECT_EQ(view.open(segment_path("test")), "");
    return view.header().records_before;
  }

  Board* board_;
};

TEST_F(PublisherProcesses, AKilledAndRestartedPublisherIsNoticedInTimeAndEveryRecordAccountedFor) {
  ChildProcess first = publisher(0);
  const ChildProcess readers[] = {reader(0), reader(1)};
  board_->publish = true;
  ASSERT_TRUE(both_delivered(2000));

  const std::int64_t killed = monotonic_ns();
  first.kill();  // in the middle of whatever it does
  ASSERT_TRUE(wait_until([&] {
    return board_->reader[0].dead_ns > killed && board_->reader[1].dead_ns > killed;
  })) << "nobody noticed its death";
  ChildProcess second = publisher(1);
  const std::uint64_t of_first = records_before();
  ASSERT_TRUE(both_delivered(2000)) << "they attach by themselves";
  end_with(1);

  for (std::size_t i = 0; i < 2; ++i) {
    const Report report = report_of(readers[i]);
    const Board::OfReader& own = board_->reader[i];
    EXPECT_EQ(report.restarts, 1U);
    EXPECT_EQ(report.wrong, 0U);
    EXPECT_EQ(report.delivered + report.lost, of_first + board_->publisher[1].published);
    // The stated bounds, and what the scheduler kept the reader away.
    EXPECT_LT(own.dead_ns - killed, kDeadAfterNs + kCheckEveryNs + own.away_ns);
    EXPECT_LT(own.restarted_ns - board_->publisher[1].created_ns, kCheckEveryNs + own.away_ns);
  }
  const std::uint64_t counted = board_->publisher[0].published;
  EXPECT_TRUE(of_first == counted || of_first == counted + 1)
      << of_first << ": it was killed between a record and its own count of " << counted;
}

TEST_F(PublisherProcesses, PublishersThatComeAndGoWhileAReaderIsStoppedAreCountedByItAllTheSame) {
  ChildProcess first = publisher(0);
  const ChildProcess readers[] = {reader(0), reader(1)};
  board_->publish = true;
  ASSERT_TRUE(both_delivered(500));

  readers[1].send(SIGSTOP);
  first.kill();
  for (int i = 0; i < 3; ++i) {
    board_->publisher[1].published = 0;
    ChildProcess passing = publisher(1);
    ASSERT_TRUE(wait_until([&] { return board_->publisher[1].published > 3 * kTestSlots; }));
    passing.kill();
  }
  ChildProcess last = publisher(1);
  const std::uint64_t before_last = records_before();
  readers[1].send(SIGCONT);
  ASSERT_TRUE(both_delivered(500));
  end_with(1);

  for (const ChildProcess& one : readers) {
    const Report report = report_of(one);
    EXPECT_EQ(report.delivered + report.lost, before_last + board_->publisher[1].published);
    EXPECT_EQ(report.wrong, 0U);
  }
}

TEST_F(PublisherProcesses, AStoppedReaderDelaysNobodyAndKnowsItsLossWhenItGoesOn) {
  ChildProcess only = publisher(0);
  const ChildProcess readers[] = {reader(0), reader(1)};
  board_->publish = true;
  ASSERT_TRUE(both_delivered(500));

  readers[1].send(SIGSTOP);
  // Stopped for sure, and not on its way.
  int status = 0;
  ASSERT_EQ(waitpid(readers[1].pid(), &status, WUNTRACED), readers[1].pid());
  const std::uint64_t published = board_->publisher[0].published;
  const std::uint64_t stopped_at = board_->reader[1].delivered;
  const std::uint64_t delivered = board_->reader[0].delivered;
  EXPECT_TRUE(wait_until([&] {
    return board_->publisher[0].published > published + 50 * kTestSlots &&
           board_->reader[0].delivered > delivered + 20 * kTestSlots;
  })) << "publisher or the other reader wait for it";
  EXPECT_EQ(board_->reader[1].delivered, stopped_at);

  readers[1].send(SIGCONT);
  ASSERT_TRUE(wait_until([&] { return board_->reader[1].delivered > stopped_at + 500; }));
  end_with(0);

  const Report other = report_of(readers[0]);
  const Report stopped = report_of(readers[1]);
  const std::uint64_t total = board_->publisher[0].published;
  EXPECT_EQ(other.delivered + other.lost, total);
  EXPECT_EQ(stopped.delivered + stopped.lost, total);
  EXPECT_GE(stopped.lost, 49 * kTestSlots);
  EXPECT_EQ(other.restarts + stopped.restarts + other.wrong + stopped.wrong, 0U);
}

// `steelyard replay --publish` as it is called by a user; its standard output goes to a file.
class ReplayProcess : public SharedMemoryTest {
 protected:
  [[nodiscard]] ChildProcess replay() const {
    const std::string binary = std::string{STEELYARD_BIN_DIR} + "/steelyard";
    const std::string in = folder_ / "in.ndjson";
    const std::string out = folder_ / "out.txt";
    return ChildProcess{[&](int) {
      if (std::freopen(out.c_str(), "w", stdout) == nullptr) _exit(98);
      execl(binary.c_str(), "steelyard", "replay", in.c_str(), "--publish", "test", "--speed", "3",
            "--summary", nullptr);
      _exit(97);
    }};
  }
};

TEST_F(ReplayProcess, IsFollowedThroughSigkillAndRestartWithoutAnUncountedRecord) {
  write_ndjson(folder_ / "in.ndjson", simulate("okx", 40, 3));
  Reader feed{kOptions};
  Record record;
  std::uint64_t delivered = 0;
  ChildProcess first = replay();
  ASSERT_TRUE(feed.wait_for("test", 20s));
  while (delivered < 30) delivered += feed.poll(record) == Poll::Ok ? 1 : 0;

  first.kill();
  ChildProcess second = replay();
  while (feed.restarts() == 0) delivered += feed.poll(record) == Poll::Ok ? 1 : 0;
  const std::uint64_t before = feed.segment().header().records_before;
  EXPECT_EQ(delivered + feed.lost(), before);
  for (Poll polled = Poll::Restarted; polled != Poll::Dead;) {
    polled = feed.poll(record);
    delivered += polled == Poll::Ok ? 1 : 0;
  }

  EXPECT_EQ(second.wait(), 0);
  std::ifstream out{folder_ / "out.txt"};
  std::string word;
  std::uint64_t records = 0;
  for (std::string line; std::getline(out, line);) {
    std::istringstream words{line};
    if (words >> word && word == "records" && line.find("resync") != std::string::npos) {
      words >> records;
    }
  }
  EXPECT_GT(records, 100U);
  EXPECT_EQ(delivered + feed.lost(), before + records) << "what the publisher says it published";
}

}  // namespace
}  // namespace steelyard
