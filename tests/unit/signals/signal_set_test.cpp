#include "signals/signal_set.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cmath>

#include "signals/depth_imbalance.hpp"
#include "signals/price_band.hpp"
#include "steelyard/shm_layout.hpp"
#include "support/signal_driver.hpp"

namespace steelyard {
namespace {

std::vector<std::string> names_of(const SignalSet& set) {
  std::vector<std::string> names;
  for (const Column& column : set.columns()) names.push_back(column.name);
  return names;
}

// signals.md G, less what the record itself carries and what is not there yet.
TEST(SignalSet, PutsItsColumnsInTheOrderOfTheSpecification) {
  const SignalSet set{SignalParams{}};

  EXPECT_EQ(set.error(), "");
  EXPECT_THAT(names_of(set), testing::ElementsAreArray({"mid",
                                                        "spread_bps",
                                                        "qi",
                                                        "di_5",
                                                        "di_10",
                                                        "di_20",
                                                        "wdi_rank",
                                                        "wdi_dist",
                                                        "pbi_5bp",
                                                        "pbi_10bp",
                                                        "pbi_25bp",
                                                        "pbi_50bp",
                                                        "wmid",
                                                        "micro",
                                                        "micro_src",
                                                        "bidq_5bp",
                                                        "askq_5bp",
                                                        "bidn_5bp",
                                                        "askn_5bp",
                                                        "bidq_10bp",
                                                        "askq_10bp",
                                                        "bidn_10bp",
                                                        "askn_10bp",
                                                        "bidq_25bp",
                                                        "askq_25bp",
                                                        "bidn_25bp",
                                                        "askn_25bp",
                                                        "bidq_50bp",
                                                        "askq_50bp",
                                                        "bidn_50bp",
                                                        "askn_50bp",
                                                        "slope_bid",
                                                        "slope_ask",
                                                        "cost_buy_10000",
                                                        "cost_sell_10000",
                                                        "cost_buy_100000",
                                                        "cost_sell_100000",
                                                        "cost_buy_1000000",
                                                        "cost_sell_1000000",
                                                        "e",
                                                        "gofi_e",
                                                        "e_l1",
                                                        "e_l2",
                                                        "e_l3",
                                                        "e_l4",
                                                        "e_l5",
                                                        "e_l6",
                                                        "e_l7",
                                                        "e_l8",
                                                        "e_l9",
                                                        "e_l10",
                                                        "ofi_100ms",
                                                        "ofi_norm_100ms",
                                                        "ofi_ratio_100ms",
                                                        "gofi_100ms",
                                                        "iofi_100ms",
                                                        "ofi_1000ms",
                                                        "ofi_norm_1000ms",
                                                        "ofi_ratio_1000ms",
                                                        "gofi_1000ms",
                                                        "iofi_1000ms",
                                                        "ofi_10000ms",
                                                        "ofi_norm_10000ms",
                                                        "ofi_ratio_10000ms",
                                                        "gofi_10000ms",
                                                        "iofi_10000ms",
                                                        "mlofi_l1_1000ms",
                                                        "mlofi_l2_1000ms",
                                                        "mlofi_l3_1000ms",
                                                        "mlofi_l4_1000ms",
                                                        "mlofi_l5_1000ms",
                                                        "mlofi_l6_1000ms",
                                                        "mlofi_l7_1000ms",
                                                        "mlofi_l8_1000ms",
                                                        "mlofi_l9_1000ms",
                                                        "mlofi_l10_1000ms",
                                                        "ofi_ew",
                                                        "tf_100ms",
                                                        "tfi_100ms",
                                                        "tv_100ms",
                                                        "tf_1000ms",
                                                        "tfi_1000ms",
                                                        "tv_1000ms",
                                                        "tf_10000ms",
                                                        "tfi_10000ms",
                                                        "tv_10000ms",
                                                        "cvd",
                                                        "vpin",
                                                        "vpin_n",
                                                        "z_book",
                                                        "z_ofi",
                                                        "z_tfi",
                                                        "ois",
                                                        "regime",
                                                        "alert",
                                                        "alert_seq",
                                                        "twap",
                                                        "twap_dev_bps",
                                                        "twai",
                                                        "atr",
                                                        "iatr_up",
                                                        "iatr_dn",
                                                        "iatr_w",
                                                        "iatr_bias",
                                                        "iatr_align",
                                                        "reg_alpha",
                                                        "reg_beta",
                                                        "reg_r2",
                                                        "reg_resid",
                                                        "reg_resid_z",
                                                        "fwd_alpha",
                                                        "fwd_beta",
                                                        "fwd_r2",
                                                        "fwd_tstat",
                                                        "pred_bps",
                                                        "kyle_lambda",
                                                        "kyle_r2",
                                                        "amihud",
                                                        "resil_kappa",
                                                        "resil_half_s",
                                                        "vol_ewma_bps",
                                                        "vol_fc_bps",
                                                        "vol_ann",
                                                        "rv_bps",
                                                        "bv_bps",
                                                        "jump_ratio",
                                                        "vr",
                                                        "vr_z",
                                                        "acf1",
                                                        "mom_tag",
                                                        "liq_net_10000ms",
                                                        "liq_gross_10000ms",
                                                        "liq_share_10000ms",
                                                        "liq_net_60000ms",
                                                        "liq_gross_60000ms",
                                                        "liq_share_60000ms",
                                                        "liq_flow",
                                                        "liq_pressure",
                                                        "haw_buy",
                                                        "haw_sell",
                                                        "haw_ratio",
                                                        "thin_bid",
                                                        "thin_ask",
                                                        "casc_level",
                                                        "casc_dir",
                                                        "casc_alert",
                                                        "x_n",
                                                        "x_bid",
                                                        "x_ask",
                                                        "x_mid",
                                                        "x_spread_bps",
                                                        "x_qi",
                                                        "x_pbi",
                                                        "x_pbi_own",
                                                        "x_agree",
                                                        "x_ofi_100ms",
                                                        "x_ofi_1000ms",
                                                        "x_ofi_10000ms",
                                                        "x_tf_100ms",
                                                        "x_tf_1000ms",
                                                        "x_tf_10000ms",
                                                        "x_tfi_100ms",
                                                        "x_tfi_1000ms",
                                                        "x_tfi_10000ms"}));
}

TEST(SignalSet, DescribesEveryColumnAndFindsItByName) {
  const SignalSet set{SignalParams{}};

  for (std::size_t i = 0; i < set.columns().size(); ++i) {
    const Column& column = set.columns()[i];
    EXPECT_EQ(set.find(column.name), i);
    EXPECT_FALSE(column.description.empty()) << column.name;
    EXPECT_LT(column.sourced_description().size(), sizeof(ColumnEntry::description)) << column.name;
    EXPECT_THAT(column.unit, testing::AnyOf("base", "quote", "price", "bps", "bps/M", "base/bps",
                                            "ratio", "flag", "s", "1/s", "count"))
        << column.name;
    EXPECT_LT(column.low, column.high) << column.name;
  }
  EXPECT_EQ(set.find("ofi_99ms"), std::nullopt);
}

TEST(SignalSet, NamesColumnsAfterTheirParametersAsPlainDecimals) {
  SignalParams params;
  params.bands_bps = {0.0001, 2.5, 5'000};
  params.main_band_bps = 2.5;
  params.flow_windows_ms = {250};
  params.multi_level_window_ms = 250;
  params.deviation.ofi_window_ms = params.deviation.tfi_window_ms = 250;
  params.flow_levels = 2;
  ASSERT_EQ(params.validate(), "");

  const SignalSet set{params};

  for (const char* const name : {"pbi_0.0001bp", "askn_2.5bp", "bidq_5000bp", "mlofi_l2_250ms"}) {
    EXPECT_TRUE(set.find(name).has_value()) << name;
  }
  EXPECT_FALSE(set.find("e_l3").has_value());
}

// Signals for these tests: one writes a constant, one doubles another's column.
template <typename Units>
struct Source {
  static constexpr const char* kName = "source";
  static void columns(const SignalParams&, ColumnList& list) {
    list.push_back({"source", "ratio", "Three.", 20});
  }
  explicit Source(const SignalContext& context) : own{context.own[0]} {}
  void update(const MarketEvent&, ValueRow row) noexcept { row[own] = 3.0; }
  std::uint16_t own;
};
template <typename Units>
struct Doubled {
  static constexpr const char* kName = "doubled";
  static void columns(const SignalParams&, ColumnList& list) {
    list.push_back({"doubled", "ratio", "Twice the source.", 10});
  }
  static void reads(const SignalParams&, std::vector<std::string>& names) {
    names.push_back("source");
  }
  explicit Doubled(const SignalContext& context) : own{context.own[0]}, source{context.reads[0]} {}
  void update(const MarketEvent&, ValueRow row) noexcept { row[own] = 2.0 * row[source]; }
  std::uint16_t own;
  std::uint16_t source;
};

TEST(SignalSet, LetsASignalReadColumnsOfThoseBeforeItWhereverTheyStand) {
  static constexpr SignalRow kRows[] = {make_signal<Source>(), make_signal<Doubled>()};
  const SignalSet set{SignalParams{}, kRows};
  ASSERT_EQ(set.error(), "");
  EXPECT_THAT(names_of(set), testing::ElementsAre("doubled", "source"));

  SignalDriver driver{set, Instrument{}};
  driver.on({.kind = EventKind::Timer, .levels = {}});

  EXPECT_EQ(driver["doubled"], 6.0);
}

// Reads the column of the band that its parameters name.
template <typename Units>
struct MainBand {
  static constexpr const char* kName = "main_band";
  static void columns(const SignalParams&, ColumnList& list) {
    list.push_back({"main_band", "ratio", "Imbalance of the main band.", 10'000});
  }
  static void reads(const SignalParams& params, std::vector<std::string>& names) {
    names.push_back(params.main_band_bps == 50 ? "pbi_50bp" : "pbi_10bp");
  }
  explicit MainBand(const SignalContext& context) : own{context.own[0]}, band{context.reads[0]} {}
  void update(const MarketEvent&, ValueRow row) noexcept { row[own] = row[band]; }
  std::uint16_t own;
  std::uint16_t band;
};

TEST(SignalSet, MeasuresEachInstrumentWithItsOwnParameters) {
  static constexpr SignalRow kRows[] = {make_signal<PriceBand>(), make_signal<DepthImbalance>(),
                                        make_signal<MainBand>()};
  std::vector<SignalParams> sets(3);
  sets[1].main_band_bps = 50;
  sets[2].rank_lambda = 2.0;
  const SignalSet set{sets, kRows};
  ASSERT_EQ(set.error(), "");

  std::vector<double> bands;
  std::vector<double> depths;
  for (std::uint16_t params = 0; params < sets.size(); ++params) {
    Instrument instrument;
    instrument.params = params;
    SignalDriver driver{set, instrument};
    driver.on({EventKind::Snapshot,
               0,
               {{Side::Bid, 99'990, 3},
                {Side::Bid, 99'700, 4},
                {Side::Ask, 100'010, 1},
                {Side::Ask, 100'300, 2}}});
    bands.push_back(driver["main_band"]);
    depths.push_back(driver["wdi_rank"]);
  }

  EXPECT_THAT(bands, testing::ElementsAre(0.5, 0.4, 0.5));
  EXPECT_EQ(depths[0], depths[1]);
  EXPECT_NE(depths[0], depths[2]);
}

TEST(SignalSet, RefusesASetOfParametersThatMakesOtherColumns) {
  std::vector<SignalParams> sets(2);
  sets[1].flow_levels = 9;

  EXPECT_EQ(SignalSet{sets}.error(), "parameter set 1 makes other columns than the first");
  EXPECT_FALSE(SignalSet{sets[0]}.takes(sets[1]));
  EXPECT_TRUE(SignalSet{sets[1]}.takes(sets[1]));
}

TEST(SignalSet, RefusesToReadForwardOrWhatIsNotThere) {
  static constexpr SignalRow kForward[] = {make_signal<Doubled>(), make_signal<Source>()};
  static constexpr SignalRow kAlone[] = {make_signal<Doubled>()};

  EXPECT_THAT(SignalSet(SignalParams{}, kForward).error(),
              testing::AllOf(testing::HasSubstr("doubled reads source"),
                             testing::HasSubstr("belongs to source")));
  EXPECT_THAT(SignalSet(SignalParams{}, kAlone).error(),
              testing::HasSubstr("there is no such column"));
}

TEST(SignalSet, RefusesAColumnDeclaredTwice) {
  static constexpr SignalRow kTwice[] = {make_signal<Source>(), make_signal<Source>()};

  EXPECT_THAT(SignalSet(SignalParams{}, kTwice).error(), testing::HasSubstr("column source"));
}

TEST(SignalSet, RefusesMoreSignalsThanAnInstrumentHolds) {
  static constexpr auto kMany = [] {
    std::array<SignalRow, InstrumentSignals::kMaxSignals + 1> rows{};
    rows.fill(make_signal<Source>());
    return rows;
  }();

  EXPECT_THAT(SignalSet(SignalParams{}, kMany).error(), testing::StartsWith("33 signals"));
}

}  // namespace
}  // namespace steelyard
