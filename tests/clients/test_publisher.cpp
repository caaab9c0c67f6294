// tests/clients/test_publisher.cpp -- a publisher that does what its standard input says, so that
// tests of readers in any language are in command of time. One answer a line.
//
//   test_publisher [INSTANCE]        in $STEELYARD_SHM_DIR
//
//   start [SHARDS [SLOTS]]   a new segment, in place of the one before    -> started
//   publish COUNT [SHARD]    numbered records                             -> published TOTAL
//   record INSTRUMENT VALIDITY MID QI PBI OFI REGIME CASCADE              -> published TOTAL
//   without_alerts           from the next start on, no regime, no casc_alert
//   beat                     one heartbeat                                -> ok
//   beating                  heartbeats by themselves from here on        -> ok
//   run RATE SECONDS         records at that rate, stamped with the clock -> published TOTAL
//   stop                     an orderly end                               -> stopped
//   die                      an end that nobody is told of
//   die_halfway              the same in the middle of a record of instrument 0
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstdio>
#include <iostream>
#include <mutex>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <string>
#include <thread>

#include "core/clock.hpp"
#include "shm/segment.hpp"
#include "steelyard/reader.hpp"

namespace steelyard {
namespace {

// `extra` is only in the state rows.
[[nodiscard]] SegmentPlan plan_of(const std::string& instance, bool alerts, std::uint32_t shards,
                                  std::uint32_t slots) {
  SegmentPlan plan;
  plan.instance = instance;
  plan.shards = shards;
  plan.ring_slots = slots;
  std::uint32_t id = 0;
  for (const char* const symbol : {"AAAUSDT", "BBBUSDT"}) {
    SegmentPlan::InstrumentRow row;
    row.instrument.symbol = symbol;
    row.instrument.name = std::string{symbol, 3} + "-USDT";
    row.instrument.scale.price_exponent = -2;
    row.instrument.scale.qty_exponent = -3;
    row.instrument.shard = static_cast<std::uint16_t>(id++ % shards);
    row.venue = "binance-spot";
    row.channel = "depth@100ms";
    row.proof = id == 1 ? kProofIds | kProofChecksum : kUnproven;  // AAAUSDT, BBBUSDT
    plan.instruments.push_back(row);
  }
  plan.columns = {{"mid", "price", "The middle.", 0.0, 1e9},
                  {"qi", "ratio", "Queue imbalance.", -1.0, 1.0},
                  {"pbi_10bp", "ratio", "Depth imbalance within 10 bps of the mid.", -1.0, 1.0},
                  {"ofi_1000ms", "base", "Order flow imbalance of a second.", -1e9, 1e9},
                  {"extra", "ratio", "Only in the state rows.", -1.0, 1.0}};
  plan.headline = {0, 1, 2, 3};
  if (alerts) {
    plan.columns.push_back({"regime", "flag", "Order imbalance regime.", -2.0, 2.0});
    plan.columns.push_back({"casc_alert", "flag", "Liquidation cascade.", -1.0, 1.0});
    plan.headline.insert(plan.headline.end(), {5, 6});
  }
  plan.counters = {"frames", "resets"};
  plan.histograms = {"received to decoded"};
  return plan;
}

class Publisher {
 public:
  explicit Publisher(std::string instance) : instance_{std::move(instance)} {}
  ~Publisher() {
    if (beater_.joinable()) {
      ended_ = true;
      beater_.join();
    }
  }
  Publisher(const Publisher&) = delete;
  Publisher& operator=(const Publisher&) = delete;

  void start(std::uint32_t shards, std::uint32_t slots) {
    const std::lock_guard lock{mutex_};
    segment_.reset();
    segment_.emplace(Segment::create(plan_of(instance_, alerts_, shards, slots)));
    shards_.clear();
    for (std::uint32_t i = 0; i < shards; ++i) shards_.push_back(segment_->shard(i));
    segment_->counter(0).store(42, std::memory_order_relaxed);
    total_ = 0;
  }
  void without_alerts() { alerts_ = false; }

  // All fields and columns of record n follow from n, so that a reader can tell that all of it is
  // of one record; shard s has instrument s of two.
  void publish(std::uint64_t count, std::uint32_t shard, bool stamped = false) {
    for (; count != 0; --count, ++total_) {
      const auto n = static_cast<std::int64_t>(total_);
      Tick tick{};
      tick.book_sequence = SequenceNo{total_};
      tick.venue_time = TimestampNs{n + 1};
      tick.received = TimestampNs{n + 2};
      tick.best_bid = Price{n + 3};
      tick.best_ask = Price{n + 4};
      tick.bid_qty = Qty{n + 5};
      tick.ask_qty = Qty{n + 6};
      tick.instrument =
          InstrumentId{shards_.size() == 1 ? static_cast<std::uint32_t>(total_ % 2) : shard % 2};
      tick.event = static_cast<std::uint8_t>(EventKind::Delta);
      tick.status = static_cast<std::uint8_t>(BookStatus::Ok);
      tick.price_exponent = -2;
      tick.qty_exponent = -3;
      if (stamped) tick.published = wall_clock();
      const auto x = static_cast<double>(total_);
      const double row[] = {x, x + 0.5, x + 0.25, x + 0.125, x + 0.0625, x + 0.75, x + 0.875};
      put(tick, row, shard);
    }
  }
  void record(std::uint32_t instrument, std::uint32_t validity, const double (&row)[7]) {
    Tick tick{};
    tick.book_sequence = SequenceNo{total_};
    tick.received = wall_clock();
    tick.published = wall_clock();
    tick.best_bid = Price{10'000};
    tick.best_ask = Price{10'001};
    tick.bid_qty = Qty{1'500};
    tick.ask_qty = Qty{2'500};
    tick.instrument = InstrumentId{instrument};
    tick.validity = validity;
    tick.event = static_cast<std::uint8_t>(EventKind::Delta);
    tick.status = static_cast<std::uint8_t>(BookStatus::Ok);
    tick.price_exponent = -2;
    tick.qty_exponent = -3;
    put(tick, row, 0);
    ++total_;
  }

  void run(double rate, double seconds) {
    const std::int64_t period = static_cast<std::int64_t>(1e9 / rate);
    const std::int64_t begin = monotonic_ns();
    const auto records = static_cast<std::int64_t>(rate * seconds);
    for (std::int64_t i = 0; i < records; ++i) {
      while (monotonic_ns() < begin + i * period) {
      }
      publish(1, 0, true);
    }
  }
  void beat() {
    const std::lock_guard lock{mutex_};
    if (segment_) segment_->heartbeat();
  }
  void keep_beating() {
    beater_ = std::thread{[this] {
      while (!ended_) {
        beat();
        usleep(20'000);
      }
    }};
  }
  void stop() {
    const std::lock_guard lock{mutex_};
    segment_.reset();
  }
  // Leaves a row whose stamp is odd, and the next slot of ring 0 overwritten in part.
  void write_half() {
    const int file = open(segment_->path().c_str(), O_RDWR | O_CLOEXEC);
    void* const mapped =
        mmap(nullptr, segment_->bytes(), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (mapped == MAP_FAILED) throw std::runtime_error{"the segment cannot be written"};
    auto* const bytes = static_cast<std::byte*>(mapped);
    const Region* const regions = static_cast<const SegmentHeader*>(mapped)->regions;
    const auto words = [bytes](std::uint64_t at) {
      return reinterpret_cast<std::atomic<std::uint64_t>*>(bytes + at);
    };
    std::atomic<std::uint64_t>* const row = words(regions[2].offset);
    row[0].store(row[0].load() | 1U);
    row[1].store(~0ULL);
    const auto& ring = *reinterpret_cast<const RingHeader*>(bytes + regions[5].offset);
    const std::uint64_t slot = (ring.published.load() & (ring.slot_count - 1)) * ring.slot_words;
    words(regions[5].offset + sizeof(RingHeader))[slot + 1].store(~0ULL);
  }
  [[nodiscard]] std::uint64_t total() const { return total_; }

 private:
  void put(const Tick& tick, std::span<const double> row, std::uint32_t shard) {
    const Level bids[] = {{Price{tick.best_bid.raw()}, Qty{tick.bid_qty.raw()}},
                          {Price{tick.best_bid.raw() - 1}, Qty{1}}};
    const Level asks[] = {{Price{tick.best_ask.raw()}, Qty{tick.ask_qty.raw()}}};
    shards_.at(shard).publish(tick, row.first(alerts_ ? 7 : 5), bids, asks);
  }

  std::string instance_;
  bool alerts_ = true;
  std::mutex mutex_;
  std::optional<Segment> segment_;
  std::vector<ShardPublisher> shards_;
  std::uint64_t total_ = 0;
  std::thread beater_;
  std::atomic<bool> ended_{false};
};

int obey(std::istream& commands, Publisher& publisher) {
  for (std::string line; std::getline(commands, line);) {
    std::istringstream words{line};
    std::string verb;
    words >> verb;
    const auto number = [&words](std::uint64_t otherwise) {
      std::uint64_t value = otherwise;
      return words >> value ? value : otherwise;
    };
    if (verb == "start") {
      const auto shards = static_cast<std::uint32_t>(number(1));
      publisher.start(shards, static_cast<std::uint32_t>(number(64)));
      std::printf("started\n");
    } else if (verb == "publish") {
      const std::uint64_t count = number(1);
      publisher.publish(count, static_cast<std::uint32_t>(number(0)));
      std::printf("published %llu\n", static_cast<unsigned long long>(publisher.total()));
    } else if (verb == "record") {
      const auto instrument = static_cast<std::uint32_t>(number(0));
      const auto validity = static_cast<std::uint32_t>(number(0));
      double row[7] = {};
      for (const std::size_t at : {0, 1, 2, 3, 5, 6}) words >> row[at];
      publisher.record(instrument, validity, row);
      std::printf("published %llu\n", static_cast<unsigned long long>(publisher.total()));
    } else if (verb == "run") {
      double rate = 0.0;
      double seconds = 0.0;
      words >> rate >> seconds;
      publisher.run(rate, seconds);
      std::printf("published %llu\n", static_cast<unsigned long long>(publisher.total()));
    } else if (verb == "without_alerts") {
      publisher.without_alerts();
      std::printf("ok\n");
    } else if (verb == "beat") {
      publisher.beat();
      std::printf("ok\n");
    } else if (verb == "beating") {
      publisher.keep_beating();
      std::printf("ok\n");
    } else if (verb == "stop") {
      publisher.stop();
      std::printf("stopped\n");
    } else if (verb == "die_halfway") {
      publisher.write_half();
      raise(SIGKILL);
    } else if (verb == "die") {
      raise(SIGKILL);
    } else {
      std::fprintf(stderr, "test_publisher: unknown command \"%s\"\n", line.c_str());
      return 2;
    }
    std::fflush(stdout);
  }
  return 0;
}

}  // namespace
}  // namespace steelyard

int main(int argc, char** argv) {
  try {
    steelyard::Publisher publisher{argc > 1 ? argv[1] : "test"};
    return steelyard::obey(std::cin, publisher);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "test_publisher: %s\n", error.what());
    return 1;
  }
}
