// From frame to published slot nothing is allocated once warm: over whole replays, with a segment.
#include <gtest/gtest.h>
#include <malloc.h>

#include "app/replay.hpp"
#include "app/segment_plan.hpp"
#include "support/allocation_count.hpp"
#include "support/capture_files.hpp"
#include "support/capture_truth.hpp"
#include "support/sim_stream.hpp"
#include "support/test_segment.hpp"

namespace steelyard {
namespace {

class Allocations : public SharedMemoryTest {
 protected:
  // The frames of a file in memory, and what it takes to put them through the daemon's own path.
  struct Loaded {
    struct Item {
      Frame frame;
      std::size_t payload, request;  // where their bytes are
    };
    std::vector<Item> items;
    std::vector<char> bytes;
    std::vector<Instrument> instruments;
    std::vector<ConnectionInfo> connections;
  };

  [[nodiscard]] static Loaded load(const std::string& path) {
    Loaded loaded;
    ReplayOptions options;
    options.files = {path};
    {
      const Replay seen{options};
      loaded.instruments.assign(seen.instruments().begin(), seen.instruments().end());
    }
    const auto put = [&](std::string_view text) {
      const std::size_t at = loaded.bytes.size();
      loaded.bytes.insert(loaded.bytes.end(), text.begin(), text.end());
      loaded.bytes.insert(loaded.bytes.end(), kFramePadding, '\0');
      return at;
    };
    std::map<const Venue*, ConnectionId> ids;
    const auto source = open_source(path, {});
    RecordedFrame recorded;
    while (source->next(recorded) == Next::Frame) {
      const Venue* const venue = venue_of_url(recorded.url);
      const auto [id, is_new] =
          ids.emplace(venue, ConnectionId{static_cast<std::uint32_t>(ids.size())});
      if (is_new) loaded.connections.push_back({venue, 0});
      Loaded::Item item;
      item.frame.kind = recorded.kind;
      item.frame.received = recorded.received;
      item.frame.connection = id->second;
      item.payload = put(recorded.payload);
      item.request = put(recorded.kind == FrameKind::Answer ? recorded.url : std::string_view{});
      item.frame.payload = {nullptr, recorded.payload.size()};
      item.frame.request = {
          nullptr, recorded.kind == FrameKind::Answer ? recorded.url.size() : std::size_t{0}};
      loaded.items.push_back(item);
    }
    for (Loaded::Item& item : loaded.items) {
      item.frame.payload = {loaded.bytes.data() + item.payload, item.frame.payload.size()};
      item.frame.request = {loaded.bytes.data() + item.request, item.frame.request.size()};
    }
    return loaded;
  }

  struct Outcome {
    std::size_t allocations = 0;
    std::size_t bytes_more = 0;  // in use of the heap, whoever took them
    std::uint64_t records = 0;
    std::uint64_t published = 0;
    std::uint64_t requests = 0;
  };
  // One shard, one segment; `ingress` brings its own warmth.
  [[nodiscard]] static Outcome run(const Loaded& loaded, Ingress& ingress, SpscByteRing& ring) {
    const SignalSet signals{SignalParams{}};
    const Segment segment =
        Segment::create(make_segment_plan("test", loaded.instruments, signals, 1));
    ShardPublisher publisher = segment.shard(0);
    ShardOptions options;
    options.publisher = &publisher;
    options.digest = true;
    options.stamp_published = true;
    SpscByteRing* const rings[] = {&ring};
    Shard shard{options, loaded.instruments, signals, rings};
    SegmentView view;
    EXPECT_EQ(view.open(segment_path("test")), "");

    Outcome outcome;
    const std::size_t in_use = mallinfo2().uordblks;
    const std::size_t before = allocation_count();
    for (const Loaded::Item& item : loaded.items) {
      (void)ingress.on_frame(item.frame);
      while (shard.do_work() != 0) {
      }
      ResyncRequest request;
      while (shard.resyncs().pop(request)) ++outcome.requests;
    }
    outcome.allocations = allocation_count() - before;
    outcome.bytes_more = mallinfo2().uordblks - in_use;
    outcome.records = shard.records();
    outcome.published = view.ring(0).published.load();
    return outcome;
  }
  static void expect_none(const std::string& path, std::uint64_t least_records) {
    const Loaded loaded = load(path);
    SpscByteRing ring{64U << 20};
    SpscByteRing* const rings[] = {&ring};
    Ingress ingress{loaded.instruments, loaded.connections, rings, true};
    (void)run(loaded, ingress, ring);  // decoders take what their largest frame needs

    const Outcome outcome = run(loaded, ingress, ring);

    EXPECT_EQ(outcome.allocations, 0U);
    EXPECT_EQ(outcome.bytes_more, 0U);
    EXPECT_EQ(outcome.published, outcome.records);
    EXPECT_GE(outcome.records, least_records);
  }
};

TEST_F(Allocations, AreCountedAtAll) {
  const std::size_t before = allocation_count();
  delete[] new (std::nothrow) char[100];
  EXPECT_GT(allocation_count(), before);
}

class AllocationsOfSim : public Allocations, public testing::WithParamInterface<const char*> {};

TEST_P(AllocationsOfSim, AreNoneOverAWholeReplay) {
  write_ndjson(folder_ / "in.ndjson", simulate(GetParam(), 60, 3));

  expect_none(folder_ / "in.ndjson", 100);
}

// What goes wrong takes other ways through the same code.
TEST_P(AllocationsOfSim, AreNoneWhenFramesAreLostCutOffDoubledAndForeign) {
  std::vector<SimLine> lines;
  std::size_t deltas = 0;
  for (const SimLine& line : simulate(GetParam(), 60, 3)) {
    deltas += line.is_delta ? 1 : 0;
    if (line.is_delta && deltas % 40 == 20) continue;
    lines.push_back(line);
    if (line.is_delta && deltas % 40 == 30) lines.push_back(line);
    if (line.is_delta && deltas % 40 == 5) lines.back().text.resize(line.text.size() * 3 / 4);
    if (line.is_delta && deltas % 40 == 15) {
      lines.push_back(line);
      lines.back().text = "{\"garbage\":[[[";
    }
  }
  write_ndjson(folder_ / "in.ndjson", lines);

  expect_none(folder_ / "in.ndjson", 20);
}

INSTANTIATE_TEST_SUITE_P(Venues, AllocationsOfSim,
                         testing::Values("binance-spot", "binance-usdm", "okx"),
                         [](const auto& of) {
                           std::string name{of.param};
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

class AllocationsOfCapture : public Allocations,
                             public testing::WithParamInterface<CaptureTruth> {};

TEST_P(AllocationsOfCapture, AreNoneOverAWholeReplay) {
  if (!std::filesystem::exists(GetParam().path())) {
    GTEST_SKIP() << "no recording at " << GetParam().path();
  }
  expect_none(GetParam().path(), 10);
}

INSTANTIATE_TEST_SUITE_P(Recorded, AllocationsOfCapture, testing::ValuesIn(capture_truths()),
                         truth_name);

}  // namespace
}  // namespace steelyard
