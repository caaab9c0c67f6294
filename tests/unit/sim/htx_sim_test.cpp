// Simulated HTX against what its documents say: packed frames, two paths, snapshots by request.
#include "sim/htx_sim.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "support/gunzip.hpp"
#include "support/scripted_session.hpp"
#include "support/sim_answers.hpp"

namespace steelyard::sim {
namespace {

using namespace std::chrono_literals;
using testing::StartsWith;

constexpr const char* kChanges = "market.btcusdt.mbp.150";

// All that came, unpacked.
[[nodiscard]] std::vector<std::string> unpacked(ScriptedSession& client) {
  std::vector<std::string> texts;
  for (const std::string& frame : client.take()) {
    EXPECT_THAT(frame, StartsWith("binary "));
    texts.push_back(gunzip(std::string_view{frame}.substr(7)));
  }
  return texts;
}

struct Htx {
  explicit Htx(const VenueSimOptions& options = busy()) : venue{make_htx(options)} {
    venue->on_open(feed);
    venue->on_open(market);
  }
  void say(ScriptedSession& client, const std::string& operation, const std::string& topic) {
    venue->on_text(client, "{\"" + operation + "\":\"" + topic + "\",\"id\":\"id1\"}");
  }
  std::unique_ptr<VenueSim> venue;
  ScriptedSession feed{"/feed"};
  ScriptedSession market{"/ws"};
};

TEST(HtxSim, AcknowledgesWhatThePathServesAndRefusesTheRest) {
  Htx htx;
  htx.say(htx.feed, "sub", kChanges);
  htx.say(htx.feed, "sub", "market.btcusdt.trade.detail");
  htx.say(htx.market, "sub", kChanges);
  htx.say(htx.market, "sub", "market.btcusdt.trade.detail");
  htx.say(htx.market, "unsub", "market.btcusdt.trade.detail");
  htx.say(htx.market, "sub", "market.nono.bbo");
  const auto feed = unpacked(htx.feed);
  const auto market = unpacked(htx.market);

  EXPECT_EQ(Json{feed[0]}.at("/subbed"), kChanges);
  EXPECT_EQ(Json{feed[0]}.at("/id"), "id1");
  EXPECT_EQ(Json{feed[1]}.at("/err-msg"), "invalid topic market.btcusdt.trade.detail");
  EXPECT_EQ(Json{market[0]}.at("/status"), "error");
  EXPECT_EQ(Json{market[1]}.at("/subbed"), "market.btcusdt.trade.detail");
  EXPECT_EQ(Json{market[2]}.at("/unsubbed"), "market.btcusdt.trade.detail");
  EXPECT_EQ(Json{market[3]}.at("/err-code"), "bad-request");
}

// Snapshot S: the change whose prevSeqNum is S is the first on it.
TEST(HtxSim, AnswersARequestWithABookThatItsChangesLeadOnFrom) {
  for (const char* const topic : {"market.btcusdt.mbp.5", "market.btcusdt.mbp.150"}) {
    Htx htx;
    htx.say(htx.feed, "sub", topic);
    std::map<double, double> bids;
    std::uint64_t last = 0;
    bool joined = false;
    (void)unpacked(htx.feed);
    for (int i = 0; i < 60; ++i) {
      if (i == 20) {
        htx.say(htx.feed, "req", topic);
        const Json answer{unpacked(htx.feed).back()};
        ASSERT_EQ(answer.at("/rep"), topic);
        ASSERT_EQ(answer.number("/data/seqNum"), last);
        joined = true;
        for (std::size_t k = 0; k < answer.size("/data/bids"); ++k) {
          const std::string at = "/data/bids/" + std::to_string(k);
          bids[std::stod(answer.at(at + "/0"))] = std::stod(answer.at(at + "/1"));
        }
      }
      htx.venue->on_tick();
      for (const std::string& text : unpacked(htx.feed)) {
        const Json change{text};
        if (last != 0) ASSERT_EQ(change.number("/tick/prevSeqNum"), last);
        last = change.number("/tick/seqNum");
        for (std::size_t k = 0; joined && k < change.size("/tick/bids"); ++k) {
          const std::string at = "/tick/bids/" + std::to_string(k);
          const double price = std::stod(change.at(at + "/0"));
          bids[price] = std::stod(change.at(at + "/1"));
          if (bids[price] == 0.0) bids.erase(price);
        }
      }
    }
    EXPECT_EQ(bids.size(), topic == std::string{kChanges} ? 150U : 5U);
    EXPECT_DOUBLE_EQ(
        bids.rbegin()->first,
        static_cast<double>(htx.venue->market("btcusdt")->bids().begin()->first) / 100.0);
  }
}

TEST(HtxSim, GivesOldAndLateSnapshotsOnDemand) {
  Htx htx;
  htx.say(htx.feed, "sub", kChanges);
  htx.venue->on_tick();
  const std::uint64_t last = Json{unpacked(htx.feed).back()}.number("/tick/seqNum");
  ASSERT_TRUE(htx.venue->cause(Fault::SnapshotOld, "btcusdt"));
  htx.say(htx.feed, "req", kChanges);
  EXPECT_LT(Json{unpacked(htx.feed).at(0)}.number("/data/seqNum"), last);

  ASSERT_TRUE(htx.venue->cause(Fault::SnapshotLate, "btcusdt"));
  htx.say(htx.feed, "req", kChanges);
  htx.venue->on_tick();
  EXPECT_TRUE(with(unpacked(htx.feed), "\"rep\"").empty());
  std::size_t answers = 0;
  const auto until = std::chrono::steady_clock::now() + 5s;
  while (answers == 0 && std::chrono::steady_clock::now() < until) {
    htx.venue->on_tick();
    answers = with(unpacked(htx.feed), "\"rep\"").size();
    std::this_thread::sleep_for(20ms);
  }
  EXPECT_EQ(answers, 1U);
}

TEST(HtxSim, PingsInJsonAndCutsWhoLeavesFourUnanswered) {
  VenueSimOptions options = busy();
  options.ping_every = 15ms;
  Htx htx{options};
  const auto until = std::chrono::steady_clock::now() + 5s;
  while (!htx.market.closed && std::chrono::steady_clock::now() < until) {
    htx.venue->on_tick();
    for (const std::string& text : with(unpacked(htx.feed), "ping")) {
      htx.venue->on_text(htx.feed, "{\"pong\":" + Json{text}.at("/ping") + "}");
    }
    std::this_thread::sleep_for(1ms);
  }

  EXPECT_TRUE(htx.market.closed);
  EXPECT_FALSE(htx.feed.closed);
  EXPECT_EQ(with(unpacked(htx.market), "ping").size(), 4U);
}

TEST(HtxSim, SendsTradesTopsAndWholeBooksOnTheOtherPath) {
  Htx htx;
  for (const char* const channel : {"trade.detail", "bbo", "mbp.refresh.10", "depth.step0"}) {
    htx.say(htx.market, "sub", std::string{"market.ethusdt."} + channel);
  }
  for (int i = 0; i < 20; ++i) htx.venue->on_tick();
  const auto said = unpacked(htx.market);

  EXPECT_FALSE(with(said, "\"direction\":\"").empty());
  EXPECT_EQ(Json{with(said, "mbp.refresh.10\",\"ts").back()}.size("/tick/bids"), 10U);
  EXPECT_EQ(Json{with(said, "mbp.refresh.10\",\"ts").back()}.at("/tick/asks/0/0"),
            Json{with(said, ".bbo\",\"ts").back()}.at("/tick/ask"));
  EXPECT_NE(Json{with(said, "step0\",\"ts").back()}.at("/tick/version"), "");
}

TEST(HtxSim, ListsSymbolsByPlaces) {
  Htx htx;
  const Json list{htx.venue->on_request("/v1/settings/common/symbols").body};

  EXPECT_EQ(list.at("/data/0/sc"), "btcusdt");
  EXPECT_EQ(list.at("/data/0/tpp"), "2");
  EXPECT_EQ(list.at("/data/0/state"), "online");
}

}  // namespace
}  // namespace steelyard::sim
