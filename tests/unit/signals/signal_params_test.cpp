#include "signals/signal_params.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>

namespace steelyard {
namespace {

TEST(SignalParams, DefaultsAreValid) { EXPECT_EQ(SignalParams{}.validate(), ""); }

struct Wrong {
  const char* name;
  std::function<void(SignalParams&)> spoil;
  const char* says;  // parameter and value
};

void PrintTo(const Wrong& wrong, std::ostream* out) { *out << wrong.name; }

class WrongParams : public testing::TestWithParam<Wrong> {};

TEST_P(WrongParams, AreRefusedByNameAndValueWithWhatIsAllowed) {
  SignalParams params;
  GetParam().spoil(params);

  const std::string error = params.validate();

  EXPECT_THAT(error, testing::StartsWith(GetParam().says));
  EXPECT_GT(error.size(), std::string{GetParam().says}.size() + 5) << "says what is allowed";
}

INSTANTIATE_TEST_SUITE_P(
    Each, WrongParams,
    testing::Values(
        Wrong{"no_depths", [](auto& p) { p.depth_levels = {}; }, "depth_levels = 0: "},
        Wrong{"deep",
              [](auto& p) {
                p.depth_levels = {5, 21};
              },
              "depth_levels = 21: "},
        Wrong{"descending",
              [](auto& p) {
                p.depth_levels = {10, 5};
              },
              "depth_levels = 5: "},
        Wrong{"lambda", [](auto& p) { p.rank_lambda = -0.5; }, "rank_lambda = -0.5: "},
        Wrong{"delta", [](auto& p) { p.distance_bps = 0; }, "distance_bps = 0: "},
        Wrong{"fine_band",
              [](auto& p) {
                p.bands_bps = {0.00001, 10};
              },
              "bands_bps = "},
        Wrong{"twice",
              [](auto& p) {
                p.bands_bps = {10, 10};
              },
              "bands_bps = 10: "},
        Wrong{"wide",
              [](auto& p) {
                p.bands_bps = {10, 5001};
              },
              "bands_bps = 5001: "},
        Wrong{"nan_band", [](auto& p) { p.bands_bps = {std::numeric_limits<double>::quiet_NaN()}; },
              "bands_bps = "},
        Wrong{"main_band", [](auto& p) { p.main_band_bps = 7; }, "main_band_bps = 7: "},
        Wrong{"nine_windows", [](auto& p) { p.flow_windows_ms = {1, 2, 3, 4, 5, 6, 7, 8, 1000}; },
              "flow_windows_ms = 9: "},
        Wrong{"no_window",
              [](auto& p) {
                p.flow_windows_ms = {0, 1000};
              },
              "flow_windows_ms = 0: "},
        Wrong{"other_window", [](auto& p) { p.multi_level_window_ms = 500; },
              "multi_level_window_ms = 500: "},
        Wrong{"levels", [](auto& p) { p.flow_levels = 21; }, "flow_levels = 21: "},
        Wrong{"decay", [](auto& p) { p.flow_decay_ms = 0; }, "flow_decay_ms = 0: "},
        Wrong{"entries", [](auto& p) { p.flow_entries = 15; }, "flow_entries = 15: "},
        Wrong{"granularity", [](auto& p) { p.window_granularity_ns = -1; },
              "window_granularity_ns = -1: "},
        Wrong{"nine_costs", [](auto& p) { p.cost_notionals = {1, 2, 3, 4, 5, 6, 7, 8, 9}; },
              "cost_notionals = 9: "},
        Wrong{"cost_of_nothing",
              [](auto& p) {
                p.cost_notionals = {0, 5};
              },
              "cost_notionals = 0: "},
        Wrong{"cost_descending",
              [](auto& p) {
                p.cost_notionals = {7, 5};
              },
              "cost_notionals = 5: "},
        Wrong{"bar", [](auto& p) { p.bars.width_ms = 9; }, "bar_ms = 9: "},
        Wrong{"bar_tau", [](auto& p) { p.bars.regression_tau_ms = 0; }, "regression_tau_ms = 0: "},
        Wrong{"bar_samples", [](auto& p) { p.bars.regression_samples = 1; },
              "regression_samples = 1: "},
        Wrong{"volatility", [](auto& p) { p.bars.volatility_tau_ms = 9; },
              "volatility_tau_ms = 9: "},
        Wrong{"horizon", [](auto& p) { p.bars.volatility_horizon_ms = 0; },
              "volatility_horizon_ms = 0: "},
        Wrong{"realised", [](auto& p) { p.bars.realised_bars = 1; }, "realised_bars = 1: "},
        Wrong{"ratio", [](auto& p) { p.bars.ratio_bars = 3; }, "ratio_bars = 3: "},
        Wrong{"lag", [](auto& p) { p.bars.ratio_lag = 1; }, "ratio_lag = 1: "},
        Wrong{"long_lag", [](auto& p) { p.bars.ratio_bars = 9; }, "ratio_lag = 5: "},
        Wrong{"smoothing", [](auto& p) { p.bars.range_smoothing = 0; }, "range_smoothing = 0: "},
        Wrong{"dead_zone", [](auto& p) { p.bars.range_dead_zone = 1; }, "range_dead_zone = 1"},
        Wrong{"range_bar", [](auto& p) { p.bars.range_width_ms = 3'600'001; },
              "range_bar_ms = 3600001: "}),
    [](const testing::TestParamInfo<Wrong>& of) { return of.param.name; });

INSTANTIATE_TEST_SUITE_P(
    TradeFlow, WrongParams,
    testing::Values(Wrong{"bucket", [](auto& p) { p.trade_flow.vpin_bucket_qty = 0; },
                          "trade_flow.vpin_bucket_qty = 0: "},
                    Wrong{"buckets", [](auto& p) { p.trade_flow.vpin_buckets = 0; },
                          "trade_flow.vpin_buckets = 0: "},
                    Wrong{"entries", [](auto& p) { p.trade_flow.entries = 15; },
                          "trade_flow.entries = 15: "}),
    [](const testing::TestParamInfo<Wrong>& of) { return of.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Deviation, WrongParams,
    testing::Values(
        Wrong{"tau", [](auto& p) { p.deviation.tau_ms = 0; }, "deviation.tau_ms = 0: "},
        Wrong{"warmup", [](auto& p) { p.deviation.warmup_ms = 86'400'001; },
              "deviation.warmup_ms = 86400001: "},
        Wrong{"ofi_window", [](auto& p) { p.deviation.ofi_window_ms = 7; },
              "deviation.ofi_window_ms = 7: "},
        Wrong{"tfi_window", [](auto& p) { p.deviation.tfi_window_ms = 7; },
              "deviation.tfi_window_ms = 7: "},
        Wrong{"floor", [](auto& p) { p.deviation.book_floor = 0; }, "deviation.book_floor = 0: "},
        Wrong{"nan", [](auto& p) { p.deviation.tfi_floor = std::nan(""); },
              "deviation.tfi_floor = "},
        Wrong{"clip", [](auto& p) { p.deviation.clip = -1; }, "deviation.clip = -1: "},
        Wrong{"no_book", [](auto& p) { p.deviation.book_weight = 0; },
              "deviation.book_weight = 0: "},
        Wrong{"weight", [](auto& p) { p.deviation.ofi_weight = -1; },
              "deviation.ofi_weight = -1: "},
        Wrong{"out", [](auto& p) { p.deviation.regime.pressure_out = 0; },
              "deviation.pressure_out = 0: "},
        Wrong{"in_below_out", [](auto& p) { p.deviation.regime.pressure_in = 0.5; },
              "deviation.pressure_in = 0.5: "},
        Wrong{"extreme_below_in", [](auto& p) { p.deviation.regime.extreme_in = 1; },
              "deviation.extreme_in = 1: "},
        Wrong{"extreme_out_above_in", [](auto& p) { p.deviation.regime.extreme_out = 3; },
              "deviation.extreme_out = 3: "}),
    [](const testing::TestParamInfo<Wrong>& of) { return of.param.name; });

INSTANTIATE_TEST_SUITE_P(
    TimeWeighted, WrongParams,
    testing::Values(
        Wrong{"window", [](auto& p) { p.time_weighted.window_ms = 0; },
              "time_weighted.window_ms = 0: "},
        Wrong{"entries", [](auto& p) { p.time_weighted.entries = 15; },
              "time_weighted.entries = 15: "}),
    [](const testing::TestParamInfo<Wrong>& of) { return of.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Liquidation, WrongParams,
    testing::Values(
        Wrong{"no_windows", [](auto& p) { p.liquidation.windows_ms = {}; },
              "liquidation.windows_ms = 0: "},
        Wrong{"descending", [](auto& p) { p.liquidation.windows_ms = {60'000, 10'000}; },
              "liquidation.windows_ms = 10000: "},
        Wrong{"tau", [](auto& p) { p.liquidation.flow_tau_ms = 0; },
              "liquidation.flow_tau_ms = 0: "},
        Wrong{"mu", [](auto& p) { p.liquidation.hawkes.mu = 0; }, "liquidation.mu = 0: "},
        Wrong{"cap", [](auto& p) { p.liquidation.hawkes.cap = -1; }, "liquidation.cap = -1: "},
        Wrong{"feeds_on_itself", [](auto& p) { p.liquidation.hawkes.alpha = 0.2; },
              "liquidation.alpha = 0.2: "},
        Wrong{"entries", [](auto& p) { p.liquidation.entries = 15; },
              "liquidation.entries = 15: "},
        Wrong{"trade_entries", [](auto& p) { p.liquidation.trade_entries = 15; },
              "liquidation.trade_entries = 15: "}),
    [](const testing::TestParamInfo<Wrong>& of) { return of.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Cascade, WrongParams,
    testing::Values(
        Wrong{"thin", [](auto& p) { p.cascade.thin = 0; }, "cascade.thin = 0: "},
        Wrong{"burst", [](auto& p) { p.cascade.burst = 1; }, "cascade.burst = 1: "},
        Wrong{"latch", [](auto& p) { p.cascade.latch_ms = 3'600'001; },
              "cascade.latch_ms = 3600001: "},
        Wrong{"hold", [](auto& p) { p.cascade.hold_ms = 3'600'001; },
              "cascade.hold_ms = 3600001: "}),
    [](const testing::TestParamInfo<Wrong>& of) { return of.param.name; });

}  // namespace
}  // namespace steelyard
