#include "dashboard/feed.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dashboard/assets.hpp"
#include "observe/json_writer.hpp"
#include "support/seen_samples.hpp"

namespace steelyard {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(Feed, SendsTheLadderOfWhatIsWatchedOnly) {
  const Observation seen = seen_daemon();

  const std::string none = state_message(seen, 1000, {});
  const std::string one = state_message(seen, 1000, {"okx BTC-USDT-SWAP"});

  EXPECT_THAT(none, HasSubstr("\"symbol\":\"BTC-USDT-SWAP\""));
  EXPECT_THAT(none, HasSubstr("\"watched\":{}"));
  EXPECT_THAT(one, HasSubstr("\"watched\":{\"okx BTC-USDT-SWAP\":{"));
  EXPECT_THAT(one, HasSubstr("\"bids\":[[61800.1,1.5],[61800.09,1.6]"));
  EXPECT_THAT(one, HasSubstr("\"casc_level\":3"));
}

TEST(Feed, LeavesOutWhatTheDaemonDoesNotPublish) {
  Observation seen = seen_daemon();
  seen.columns[4] = "another";

  const std::string text = state_message(seen, 1000, {"okx BTC-USDT-SWAP"});

  EXPECT_THAT(text, Not(HasSubstr("regime")));
  EXPECT_THAT(text, Not(HasSubstr("vpin")));
}

TEST(Feed, SaysUndefinedAsNullNeverAsZero) {
  Observation seen = seen_daemon();
  seen.instruments[0].row[0] = kUnknown;

  EXPECT_THAT(state_message(seen, 1, {"binance-spot BTCUSDT"}), HasSubstr("\"mid\":null"));
}

TEST(Feed, TellsTheVerdictAndTheTroubles) {
  EXPECT_THAT(state_message(seen_daemon(), 1, {}), HasSubstr("\"verdict\":\"stale\""));
  EXPECT_THAT(health_message(seen_daemon(), {}), HasSubstr("\"subject\":\"okx ETH-USDT\""));
}

TEST(Feed, ReadsWhatAPageWatches) {
  EXPECT_THAT(parse_watch("watch\na b\nc d"), testing::ElementsAre("a b", "c d"));
  EXPECT_TRUE(parse_watch("watch").empty());
  EXPECT_TRUE(parse_watch("watch\n\n\n").empty());
  EXPECT_TRUE(parse_watch("anything else\na b").empty());
  std::string many = "watch";
  for (int i = 0; i < 100; ++i) many += "\nk" + std::to_string(i);
  EXPECT_EQ(parse_watch(many).size(), 16U);
}

TEST(Feed, HasNoHistoryOfAnInstrumentThatIsNotThere) {
  Histories histories{charted_columns(), 4};
  histories.sample(seen_daemon());
  EXPECT_EQ(history_message(seen_daemon(), histories, 1000, 5000, "okx NOTHING"), "");
  EXPECT_THAT(history_message(seen_daemon(), histories, 1000, 5000, "okx BTC-USDT-SWAP"),
              HasSubstr("\"regime\":[-2]"));
}

TEST(Assets, AreAllInTheBinaryAndNameNoOtherHost) {
  bool page = false;
  for (const Asset& asset : dashboard_assets()) {
    EXPECT_FALSE(asset.body.empty()) << asset.path;
    page = page || asset.path == "/";
    if (asset.path.starts_with("/vendor/")) continue;
    EXPECT_THAT(std::string{asset.body}, Not(HasSubstr("https://"))) << asset.path;
    EXPECT_THAT(std::string{asset.body}, Not(HasSubstr("style=\""))) << "the policy forbids it";
  }
  EXPECT_TRUE(page);
}

TEST(Json, EscapesWhatItMust) {
  JsonWriter json;
  json.begin_object().member("a\"b\\", std::string{"x\ny"}).member("n", 1.0 / 0.0).end_object();
  EXPECT_EQ(json.text(), "{\"a\\\"b\\\\\":\"x\\u000ay\",\"n\":null}");
}

}  // namespace
}  // namespace steelyard
