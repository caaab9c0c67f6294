// The daemon against every simulated venue, a test each: what is lost is noticed, and made good.
#include <gtest/gtest.h>

#include <fstream>
#include <functional>
#include <thread>

#include "app/daemon.hpp"
#include "sim/registry.hpp"
#include "sim/simulator.hpp"
#include "steelyard/reader.hpp"
#include "support/book_comparison.hpp"
#include "support/temporary_folder.hpp"
#include "venues/venue.hpp"

namespace steelyard {
namespace {

using namespace std::chrono_literals;
using sim::Fault;

class EachSimulatedVenue : public testing::TestWithParam<std::string_view> {
 protected:
  void SetUp() override {
    setenv("STEELYARD_SHM_DIR", (folder_ / "").c_str(), 1);
    const std::string venue{GetParam()};
    sim::SimulatorOptions options;
    options.venues = {{venue, 0}};
    options.market.tick = 50ms;
    sim_ = std::make_unique<sim::Simulator>(options);
    std::ofstream{folder_ / "ca.pem"} << sim_->authority_pem();
    const std::string at = "localhost:" + std::to_string(sim_->port(venue));
    const Config config = parse_config(
        "instance = \"test\"\n[segment]\ndirectory = \"" + (folder_ / "") + "\"\n[log]\npath = \"" +
            (folder_ / "log") + "\"\n[network]\nca_file = \"" + (folder_ / "ca.pem") +
            "\"\nbackoff_base_ms = 20\nbackoff_cap_ms = 100\nresync_interval_ms = 100\n"
            "data_deadline_ms = 1000\n[venues." +
            venue + "]\ninstruments = [\"*\"]\nconnections = 1\nwebsocket = \"" + at +
            "\"\nrest = \"" + at + "\"\n",
        "test");
    daemon_ = std::make_unique<Daemon>(config, fetch_metadata(config, stop_));
    row_ = &find_venue(venue)->books[daemon_->topology().instruments[0].channel];
    thread_ = std::thread{[this] { daemon_->run(stop_); }};
    ASSERT_TRUE(reader_.wait_for("test", 10s));
    ASSERT_TRUE(wait([this] { return all_live(); })) << "at first";
  }
  void TearDown() override {
    stop_ = true;
    if (thread_.joinable()) thread_.join();
  }

  [[nodiscard]] bool wait(const std::function<bool()>& condition) const {
    const auto deadline = std::chrono::steady_clock::now() + 20s + row_->renew;
    while (!condition()) {
      if (std::chrono::steady_clock::now() >= deadline) return false;
      std::this_thread::sleep_for(2ms);
    }
    return true;
  }
  [[nodiscard]] bool all_live() const {
    for (std::uint32_t i = 0; i < reader_.instruments(); ++i) {
      StateView view{};
      if (!reader_.latest(InstrumentId{i}, view, {}) || !is_live(view.tick)) return false;
    }
    return true;
  }
  [[nodiscard]] std::uint64_t counter(const std::string& label) const {
    for (std::uint32_t i = 0; i < reader_.segment().count(RegionKind::Counters); ++i) {
      const CounterEntry& entry = reader_.segment().counter(i);
      if (SegmentView::text(entry.label) == label) return entry.value.load();
    }
    ADD_FAILURE() << "no counter " << label;
    return 0;
  }
  [[nodiscard]] std::string symbol(std::uint32_t instrument) const {
    return std::string{SegmentView::text(reader_.segment().instrument(instrument).symbol)};
  }
  [[nodiscard]] std::uint64_t resets(std::uint32_t instrument) const {
    return counter(std::string{GetParam()} + ' ' + symbol(instrument) + " resets");
  }

  void let_the_market_move(std::uint32_t instrument) {
    const auto id = [&] { return sim_->book(std::string{GetParam()}, symbol(instrument)).id; };
    for (int steps = 0; steps < 6; ++steps) {
      const std::uint64_t now = id();
      ASSERT_TRUE(wait([&] { return id() != now; }));
    }
  }

  // Level by level, while the markets stand still. What was lost last, and is not proven by what
  // follows then, is by what follows later.
  void expect_equal_books() {
    for (std::uint32_t i = 0; i < reader_.instruments(); ++i) {
      std::string where;
      const bool equal = wait([&] {
        sim_->pause(true);
        bool same = false;
        for (int look = 0; look < 700 && !same; ++look) {
          same = all_live() && (where = difference(reader_, i, *sim_, row_->depth)).empty();
          if (!same) std::this_thread::sleep_for(10ms);
        }
        sim_->pause(false);
        if (!same) let_the_market_move(i);
        return same;
      });
      EXPECT_TRUE(equal) << where;
    }
  }

  TemporaryFolder folder_;
  std::unique_ptr<sim::Simulator> sim_;
  std::unique_ptr<Daemon> daemon_;
  const BookChannel* row_ = nullptr;
  std::thread thread_;
  std::atomic<bool> stop_{false};
  Reader reader_;
};

TEST_P(EachSimulatedVenue, IsHeldLevelByLevel) { expect_equal_books(); }

TEST_P(EachSimulatedVenue, TellsOfALostUpdateWhereThereIsAProofAndIsHeldAgainInAnyCase) {
  const bool proves = !row_->unproven && row_->snapshot != SnapshotSource::Replace;
  for (const Fault fault : {Fault::DropDelta, Fault::TruncateFrame}) {
    const std::uint64_t before = resets(0);
    ASSERT_TRUE(sim_->cause(std::string{GetParam()}, fault, symbol(0)));

    if (proves) {
      EXPECT_TRUE(wait([&] { return resets(0) > before; }))
          << to_text(fault) << ": the book was not announced as doubtful";
    }
    EXPECT_TRUE(wait([this] { return all_live(); })) << to_text(fault);
    expect_equal_books();
  }
}

TEST_P(EachSimulatedVenue, IsSubscribedAnewWhereItAcknowledgesAndSendsNothing) {
  const std::string venue{GetParam()};
  const std::uint64_t before = counter("io0 no_data");
  ASSERT_TRUE(sim_->cause(venue, Fault::AckWithoutData, symbol(0)));
  ASSERT_TRUE(sim_->cause(venue, Fault::Reset, symbol(0)));

  EXPECT_TRUE(wait([&] { return counter("io0 no_data") > before; }));
  EXPECT_TRUE(wait([this] { return all_live(); }));
  expect_equal_books();
}

std::vector<std::string_view> all_names() {
  std::vector<std::string_view> names;
  for (const sim::SimulatedVenue& venue : sim::simulated_venues()) names.push_back(venue.name);
  return names;
}

INSTANTIATE_TEST_SUITE_P(Sim, EachSimulatedVenue, testing::ValuesIn(all_names()),
                         [](const auto& of) {
                           std::string name{of.param};
                           for (char& c : name) c = c == '-' ? '_' : c;
                           return name;
                         });

}  // namespace
}  // namespace steelyard
