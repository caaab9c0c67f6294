// A recording served over real sockets: the daemon makes the same books of it as a replay does.
#include "sim/capture_server.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <CLI/CLI.hpp>
#include <functional>
#include <thread>

#include "app/capture_traffic.hpp"
#include "cli/commands.hpp"
#include "app/daemon.hpp"
#include "app/replay.hpp"
#include "core/decimal.hpp"
#include "sim/simulator.hpp"
#include "steelyard/reader.hpp"
#include "support/capture_files.hpp"
#include "support/sim_stream.hpp"

namespace steelyard {
namespace {

using testing::HasSubstr;

// Whole books as text, by venue and symbol.
using Books = std::map<std::string, std::vector<std::string>>;

void add_books(Books& books, const Shard& shard) {
  for (const InstrumentSlot& slot : shard.slots()) {
    const Instrument& instrument = slot.instrument;
    std::vector<std::string>& book =
        books[std::string{venue_registry()[instrument.venue]->name} + ' ' + instrument.symbol];
    if (slot.state != SyncState::Live) continue;
    for (const Side side : {Side::Bid, Side::Ask}) {
      slot.book.walk(side, [&](Level level) noexcept {
        char price[kMaxDecimalText];
        char qty[kMaxDecimalText];
        book.push_back(
            std::string{side == Side::Bid ? "bid " : "ask "} +
            std::string{format_decimal(level.price.raw(), instrument.scale.price_exponent, price)} +
            ' ' + std::string{format_decimal(level.qty.raw(), instrument.scale.qty_exponent, qty)});
        return true;
      });
    }
  }
}

[[nodiscard]] bool wait(const std::function<bool()>& condition) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{20};
  while (std::chrono::steady_clock::now() < deadline) {
    if (condition()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds{5});
  }
  return false;
}

class ServedCapture : public testing::Test {
 protected:
  ServedCapture() { setenv("STEELYARD_SHM_DIR", (folder_ / "").c_str(), 1); }

  [[nodiscard]] std::string config_text(const std::string& authority,
                                        const std::vector<std::pair<std::string, int>>& ports) {
    write_file(folder_ / "ca.pem", authority);
    std::string text = "instance = \"served\"\n[segment]\ndirectory = \"" + (folder_ / "") +
                       "\"\n[network]\nca_file = \"" + (folder_ / "ca.pem") +
                       "\"\nbackoff_base_ms = 20\nbackoff_cap_ms = 100\n"
                       "resync_interval_ms = 50\n";
    for (const auto& [venue, port] : ports) {
      const std::string at = "localhost:" + std::to_string(port);
      text += "[venues." + venue + "]\ninstruments = [\"*\"]\nwebsocket = \"" + at +
              "\"\nrest = \"" + at + "\"\nconnections = 1\n";
    }
    return text;
  }

  // What the daemon holds once it was sent everything.
  [[nodiscard]] Books books_of_daemon(const std::vector<std::string>& files, double speed) {
    CaptureTraffic traffic = read_capture_traffic(files, {});
    std::uint64_t messages = 0;
    sim::CaptureServer server{std::move(traffic.venues), {.speed = speed}};
    std::vector<std::pair<std::string, int>> ports;
    for (const auto& one : server.progress()) {
      ports.emplace_back(one.venue, one.port);
      messages += one.messages;
    }
    const Config config = parse_config(config_text(server.authority_pem(), ports), "test");
    std::atomic<bool> stop{false};
    Daemon daemon{config, fetch_metadata(config, stop)};
    std::thread thread{[&] { daemon.run(stop); }};
    Reader reader;
    EXPECT_TRUE(reader.wait_for("served", std::chrono::seconds{10}));
    EXPECT_TRUE(wait([&] { return server.is_finished(); })) << "not everything was played";
    // All of it has arrived, and been published: every book is there, and nothing moves any more.
    EXPECT_TRUE(wait([&] { return counter(reader, "io0 frames") >= messages; }));
    EXPECT_TRUE(wait([&] {
      for (std::uint32_t i = 0; i < reader.instruments(); ++i) {
        StateView view{};
        if (!reader.latest(InstrumentId{i}, view, {}) || !is_live(view.tick)) return false;
      }
      return true;
    })) << "a book is missing";
    stop = true;
    thread.join();
    Books books;
    for (const auto& shard : daemon.shards()) add_books(books, *shard);
    return books;
  }

  [[nodiscard]] static std::uint64_t counter(const Reader& reader, const std::string& label) {
    for (std::uint32_t i = 0; i < reader.segment().count(RegionKind::Counters); ++i) {
      const CounterEntry& entry = reader.segment().counter(i);
      if (SegmentView::text(entry.label) == label) return entry.value.load();
    }
    ADD_FAILURE() << "no counter " << label;
    return 0;
  }

  [[nodiscard]] static Books books_of_replay(const std::vector<std::string>& files) {
    ReplayOptions options;
    options.files = files;
    Replay replay{options};
    (void)replay.run();
    Books books;
    add_books(books, replay.shard());
    return books;
  }

  TemporaryFolder folder_;
};

TEST_F(ServedCapture, GivesTheDaemonTheBooksOfAReplay) {
  std::vector<std::string> files;
  for (const char* const venue : {"binance-spot", "binance-usdm", "okx"}) {
    files.push_back(folder_ / (std::string{venue} + ".ndjson"));
    write_ndjson(files.back(), simulate(venue, 40, 5));
  }

  const Books served = books_of_daemon(files, 0.0);

  const Books replayed = books_of_replay(files);
  ASSERT_EQ(replayed.size(), 10U);
  for (const auto& [name, book] : replayed) {
    EXPECT_GT(book.size(), 100U) << name;
    EXPECT_EQ(served.contains(name) ? served.at(name) : std::vector<std::string>{}, book) << name;
  }
}

TEST_F(ServedCapture, PlaysARecordingOfTheDaemonWithItsLossesAndReconnections) {
  const std::string path = folder_ / "session.sly";
  {
    sim::SimulatorOptions options;
    options.market.tick = std::chrono::milliseconds{20};
    sim::Simulator simulator{options};
    std::vector<std::pair<std::string, int>> ports;
    for (const char* const venue : {"binance-spot", "binance-usdm", "okx"}) {
      ports.emplace_back(venue, simulator.port(venue));
    }
    const Config config = parse_config(
        config_text(simulator.authority_pem(), ports) + "[recording]\npath = \"" + path + "\"\n",
        "test");
    std::atomic<bool> stop{false};
    Daemon daemon{config, fetch_metadata(config, stop)};
    std::thread thread{[&] { daemon.run(stop); }};
    Reader reader;
    ASSERT_TRUE(reader.wait_for("served", std::chrono::seconds{10}));
    const auto live = [&](const std::string& label) {
      return wait([&] { return counter(reader, label) >= 1; });
    };
    EXPECT_TRUE(live("binance-usdm BTCUSDT snapshots"));
    EXPECT_TRUE(live("okx BTC-USDT snapshots"));
    EXPECT_TRUE(live("binance-spot BTCUSDT snapshots"));
    EXPECT_TRUE(simulator.cause("binance-spot", sim::Fault::DropDelta, "BTCUSDT"));
    EXPECT_TRUE(simulator.cause("okx", sim::Fault::Reset));
    EXPECT_TRUE(simulator.cause("binance-usdm", sim::Fault::Reset));
    for (const char* const label : {"binance-spot BTCUSDT snapshots", "okx BTC-USDT snapshots",
                                    "binance-usdm BTCUSDT snapshots"}) {
      EXPECT_TRUE(wait([&] { return counter(reader, label) >= 2; })) << label;
    }
    const std::uint64_t frames = counter(reader, "io0 frames");
    EXPECT_TRUE(wait([&] { return counter(reader, "io0 frames") > frames + 100; }));
    stop = true;
    thread.join();
  }

  const Books served = books_of_daemon({path}, 4.0);

  const Books replayed = books_of_replay({path});
  ASSERT_EQ(replayed.size(), 10U);
  for (const auto& [name, book] : replayed) {
    EXPECT_GT(book.size(), 100U) << name;
    EXPECT_EQ(served.contains(name) ? served.at(name) : std::vector<std::string>{}, book) << name;
  }
}

TEST_F(ServedCapture, IsRefusedInOneLineWhereItCannotBe) {
  const auto run = [&](const std::string& arguments) {
    CLI::App app;
    int exit_code = -1;
    add_sim_command(app, exit_code);
    std::string said;
    testing::internal::CaptureStderr();
    try {
      app.parse("sim --port 0 --ca-file " + (folder_ / "ca.pem") + ' ' + arguments);
    } catch (const std::exception& error) {
      said = error.what();
    }
    return said + testing::internal::GetCapturedStderr();
  };
  write_file(folder_ / "rest.ndjson",
             R"({"ts":1,"dir":"in","conn":"a","url":"https://www.okx.com/api","msg":"{}"})");
  write_ndjson(folder_ / "okx.ndjson", simulate("okx", 1, 5));

  EXPECT_THAT(run("--capture " + (folder_ / "none.sly")), HasSubstr("none.sly"));
  EXPECT_THAT(run("--capture " + (folder_ / "rest.ndjson")), HasSubstr("no WebSocket connection"));
  EXPECT_THAT(run("--venues binance-spot --capture " + (folder_ / "okx.ndjson")),
              HasSubstr("--venues binance-spot: the recording holds okx"));
  EXPECT_THAT(run("--venue nowhere --capture " + (folder_ / "okx.ndjson")),
              HasSubstr("--venue nowhere: none of binance-spot"));
  EXPECT_THAT(run("--speed 2"), HasSubstr("--capture"));
}

}  // namespace
}  // namespace steelyard
