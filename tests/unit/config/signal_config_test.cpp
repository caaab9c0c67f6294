#include "app/signal_config.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "app/toml_reader.hpp"

namespace steelyard {
namespace {

using testing::AllOf;
using testing::HasSubstr;

SignalParams read(const std::string& text) {
  const toml::table table = toml::parse(text);
  return signals_from_toml(table, "a.toml");
}

std::string refusal(const std::string& text) {
  try {
    (void)read(text);
  } catch (const ConfigError& error) {
    return error.what();
  }
  return "accepted";
}

// Recordings hold parameters as they are written here.
TEST(SignalConfig, ReadsWhatItWrote) {
  SignalParams params;
  params.flow_windows_ms = {250, 1000, 10'000};
  params.trade_flow = {.vpin_bucket_qty = 0.25, .vpin_buckets = 20, .entries = 100};
  params.deviation = {.tau_ms = 30'000,
                      .warmup_ms = 10'000,
                      .ofi_window_ms = 250,
                      .tfi_window_ms = 1'000,
                      .book_floor = 0.1,
                      .ofi_floor = 0.2,
                      .tfi_floor = 0.3,
                      .clip = 5.0,
                      .book_weight = 2.0,
                      .ofi_weight = 3.0,
                      .tfi_weight = 0.0,
                      .regime = {1.25, 0.5, 3.0, 2.0}};
  params.time_weighted = {.window_ms = 1'500, .entries = 200};
  params.liquidation = {.windows_ms = {5'000, 30'000, 90'000},
                        .flow_tau_ms = 4'000,
                        .hawkes = {0.5, 0.25, 0.75, 1e6, 3.0},
                        .entries = 50,
                        .trade_entries = 60};
  params.cascade = {.thin = 0.4, .burst = 3.0, .latch_ms = 1'000, .hold_ms = 2'000};
  ASSERT_EQ(params.validate(), "");
  ASSERT_NE(params, SignalParams{});

  std::ostringstream text;
  text << signals_to_toml(params);

  EXPECT_EQ(read(text.str()), params);
}

TEST(SignalConfig, IsTheDefaultsWhereNothingIsSaid) {
  EXPECT_EQ(read(""), SignalParams{});
  EXPECT_EQ(read("[trade_flow]\n"), SignalParams{});
}

TEST(SignalConfig, NamesTheTableKeyAndValueThatIsWrong) {
  EXPECT_THAT(refusal("[trade_flow]\nvpin_buckets = 0\n"),
              AllOf(HasSubstr("a.toml"), HasSubstr("signals.trade_flow.vpin_buckets = 0"),
                    HasSubstr("1 to 1000")));
  EXPECT_THAT(refusal("[trade_flow]\nvpin_bucket_qty = -1\n"),
              HasSubstr("signals.trade_flow.vpin_bucket_qty = -1"));
  EXPECT_THAT(refusal("[trade_flow]\nvpin_bucket = 1\n"),
              HasSubstr("did you mean signals.trade_flow.vpin_bucket"));
  EXPECT_THAT(refusal("[deviation]\nofi_window_ms = 250\n"),
              AllOf(HasSubstr("signals.deviation.ofi_window_ms = 250"),
                    HasSubstr("one of flow_windows_ms")));
  EXPECT_THAT(refusal("[liquidation]\nalpha = 0.2\n"),
              AllOf(HasSubstr("signals.liquidation.alpha = 0.2"), HasSubstr("branching ratio")));
  EXPECT_THAT(refusal("[cascade]\nthin = 1.5\n"), HasSubstr("signals.cascade.thin = 1.5"));
  EXPECT_THAT(refusal("trade_flow = 1\n"), HasSubstr("a table, [signals.trade_flow]"));
}

}  // namespace
}  // namespace steelyard
