#include "app/segment_plan.hpp"

#include "venues/venue.hpp"

namespace steelyard {

std::vector<std::string> default_headline(const SignalSet& signals) {
  std::vector<std::string> names;
  for (const char* const name : {"mid",
                                 "spread_bps",
                                 "qi",
                                 "di_5",
                                 "di_10",
                                 "pbi_10bp",
                                 "wmid",
                                 "e",
                                 "ofi_1000ms",
                                 "ofi_norm_1000ms",
                                 "ofi_ratio_1000ms",
                                 "ofi_ew",
                                 "tfi_10000ms",
                                 "ois",
                                 "regime",
                                 "alert",
                                 "alert_seq",
                                 "casc_level",
                                 "casc_dir",
                                 "casc_alert",
                                 "x_pbi_own"}) {
    if (signals.find(name)) names.emplace_back(name);
  }
  return names;
}

SegmentPlan make_segment_plan(const std::string& instance, std::span<const Instrument> instruments,
                              const SignalSet& signals, std::uint32_t shards) {
  SegmentPlan plan;
  plan.instance = instance;
  plan.shards = shards;
  for (const Instrument& instrument : instruments) {
    const Venue& venue = *venue_registry()[instrument.venue];
    const BookChannel& row = venue.books[instrument.channel];
    plan.instruments.push_back(
        {instrument, std::string{venue.name}, std::string{row.channel}, proof_of(row)});
  }
  for (const Column& column : signals.columns()) {
    plan.columns.push_back(
        {column.name, column.unit, column.sourced_description(), column.low, column.high});
  }
  for (const std::string& name : default_headline(signals)) {
    plan.headline.push_back(static_cast<std::uint16_t>(*signals.find(name)));
  }
  return plan;
}

}  // namespace steelyard
