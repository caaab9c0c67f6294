#include "app/config.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "app/signal_config.hpp"
#include "support/fixtures.hpp"

namespace steelyard {
namespace {

using testing::AllOf;
using testing::HasSubstr;

std::string refusal(const std::string& text) {
  try {
    (void)parse_config(text, "a.toml");
  } catch (const ConfigError& error) {
    return error.what();
  }
  return "accepted";
}

const std::string kVenue = "[venues.okx]\ninstruments = [\"BTC-USDT\"]\n";

TEST(Config, AcceptsTheFilesThatComeWithTheProject) {
  const std::filesystem::path folder = std::filesystem::path{STEELYARD_SOURCE_DIR} / "config";
  const Config live = parse_config(read_file(folder / "live.toml"), "live.toml");
  std::string demo_text = read_file(folder / "demo.toml");
  // Its certificate authority is made by the simulator.
  const std::string ca = "ca_file = \"steelyard-sim-ca.pem\"";
  demo_text.replace(demo_text.find(ca), ca.size(), "ca_file = \"\"");
  const Config demo = parse_config(demo_text, "demo.toml");

  EXPECT_EQ(live.venues.size(), 4U);
  EXPECT_EQ(demo.venues.size(), 3U);
  EXPECT_EQ(demo.signals, SignalParams{}) << "demo.toml shows the defaults";
  EXPECT_EQ(demo.segment.ring_slots, Config::SegmentConfig{}.ring_slots);
}

TEST(Config, NamesFileLineKeyAndWhatWasMeant) {
  EXPECT_THAT(
      refusal("instanse = \"x\"\n" + kVenue),
      AllOf(HasSubstr("a.toml:1:"), HasSubstr("instanse"), HasSubstr("did you mean instance?")));
  EXPECT_THAT(
      refusal("[venues.okxx]\ninstruments = [\"*\"]\n"),
      AllOf(HasSubstr("a.toml:1:"), HasSubstr("venues.okxx"), HasSubstr("did you mean okx?")));
  EXPECT_THAT(refusal(kVenue + "strems = [\"book\"]\n"),
              AllOf(HasSubstr("a.toml:3:"), HasSubstr("did you mean venues.okx.streams?")));
}

TEST(Config, NamesValueAndWhatIsAllowed) {
  EXPECT_THAT(refusal("[threads]\nio = 0\n" + kVenue),
              AllOf(HasSubstr("a.toml:2:"), HasSubstr("threads.io = 0"), HasSubstr("1 to 16")));
  EXPECT_THAT(refusal("[threads]\nio = \"two\"\n" + kVenue), HasSubstr("a whole number"));
  EXPECT_THAT(refusal("[threads]\nio_cores = [4096]\n" + kVenue),
              HasSubstr("this machine has cores"));
  EXPECT_THAT(refusal("[threads]\nidle = \"busy\"\n" + kVenue), HasSubstr("one of \"spin\""));
  EXPECT_THAT(refusal("[segment]\nring_slots = 1000\n" + kVenue), HasSubstr("a power of two"));
  EXPECT_THAT(refusal("[segment]\nmode = \"rw\"\n" + kVenue), HasSubstr("octal"));
  EXPECT_THAT(refusal("[segment]\nheadline = [\"pbi_10b\"]\n" + kVenue),
              HasSubstr("did you mean pbi_10bp?"));
  EXPECT_THAT(refusal("[network]\nca_file = \"/nowhere/ca.pem\"\n" + kVenue),
              HasSubstr("cannot be read"));
  EXPECT_THAT(refusal("[signals]\nbands_bps = [5, -1]\n" + kVenue), HasSubstr("bands_bps"));
  EXPECT_THAT(refusal("[venues.okx]\ninstruments = []\n"), HasSubstr("at least one symbol"));
  EXPECT_THAT(
      refusal("[venues.binance-spot]\ninstruments = [\"*\"]\nstreams = [\"liquidations\"]\n"),
      HasSubstr("publishes no liquidations"));
  EXPECT_THAT(refusal("[venues.okx]\ninstruments = [\"*\"]\nchannel = \"bookz\"\n"),
              HasSubstr("one of \"books\""));
  EXPECT_THAT(refusal("[venues.okx]\ninstruments = [\"*\"]\nrest = \"localhost:http\"\n"),
              HasSubstr("host:port"));
}

TEST(Config, KeepsEveryParameterOfBarsThatARecordingHolds) {
  SignalParams params;
  for (const BarParam& param : bar_params()) params.bars.*param.value = param.high - 7;
  params.bars.range_dead_zone = 0.25;
  params.cost_notionals = {7, 5'000};
  ASSERT_EQ(params.validate(), "");

  const SignalParams read = signals_from_toml(signals_to_toml(params), "recording header");

  EXPECT_EQ(read.bars.range_dead_zone, 0.25);
  EXPECT_EQ(read.cost_notionals, params.cost_notionals);
  for (const BarParam& param : bar_params()) {
    EXPECT_EQ(read.bars.*param.value, param.high - 7) << param.name;
    const std::string set = "[signals]\n" + std::string{param.name} + " = ";
    EXPECT_EQ(refusal(set + std::to_string(param.high) + "\n" + kVenue), "accepted");
    EXPECT_THAT(refusal(set + std::to_string(param.low - 1) + "\n" + kVenue),
                AllOf(HasSubstr("a.toml:2:"), HasSubstr(std::to_string(param.high))));
  }
}

TEST(Config, RefusesWhatIsNoTomlWithThePlace) {
  EXPECT_THAT(refusal("instance = \n"), HasSubstr("a.toml:1:"));
  EXPECT_THAT(refusal(""), HasSubstr("at least one table"));
}

}  // namespace
}  // namespace steelyard
