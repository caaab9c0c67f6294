// `steelyard status` as a user and a program run it, against a segment of the test's own.
#include <gmock/gmock.h>
#include <simdjson.h>

#include "support/program.hpp"
#include "support/test_segment.hpp"

namespace steelyard {
namespace {

using testing::HasSubstr;
using testing::Not;

class StatusCommand : public SharedMemoryTest {
 protected:
  struct Outcome {
    int status = 0;
    std::string out;
  };
  [[nodiscard]] static Outcome status(const std::vector<std::string>& more = {}) {
    std::vector<std::string> command{STEELYARD_BIN_DIR "/steelyard", "status", "test"};
    command.insert(command.end(), more.begin(), more.end());
    ChildProcess program = start_program(command);
    Outcome outcome;
    for (std::string line = program.read_line(); !line.empty(); line = program.read_line()) {
      outcome.out += line + '\n';
    }
    outcome.status = program.wait();
    return outcome;
  }
};

TEST_F(StatusCommand, FailsWhereThereIsNothing) {
  EXPECT_EQ(status().status, 1);
  EXPECT_EQ(status({"--json"}).status, 1);
}

TEST_F(StatusCommand, HasCountersAndLatenciesForPrograms) {
  Segment segment = Segment::create(test_plan());
  ShardPublisher shard = segment.shard(0);
  publish(shard, 0);
  segment.counter(1) = 17;
  for (const std::int64_t ns : {1'000, 1'000, 9'000}) {
    segment.histogram(0).record(ns);
    segment.compact_histogram(0).record(ns);
  }
  segment.heartbeat();

  const Outcome outcome = status({"--json"});

  EXPECT_EQ(outcome.status, 0);
  simdjson::dom::parser parser;
  const simdjson::dom::element json = parser.parse(outcome.out);
  EXPECT_TRUE(bool{json["alive"]});
  EXPECT_EQ(json["instruments"].get_array().size(), 2U);
  EXPECT_EQ(std::uint64_t{json["counters"]["two"]}, 17U);
  EXPECT_EQ(std::uint64_t{json["latency_ns"]["received to decoded"]["count"]}, 3U);
  const simdjson::dom::element book =
      json["compact_latency_ns"]["binance-spot AAAUSDT received to published"];
  EXPECT_EQ(std::uint64_t{book["count"]}, 3U);
  EXPECT_EQ(std::uint64_t{book["p50"]}, 1023U) << "the end of its bucket";
  EXPECT_EQ(std::uint64_t{book["p99"]}, 10239U);
}

TEST_F(StatusCommand, LeavesOutOfTheTextWhatWasNeverMeasured) {
  Segment segment = Segment::create(test_plan());
  segment.heartbeat();
  EXPECT_THAT(status().out, Not(HasSubstr("received to published")));

  segment.compact_histogram(0).record(1'000);
  segment.heartbeat();

  const std::string text = status().out;
  EXPECT_THAT(text, HasSubstr("alive  version "));
  EXPECT_THAT(text, HasSubstr("binance-spot AAAUSDT received to published"));
  EXPECT_THAT(text, HasSubstr("p50 1023  p99 1023 ns  (1)"));
}

}  // namespace
}  // namespace steelyard
