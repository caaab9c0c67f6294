// OKX book frames of ten levels, taken by our pipeline (to the published record, core signals) and
// in the usual way (usual_way.hpp), in turns.
//   peer_bench [--quick] [--json FILE]
//   peer_bench --count ours|usual FRAMES      one of them, for instruction counters
#include <cstring>

#include "bench/bench_stats.hpp"
#include "bench/pipeline.hpp"
#include "bench/synthetic.hpp"
#include "core/frame.hpp"

#if __has_include(<rapidjson/document.h>)
#include "bench/usual_way.hpp"

using namespace steelyard;
using namespace steelyard::bench;

namespace {

constexpr std::uint32_t kDepth = 400;  // of OKX's channel
constexpr std::uint32_t kChanges = 10;
constexpr int kBest = 10;  // what both hand on: the core signals look as deep
constexpr const char* kSymbol = "BTC-USDT";

// Frames one behind the other, each followed by what the next one begins with.
struct Frames {
  std::string bytes;
  std::vector<std::size_t> ends;
  [[nodiscard]] std::string_view at(std::size_t i) const {
    const std::size_t from = i == 0 ? 0 : ends[i - 1];
    return {bytes.data() + from, ends[i] - from};
  }
};

class Ours {
 public:
  Ours() : instruments_{synthetic_instrument(Dialect::Okx, kSymbol, 0)} {
    links_.push_back({venue_registry()[instruments_[0].venue], 0});
    pipeline_ = std::make_unique<Pipeline>(instruments_, links_, SignalTier::Core, true);
    static constexpr char kNothing[kFramePadding] = {};
    take({kNothing, 0}, FrameKind::LinkUp);
  }
  void take(std::string_view payload, FrameKind kind = FrameKind::Text) {
    Frame frame;
    frame.kind = kind;
    frame.payload = payload;
    frame.received = TimestampNs{clock_ += 5'000'000};
    pipeline_->take(frame);
  }
  [[nodiscard]] const InstrumentSlot& slot() const { return pipeline_->shard->slots()[0]; }

 private:
  std::vector<Instrument> instruments_;
  std::vector<ConnectionInfo> links_;
  std::unique_ptr<Pipeline> pipeline_;
  std::int64_t clock_ = 1'700'000'000'000'000'000;
};

// 1250 of three decimals: "1.25".
[[nodiscard]] std::string text_of(std::int64_t raw, int decimals) {
  std::string text = std::to_string(raw);
  const auto places = static_cast<std::size_t>(decimals);
  if (text.size() <= places) text.insert(0, places + 1 - text.size(), '0');
  text.insert(text.size() - places, ".");
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text;
}

// Level by level. Otherwise the figures would be of different work.
[[nodiscard]] bool same_book(const Ours& ours, UsualWay& usual) {
  if (ours.slot().state != SyncState::Live || ours.slot().stats.gaps != 0) return false;
  for (const Side side : {Side::Bid, Side::Ask}) {
    const UsualWay::Side& theirs = side == Side::Bid ? usual.bids() : usual.asks();
    if (theirs.empty() || theirs.size() != ours.slot().book.levels(side)) return false;
    bool same = true;
    ours.slot().book.walk(side, [&](const Level& level) {
      const auto found = theirs.find(TextDecimal{text_of(level.price.raw(), 2)});
      same = same && found != theirs.end() && found->second == text_of(level.qty.raw(), 3);
      return true;
    });
    if (!same) return false;
  }
  return true;
}

class Contest {
 public:
  Contest() {
    std::string text;
    book_.snapshot(text);
    text.append(kFramePadding, '\0');
    const std::string_view payload{text.data(), text.size() - kFramePadding};
    ours_.take(payload);
    usual_.take(payload);
  }
  [[nodiscard]] const Frames& make(std::uint32_t count) {
    frames_.bytes.clear();
    frames_.ends.clear();
    std::string text;
    for (std::uint32_t i = 0; i < count; ++i) {
      book_.delta(kChanges, text);
      frames_.bytes += text;
      frames_.ends.push_back(frames_.bytes.size());
    }
    frames_.bytes.append(kFramePadding, '\0');
    return frames_;
  }
  // Nanoseconds a frame.
  template <typename Who>
  [[nodiscard]] double run(Who& who) const {
    const std::int64_t start = cpu_ns();
    for (std::size_t i = 0; i < frames_.ends.size(); ++i) who.take(frames_.at(i));
    return static_cast<double>(cpu_ns() - start) / static_cast<double>(frames_.ends.size());
  }
  [[nodiscard]] Ours& ours() { return ours_; }
  [[nodiscard]] UsualWay& usual() { return usual_; }
  [[nodiscard]] bool is_sound() { return same_book(ours_, usual_) && handed_on_ != 0; }

 private:
  SyntheticBook book_{Dialect::Okx, kSymbol, kDepth, 1};
  std::uint64_t handed_on_ = 0;
  Ours ours_;
  UsualWay usual_{kSymbol, kBest, [this](const UsualWay::Event& event) {
                    for (const auto& message : event.messages)
                      handed_on_ += message.elements.size();
                  }};
  Frames frames_;
};

[[nodiscard]] int unsound() {
  std::fprintf(stderr, "peer_bench: the two books are not the same\n");
  return 1;
}

[[nodiscard]] int count(const std::string& who, std::uint32_t frames) {
  Contest contest;
  (void)contest.make(frames);
  if (who == "ours") {
    (void)contest.run(contest.ours());
  } else {
    (void)contest.run(contest.usual());
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  bool quick = false;
  std::FILE* json = nullptr;
  setenv("STEELYARD_SHM_DIR", "/dev/shm", 0);
  for (int i = 1; i < argc; ++i) {
    if (std::strcmp(argv[i], "--quick") == 0) {
      quick = true;
    } else if (std::strcmp(argv[i], "--json") == 0 && i + 1 < argc) {
      json = std::fopen(argv[++i], "a");
    } else if (std::strcmp(argv[i], "--count") == 0 && i + 2 < argc &&
               (std::strcmp(argv[i + 1], "ours") == 0 || std::strcmp(argv[i + 1], "usual") == 0)) {
      return count(argv[i + 1], static_cast<std::uint32_t>(std::max(1, std::atoi(argv[i + 2]))));
    } else {
      std::fprintf(stderr,
                   "peer_bench: %s is not known (known: --quick, --json FILE, --count ours|usual "
                   "FRAMES)\n",
                   argv[i]);
      return 2;
    }
  }
  pin(0);
  Contest contest;
  std::vector<double> ours, usual, ratios;
  const int rounds = quick ? 5 : 11;
  for (int round = -1; round < rounds; ++round) {
    (void)contest.make(quick ? 5'000 : 20'000);
    const double ours_ns = contest.run(contest.ours());
    const double usual_ns = contest.run(contest.usual());
    if (round < 0) continue;  // warm-up
    ours.push_back(ours_ns);
    usual.push_back(usual_ns);
    ratios.push_back(usual_ns / ours_ns);
  }
  if (!contest.is_sound()) return unsound();
  const Spread ours_ns = spread(ours);
  const Spread usual_ns = spread(usual);
  const Spread ratio = spread(ratios);
  std::printf("peer: OKX frames of ten levels, %u levels a side\n", kDepth);
  std::printf("  %-62s %8.0f ns (%.0f to %.0f)\n", "ours, published with core signals",
              ours_ns.median, ours_ns.low, ours_ns.high);
  std::printf("  %-62s %8.0f ns (%.0f to %.0f)   x%.1f (%.1f to %.1f) of ours\n",
              "the usual way: RapidJSON DOM, copied strings, std::map, as ccapi", usual_ns.median,
              usual_ns.low, usual_ns.high, ratio.median, ratio.low, ratio.high);
  figure(json, "ns.okx10.ours", ours_ns);
  figure(json, "ns.okx10.usual", usual_ns);
  figure(json, "usual_over_ours.okx10", ratio);
  if (json != nullptr) std::fclose(json);
  return 0;
}

#else

int main() {
  std::printf("peer: skipped, RapidJSON's headers are not installed (rapidjson-dev)\n");
  return 0;
}

#endif
