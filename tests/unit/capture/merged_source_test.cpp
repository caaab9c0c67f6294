// Several files as one, by receive time.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/capture_files.hpp"

namespace steelyard {
namespace {

using testing::ElementsAre;

std::unique_ptr<FrameSource> at_times(const std::vector<int>& times) {
  std::string text;
  for (const int time : times) {
    text += time < 0 ? "{malformed\n"
                     : R"({"ts":)" + std::to_string(time) + R"(,"dir":"in","msg":"x"})" + "\n";
  }
  return source_of(text);
}

MergedSource merged(const std::vector<std::vector<int>>& files) {
  std::vector<std::unique_ptr<FrameSource>> sources;
  for (const auto& times : files) sources.push_back(at_times(times));
  return MergedSource{std::move(sources)};
}

// "file:time", "file:!" for a malformed line.
std::vector<std::string> order_of(MergedSource& source) {
  std::vector<std::string> order;
  RecordedFrame frame;
  std::size_t from = 0;
  for (;;) {
    const Next next = source.next(frame, from);
    if (next == Next::End) return order;
    order.push_back(std::to_string(from) + ":" +
                    (next == Next::Malformed ? "!" : std::to_string(frame.received.raw())));
  }
}

TEST(MergedSource, GoesByReceiveTimeAndThenByTheOrderOfTheFiles) {
  MergedSource source = merged({{10, 30, 30}, {}, {5, 30, 40}});

  const std::vector<std::string> order = order_of(source);
  source.rewind();

  EXPECT_THAT(order, ElementsAre("2:5", "0:10", "0:30", "0:30", "2:30", "2:40"));
  EXPECT_EQ(order_of(source), order);
}

TEST(MergedSource, NeverSortsAFileWithinItself) {
  MergedSource source = merged({{10, 50, 20, 60}, {15, 55, 70}});

  EXPECT_THAT(order_of(source),
              ElementsAre("0:10", "1:15", "0:50", "0:20", "1:55", "0:60", "1:70"));
}

TEST(MergedSource, GivesMalformedLinesWhereTheyStand) {
  MergedSource source = merged({{10, -1, 30}, {-1, 20, -1}});

  EXPECT_THAT(order_of(source), ElementsAre("1:!", "0:10", "0:!", "1:20", "1:!", "0:30"));
}

TEST(MergedSource, MergesFilesOfDifferentFormats) {
  std::vector<std::unique_ptr<FrameSource>> sources;
  sources.push_back(at_times({1500, 2500}));
  sources.push_back(source_of(recording_of(numbered(3), 1)));
  MergedSource source{std::move(sources)};

  EXPECT_THAT(order_of(source), ElementsAre("1:1000", "0:1500", "1:2000", "0:2500", "1:3000"));
}

}  // namespace
}  // namespace steelyard
