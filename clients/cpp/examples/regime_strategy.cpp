// clients/cpp/examples/regime_strategy.cpp -- a complete small strategy: follows the
// order-imbalance regime of each instrument, and gets out of the way of liquidation cascades. It
// trades on paper: where it prints, yours sends orders.
//
//   regime_strategy [INSTANCE [ORDERS]]      default: demo, and no end
//
// Three rules, in this order:
//   1. A book that is not live, or a publisher that is not: no position.
//   2. casc_alert says that a cascade begins: no position for ten seconds of the feed's time.
//   3. regime > 0: long one unit; regime < 0: short one; extreme (2, -2): two. Back at 0: flat.
// Where the daemon does not compute `regime`, the depth imbalance within 10 bps takes its place;
// without `casc_alert`, rule 2 has nothing to go by. Both are said, not passed over.
#include <cmath>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "steelyard/reader.hpp"

namespace {

constexpr std::int64_t kAfterCascadeNs = 10'000'000'000;
constexpr double kLean = 0.5;  // of pbi_10bp, where it stands in for the regime

volatile std::sig_atomic_t stop = 0;

class RegimeStrategy {
 public:
  RegimeStrategy(std::string instance, long orders)
      : instance_{std::move(instance)}, most_orders_{orders} {}

  int run() {
    if (!feed_.wait_for(instance_, std::chrono::seconds{10})) {
      std::fprintf(stderr, "regime_strategy: %s\n", feed_.why_not().c_str());
      return 1;
    }
    begin();
    steelyard::Record record;
    while (stop == 0 && (most_orders_ == 0 || orders_ < most_orders_)) {
      switch (feed_.poll(record)) {
        case steelyard::Poll::Ok:
          on_record(record);
          break;
        case steelyard::Poll::Empty:
          std::this_thread::sleep_for(std::chrono::microseconds{50});
          break;
        case steelyard::Poll::Lapped:
          // The last regime is as good as ever; an alert may have been among what is lost.
          std::fprintf(stderr, "regime_strategy: too slow, %llu records lost so far\n",
                       static_cast<unsigned long long>(feed_.lost()));
          break;
        case steelyard::Poll::Restarted:
          flatten_all("the publisher was restarted");
          begin();
          break;
        case steelyard::Poll::Dead:
          flatten_all("the publisher is dead");
          std::this_thread::sleep_for(std::chrono::milliseconds{10});
          break;
      }
    }
    return 0;
  }

 private:
  struct Holding {
    int position = 0;
    std::int64_t aside_until = 0;  // ns UTC, as the records' `received`
  };

  // What this publisher offers; instruments may have other ids than with the one before.
  void begin() {
    holdings_.assign(feed_.instruments(), Holding{});
    std::printf("watching %u instruments of %s\n", feed_.instruments(), instance_.c_str());
    std::fflush(stdout);
    const steelyard::SegmentView& segment = feed_.segment();
    if (regime_.row(segment) < 0) {
      std::fprintf(stderr,
                   "regime_strategy: instance \"%s\" has no column \"regime\"; going by pbi_10bp "
                   "beyond %.1f instead\n",
                   instance_.c_str(), kLean);
    }
    if (cascade_.row(segment) < 0) {
      std::fprintf(stderr,
                   "regime_strategy: instance \"%s\" has no column \"casc_alert\"; cascades are "
                   "not watched\n",
                   instance_.c_str());
    } else if (cascade_.headline(segment) < 0) {
      std::fprintf(stderr,
                   "regime_strategy: instance \"%s\" has \"casc_alert\" in its state table only: "
                   "an alert that ends before it is looked at is missed; name it in "
                   "segment.headline\n",
                   instance_.c_str());
    }
  }

  // Of the record itself if the column is in the ring, else of the state table, which has them all.
  double value(const steelyard::Record& record, const steelyard::ColumnHandle& column) {
    const steelyard::SegmentView& segment = feed_.segment();
    if (column.headline(segment) >= 0) return record[column];
    if (column.row(segment) < 0 || !feed_.latest(record.instrument(), state_)) {
      return std::numeric_limits<double>::quiet_NaN();
    }
    return state_[column];
  }

  void on_record(const steelyard::Record& record) {
    const std::uint32_t id = record.instrument().raw();
    if (id >= holdings_.size()) return;
    Holding& holding = holdings_[id];
    if (!record.is_live()) return order(record, holding, 0, "its book is in doubt");

    const double cascade = value(record, cascade_);
    const std::int64_t now = record.tick().received.raw();
    if (!std::isnan(cascade) && cascade != 0.0) {
      holding.aside_until = now + kAfterCascadeNs;
      return order(record, holding, 0, cascade < 0 ? "cascade of sales" : "cascade of purchases");
    }
    if (now < holding.aside_until) return;

    if (regime_.row(feed_.segment()) >= 0) {
      const double regime = value(record, regime_);
      if (std::isnan(regime)) return order(record, holding, 0, "the regime is not known");
      return order(record, holding, static_cast<int>(regime), "regime");
    }
    const double lean = value(record, imbalance_);
    const int side = std::isnan(lean) || std::abs(lean) < kLean ? 0 : lean > 0 ? 1 : -1;
    order(record, holding, side, "imbalance");
  }

  void order(const steelyard::Record& record, Holding& holding, int wanted, const char* why) {
    if (wanted == holding.position) return;
    const int change = wanted - holding.position;
    std::printf("%s %d %s %s at %.8g (%s; now %+d)\n", change > 0 ? "BUY" : "SELL",
                std::abs(change), std::string{record.venue()}.c_str(),
                std::string{record.symbol()}.c_str(), change > 0 ? record.ask() : record.bid(), why,
                wanted);
    std::fflush(stdout);
    holding.position = wanted;
    ++orders_;
  }

  void flatten_all(const char* why) {
    for (Holding& holding : holdings_) {
      if (holding.position == 0) continue;
      std::printf("FLAT, was %+d (%s)\n", holding.position, why);
      std::fflush(stdout);
      holding.position = 0;
      ++orders_;
    }
  }

  std::string instance_;
  long most_orders_;
  long orders_ = 0;
  steelyard::Reader feed_;
  steelyard::InstrumentState state_;
  steelyard::ColumnHandle regime_{"regime"};
  steelyard::ColumnHandle cascade_{"casc_alert"};
  steelyard::ColumnHandle imbalance_{"pbi_10bp"};
  std::vector<Holding> holdings_;  // by instrument id
};

}  // namespace

int main(int argc, char** argv) {
  std::signal(SIGINT, [](int) { stop = 1; });
  std::signal(SIGTERM, [](int) { stop = 1; });
  RegimeStrategy strategy{argc > 1 ? argv[1] : "demo", argc > 2 ? std::atol(argv[2]) : 0};
  return strategy.run();
}
