// What a message costs as instruments, levels and changes grow: decode, book, core signals,
// publish, on made frames; and what a book takes of memory.
//   scaling_bench [--quick] [--only depth|changes|venue|instruments] [--json FILE]
//   scaling_bench --only huge_pages                      of the segment, asked for or not, in turns
//   scaling_bench --count VENUE DEPTH CHANGES FRAMES     one run, for instruction counters
#include <cstring>

#include "bench/bench_stats.hpp"
#include "bench/pipeline.hpp"
#include "bench/synthetic.hpp"
#include "core/frame.hpp"

using namespace steelyard;
using namespace steelyard::bench;

namespace {

struct Shape {
  Dialect dialect = Dialect::BinanceUsdm;
  std::uint32_t instruments = 1;
  std::uint32_t depth = 1000;
  std::uint32_t changes = 10;
  bool huge_pages = false;  // asked for, of the segment
};

// So many books, live, and the frames that move them on.
class World {
 public:
  explicit World(const Shape& shape, SignalTier tier = SignalTier::Core) : shape_{shape} {
    for (std::uint32_t i = 0; i < shape.instruments; ++i) {
      char symbol[24];
      std::snprintf(symbol, sizeof symbol, "S%04uUSDT", i);
      books_.emplace_back(shape.dialect, symbol, shape.depth, i + 1);
      instruments_.push_back(synthetic_instrument(shape.dialect, symbol, i));
    }
    links_.push_back({venue_registry()[instruments_[0].venue], 0});
    pipeline_ =
        std::make_unique<Pipeline>(instruments_, links_, tier, true, 4U << 20, shape.huge_pages);
    Frame up;
    up.kind = FrameKind::LinkUp;
    up.received = next_time();
    up.payload = {padding_, 0};
    pipeline_->take(up);
    std::string text;
    for (SyntheticBook& book : books_) {
      book.snapshot(text);
      const std::string request = book.is_fetched() ? book.request() : std::string{};
      text.append(kFramePadding, '\0');
      Frame frame;
      frame.payload = {text.data(), text.size() - kFramePadding};
      frame.request = request;
      frame.received = next_time();
      frame.kind = book.is_fetched() ? FrameKind::Answer : FrameKind::Text;
      pipeline_->take(frame);
    }
  }

  // Nanoseconds a message, over `count` of them in the instruments' turn-about.
  [[nodiscard]] double run(std::uint32_t count) {
    bytes_.clear();
    ends_.clear();
    std::string text;
    for (std::uint32_t i = 0; i < count; ++i) {
      // An order that no prefetcher guesses.
      turn_ = turn_ * 6364136223846793005ULL + 1442695040888963407ULL;
      books_[(turn_ >> 33) % books_.size()].delta(shape_.changes, text);
      bytes_.insert(bytes_.end(), text.begin(), text.end());
      ends_.push_back(bytes_.size());
    }
    bytes_.insert(bytes_.end(), kFramePadding, '\0');
    std::size_t at = 0;
    const std::int64_t start = cpu_ns();
    for (const std::size_t end : ends_) {
      Frame frame;
      frame.payload = {bytes_.data() + at, end - at};
      frame.received = next_time();
      pipeline_->take(frame);
      at = end;
    }
    return static_cast<double>(cpu_ns() - start) / count;
  }

  // Every frame did what it should; else the figure would be of something else.
  [[nodiscard]] bool is_sound() const {
    for (const InstrumentSlot& slot : pipeline_->shard->slots()) {
      if (slot.state != SyncState::Live || slot.stats.resets != 0 || slot.stats.gaps != 0)
        return false;
      if (slot.book.levels(Side::Bid) + 8 < shape_.depth) return false;
    }
    return true;
  }
  [[nodiscard]] double kib_a_book() const {
    double bytes = 0;
    for (const InstrumentSlot& slot : pipeline_->shard->slots()) {
      bytes += static_cast<double>(slot.book.memory_bytes());
    }
    return bytes / 1024 / static_cast<double>(books_.size());
  }

 private:
  [[nodiscard]] TimestampNs next_time() noexcept { return TimestampNs{clock_ += 5'000'000}; }

  Shape shape_;
  std::vector<SyntheticBook> books_;
  std::vector<Instrument> instruments_;
  std::vector<ConnectionInfo> links_;
  std::unique_ptr<Pipeline> pipeline_;
  std::vector<char> bytes_;
  std::vector<std::size_t> ends_;
  std::uint64_t turn_ = 1;
  std::int64_t clock_ = 1'700'000'000'000'000'000;
  char padding_[kFramePadding] = {};
};

struct Row {
  const char* what;
  std::uint32_t value;
  Shape shape;
};

// One after another in each round, so that what else the machine does hits all of them.
void table(const char* title, const std::string& key, const std::vector<Row>& rows,
           bool ratio_of_last, int rounds, std::uint32_t count, std::FILE* json) {
  std::vector<std::unique_ptr<World>> worlds;
  for (const Row& row : rows) worlds.push_back(std::make_unique<World>(row.shape));
  std::vector<std::vector<double>> ns(rows.size());
  std::vector<std::vector<double>> ratios(rows.size());
  for (int round = -1; round < rounds; ++round) {
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const double took = worlds[i]->run(count);
      if (round < 0) continue;
      ns[i].push_back(took);
      ratios[i].push_back(took / ns[0].back());
    }
  }
  std::printf("scaling: %s\n", title);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (!worlds[i]->is_sound()) {
      std::fprintf(stderr, "scaling_bench: %s %u: a book is not what it should be\n", rows[i].what,
                   rows[i].value);
      std::exit(1);
    }
    const Spread time = spread(ns[i]);
    const Spread ratio = spread(ratios[i]);
    std::printf("  %6u %-12s %8.0f ns (%.0f to %.0f)   x%.2f (%.2f to %.2f)   %6.0f KiB a book\n",
                rows[i].value, rows[i].what, time.median, time.low, time.high, ratio.median,
                ratio.low, ratio.high, worlds[i]->kib_a_book());
    figure(json, "ns." + key + "." + std::to_string(rows[i].value), time);
    if (key == "depth" && rows[i].value == 1000) {
      const double kib = worlds[i]->kib_a_book();
      figure(json, "book_kib_1000", kib, kib, kib);
    }
    if (ratio_of_last && i + 1 == rows.size()) {
      figure(json,
             key + "_" + std::to_string(rows[i].value) + "_over_" + std::to_string(rows[0].value),
             ratio);
    }
  }
  std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) {
  bool quick = false;
  std::string only;
  std::FILE* json = nullptr;
  setenv("STEELYARD_SHM_DIR", "/dev/shm", 0);
  for (int i = 1; i < argc; ++i) {
    if (std::strcmp(argv[i], "--quick") == 0) {
      quick = true;
    } else if (std::strcmp(argv[i], "--json") == 0 && i + 1 < argc) {
      json = std::fopen(argv[++i], "a");
    } else if (std::strcmp(argv[i], "--only") == 0 && i + 1 < argc) {
      only = argv[++i];
    } else if (std::strcmp(argv[i], "--count") == 0 && i + 4 < argc) {
      Shape shape;
      for (const Dialect dialect :
           {Dialect::BinanceSpot, Dialect::BinanceUsdm, Dialect::Okx, Dialect::Bybit}) {
        if (std::strcmp(venue_of(dialect), argv[i + 1]) == 0) shape.dialect = dialect;
      }
      shape.depth = static_cast<std::uint32_t>(std::atoi(argv[i + 2]));
      shape.changes = static_cast<std::uint32_t>(std::atoi(argv[i + 3]));
      World world{shape};
      (void)world.run(static_cast<std::uint32_t>(std::atoi(argv[i + 4])));
      return world.is_sound() ? 0 : 1;
    } else {
      std::fprintf(stderr, "scaling_bench: %s is not known\n", argv[i]);
      return 2;
    }
  }
  pin(0);
  const int rounds = quick ? 5 : 11;
  const std::uint32_t count = quick ? 10'000 : 30'000;
  std::vector<Row> rows;
  const auto show = [&](const char* title, const std::string& key, bool ratio_of_last,
                        std::uint32_t messages, std::FILE* figures) {
    if (only.empty() || only == key) {
      table(title, key, rows, ratio_of_last, rounds, messages, figures);
    }
    rows.clear();
  };
  for (const std::uint32_t depth : {100U, 1'000U, 5'000U, 20'000U}) {
    rows.push_back({"levels", depth, {.depth = depth}});
  }
  show("levels a side, ten changes a message", "depth", true, count, json);
  for (const std::uint32_t changes : {1U, 2U, 5U, 10U, 20U, 50U, 200U}) {
    if (quick && changes != 1 && changes != 10 && changes != 200) continue;
    rows.push_back({"changes", changes, {.changes = changes}});
  }
  show("changes a message, 1,000 levels a side", "changes", false, count / 4, json);
  for (const Dialect dialect :
       {Dialect::BinanceSpot, Dialect::BinanceUsdm, Dialect::Okx, Dialect::Bybit}) {
    rows.push_back({venue_of(dialect), 10, {.dialect = dialect}});
  }
  show("ten changes a message, 1,000 levels a side, by venue", "venue", false, count, nullptr);
  for (const std::uint32_t instruments : {1U, 10U, 100U, 500U, 2'000U}) {
    if (quick && instruments != 1 && instruments != 100 && instruments != 2000) continue;
    rows.push_back({"instruments", instruments, {.instruments = instruments, .depth = 500}});
  }
  show("instruments, 500 levels a side, ten changes a message", "instruments", true, count, json);
  if (only == "huge_pages") {
    for (const std::uint32_t instruments : {1U, 200U, 2'000U}) {
      for (const bool huge : {false, true}) {
        rows.push_back({huge ? "huge pages" : "plain pages",
                        instruments,
                        {.instruments = instruments, .depth = 500, .huge_pages = huge}});
      }
      show("instruments, 500 levels a side, ten changes a message", "huge_pages", false, count,
           nullptr);
    }
  }
  if (json != nullptr) std::fclose(json);
  return 0;
}
