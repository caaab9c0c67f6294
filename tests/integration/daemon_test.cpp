// The daemon against simulated venues over real TLS sockets: what goes wrong, and that it comes
// right.
#include "app/daemon.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <thread>

#include "app/log.hpp"
#include "app/replay.hpp"
#include "observe/observer.hpp"
#include "sim/simulator.hpp"
#include "steelyard/reader.hpp"
#include "support/book_comparison.hpp"

namespace steelyard {
namespace {

using sim::Fault;

class DaemonAgainstSim : public testing::Test {
 protected:
  void SetUp() override {
    directory_ =
        std::filesystem::temp_directory_path() / ("steelyard-daemon-" + std::to_string(getpid()));
    std::filesystem::create_directories(directory_);
    setenv("STEELYARD_SHM_DIR", directory_.c_str(), 1);
  }
  void TearDown() override {
    stop();
    std::filesystem::remove_all(directory_);
  }

  // One connection a stream, so that what goes wrong on it goes wrong for the book; or more.
  void start(const std::string& more = {}, int connections = 1) {
    sim::SimulatorOptions options;
    options.market.tick = std::chrono::milliseconds{50};
    // Pings go on whatever happens to the data, and are no substitute for them.
    options.market.ping_every = std::chrono::milliseconds{300};
    sim_ = std::make_unique<sim::Simulator>(options);
    std::ofstream{directory_ / "ca.pem"} << sim_->authority_pem();
    std::string text = "instance = \"test\"\n[segment]\ndirectory = \"" + directory_.string() +
                       "\"\n[network]\nca_file = \"" + (directory_ / "ca.pem").string() +
                       "\"\nsilence_limit_ms = 1500\nbackoff_base_ms = 20\nbackoff_cap_ms = 100\n"
                       "resync_interval_ms = 100\ndata_deadline_ms = 700\n" +
                       more;
    for (const char* const venue : {"binance-spot", "binance-usdm", "okx"}) {
      const std::string at = "localhost:" + std::to_string(sim_->port(venue));
      text += "[venues." + std::string{venue} + "]\ninstruments = [\"*\"]\nwebsocket = \"" + at +
              "\"\nrest = \"" + at + "\"\nconnections = " + std::to_string(connections) + "\n";
    }
    const Config config = parse_config(text, "test");
    daemon_ = std::make_unique<Daemon>(config, fetch_metadata(config, stop_));
    thread_ = std::thread{[this] { daemon_->run(stop_); }};
    ASSERT_TRUE(reader_.wait_for("test", std::chrono::seconds{10}));
    ASSERT_TRUE(all_live()) << "at first";
  }

  void stop() {
    if (!thread_.joinable()) return;
    stop_ = true;
    thread_.join();
  }

  [[nodiscard]] bool wait(const std::function<bool()>& condition) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{8};
    while (std::chrono::steady_clock::now() < deadline) {
      if (condition()) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds{5});
    }
    return false;
  }

  [[nodiscard]] bool all_live() {
    return wait([this] {
      for (std::uint32_t i = 0; i < reader_.instruments(); ++i) {
        StateView view{};
        if (!reader_.latest(InstrumentId{i}, view, {}) || !is_live(view.tick)) return false;
      }
      return true;
    });
  }

  [[nodiscard]] std::uint64_t counter(const std::string& label) const {
    for (std::uint32_t i = 0; i < reader_.segment().count(RegionKind::Counters); ++i) {
      const CounterEntry& entry = reader_.segment().counter(i);
      if (SegmentView::text(entry.label) == label) return entry.value.load();
    }
    ADD_FAILURE() << "no counter " << label;
    return 0;
  }

  // Counters are written now and then: what is read after this is of now.
  void wait_for_report() {
    for (int i = 0; i < 2; ++i) {
      const std::uint64_t frames = counter("io0 frames");
      ASSERT_TRUE(wait([&] { return counter("io0 frames") != frames; }));
    }
  }

  // The top of every book, level by level, against the simulator's own.
  void expect_equal_books() {
    sim_->pause(true);
    for (std::uint32_t i = 0; i < reader_.instruments(); ++i) {
      std::string where;
      EXPECT_TRUE(wait([&] { return (where = difference(reader_, i, *sim_, 0)).empty(); }))
          << where;
    }
    sim_->pause(false);
  }

  std::filesystem::path directory_;
  std::unique_ptr<sim::Simulator> sim_;
  std::unique_ptr<Daemon> daemon_;
  std::thread thread_;
  std::atomic<bool> stop_{false};
  Reader reader_;
};

TEST_F(DaemonAgainstSim, HoldsTheSimulatorsOwnBooksLevelByLevel) {
  start();

  expect_equal_books();
}

TEST_F(DaemonAgainstSim, TellsHowLongThingsTakeByBookAndByStream) {
  start();
  const auto count = [&](const std::string& label) {
    std::uint64_t sum = 0;
    std::uint32_t found = 0;
    for (std::uint32_t i = 0; i < reader_.segment().count(RegionKind::CompactHistograms); ++i) {
      const CompactHistogramEntry& entry = reader_.segment().compact_histogram(i);
      if (!SegmentView::text(entry.label).ends_with(label)) continue;
      ++found;
      for (const auto& bucket : entry.buckets) sum += bucket.load();
    }
    EXPECT_GT(found, 0U) << label;
    return sum;
  };

  EXPECT_TRUE(wait([&] {
    return count("okx BTC-USDT received to published") > 5 &&
           count("binance-spot BTCUSDT update to update") > 5 &&
           count("a venue to received") > 20 && count("a received to published") > 20;
  }));
  EXPECT_EQ(count("b received to published"), 0U) << "no connection was replaced";
  Observer onlooker{"test"};
  EXPECT_EQ(onlooker.look_closely().latencies.size(),
            reader_.segment().count(RegionKind::CompactHistograms))
      << "a label that no onlooker knows";
}

TEST_F(DaemonAgainstSim, HoldsTheSameBooksWithEverythingOnOneThread) {
  for (const char* const idle : {"spin", "sleep"}) {
    SCOPED_TRACE(idle);
    start(std::string{"[threads]\ntogether = true\nidle = \""} + idle + "\"\n");

    expect_equal_books();
    ASSERT_TRUE(sim_->cause("okx", Fault::Reset));
    ASSERT_TRUE(wait([&] { return counter("okx BTC-USDT resets") >= 1; }));
    EXPECT_TRUE(all_live());
    stop();
    daemon_.reset();
    stop_ = false;
  }
}

TEST_F(DaemonAgainstSim, IsReplayedToTheSameDigestFromOneThreadThatPollsItsSockets) {
  const std::string path = directory_ / "together.sly";
  start("[threads]\ntogether = true\nidle = \"spin\"\n[recording]\npath = \"" + path +
        "\"\ndigest = true\n");
  ASSERT_TRUE(sim_->cause("binance-spot", Fault::DropDelta, "BTCUSDT"));
  ASSERT_TRUE(wait([&] { return counter("binance-spot BTCUSDT resets") >= 1; }));
  ASSERT_TRUE(all_live());
  ASSERT_TRUE(wait([&] { return counter("io0 frames") > 1000; })) << "enough to be compared";

  stop();

  ReplayOptions options;
  options.files = {path};
  options.digest = true;
  Replay replay{options};
  const ReplayResult result = replay.run();
  EXPECT_EQ(result.digest, daemon_->digest());
  EXPECT_EQ(result.records, daemon_->records());
  EXPECT_GT(result.records, 100U);
}

TEST_F(DaemonAgainstSim, KeepsEveryBookLiveWhileOneOfTwoConnectionsLosesDeltas) {
  start({}, 2);
  // The second ones come at the venues' pace.
  for (const char* const venue : {"binance-spot", "binance-usdm", "okx"}) {
    const std::size_t wanted = venue == std::string{"binance-usdm"} ? 3 : 2;  // and one for trades
    ASSERT_TRUE(wait([&] { return sim_->clients(venue) == wanted; })) << venue;
  }

  // One at a time: two at once would hit both connections.
  for (int round = 0; round < 3; ++round) {
    for (const char* const venue : {"binance-spot", "binance-usdm", "okx"}) {
      EXPECT_TRUE(sim_->cause(venue, Fault::DropDelta));
    }
    const std::uint64_t before = counter("okx BTC-USDT deltas");
    EXPECT_TRUE(wait([&] { return counter("okx BTC-USDT deltas") > before + 10; }));
  }

  expect_equal_books();
  for (const char* const book : {"binance-spot BTCUSDT", "binance-usdm BTCUSDT", "okx BTC-USDT"}) {
    EXPECT_EQ(counter(std::string{book} + " gaps"), 0U) << book;
    EXPECT_EQ(counter(std::string{book} + " resets"), 0U) << book;
  }
}

TEST_F(DaemonAgainstSim, ComesBackByItselfFromWhateverGoesWrongWithAStream) {
  start();
  struct Case {
    const char* venue;
    const char* symbol;
  };
  for (const Case& c : {Case{"binance-spot", "BTCUSDT"}, Case{"binance-usdm", "ETHUSDT"},
                        Case{"okx", "BTC-USDT"}}) {
    for (const Fault fault : {Fault::DropDelta, Fault::TruncateFrame, Fault::ReorderDeltas}) {
      const std::string label = std::string{c.venue} + " " + c.symbol;
      const std::uint64_t before = counter(label + " resets");

      ASSERT_TRUE(sim_->cause(c.venue, fault, c.symbol));

      EXPECT_TRUE(wait([&] { return counter(label + " resets") > before; }))
          << label << ": the book was not announced as doubtful";
      EXPECT_TRUE(all_live()) << label;
    }
  }
  EXPECT_EQ(counter("binance-spot SOLUSDT resets"), 0U) << "only the damaged instrument";
  EXPECT_EQ(counter("okx ETH-USDT resets"), 0U);
  expect_equal_books();
}

TEST_F(DaemonAgainstSim, TakesDuplicatesGarbageAndSlowFramesWithoutHarm) {
  start();
  for (const Fault fault : {Fault::DuplicateDelta, Fault::Garbage, Fault::SlowDrip}) {
    ASSERT_TRUE(sim_->cause("binance-spot", fault, "BTCUSDT"));
    ASSERT_TRUE(sim_->cause("okx", fault, "BTC-USDT"));
  }
  ASSERT_TRUE(sim_->cause("okx", Fault::SequenceReset, "ETH-USDT"));
  const std::uint64_t deltas = counter("okx ETH-USDT deltas");
  ASSERT_TRUE(wait([&] { return counter("okx ETH-USDT deltas") > deltas + 20; }));

  EXPECT_EQ(counter("binance-spot BTCUSDT resets"), 0U);
  EXPECT_EQ(counter("okx BTC-USDT resets"), 0U);
  EXPECT_EQ(counter("okx ETH-USDT resets"), 0U) << "a legal sequence reset";
  EXPECT_TRUE(all_live());
  expect_equal_books();
}

TEST_F(DaemonAgainstSim, ReconnectsAfterALostASilentAndAHalfOpenConnection) {
  start();
  for (const Fault fault : {Fault::Reset, Fault::AgeCut, Fault::HalfOpen, Fault::Stall}) {
    for (const auto& [venue, symbol] :
         {std::pair{"binance-spot", "BTCUSDT"}, {"okx", "BTC-USDT"}}) {
      const std::string deltas = std::string{venue} + ' ' + symbol + " deltas";
      wait_for_report();
      const std::uint64_t before = counter("io0 connects");

      ASSERT_TRUE(sim_->cause(venue, fault));

      EXPECT_TRUE(wait([&] { return counter("io0 connects") > before; }))
          << venue << ' ' << to_text(fault);
      const std::uint64_t applied = counter(deltas);
      EXPECT_TRUE(wait([&] { return counter(deltas) > applied + 2; }))
          << venue << ' ' << to_text(fault) << ": the book does not move";
      EXPECT_TRUE(all_live());
    }
  }
  expect_equal_books();
}

TEST_F(DaemonAgainstSim, ReplacesAConnectionBeforeTheVenueCutsItWithoutAReset) {
  start();
  const std::uint64_t before = counter("io0 rotations");

  ASSERT_TRUE(sim_->cause("binance-spot", Fault::ShutdownNotice));
  ASSERT_TRUE(sim_->cause("okx", Fault::ShutdownNotice));

  EXPECT_TRUE(wait([&] { return counter("io0 rotations") >= before + 2; }));
  EXPECT_TRUE(all_live());
  EXPECT_EQ(counter("binance-spot BTCUSDT resets"), 0U);
  EXPECT_EQ(counter("okx BTC-USDT resets"), 0U);
  expect_equal_books();
}

TEST_F(DaemonAgainstSim, ObeysRefusalsAndAsksAgainForSnapshotsThatAreLateOrOld) {
  start();
  for (const Fault fault :
       {Fault::TooManyRequests, Fault::Banned, Fault::SnapshotOld, Fault::SnapshotLate}) {
    const std::uint64_t before = counter("binance-usdm BTCUSDT snapshots");

    ASSERT_TRUE(sim_->cause("binance-usdm", fault, "BTCUSDT"));
    ASSERT_TRUE(sim_->cause("binance-usdm", Fault::DropDelta, "BTCUSDT"));

    EXPECT_TRUE(wait([&] { return counter("binance-usdm BTCUSDT snapshots") > before; }))
        << to_text(fault);
    EXPECT_TRUE(all_live());
  }
  EXPECT_EQ(counter("io0 throttled"), 2U);
  EXPECT_EQ(sim_->impatient_requests("binance-usdm"), 0U) << "it asked while it was to wait";
  expect_equal_books();
}

TEST_F(DaemonAgainstSim, SubscribesAnewWhatIsAcknowledgedAndBringsNothing) {
  start();
  for (const auto& [venue, symbol] :
       {std::pair{"okx", "BTC-USDT"}, {"binance-spot", "BTCUSDT"}, {"binance-usdm", "BTCUSDT"}}) {
    wait_for_report();
    const std::uint64_t before = counter("io0 no_data");
    const std::string deltas = std::string{venue} + ' ' + symbol + " deltas";
    ASSERT_TRUE(sim_->cause(venue, Fault::AckWithoutData, symbol));
    ASSERT_TRUE(sim_->cause(venue, Fault::Reset));

    EXPECT_TRUE(wait([&] { return counter("io0 no_data") > before; })) << venue;
    const std::uint64_t applied = counter(deltas);
    EXPECT_TRUE(wait([&] { return counter(deltas) > applied; })) << venue;
    EXPECT_TRUE(all_live());
  }
  expect_equal_books();
}

TEST_F(DaemonAgainstSim, NeverConnectsToABadCertificateSaysWhyAndKeepsTrying) {
  const std::pair<sim::CertificateFlaw, const char*> kCases[] = {
      {sim::CertificateFlaw::Expired, "certificate has expired"},
      {sim::CertificateFlaw::SelfSigned, "self-signed certificate"},
      {sim::CertificateFlaw::WrongHost, "hostname mismatch"}};
  // A good one tells the instruments; the sockets are at another, whose authority is trusted too.
  sim::SimulatorOptions options;
  options.venues = {{"okx", 0}};
  const sim::Simulator good{options};
  for (const auto& [flaw, reason] : kCases) {
    options.certificate = flaw;
    sim::Simulator bad{options};
    std::ofstream{directory_ / "ca.pem"} << good.authority_pem() << bad.authority_pem();
    const std::string log = directory_ / (std::string{to_text(flaw)} + ".log");
    const Config config =
        parse_config("instance = \"test\"\n[segment]\ndirectory = \"" + directory_.string() +
                         "\"\n[log]\npath = \"" + log + "\"\n[network]\nca_file = \"" +
                         (directory_ / "ca.pem").string() +
                         "\"\nbackoff_base_ms = 20\nbackoff_cap_ms = 100\n[venues.okx]\n"
                         "instruments = [\"*\"]\nrest = \"localhost:" +
                         std::to_string(good.port("okx")) +
                         "\"\nwebsocket = \"localhost:" + std::to_string(bad.port("okx")) + "\"\n",
                     "test");
    start_log(config.log);
    reader_ = {};
    daemon_.reset();
    daemon_ = std::make_unique<Daemon>(config, fetch_metadata(config, stop_));
    thread_ = std::thread{[this] { daemon_->run(stop_); }};
    ASSERT_TRUE(reader_.wait_for("test", std::chrono::seconds{10}));

    const auto refusals = [&] {
      std::ifstream file{log};
      int count = 0;
      for (std::string line; std::getline(file, line);) {
        const bool told = line.find("disconnected connection=okx/public/1") != std::string::npos &&
                          line.find(reason) != std::string::npos;
        count += told ? 1 : 0;
      }
      return count;
    };
    EXPECT_TRUE(wait([&] { return refusals() >= 3; })) << "the log does not say " << reason << ":\n"
                                                       << std::ifstream{log}.rdbuf();
    EXPECT_EQ(counter("io0 connects"), 0U);
    EXPECT_EQ(bad.clients("okx"), 0U);

    stop();
    stop_log();
    stop_ = false;
  }
}

TEST_F(DaemonAgainstSim, LearnsTheMicroPriceWhereItIsToldToAndLooksItUp) {
  start(
      "[venues.binance-spot.signals.micro_price]\nestimate = true\nestimate_every_ms = 1000\n"
      "estimate_least_moves = 1\n");
  const auto looked_up = [this](const char* venue) {
    const std::uint32_t column = reader_.find_column("micro_src").value();
    std::vector<double> row(reader_.columns());
    for (std::uint32_t i = 0; i < reader_.instruments(); ++i) {
      if (SegmentView::text(reader_.segment().instrument(i).venue) != venue) continue;
      StateView view{};
      if (reader_.latest(InstrumentId{i}, view, row) && row[column] == 1.0) return true;
    }
    return false;
  };

  EXPECT_TRUE(wait([&] { return looked_up("binance-spot"); }));
  EXPECT_FALSE(looked_up("okx"));
}

TEST_F(DaemonAgainstSim, IsReplayedToTheSameDigest) {
  const std::string path = directory_ / "session.sly";
  start("[recording]\npath = \"" + path +
        "\"\ndigest = true\n[venues.okx.signals]\nflow_decay_ms = 50\n"
        "[venues.okx.instrument.\"BTC*\".signals]\nrank_lambda = 2\n");
  ASSERT_TRUE(sim_->cause("binance-spot", Fault::DropDelta, "BTCUSDT"));
  ASSERT_TRUE(sim_->cause("okx", Fault::TruncateFrame, "BTC-USDT"));
  ASSERT_TRUE(sim_->cause("binance-usdm", Fault::Reset));
  ASSERT_TRUE(wait([&] { return counter("binance-usdm BTCUSDT resets") >= 1; }));
  ASSERT_TRUE(all_live());

  stop();

  ReplayOptions options;
  options.files = {path};
  options.digest = true;
  Replay replay{options};
  const ReplayResult result = replay.run();
  EXPECT_EQ(result.digest, daemon_->digest());
  EXPECT_EQ(result.records, daemon_->records());
  EXPECT_GT(result.records, 200U);
}

TEST(MetadataFetch, RefusesAVenueWhoseCertificateIsNotWhatItShouldBe) {
  for (const sim::CertificateFlaw flaw :
       {sim::CertificateFlaw::WrongHost, sim::CertificateFlaw::WrongAuthority,
        sim::CertificateFlaw::Expired}) {
    sim::SimulatorOptions options;
    options.certificate = flaw;
    options.venues = {{"okx", 0}};
    const sim::Simulator simulator{options};
    const std::string ca = std::filesystem::temp_directory_path() /
                           ("steelyard-bad-ca-" + std::to_string(getpid()) + ".pem");
    std::ofstream{ca} << simulator.authority_pem();
    const std::string at = "localhost:" + std::to_string(simulator.port("okx"));
    const Config config = parse_config("[network]\nca_file = \"" + ca +
                                           "\"\n[venues.okx]\ninstruments = [\"*\"]\nrest = \"" +
                                           at + "\"\nwebsocket = \"" + at + "\"\n",
                                       "test");

    EXPECT_THROW((void)fetch_metadata(config, std::atomic<bool>{false}), std::runtime_error);
    std::filesystem::remove(ca);
  }
}

}  // namespace
}  // namespace steelyard
