#include "dashboard/feed.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "observe/health.hpp"
#include "observe/json_writer.hpp"
#include "observe/verdict_text.hpp"

namespace steelyard {
namespace {

constexpr std::size_t kMostWatched = 16;
constexpr std::size_t kMostTroubles = 100;

[[nodiscard]] std::string key_of(const SeenInstrument& instrument) {
  return instrument.venue + ' ' + instrument.symbol;
}

[[nodiscard]] bool is_watched(const SeenInstrument& instrument,
                              const std::vector<std::string>& watched) {
  return std::find(watched.begin(), watched.end(), key_of(instrument)) != watched.end();
}

void write_daemon(JsonWriter& json, const Observation& seen) {
  char generation[20];
  std::snprintf(generation, sizeof generation, "%016llx",
                static_cast<unsigned long long>(seen.generation));
  json.member("instance", seen.instance)
      .member("presence", presence_text(seen.presence))
      .member("reason", seen.reason)
      .member("version", seen.version)
      .member("pid", seen.pid)
      .member("generation", generation)
      .member("heartbeat_s", seen.heartbeat_age_s)
      .member("uptime_s", seen.uptime_s)
      .member("records", seen.records)
      .member("restarts", seen.restarts)
      .member("live", seen.live_count());
  json.key("records_hz").brief(seen.record_rate_hz);
}

void write_instrument(JsonWriter& json, const Observation& seen, const SeenInstrument& of) {
  json.begin_object()
      .member("venue", of.venue)
      .member("symbol", of.symbol)
      .member("name", of.name)
      .member("kind", kind_text(of.kind))
      .member("there", of.there)
      .member("live", of.is_live())
      .member("verdict", of.there ? verdict_text(of.view.tick.validity) : "nothing yet");
  json.key("age_s").brief(of.age_s, 4);
  json.key("rate_hz").brief(of.rate_hz, 4);
  const std::pair<const char*, const char*> columns[] = {
      {"spread", "spread_bps"}, {"pbi", "pbi_10bp"},     {"ofi", "ofi_norm_1000ms"},
      {"regime", "regime"},     {"level", "casc_level"}, {"dir", "casc_dir"}};
  for (const auto& [name, column] : columns) {
    const double value = seen.value(of, column);
    if (!std::isnan(value)) json.key(name).brief(value, 5);
  }
  json.end_object();
}

void write_side(JsonWriter& json, const char* name, const StateView& view, bool bids) {
  const auto& levels = bids ? view.bids : view.asks;
  const std::uint32_t count = bids ? view.bid_count : view.ask_count;
  json.key(name).begin_array();
  for (std::uint32_t i = 0; i < count; ++i) {
    json.begin_array();
    json.brief(mantissa_to_double(levels[i].price.raw(), view.tick.price_exponent), 15);
    json.brief(mantissa_to_double(levels[i].qty.raw(), view.tick.qty_exponent), 12);
    json.end_array();
  }
  json.end_array();
}

void write_watched(JsonWriter& json, const Observation& seen, const SeenInstrument& of) {
  const Tick& tick = of.view.tick;
  json.key(key_of(of)).begin_object();
  json.member("channel", of.channel)
      .member("proof", proof_text(of.proof))
      .member("event", event_text(tick.event))
      .member("decimals", std::max(0, -static_cast<int>(tick.price_exponent)))
      .member("size_decimals", std::max(0, -static_cast<int>(tick.qty_exponent)))
      .member("bid", of.bid())
      .member("ask", of.ask())
      .member("p50_ns", of.latency_p50_ns)
      .member("p99_ns", of.latency_p99_ns)
      .member("alert", of.alert)
      .member("alert_age_s", of.alert_age_s)
      .member("cascade_alert", of.cascade_alert)
      .member("cascade_alert_age_s", of.cascade_alert_age_s);
  write_side(json, "bids", of.view, true);
  write_side(json, "asks", of.view, false);
  json.key("values").begin_object();
  for (const std::string& column : charted_columns()) {
    if (!seen.column(column)) continue;
    json.key(column).brief(seen.value(of, column), 10);
  }
  json.end_object().end_object();
}

void write_stage(JsonWriter& json, const SeenStage& stage) {
  const bool recent = stage.recent.count != 0;
  const HistogramView& of = recent ? stage.recent : stage.total;
  json.begin_object()
      .member("label", stage.label)
      .member("recent", recent)
      .member("count", of.count)
      .member("p50", of.percentile_ns(0.5))
      .member("p99", of.percentile_ns(0.99))
      .member("p999", of.percentile_ns(0.999))
      .member("max", stage.total.max_ns);
  // Four buckets an octave are enough to look at.
  json.key("buckets").begin_array();
  std::uint64_t sum = 0;
  for (std::uint32_t i = 0; i < kHistogramBuckets; ++i) {
    sum += of.buckets[i];
    if (i % 4 != 3) continue;
    if (sum != 0) {
      json.begin_array().value(bucket_bound_ns(i)).value(sum).end_array();
    }
    sum = 0;
  }
  json.end_array().end_object();
}

}  // namespace

std::vector<std::string> charted_columns() {
  return {"mid", "spread_bps", "pbi_10bp",   "qi",       "ofi_norm_1000ms", "tfi_10000ms",
          "ois", "regime",     "casc_level", "casc_dir", "liq_net_60000ms", "x_pbi"};
}

std::string state_message(const Observation& seen, std::int64_t now_ms,
                          const std::vector<std::string>& watched) {
  JsonWriter json;
  json.begin_object().member("type", "state").member("now_ms", now_ms);
  json.key("daemon").begin_object();
  write_daemon(json, seen);
  json.end_object();
  json.key("instruments").begin_array();
  for (const SeenInstrument& instrument : seen.instruments) {
    write_instrument(json, seen, instrument);
  }
  json.end_array();
  json.key("watched").begin_object();
  for (const SeenInstrument& instrument : seen.instruments) {
    if (instrument.there && is_watched(instrument, watched)) {
      write_watched(json, seen, instrument);
    }
  }
  json.end_object().end_object();
  return json.take();
}

std::string health_message(const Observation& seen, const std::vector<std::string>& watched) {
  JsonWriter json;
  json.begin_object().member("type", "health");
  json.key("links").begin_array();
  for (const SeenLink& link : seen.links) {
    if (link.wins + link.twins == 0) continue;
    json.begin_object()
        .member("name", link.name)
        .member("group", link.group)
        .member("wins", link.wins)
        .member("share", link.win_share())
        .member("late_us", link.mean_late_us());
    json.key("rate_hz").brief(link.rate_hz, 4);
    json.end_object();
  }
  json.end_array();
  json.key("counters").begin_array();
  for (const NamedCount& counter : seen.counters) {
    json.begin_object().member("name", counter.name).member("value", counter.value);
    json.key("rate_hz").brief(counter.rate_hz, 4);
    json.end_object();
  }
  json.end_array();
  json.key("own").begin_object();
  for (const SeenInstrument& instrument : seen.instruments) {
    if (!is_watched(instrument, watched)) continue;
    json.key(key_of(instrument)).begin_object();
    for (const NamedCount& counter : instrument.counters) {
      if (counter.value != 0) json.member(counter.name, counter.value);
    }
    json.end_object();
  }
  json.end_object();
  json.key("stages").begin_array();
  for (const SeenStage& stage : seen.stages) write_stage(json, stage);
  json.end_array();
  json.key("troubles").begin_array();
  const std::vector<Trouble> wrong = troubles(seen);
  for (std::size_t i = 0; i < std::min(wrong.size(), kMostTroubles); ++i) {
    json.begin_object()
        .member("level", static_cast<int>(wrong[i].level))
        .member("subject", wrong[i].subject)
        .member("what", wrong[i].what)
        .member("fix", wrong[i].fix)
        .end_object();
  }
  json.end_array().end_object();
  return json.take();
}

std::string history_message(const Observation& seen, const Histories& histories,
                            std::int64_t step_ms, std::int64_t end_ms, std::string_view key) {
  for (std::size_t i = 0; i < seen.instruments.size(); ++i) {
    if (key_of(seen.instruments[i]) != key) continue;
    JsonWriter json;
    json.begin_object()
        .member("type", "history")
        .member("key", key)
        .member("step_ms", step_ms)
        .member("end_ms", end_ms)
        .member("size", histories.size());
    json.key("columns").begin_object();
    for (const std::string& column : histories.columns()) {
      if (!seen.column(column)) continue;
      json.key(column).begin_array();
      for (const double value : histories.of(i, column)) json.brief(value, 10);
      json.end_array();
    }
    json.end_object().end_object();
    return json.take();
  }
  return {};
}

std::vector<std::string> parse_watch(std::string_view text) {
  std::vector<std::string> keys;
  constexpr std::string_view kHead = "watch";
  if (!text.starts_with(kHead)) return keys;
  text.remove_prefix(kHead.size());
  while (text.starts_with('\n') && keys.size() < kMostWatched) {
    text.remove_prefix(1);
    const std::size_t end = std::min(text.find('\n'), text.size());
    if (end > 0) keys.emplace_back(text.substr(0, end));
    text.remove_prefix(end);
  }
  return keys;
}

}  // namespace steelyard
