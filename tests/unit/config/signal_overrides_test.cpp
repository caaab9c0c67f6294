#include "app/signal_overrides.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "app/config.hpp"
#include "app/signal_config.hpp"
#include "venues/venue.hpp"

namespace steelyard {
namespace {

using testing::AllOf;
using testing::HasSubstr;

const std::string kOkx = "[venues.okx]\ninstruments = [\"*\"]\n";

std::string refusal(const std::string& text) {
  try {
    (void)parse_config(text, "a.toml");
  } catch (const ConfigError& error) {
    return error.what();
  }
  return "accepted";
}

Instrument instrument(const char* venue, const char* symbol, const char* name = "") {
  Instrument of;
  of.venue = venue_index(*find_venue(venue));
  of.symbol = symbol;
  of.name = name;
  return of;
}

// The parameters of one instrument under a configuration.
SignalParams params_of(const std::string& text, const Instrument& of) {
  const Config config = parse_config(text, "a.toml");
  Instrument one[] = {of};
  const std::vector<SignalParams> sets = assign_params(one, config.signals, config.overrides);
  return sets.at(one[0].params);
}

TEST(SignalOverrides, AreReadKeyByKeyOverWhatIsWider) {
  const std::string text = "[signals]\nrank_lambda = 0.1\ndistance_bps = 1\nflow_decay_ms = 10\n" +
                           kOkx +
                           "[venues.okx.signals]\ndistance_bps = 2\nflow_decay_ms = 20\n"
                           "[venues.okx.instrument.\"BTC-USDT\".signals]\nflow_decay_ms = 30\n"
                           "[venues.binance-spot]\ninstruments = [\"*\"]\n";

  const SignalParams own = params_of(text, instrument("okx", "BTC-USDT"));
  EXPECT_EQ(own.rank_lambda, 0.1);
  EXPECT_EQ(own.distance_bps, 2);
  EXPECT_EQ(own.flow_decay_ms, 30U);
  const SignalParams of_venue = params_of(text, instrument("okx", "ETH-USDT"));
  EXPECT_EQ(of_venue.distance_bps, 2);
  EXPECT_EQ(of_venue.flow_decay_ms, 20U);
  const SignalParams of_all = params_of(text, instrument("binance-spot", "BTC-USDT"));
  EXPECT_EQ(of_all.distance_bps, 1);
  EXPECT_EQ(of_all.flow_decay_ms, 10U);
}

TEST(SignalOverrides, MatchSymbolsAndNamesAndTheLaterPatternPrevails) {
  const std::string text = kOkx +
                           "[venues.okx.instrument.\"*PERP\".signals]\nflow_decay_ms = 10\n"
                           "[venues.okx.instrument.\"BTC*\".signals]\nflow_decay_ms = 20\n";

  EXPECT_EQ(params_of(text, instrument("okx", "ETH-USDT-SWAP", "ETH-USDT-PERP")).flow_decay_ms,
            10U);
  EXPECT_EQ(params_of(text, instrument("okx", "BTC-USDT-SWAP", "BTC-USDT-PERP")).flow_decay_ms,
            20U);
  EXPECT_EQ(params_of(text, instrument("okx", "SOL-USDT")).flow_decay_ms, 1000U);
}

TEST(SignalOverrides, ANameInFullPrevailsOverPatternsWhereverItStands) {
  const std::string text = kOkx +
                           "[venues.okx.instrument.\"BTC-USDT\".signals]\nflow_decay_ms = 10\n"
                           "[venues.okx.instrument.\"BTC*\".signals]\nflow_decay_ms = 20\n"
                           "[venues.okx.signals]\nflow_decay_ms = 30\n";

  EXPECT_EQ(params_of(text, instrument("okx", "BTC-USDT")).flow_decay_ms, 10U);
  EXPECT_EQ(params_of(text, instrument("okx", "BTC-USD-SWAP")).flow_decay_ms, 20U);
  EXPECT_EQ(params_of(text, instrument("okx", "ETH-USDT")).flow_decay_ms, 30U);
}

TEST(SignalOverrides, GiveInstrumentsWithTheSameTablesOneSet) {
  const Config config = parse_config(
      kOkx + "[venues.okx.instrument.\"BTC*\".signals]\nflow_decay_ms = 20\n", "a.toml");
  Instrument instruments[] = {instrument("okx", "BTC-USDT"), instrument("okx", "ETH-USDT"),
                              instrument("okx", "BTC-USD-SWAP")};

  const std::vector<SignalParams> sets =
      assign_params(instruments, config.signals, config.overrides);

  EXPECT_EQ(sets.size(), 2U);
  EXPECT_EQ(instruments[1].params, 0);
  EXPECT_EQ(instruments[0].params, 1);
  EXPECT_EQ(instruments[2].params, 1);
}

TEST(SignalOverrides, RefuseWhatMakesColumnsWithPlaceAndReason) {
  EXPECT_THAT(refusal(kOkx + "[venues.okx.signals]\nrank_lambda = 0.2\nbands_bps = [10, 20]\n"),
              AllOf(HasSubstr("a.toml:5:13: venues.okx.signals.bands_bps = [ 10, 20 ]"),
                    HasSubstr("the same for all instruments"), HasSubstr("set it in [signals]")));
  EXPECT_THAT(refusal(kOkx + "[venues.okx.instrument.\"B*\".signals]\nflow_levels = 10\n"),
              AllOf(HasSubstr("a.toml:4:15: venues.okx.instrument.\"B*\".signals.flow_levels = 10"),
                    HasSubstr("set it in [signals]")));
}

TEST(SignalOverrides, AreAsStrictAsTheTableOfAll) {
  EXPECT_THAT(refusal(kOkx + "[venues.okx.signals]\nrank_lamda = 0.2\n"),
              AllOf(HasSubstr("a.toml:4:"), HasSubstr("did you mean venues.okx.signals.rank_la")));
  EXPECT_THAT(refusal(kOkx + "[venues.okx.signals]\nrank_lambda = 11\n"),
              AllOf(HasSubstr("a.toml:4:"), HasSubstr("0 to 10")));
  EXPECT_THAT(refusal(kOkx + "[venues.okx.signals]\nmain_band_bps = 7\n"),
              AllOf(HasSubstr("a.toml:4:"), HasSubstr("main_band_bps = 7: one of bands_bps")));
  EXPECT_THAT(refusal(kOkx + "[venues.okx.instrument.BTC]\nsignal = 7\n"),
              AllOf(HasSubstr("a.toml:4:"), HasSubstr("did you mean")));
  EXPECT_THAT(refusal(kOkx + "[venues.okx.instrument]\nBTC = 7\n"), HasSubstr("a table"));
  EXPECT_THAT(refusal(kOkx + "signals = 7\n"), HasSubstr("a table, [venues.okx.signals]"));
}

TEST(SignalOverrides, NameTheTableWhoseKeyDoesNotGoWithAWiderOne) {
  // What validate() says names a key that the narrower table does not hold.
  EXPECT_THAT(refusal("[signals]\nbands_bps = [5, 25]\n" + kOkx),
              AllOf(HasSubstr("a.toml:1:1: signals.main_band_bps:"),
                    HasSubstr("main_band_bps = 10: one of bands_bps")));
}

// What a table may set per instrument is found out here by setting it: whoever adds a parameter
// that makes columns has it listed, or this fails.
std::vector<toml::table> variations(const toml::node& value) {
  std::vector<toml::table> tables;
  const auto add = [&tables](const auto& changed) {
    tables.push_back(toml::table{{"changed", changed}});
  };
  if (const auto* const flag = value.as_boolean()) add(!**flag);
  if (const auto* const whole = value.as_integer()) {
    for (const std::int64_t other : {**whole * 2, **whole / 2, **whole * 10, **whole / 10,
                                     **whole + 1}) {
      add(other);
    }
  }
  if (const auto* const real = value.as_floating_point()) {
    for (const double other : {**real * 2, **real / 2, **real * 2.5, **real + 0.1}) add(other);
  }
  if (const auto* const list = value.as_array()) {
    toml::array fewer = *list;
    fewer.erase(fewer.begin());
    add(fewer);
    fewer = *list;
    fewer.pop_back();
    add(fewer);
  }
  return tables;
}

void collect(const toml::table& table, const std::string& prefix,
             std::vector<std::pair<std::string, const toml::node*>>& out) {
  for (const auto& [key, node] : table) {
    const std::string full = prefix + std::string{key.str()};
    if (const toml::table* const nested = node.as_table()) {
      collect(*nested, full + ".", out);
    } else {
      out.emplace_back(full, &node);
    }
  }
}

// One table that holds one key, itself in tables where it has dots.
toml::table holding(const std::string& key, const toml::node& value) {
  const std::size_t dot = key.find('.');
  toml::table table;
  if (dot == std::string::npos) {
    table.insert(key, value);
  } else {
    table.insert(key.substr(0, dot), holding(key.substr(dot + 1), value));
  }
  return table;
}

TEST(DirectoryKeys, AreThoseThatMakeColumns) {
  const SignalSet defaults{SignalParams{}};
  const toml::table all = signals_to_toml(SignalParams{});
  std::vector<std::pair<std::string, const toml::node*>> keys;
  collect(all, {}, keys);
  ASSERT_GT(keys.size(), 10U);

  for (const auto& [key, value] : keys) {
    bool tried = false;
    bool makes_columns = false;
    for (const toml::table& variation : variations(*value)) {
      try {
        const SignalParams params = signals_over({}, holding(key, *variation.get("changed")), "",
                                                 "signals", SignalScope::All);
        tried = true;
        makes_columns = makes_columns || !defaults.takes(params);
      } catch (const ConfigError&) {
        // This variation is none; another is.
      }
    }
    EXPECT_TRUE(tried) << key << ": no other value is valid; give this test one";
    EXPECT_EQ(makes_columns, is_directory_key(key)) << key;
  }
}

TEST(SignalTables, SurviveBeingWrittenAndReadBack) {
  SignalParams params;
  params.rank_lambda = 0.1 + 0.2;
  params.bands_bps = {0.0001, 10};
  params.flow_windows_ms = {250, 500};
  params.multi_level_window_ms = 500;
  params.deviation.ofi_window_ms = 250;
  params.deviation.tfi_window_ms = 500;
  params.liquidation.windows_ms = {1'000};
  params.cascade.thin = 0.1 + 0.2;
  params.window_granularity_ns = 1'000;
  std::ostringstream text;
  text << signals_to_toml(params);

  const SignalParams back = signals_from_toml(toml::parse(text.str()), "text");

  EXPECT_EQ(back.rank_lambda, params.rank_lambda);
  EXPECT_EQ(back.bands_bps, params.bands_bps);
  EXPECT_EQ(signals_to_toml(back), signals_to_toml(params));
}

TEST(SignalTables, DifferenceHoldsWhatTakesOneToTheOther) {
  const toml::table wider = toml::parse("a = 1\nb = [1, 2]\n[c]\nd = 0.5\ne = 7\n");
  const toml::table own = toml::parse("a = 1\nb = [1, 3]\n[c]\nd = 0.25\ne = 7\n");

  EXPECT_EQ(difference(own, wider), toml::parse("b = [1, 3]\n[c]\nd = 0.25\n"));
  EXPECT_EQ(difference(own, own), toml::table{});
  EXPECT_EQ(one_line(difference(own, wider)), "b = [ 1, 3 ], c.d = 0.25");
}

}  // namespace
}  // namespace steelyard
