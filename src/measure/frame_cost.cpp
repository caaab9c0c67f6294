#include <memory>

#include "app/daemon.hpp"
#include "app/segment_plan.hpp"
#include "engine/ingress.hpp"
#include "engine/shard.hpp"
#include "measure/book_frames.hpp"
#include "measure/measure.hpp"
#include "measure/scratch.hpp"
#include "steelyard/reader.hpp"

namespace steelyard::measure {
namespace {

enum class Stage : std::uint8_t { Decode, Book, Signals, Publish };
constexpr const char* kStages[] = {"decode", "+ sequence and book", "+ all signals",
                                   "+ publish to shared memory"};

struct Corpus {
  std::vector<std::string> frames;  // each with its padding
  std::vector<Instrument> instruments;
  SignalParams signals;
  const Venue* venue = nullptr;
};

[[nodiscard]] Corpus make_corpus(std::uint32_t count) {
  Corpus corpus;
  const Config config =
      parse_config("[venues.okx]\nstreams = [\"book\"]\ninstruments = [\"BTC-USDT\"]\n", "bench");
  corpus.venue = find_venue(BookFrames::kVenue);
  std::map<std::string, std::vector<InstrumentInfo>> lists;
  lists[BookFrames::kVenue] = corpus.venue->instruments(BookFrames::instruments(true));
  corpus.instruments = make_topology(config, lists).instruments;
  BookFrames frames;
  corpus.frames.push_back(frames.snapshot(1));
  for (std::uint32_t i = 0; i < count; ++i) corpus.frames.push_back(frames.update(2 + i));
  for (std::string& frame : corpus.frames) frame.resize(frame.size() + kFramePadding);
  return corpus;
}

// A whole pipeline, built anew for each pass: a book has only one past.
class Pipeline {
 public:
  Pipeline(const Corpus& corpus, Stage stage, const std::string& directory)
      : signals_{SignalParams{},
                 stage >= Stage::Signals ? signal_registry() : std::span<const SignalRow>{}} {
    const std::vector<ConnectionInfo> links(1, ConnectionInfo{corpus.venue, 0});
    SpscByteRing* const rings[] = {&ring_};
    ingress_ = std::make_unique<Ingress>(corpus.instruments, links, rings, false);
    ShardOptions options;
    if (stage == Stage::Publish) {
      SegmentPlan plan = make_segment_plan("bench", corpus.instruments, signals_, 1);
      plan.directory = directory;
      segment_ = std::make_unique<Segment>(Segment::create(plan));
      publisher_ = std::make_unique<ShardPublisher>(segment_->shard(0));
      options.publisher = publisher_.get();
      options.stamp_published = true;
    }
    shard_ = std::make_unique<Shard>(options, corpus.instruments, signals_, rings);
  }

  // ns a frame, all but the snapshot.
  [[nodiscard]] double pass(const Corpus& corpus, bool decode_only) {
    std::int64_t start = 0;
    std::int64_t received = 1;
    for (std::size_t i = 0; i < corpus.frames.size(); ++i) {
      if (i == 1) start = monotonic_ns();
      Frame frame;
      frame.payload = {corpus.frames[i].data(), corpus.frames[i].size() - kFramePadding};
      frame.received = TimestampNs{received += 1'000'000};
      frame.connection = ConnectionId{0};
      (void)ingress_->on_frame(frame);
      if (decode_only) {
        while (!ring_.front().empty()) ring_.pop();
        ring_.rewind();
        continue;
      }
      shard_->drain();
      ring_.rewind();
    }
    return static_cast<double>(monotonic_ns() - start) /
           static_cast<double>(corpus.frames.size() - 1);
  }
  [[nodiscard]] std::uint64_t records() const { return shard_->records(); }

 private:
  SignalSet signals_;
  SpscByteRing ring_{16U << 20};
  std::unique_ptr<Segment> segment_;
  std::unique_ptr<ShardPublisher> publisher_;
  std::unique_ptr<Ingress> ingress_;
  std::unique_ptr<Shard> shard_;
};

}  // namespace

std::vector<FrameCost> frame_cost(std::uint32_t frames, int rounds) {
  const Corpus corpus = make_corpus(frames);
  const ScratchDirectory directory;
  const std::vector<int> cores = allowed_cores();
  const PinnedTo pinned{cores.empty() ? 0 : cores.back()};
  std::vector<double> ns[std::size(kStages)];
  for (int round = -1; round < rounds; ++round) {
    for (std::size_t i = 0; i < std::size(kStages); ++i) {
      const auto stage = static_cast<Stage>(i);
      Pipeline pipeline{corpus, stage, directory.path()};
      const double took = pipeline.pass(corpus, stage == Stage::Decode);
      if (stage != Stage::Decode && pipeline.records() < frames) {
        throw std::runtime_error{"the frames did not make as many records"};
      }
      if (round >= 0) ns[i].push_back(took);  // the first is a warm-up
    }
  }
  std::vector<FrameCost> out;
  for (std::size_t i = 0; i < std::size(kStages); ++i) out.push_back({kStages[i], spread(ns[i])});
  return out;
}

}  // namespace steelyard::measure
