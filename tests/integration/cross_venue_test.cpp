// S16 over whole replays of several venues, against sums over the books themselves.
#include <gtest/gtest.h>

#include <cmath>
#include <map>

#include "app/replay.hpp"
#include "core/decimal.hpp"
#include "support/capture_files.hpp"
#include "support/fixtures.hpp"
#include "support/sim_stream.hpp"

namespace steelyard {
namespace {

// Looks at the books of the replay that it is a tap of, after every record.
class Checker {
 public:
  explicit Checker(ReplayOptions options, std::uint64_t every) : every_{every} {
    options.tap = {[](void* self, const PublishedRecord& record) noexcept {
                     static_cast<Checker*>(self)->on(record);
                   },
                   this};
    replay_ = std::make_unique<Replay>(options);
  }

  ReplayResult run() { return replay_->run(); }
  [[nodiscard]] std::uint64_t checked() const { return checked_; }
  // How often so many venues were live.
  [[nodiscard]] std::uint64_t seen(std::size_t live) { return seen_[live]; }

 private:
  struct Seen {
    std::int64_t last_book = 0;
    std::vector<std::pair<std::int64_t, double>> flow;
  };

  [[nodiscard]] double value(std::span<const double> row, const char* name) const {
    return row[*replay_->signals().find(name)];
  }

  void on(const PublishedRecord& record) {
    const std::int64_t now = record.tick->received.raw();
    Seen& seen = seen_of_[record.instrument->id.raw()];
    const auto event = static_cast<EventKind>(record.tick->event);
    if (event == EventKind::Reset) seen.flow.clear();
    if (event == EventKind::Snapshot || event == EventKind::Delta) {
      seen.last_book = now;
      seen.flow.emplace_back(now, value(record.row, "e"));
    }
    if (record.seq % every_ == 0) check(record, now);
  }

  void check(const PublishedRecord& record, std::int64_t now) {
    std::vector<const InstrumentSlot*> live;
    for (const InstrumentSlot& slot : replay_->shard().slots()) {
      if (group_key(slot.instrument) != group_key(*record.instrument)) continue;
      const bool has_mid = slot.status == BookStatus::Ok || slot.status == BookStatus::Locked;
      const Seen& seen = seen_of_[slot.instrument.id.raw()];
      if (has_mid && now - seen.last_book <= 5'000'000'000) live.push_back(&slot);
    }
    ++seen_[live.size()];
    ++checked_;
    expect(record, "x_n", static_cast<double>(live.size()));
    if (live.empty()) return;
    double bid = 0, ask = 1e300;
    for (const InstrumentSlot* const slot : live) {
      bid = std::max(bid, price(*slot, slot->book.best(Side::Bid).price));
      ask = std::min(ask, price(*slot, slot->book.best(Side::Ask).price));
    }
    const double mid = (bid + ask) / 2;
    double best[2] = {}, band[2] = {}, own[2] = {};
    double flow = 0;
    for (const InstrumentSlot* const slot : live) {
      const double own_mid = (price(*slot, slot->book.best(Side::Bid).price) +
                              price(*slot, slot->book.best(Side::Ask).price)) /
                             2;
      for (const Side side : {Side::Bid, Side::Ask}) {
        const auto i = static_cast<std::size_t>(side);
        slot->book.walk(side, [&](Level level) {
          const double p = price(*slot, level.price);
          const Scale& scale = slot->instrument.scale;
          double size = to_double(level.qty.raw(), scale.qty_exponent);
          if (slot->instrument.kind == ContractKind::Inverse) size *= scale.contract_size / p;
          // Steps of prices are far wider than a double's.
          const auto inside = [&](double m) {
            return side == Side::Bid ? p >= m * (1 - 1e-3) - 1e-9 : p <= m * (1 + 1e-3) + 1e-9;
          };
          if (p == (side == Side::Bid ? bid : ask)) best[i] += size;
          if (inside(mid)) band[i] += size;
          if (inside(own_mid)) own[i] += size;
          return inside(std::min(mid, own_mid)) || inside(std::max(mid, own_mid));
        });
      }
      for (const auto& [time, e] : seen_of_[slot->instrument.id.raw()].flow) {
        if (time > now - 1'000'000'000) flow += e;
      }
    }
    expect(record, "x_bid", bid);
    expect(record, "x_ask", ask);
    expect(record, "x_mid", mid);
    expect(record, "x_spread_bps", 1e4 * (ask - bid) / mid);
    expect(record, "x_qi", (best[0] - best[1]) / (best[0] + best[1]));
    expect(record, "x_pbi", (band[0] - band[1]) / (band[0] + band[1]));
    expect(record, "x_pbi_own", (own[0] - own[1]) / (own[0] + own[1]));
    expect(record, "x_ofi_1000ms", flow);
  }

  void expect(const PublishedRecord& record, const char* name, double should) const {
    const double is = value(record.row, name);
    if (std::isnan(is) && std::isnan(should)) return;
    EXPECT_NEAR(is, should, 1e-9 * std::max(1.0, std::abs(should)))
        << name << ", record " << record.seq;
  }
  [[nodiscard]] static double price(const InstrumentSlot& slot, Price of) {
    return to_double(of.raw(), slot.instrument.scale.price_exponent);
  }

  std::uint64_t every_;
  std::unique_ptr<Replay> replay_;
  std::map<std::uint32_t, Seen> seen_of_;
  std::map<std::size_t, std::uint64_t> seen_;
  std::uint64_t checked_ = 0;
};

TEST(CrossVenueReplay, IsTheSumOfTheBooksOfSimulatedVenues) {
  TemporaryFolder folder;
  for (const char* const venue : {"binance-spot", "binance-usdm", "okx"}) {
    write_ndjson(folder / (std::string{venue} + ".ndjson"), simulate(venue, 80, 5));
  }
  ReplayOptions options;
  for (const char* const venue : {"binance-spot", "binance-usdm", "okx"}) {
    options.files.push_back(folder / (std::string{venue} + ".ndjson"));
  }
  Checker checker{options, 1};

  EXPECT_TRUE(checker.run().broken_books.empty());

  EXPECT_GT(checker.checked(), 500U);
  EXPECT_GT(checker.seen(1), 100U);
  EXPECT_GT(checker.seen(2), 100U);
}

TEST(CrossVenueReplay, IsTheSumOfTheBooksOfAConfiguredGroup) {
  TemporaryFolder folder;
  ReplayOptions options;
  for (const char* const venue : {"binance-spot", "binance-usdm", "okx"}) {
    write_ndjson(folder / (std::string{venue} + ".ndjson"), simulate(venue, 80, 6));
    options.files.push_back(folder / (std::string{venue} + ".ndjson"));
  }
  options.configured = true;
  options.signals = SignalParams{};
  options.groups = {{"btc", "", {{"binance-*", "BTCUSDT"}, {"okx", "BTC-USDT"}}}};
  Checker checker{options, 1};

  EXPECT_TRUE(checker.run().broken_books.empty());

  EXPECT_GT(checker.seen(3), 100U);
}

TEST(CrossVenueReplay, IsTheSumOfTheBooksOfRecordedTraffic) {
  ReplayOptions options;
  for (const char* const venue : {"binance-spot", "binance-usdm"}) {
    options.files.push_back(captures() / venue / "btcusdt_20240808.ndjson.zst");
    if (!std::filesystem::exists(options.files.back())) GTEST_SKIP() << options.files.back();
  }
  Checker checker{options, 50};

  checker.run();

  EXPECT_GT(checker.seen(1), 100U);
  EXPECT_GT(checker.seen(2), 500U);
}

}  // namespace
}  // namespace steelyard
