#include "app/recording_header.hpp"

#include <gtest/gtest.h>

#include "app/signal_config.hpp"

namespace steelyard {
namespace {

TEST(RecordingHeader, HoldsGroupsAndParametersOfEachInstrument) {
  RecordingHeader header;
  header.signals.rank_lambda = 0.1 + 0.2;
  header.own_signals = {header.signals, header.signals};
  header.own_signals[0].flow_decay_ms = 50;
  header.own_signals[1].tier3 = false;
  for (const std::uint16_t params : std::vector<std::uint16_t>{0, 2, 1, 2}) {
    Instrument instrument;
    instrument.symbol = "S" + std::to_string(header.instruments.size());
    instrument.name = "N";
    instrument.params = params;
    header.instruments.push_back(instrument);
  }
  header.instruments[1].group = "a \"group\"";

  const RecordingHeader back = read_header(write_header(header));

  EXPECT_EQ(signals_to_toml(back.signals), signals_to_toml(header.signals));
  ASSERT_EQ(back.instruments.size(), 4U);
  EXPECT_EQ(back.instruments[0].params, 0);
  EXPECT_EQ(back.instruments[0].group, "");
  EXPECT_EQ(back.instruments[1].group, "a \"group\"");
  for (std::size_t i = 1; i < 4; ++i) {
    EXPECT_EQ(signals_to_toml(back.own_signals.at(back.instruments[i].params - 1U)),
              signals_to_toml(header.own_signals.at(header.instruments[i].params - 1U)));
  }
  EXPECT_EQ(back.own_signals.size(), 2U);
}

}  // namespace
}  // namespace steelyard
