#include <algorithm>
#include <cmath>

#include "observe/number_text.hpp"
#include "observe/verdict_text.hpp"
#include "top/glyphs.hpp"
#include "top/views.hpp"

namespace steelyard {
namespace {

struct SignalLine {
  const char* column;
  const char* title;
  int decimals;
};
constexpr SignalLine kSignals[] = {{"mid", "mid", -1},
                                   {"spread_bps", "spread bps", 3},
                                   {"pbi_10bp", "pbi 10bp", 3},
                                   {"qi", "queue imb", 3},
                                   {"ofi_norm_1000ms", "ofi 1s", 2},
                                   {"tfi_10000ms", "tfi 10s", 3},
                                   {"ois", "ois", 2},
                                   {"regime", "regime", 0},
                                   {"casc_level", "cascade", 0},
                                   {"liq_net_60000ms", "liq 60s", 0},
                                   {"vpin", "vpin", 3},
                                   {"vol_ann", "vol ann", 3},
                                   {"x_pbi", "x pbi", 3},
                                   {"micro", "micro", -1}};

[[nodiscard]] const SeenInstrument* find(const Observation& seen, const TopState& state) {
  for (const SeenInstrument& instrument : seen.instruments) {
    if (key_of(instrument) == state.selected) return &instrument;
  }
  return nullptr;
}

// Where things are in a ladder: as wide as leaves the signals their place.
struct LadderShape {
  int bar;
  int price;
  [[nodiscard]] int width() const noexcept { return 2 * (8 + 1 + bar + price + 1); }
};

[[nodiscard]] LadderShape shape_of(int screen) {
  return {std::clamp((screen - 80) / 4 + 3, 3, 16), 11};
}

// Bids left, asks right, best first, with bars that grow outwards from the prices.
void draw_ladder(Canvas& canvas, int top, int bottom, const SeenInstrument& instrument,
                 bool current) {
  const LadderShape shape = shape_of(canvas.width());
  const int middle = shape.width() / 2;
  const StateView& view = instrument.view;
  const int price_decimals = std::max(0, -static_cast<int>(view.tick.price_exponent));
  const int size_decimals = std::max(0, -static_cast<int>(view.tick.qty_exponent));
  const Style quiet{Ink::Quiet};
  canvas.right(0, top, 8, "SIZE", quiet);
  canvas.right(middle - 8, top, 7, "BID", quiet);
  canvas.left(middle, top, 7, "ASK", quiet);
  canvas.left(2 * middle - 9, top, 9, "SIZE", quiet);
  std::int64_t most = 1;
  for (std::uint32_t i = 0; i < view.bid_count; ++i) most = std::max(most, view.bids[i].qty.raw());
  for (std::uint32_t i = 0; i < view.ask_count; ++i) most = std::max(most, view.asks[i].qty.raw());
  const Style bid{current ? Ink::Bid : Ink::Quiet};
  const Style ask{current ? Ink::Ask : Ink::Quiet};
  const auto number = [](std::int64_t mantissa, int exponent, int decimals, int columns) {
    const double value = mantissa_to_double(mantissa, exponent);
    std::string text = decimal_text(value, decimals);
    return static_cast<int>(text.size()) > columns ? compact_text(value, columns) : text;
  };
  const auto size = [&](const ViewLevel& level) {
    return number(level.qty.raw(), view.tick.qty_exponent, size_decimals, 8);
  };
  const auto price = [&](const ViewLevel& level) {
    return number(level.price.raw(), view.tick.price_exponent, price_decimals, shape.price);
  };
  const auto share = [most](const ViewLevel& level) {
    return static_cast<double>(level.qty.raw()) / static_cast<double>(most);
  };
  for (int i = 0; top + 1 + i < bottom && i < static_cast<int>(kViewLevels); ++i) {
    const int y = top + 1 + i;
    const auto n = static_cast<std::uint32_t>(i);
    if (n < view.bid_count) {
      const ViewLevel& level = view.bids[n];
      canvas.right(0, y, 8, size(level), {current ? Ink::Plain : Ink::Quiet});
      canvas.put(9, y, bar_left(share(level), shape.bar), bid);
      canvas.right(9 + shape.bar, y, shape.price, price(level), {bid.ink, i == 0});
    }
    if (n < view.ask_count) {
      const ViewLevel& level = view.asks[n];
      canvas.left(middle, y, shape.price, price(level), {ask.ink, i == 0});
      canvas.put(middle + shape.price, y, bar_right(share(level), shape.bar), ask);
      canvas.right(2 * middle - 10, y, 9, size(level), {current ? Ink::Plain : Ink::Quiet});
    }
  }
}

int draw_signals(Canvas& canvas, int x, int top, int bottom, const TopScene& scene,
                 std::size_t index, bool current) {
  const SeenInstrument& instrument = scene.seen.instruments[index];
  const int width = canvas.width() - x;
  const int spark = width - 22;
  int y = top;
  for (const SignalLine& signal : kSignals) {
    if (y >= bottom) break;
    if (!scene.seen.column(signal.column)) continue;  // this daemon has no such column
    const double value = scene.seen.value(instrument, signal.column);
    const int decimals = signal.decimals >= 0
                             ? signal.decimals
                             : std::max(0, -static_cast<int>(instrument.view.tick.price_exponent));
    std::string text = decimal_text(value, decimals);
    if (text.size() > 10) text = compact_text(value, 10);
    canvas.left(x, y, 10, signal.title, {Ink::Quiet});
    canvas.right(x + 10, y, 10, text, {current ? Ink::Plain : Ink::Quiet, current});
    canvas.put(x + 21, y, sparkline(scene.histories.of(index, signal.column), spark),
               {current ? Ink::Accent : Ink::Quiet});
    ++y;
  }
  return y;
}

void draw_counters(Canvas& canvas, int x, int top, int bottom, const SeenInstrument& instrument) {
  const int width = canvas.width() - x;
  const int across = std::max(1, width / 18);
  int place = 0;
  for (const NamedCount& counter : instrument.counters) {
    if (counter.value == 0) continue;
    const int y = top + place / across;
    if (y >= bottom) return;
    const int left = x + place % across * 18;
    const bool bad = counter.name == "gaps" || counter.name == "resets" ||
                     counter.name == "checksums_bad" || counter.name == "bad_frames" ||
                     counter.name == "top_bad" || counter.name == "crossed";
    canvas.left(left, y, 11, counter.name, {Ink::Quiet});
    canvas.right(left + 11, y, 6,
                 counter.value < 1'000'000 ? std::to_string(counter.value)
                                           : compact_text(static_cast<double>(counter.value), 6),
                 {bad ? Ink::Warn : Ink::Plain});
    ++place;
  }
}

}  // namespace

std::vector<std::string> top_columns() {
  std::vector<std::string> names;
  for (const SignalLine& signal : kSignals) names.emplace_back(signal.column);
  return names;
}

void draw_instrument(Canvas& canvas, int top, int bottom, const TopScene& scene,
                     const TopState& state) {
  canvas.clear(top, bottom);
  const SeenInstrument* const found = find(scene.seen, state);
  if (found == nullptr) {
    canvas.put(1, top + 1, state.selected + " is gone; Esc goes back", {Ink::Warn});
    return;
  }
  const SeenInstrument& instrument = *found;
  const bool current = is_current(scene.seen, instrument);
  const VerdictLook look = look_of(scene.seen, instrument);
  canvas.paint(top, {Ink::Plain, false, true});
  int x = canvas.put(0, top, " " + instrument.venue + " ", {Ink::Plain, false, true});
  x = canvas.put(x, top, instrument.symbol + " ", {Ink::Plain, true, true});
  Style verdict = look.style;
  verdict.reverse = !verdict.reverse;
  x = canvas.put(x, top, " " + look.word + " ", verdict);
  const std::string proof = proof_text(instrument.proof);
  const std::vector<std::string> facts{
      "age " + age_text(instrument.age_s),
      (current ? rate_text(instrument.rate_hz) : "-") + " ev/s",
      "p50 " + duration_text(instrument.latency_p50_ns) + " p99 " +
          duration_text(instrument.latency_p99_ns),
      std::string{kind_text(instrument.kind)},
      instrument.channel,
      (instrument.proof & kUnproven) != 0 ? proof : "proof " + proof};
  // What there is no room for is left out whole, the least important last.
  for (const std::string& fact : facts) {
    if (x + 2 + text_columns(fact) > canvas.width()) continue;
    x = canvas.put(x, top, "  " + fact, {Ink::Plain, false, true});
  }
  if (!instrument.there) {
    canvas.put(1, top + 2, "nothing was published of it yet", {Ink::Warn});
    return;
  }
  draw_ladder(canvas, top + 1, bottom, instrument, current);
  const auto index = static_cast<std::size_t>(found - scene.seen.instruments.data());
  const int right = shape_of(canvas.width()).width() + 1;
  if (canvas.width() <= right + 24) return;
  const int y = draw_signals(canvas, right, top + 1, bottom, scene, index, current);
  draw_counters(canvas, right, y + 1, bottom, instrument);
}

}  // namespace steelyard
