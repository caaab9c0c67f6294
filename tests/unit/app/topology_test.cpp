#include "app/topology.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace steelyard {
namespace {

InstrumentInfo info(const char* symbol, const char* name) {
  InstrumentInfo of;
  of.symbol = symbol;
  of.name = name;
  of.trading = true;
  return of;
}

class TopologyCase : public testing::Test {
 protected:
  [[nodiscard]] static Topology make(const std::string& more) {
    const Config config = parse_config(
        "[venues.binance-spot]\ninstruments = [\"*\"]\n[venues.okx]\ninstruments = [\"*\"]\n"
        "[threads]\nshards = 3\n" +
            more,
        "a.toml");
    MetadataByVenue metadata;
    metadata["binance-spot"] = {info("BTCUSDT", "BTC-USDT"), info("ETHUSDT", "ETH-USDT")};
    metadata["okx"] = {info("BTC-USDT", "BTC-USDT"), info("ETH-USDT", "ETH-USDT"),
                       info("BTC-USDT-SWAP", "BTC-USDT-PERP")};
    return make_topology(config, metadata);
  }
  [[nodiscard]] static const Instrument& of(const Topology& topology, const char* symbol) {
    for (const Instrument& instrument : topology.instruments) {
      if (instrument.symbol == symbol) return instrument;
    }
    throw std::runtime_error{symbol};
  }
  [[nodiscard]] static std::string refusal(const std::string& more) {
    try {
      (void)make(more);
    } catch (const ConfigError& error) {
      return error.what();
    }
    return "accepted";
  }
};

TEST_F(TopologyCase, SpreadsInstrumentsThatAreAloneOverTheShards) {
  std::map<std::uint16_t, int> load;
  for (const Instrument& instrument : make("").instruments) ++load[instrument.shard];

  EXPECT_THAT(load,
              testing::ElementsAre(testing::Pair(0, 2), testing::Pair(1, 2), testing::Pair(2, 1)));
}

TEST_F(TopologyCase, PutsAGroupOnOneShardAndLeavesTheOthersToTheRest) {
  const Topology topology = make("[groups]\nbtc = [\"* BTC-USDT\", \"okx BTC-*-SWAP\"]\n");

  const std::uint16_t shard = of(topology, "BTCUSDT").shard;
  EXPECT_EQ(of(topology, "BTC-USDT").shard, shard);
  EXPECT_EQ(of(topology, "BTC-USDT-SWAP").shard, shard);
  EXPECT_NE(of(topology, "ETHUSDT").shard, shard);
  EXPECT_NE(of(topology, "ETH-USDT").shard, shard);
  EXPECT_NE(of(topology, "ETH-USDT").shard, of(topology, "ETHUSDT").shard);
  EXPECT_EQ(of(topology, "BTC-USDT").group, "btc");
}

TEST_F(TopologyCase, RefusesGroupsAndOverridesThatMatchNothing) {
  EXPECT_THAT(refusal("[groups]\nsol = [\"okx SOL-USDT\"]\n"),
              testing::AllOf(testing::HasSubstr("a.toml:8:"), testing::HasSubstr("groups.sol"),
                             testing::HasSubstr("matches \"okx SOL-USDT\"")));
  EXPECT_THAT(refusal("[venues.okx.instrument.\"SOL*\".signals]\nrank_lambda = 1\n"),
              testing::AllOf(testing::HasSubstr("a.toml:7:"), testing::HasSubstr("\"SOL*\"")));
}

TEST_F(TopologyCase, GivesInstrumentsTheirParameters) {
  const Topology topology = make("[venues.okx.instrument.\"*-PERP\".signals]\nrank_lambda = 1\n");

  EXPECT_EQ(topology.signals.at(of(topology, "BTC-USDT-SWAP").params).rank_lambda, 1.0);
  EXPECT_EQ(topology.signals.at(of(topology, "BTC-USDT").params).rank_lambda, 0.5);
}

}  // namespace
}  // namespace steelyard
