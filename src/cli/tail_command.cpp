#include <CLI/CLI.hpp>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <memory>

#include "cli/commands.hpp"
#include "cli/live_view.hpp"
#include "app/stop_signal.hpp"
#include "core/decimal.hpp"
#include "steelyard/reader.hpp"

namespace steelyard {
namespace {

struct Arguments {
  std::string instance = "default";
  std::string format = "text";
  std::string symbol;
  std::uint64_t count = 0;
  double wait_s = 10.0;
  bool from_start = false;
};

constexpr const char* kEvents[] = {"snapshot", "delta", "trade", "liq", "reset", "timer"};

[[nodiscard]] std::string double_text(double value, const char* undefined) {
  if (std::isnan(value)) return undefined;
  char text[32];
  const auto result = std::to_chars(text, text + sizeof text, value);
  return {text, result.ptr};
}

[[nodiscard]] std::string decimal(std::int64_t mantissa, int exponent, Qty there) {
  if (there.raw() == 0) return {};
  char text[kMaxDecimalText];
  return std::string{format_decimal(mantissa, exponent, text)};
}

[[nodiscard]] std::vector<std::string> headline_names(const Reader& reader) {
  std::vector<std::string> names;
  for (std::uint32_t i = 0; i < reader.columns(); ++i) {
    const ColumnEntry& column = reader.segment().column(i);
    if (column.headline < 0) continue;
    const auto at = static_cast<std::size_t>(column.headline);
    if (names.size() <= at) names.resize(at + 1);
    names[at] = SegmentView::text(column.name);
  }
  return names;
}

void print_header(const std::string& format, const std::vector<std::string>& names) {
  if (format != "csv") return;
  std::printf("received,venue,symbol,event,status,verdict,bid_px,bid_qty,ask_px,ask_qty");
  for (const std::string& name : names) std::printf(",%s", name.c_str());
  std::printf("\n");
}

void print_record(const std::string& format, const Record& record,
                  const std::vector<std::string>& names) {
  const Tick& tick = record.tick();
  const std::string venue{record.venue()};
  const std::string symbol{record.symbol()};
  const char* const event = tick.event < std::size(kEvents) ? kEvents[tick.event] : "unknown";
  const std::string bid = decimal(tick.best_bid.raw(), tick.price_exponent, tick.bid_qty);
  const std::string ask = decimal(tick.best_ask.raw(), tick.price_exponent, tick.ask_qty);
  const std::string bid_qty = decimal(tick.bid_qty.raw(), tick.qty_exponent, tick.bid_qty);
  const std::string ask_qty = decimal(tick.ask_qty.raw(), tick.qty_exponent, tick.ask_qty);
  const std::string verdict = verdict_text(tick.validity);
  const auto received = static_cast<long long>(tick.received.raw());
  if (format == "csv") {
    std::printf("%lld,%s,%s,%s,%u,\"%s\",%s,%s,%s,%s", received, venue.c_str(), symbol.c_str(),
                event, tick.status, verdict.c_str(), bid.c_str(), bid_qty.c_str(), ask.c_str(),
                ask_qty.c_str());
    for (std::size_t i = 0; i < names.size(); ++i) {
      std::printf(",%s", double_text(record.values()[i], "").c_str());
    }
    std::printf("\n");
  } else if (format == "json") {
    const auto or_null = [](const std::string& text) { return text.empty() ? "null" : text; };
    std::printf(
        "{\"received\":%lld,\"venue\":\"%s\",\"symbol\":\"%s\",\"event\":\"%s\","
        "\"status\":%u,\"verdict\":\"%s\",\"bid_px\":%s,\"bid_qty\":%s,\"ask_px\":%s,"
        "\"ask_qty\":%s",
        received, venue.c_str(), symbol.c_str(), event, tick.status, verdict.c_str(),
        or_null(bid).c_str(), or_null(bid_qty).c_str(), or_null(ask).c_str(),
        or_null(ask_qty).c_str());
    for (std::size_t i = 0; i < names.size(); ++i) {
      std::printf(",\"%s\":%s", names[i].c_str(), double_text(record.values()[i], "null").c_str());
    }
    std::printf("}\n");
  } else {
    std::printf("%lld %-14s %-15s %-8s %-10s %s x %s | %s x %s ", received, venue.c_str(),
                symbol.c_str(), event, verdict.c_str(), bid_qty.c_str(), bid.c_str(), ask.c_str(),
                ask_qty.c_str());
    for (const char* const name : {"qi", "pbi_10bp", "ofi_1000ms"}) {
      std::printf(" %s=%s", name, double_text(record[name], "-").c_str());
    }
    std::printf("\n");
  }
}

int run(const Arguments& arguments) {
  watch_stop_signals();
  Reader::Options options;
  options.from_start = arguments.from_start;
  Reader reader{options};
  const auto wait = std::chrono::milliseconds{static_cast<std::int64_t>(arguments.wait_s * 1000)};
  if (!reader.wait_for(arguments.instance, wait)) {
    const std::string reason = reader.attach(arguments.instance);
    std::fprintf(stderr, "steelyard tail: no living publisher of instance \"%s\"%s%s\n",
                 arguments.instance.c_str(), reason.empty() ? "" : ": ", reason.c_str());
    return kExitFailed;
  }
  std::vector<std::string> names = headline_names(reader);
  print_header(arguments.format, names);
  Record record;
  std::uint64_t printed = 0;
  std::uint64_t told_lost = 0;
  while (!stop_requested().load() && (arguments.count == 0 || printed < arguments.count)) {
    switch (reader.poll(record)) {
      case Poll::Ok:
        if (!arguments.symbol.empty() && record.symbol() != arguments.symbol) continue;
        print_record(arguments.format, record, names);
        ++printed;
        break;
      case Poll::Lapped:
        std::fprintf(stderr, "steelyard tail: too slow, %llu records lost\n",
                     static_cast<unsigned long long>(reader.lost() - told_lost));
        told_lost = reader.lost();
        break;
      case Poll::Restarted:
        std::fprintf(stderr, "steelyard tail: the publisher was restarted\n");
        names = headline_names(reader);
        break;
      case Poll::Dead:
      case Poll::Empty:
        std::fflush(stdout);
        std::this_thread::sleep_for(std::chrono::milliseconds{1});
        break;
    }
  }
  return kExitOk;
}

}  // namespace

void add_tail_command(CLI::App& app, int& exit_code) {
  CLI::App* const command =
      app.add_subcommand("tail", "Prints records from shared memory as they come");
  auto arguments = std::make_shared<Arguments>();
  command->add_option("INSTANCE", arguments->instance, "Instance name (default: default)");
  command->add_option("--format", arguments->format, "text, csv or json (one object a line)")
      ->check(CLI::IsMember({"text", "csv", "json"}));
  command->add_option("--symbol", arguments->symbol, "Only this symbol");
  command->add_option("--count", arguments->count, "Ends after so many records (0: never)");
  command->add_option("--wait", arguments->wait_s, "Seconds to wait for the daemon")
      ->check(CLI::Range(0.0, 86'400.0));
  command->add_flag("--from-start", arguments->from_start, "With what the ring still holds");
  command->callback([arguments, &exit_code] { exit_code = run(*arguments); });
}

}  // namespace steelyard
