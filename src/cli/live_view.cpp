#include "cli/live_view.hpp"

#include <cmath>
#include <cstdlib>
#include <vector>

namespace steelyard {
namespace {

constexpr const char* kReset = "\x1b[0m";

[[nodiscard]] std::string number(double value, int decimals, int width) {
  char text[64];
  if (std::isnan(value)) {
    std::snprintf(text, sizeof text, "%*s", width, "-");
  } else {
    std::snprintf(text, sizeof text, "%*.*f", width, decimals, value);
  }
  return text;
}

// The beam of the balance: filled from the middle towards the heavier side.
[[nodiscard]] std::string beam(double imbalance, bool colour) {
  constexpr int kHalf = 10;
  const int reach =
      std::isnan(imbalance) ? 0 : static_cast<int>(std::lround(std::abs(imbalance) * kHalf));
  std::string text;
  for (int i = -kHalf; i <= kHalf; ++i) {
    if (i == 0) {
      text += std::isnan(imbalance) ? "\u00b7" : "\u2502";
      continue;
    }
    const bool filled = imbalance > 0 ? i > 0 && i <= reach : i < 0 && -i <= reach;
    text += filled ? "\u2588" : "\u00b7";
  }
  if (!colour || std::isnan(imbalance)) return text;
  return (imbalance > 0 ? "\x1b[32m" : "\x1b[31m") + text + kReset;
}

}  // namespace

void print_live_view(std::FILE* out, const Reader& reader, bool terminal) {
  const auto column = [&reader](const char* name) { return reader.find_column(name); };
  const auto pbi = column("pbi_10bp");
  const auto qi = column("qi");
  const auto ofi = column("ofi_norm_1000ms");
  const auto spread = column("spread_bps");
  std::vector<double> row(reader.columns());
  std::string text;
  if (terminal) text += "\x1b[H\x1b[J";
  const char* const no_colour = std::getenv("NO_COLOR");
  const bool colour = terminal && (no_colour == nullptr || *no_colour == '\0');
  char line[512];
  std::snprintf(line, sizeof line, "%-14s %-15s %-14s %13s %13s %8s  %-21s %6s %6s %8s\n", "venue",
                "symbol", "verdict", "bid", "ask", "spread", "imbalance within 10 bps", "pbi", "qi",
                "ofi 1s");
  text += line;
  for (std::uint32_t i = 0; i < reader.instruments(); ++i) {
    const InstrumentEntry& entry = reader.segment().instrument(i);
    const std::string venue{SegmentView::text(entry.venue)};
    const std::string symbol{SegmentView::text(entry.symbol)};
    StateView view{};
    if (!reader.latest(InstrumentId{i}, view, row)) {
      std::snprintf(line, sizeof line, "%-14s %-15s %-14s\n", venue.c_str(), symbol.c_str(),
                    "nothing yet");
      text += line;
      continue;
    }
    const auto at = [&row](const std::optional<std::uint32_t>& index) {
      return index ? row[*index] : std::numeric_limits<double>::quiet_NaN();
    };
    const Tick& tick = view.tick;
    const int decimals = tick.price_exponent < 0 ? -tick.price_exponent : 0;
    const auto price = [&tick](Price px, Qty qty) {
      return qty.raw() == 0 ? std::numeric_limits<double>::quiet_NaN()
                            : mantissa_to_double(px.raw(), tick.price_exponent);
    };
    const std::string verdict = verdict_text(tick.validity);
    const bool live = is_live(tick);
    std::snprintf(line, sizeof line, "%-14s %-15s %s%-14s%s %s %s %s  ", venue.c_str(),
                  symbol.c_str(), colour && !live ? "\x1b[33m" : "", verdict.c_str(),
                  colour && !live ? kReset : "",
                  number(price(tick.best_bid, tick.bid_qty), decimals, 13).c_str(),
                  number(price(tick.best_ask, tick.ask_qty), decimals, 13).c_str(),
                  number(at(spread), 3, 8).c_str());
    text += line;
    text += beam(at(pbi), colour);
    text += "  " + number(at(pbi), 2, 6) + " " + number(at(qi), 2, 6) + " " +
            number(at(ofi), 2, 8) + "\n";
  }
  std::fwrite(text.data(), 1, text.size(), out);
  std::fflush(out);
}

}  // namespace steelyard
