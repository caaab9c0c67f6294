// `steelyard top` as a process on a real (pseudo) terminal.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <thread>

#include "core/clock.hpp"
#include "support/terminal_process.hpp"
#include "support/test_segment.hpp"

namespace steelyard {
namespace {

class TopTerminal : public SharedMemoryTest {
 protected:
  TopTerminal()
      : beat_{[this] {
          while (!over_) {
            if (alive_) segment_->heartbeat();
            std::this_thread::sleep_for(std::chrono::milliseconds{20});
          }
        }} {}
  ~TopTerminal() override {
    over_ = true;
    beat_.join();
  }
  [[nodiscard]] static std::vector<std::string> top(const std::string& instance) {
    return {STEELYARD_BIN_DIR "/steelyard", "top", instance, "--interval", "0.05"};
  }
  void SetUp() override {
    ShardPublisher publisher = segment_->shard(0);
    publish(publisher, 0);
    publish(publisher, 1);
  }

  std::unique_ptr<Segment> segment_ = std::make_unique<Segment>(Segment::create(test_plan()));
  std::atomic<bool> alive_{true};
  std::atomic<bool> over_{false};
  std::thread beat_;
};

TEST_F(TopTerminal, OpensAnInstrumentResizesAndPutsTheTerminalBack) {
  TerminalProcess process{top("test"), 80, 24};
  ASSERT_TRUE(process.shows("AAAUSDT")) << process.output();

  process.type("j\r");
  EXPECT_TRUE(process.shows("SIZE"));
  process.resize(140, 40);
  EXPECT_TRUE(process.shows("pid")) << "there is room for it now";
  process.type("q");

  EXPECT_EQ(process.wait(), 0);
  EXPECT_THAT(process.output(), testing::HasSubstr("\x1b[?1049l")) << "the screen of before";
}

TEST_F(TopTerminal, SaysDeadWhenTheHeartbeatStops) {
  TerminalProcess process{top("test"), 80, 24};
  ASSERT_TRUE(process.shows("ALIVE")) << process.output();

  alive_ = false;

  EXPECT_TRUE(process.shows("no heartbeat"));
  process.type("\x03");
  EXPECT_EQ(process.wait(), 0);
}

TEST_F(TopTerminal, WaitsForADaemonThatIsNotThere) {
  TerminalProcess process{top("nobody"), 80, 24};
  EXPECT_TRUE(process.shows("ABSENT"));
  process.type("q");
  EXPECT_EQ(process.wait(), 0);
}

TEST_F(TopTerminal, WantsATerminal) {
  const std::string command = STEELYARD_BIN_DIR "/steelyard top test 2>&1 </dev/null | cat";
  FILE* const pipe = popen(command.c_str(), "r");
  char text[256] = {};
  EXPECT_NE(fgets(text, sizeof text, pipe), nullptr);
  pclose(pipe);
  EXPECT_THAT(text, testing::HasSubstr("must be a terminal; `steelyard status`"));
}

}  // namespace
}  // namespace steelyard
