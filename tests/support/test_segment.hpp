// tests/support/test_segment.hpp -- small segments in a folder of the test's own, and what is
// published in them.
#pragma once

#include <gtest/gtest.h>

#include <array>
#include <cstdlib>
#include <string>
#include <vector>

#include "shm/segment.hpp"
#include "steelyard/reader.hpp"
#include "support/temporary_folder.hpp"

namespace steelyard {

inline constexpr std::uint32_t kTestSlots = 64;

// Two instruments, three columns of which two are in the slots.
[[nodiscard]] inline SegmentPlan test_plan(std::uint32_t shards = 1) {
  SegmentPlan plan;
  plan.instance = "test";
  plan.shards = shards;
  plan.ring_slots = kTestSlots;
  for (const char* const symbol : {"AAAUSDT", "BBBUSDT"}) {
    SegmentPlan::InstrumentRow row;
    row.instrument.symbol = symbol;
    row.instrument.name = std::string{symbol, 3} + "-USDT";
    row.instrument.scale.price_exponent = -2;
    row.venue = "binance-spot";
    row.channel = "depth@100ms";
    plan.instruments.push_back(row);
  }
  plan.columns = {{"mid", "price", "The middle.", 0.0, 1e9},
                  {"qi", "ratio", "Queue imbalance.", -1.0, 1.0},
                  {"extra", "ratio", "Only in the state rows.", -1.0, 1.0}};
  plan.headline = {1, 0};
  plan.counters = {"one", "two"};
  plan.histograms = {"received to decoded"};
  plan.compact_histograms = {"binance-spot AAAUSDT received to published"};
  return plan;
}

// Record n of a publisher, so that a reader can tell that all of it is of one record.
[[nodiscard]] inline Tick numbered_tick(std::uint64_t n) {
  Tick tick{};
  const auto signed_n = static_cast<std::int64_t>(n);
  tick.book_sequence = SequenceNo{n};
  tick.venue_time = TimestampNs{signed_n + 1};
  tick.received = TimestampNs{signed_n + 2};
  tick.best_bid = Price{signed_n + 3};
  tick.best_ask = Price{signed_n + 4};
  tick.bid_qty = Qty{signed_n + 5};
  tick.ask_qty = Qty{signed_n + 6};
  tick.instrument = InstrumentId{static_cast<std::uint32_t>(n % 2)};
  tick.price_exponent = -2;
  return tick;
}
[[nodiscard]] inline std::array<double, 3> numbered_row(std::uint64_t n) {
  const auto value = static_cast<double>(n);
  return {value, value + 0.5, value + 0.25};
}
[[nodiscard]] inline bool is_numbered(const Tick& tick, std::uint64_t n) {
  const Tick whole = numbered_tick(n);
  return std::bit_cast<TickWords>(tick) == std::bit_cast<TickWords>(whole);
}

inline void publish(ShardPublisher& publisher, std::uint64_t n) {
  const std::array<double, 3> row = numbered_row(n);
  const std::array<Level, 1> bids{Level{Price{static_cast<std::int64_t>(n)}, Qty{1}}};
  publisher.publish(numbered_tick(n), row, bids, {});
}

// Publishers and readers of this test meet in a folder of its own.
class SharedMemoryTest : public testing::Test {
 protected:
  SharedMemoryTest() { setenv("STEELYARD_SHM_DIR", (folder_ / "").c_str(), 1); }
  ~SharedMemoryTest() override { unsetenv("STEELYARD_SHM_DIR"); }

  [[nodiscard]] static std::string refusal(const SegmentPlan& plan) {
    try {
      (void)Segment::create(plan);
    } catch (const SegmentError& error) {
      return error.what();
    }
    return "accepted";
  }
  [[nodiscard]] std::vector<std::string> files() const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator{folder_ / ""}) {
      names.push_back(entry.path().filename());
    }
    std::sort(names.begin(), names.end());
    return names;
  }

  TemporaryFolder folder_;
};

}  // namespace steelyard
