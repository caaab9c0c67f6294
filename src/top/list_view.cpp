#include <algorithm>
#include <cmath>

#include "observe/number_text.hpp"
#include "observe/verdict_text.hpp"
#include "top/glyphs.hpp"
#include "top/views.hpp"

namespace steelyard {
namespace {

struct Row {
  const Observation& seen;
  const SeenInstrument& instrument;
  bool current;
  Style base;  // of what has no colour of its own
};

struct ListColumn {
  const char* title;
  int width;
  int priority;  // 0: always there; the others as the screen gets wider
  bool right;
  const char* needs;  // no daemon without this column shows it; empty: always
  void (*draw)(Canvas& canvas, int x, int y, int width, const Row& row);
};

[[nodiscard]] Style tinted(const Row& row, Ink ink) {
  Style style = row.base;
  if (row.current) style.ink = ink;
  return style;
}

[[nodiscard]] int decimals_of(const SeenInstrument& instrument) {
  return std::max(0, -static_cast<int>(instrument.view.tick.price_exponent));
}

void price(Canvas& canvas, int x, int y, int width, const Row& row, double value, Ink ink) {
  std::string text = decimal_text(value, decimals_of(row.instrument));
  if (static_cast<int>(text.size()) > width) text = compact_text(value, width);
  canvas.right(x, y, width, text, tinted(row, ink));
}

[[nodiscard]] Ink side_ink(double value) {
  // Not what would be shown as 0.00.
  if (std::isnan(value) || std::abs(value) < 0.005) return Ink::Plain;
  return value > 0 ? Ink::Bid : Ink::Ask;
}

void signed_number(Canvas& canvas, int x, int y, int width, const Row& row, const char* column) {
  const double value = row.seen.value(row.instrument, column);
  std::string text = decimal_text(value, 2);
  if (static_cast<int>(text.size()) > width) text = compact_text(value, width);
  canvas.right(x, y, width, text, tinted(row, side_ink(value)));
}

void cascade(Canvas& canvas, int x, int y, int width, const Row& row) {
  const double level = row.seen.value(row.instrument, "casc_level");
  const double direction = row.seen.value(row.instrument, "casc_dir");
  if (!(level >= 1)) {
    canvas.right(x, y, width, std::isnan(level) ? "" : "·", tinted(row, Ink::Quiet));
    return;
  }
  const std::string text = std::string{direction < 0 ? "▼" : "▲"} + decimal_text(level, 0);
  Style style = tinted(row, level >= 2 ? Ink::Bad : Ink::Warn);
  style.bold = level >= 2;
  style.reverse = row.current && level >= 3;
  canvas.right(x, y, width, text, style);
}

constexpr ListColumn kColumns[] = {
    {"VENUE", 12, 0, false, "",
     [](Canvas& c, int x, int y, int w, const Row& r) {
       c.left(x, y, w, r.instrument.venue, r.base);
     }},
    {"SYMBOL", 13, 0, false, "",
     [](Canvas& c, int x, int y, int w, const Row& r) {
       Style style = r.base;
       style.bold = true;
       c.left(x, y, w, r.instrument.symbol, style);
     }},
    {"STATE", 9, 0, false, "",
     [](Canvas& c, int x, int y, int w, const Row& r) {
       const VerdictLook look = look_of(r.seen, r.instrument);
       c.left(x, y, w, look.word, look.style);
     }},
    {"AGE", 5, 0, true, "",
     [](Canvas& c, int x, int y, int w, const Row& r) {
       c.right(x, y, w, age_text(r.instrument.age_s),
               tinted(r, r.instrument.age_s > 5 ? Ink::Warn : Ink::Plain));
     }},
    {"EV/S", 5, 0, true, "",
     [](Canvas& c, int x, int y, int w, const Row& r) {
       c.right(x, y, w, r.current ? rate_text(r.instrument.rate_hz) : "-", r.base);
     }},
    {"BID", 12, 4, true, "",
     [](Canvas& c, int x, int y, int w, const Row& r) {
       price(c, x, y, w, r, r.instrument.bid(), Ink::Bid);
     }},
    {"ASK", 12, 4, true, "",
     [](Canvas& c, int x, int y, int w, const Row& r) {
       price(c, x, y, w, r, r.instrument.ask(), Ink::Ask);
     }},
    {"SPREAD", 6, 0, true, "spread_bps",
     [](Canvas& c, int x, int y, int w, const Row& r) {
       c.right(x, y, w, compact_text(r.seen.value(r.instrument, "spread_bps"), 5), r.base);
     }},
    {"IMBALANCE", 9, 0, false, "pbi_10bp",
     [](Canvas& c, int x, int y, int w, const Row& r) {
       const double value = r.seen.value(r.instrument, "pbi_10bp");
       c.put(x, y, beam(value, w), tinted(r, side_ink(value)));
     }},
    {"PBI", 5, 2, true, "pbi_10bp",
     [](Canvas& c, int x, int y, int w, const Row& r) {
       signed_number(c, x, y, w, r, "pbi_10bp");
     }},
    {"OFI 1s", 6, 0, true, "ofi_norm_1000ms",
     [](Canvas& c, int x, int y, int w, const Row& r) {
       signed_number(c, x, y, w, r, "ofi_norm_1000ms");
     }},
    {"TFI", 5, 5, true, "tfi_10000ms",
     [](Canvas& c, int x, int y, int w, const Row& r) {
       signed_number(c, x, y, w, r, "tfi_10000ms");
     }},
    {"OIS", 5, 5, true, "ois",
     [](Canvas& c, int x, int y, int w, const Row& r) { signed_number(c, x, y, w, r, "ois"); }},
    {"RG", 2, 0, false, "regime",
     [](Canvas& c, int x, int y, int w, const Row& r) {
       const double regime = r.seen.value(r.instrument, "regime");
       Style style = tinted(r, side_ink(regime));
       style.bold = std::abs(regime) >= 2;
       c.left(x, y, w, regime_text(regime), style);
     }},
    {"C", 2, 0, true, "casc_level", cascade},
    {"ALERT", 8, 3, true, "alert",
     [](Canvas& c, int x, int y, int w, const Row& r) {
       const SeenInstrument& i = r.instrument;
       const bool newer = !(i.alert_age_s < i.cascade_alert_age_s);
       const double age = newer ? i.cascade_alert_age_s : i.alert_age_s;
       if (std::isnan(age)) return;
       const double way = newer ? i.cascade_alert : i.alert;
       const std::string text =
           std::string{newer ? "C" : ""} + (way < 0 ? "▼" : "▲") + " " + age_text(age);
       Style style = tinted(r, age < 60 ? Ink::Bad : Ink::Quiet);
       style.bold = age < 10;
       c.right(x, y, w, text, style);
     }},
    {"P50", 6, 6, true, "",
     [](Canvas& c, int x, int y, int w, const Row& r) {
       c.right(x, y, w, duration_text(r.instrument.latency_p50_ns), r.base);
     }},
    {"P99", 6, 1, true, "",
     [](Canvas& c, int x, int y, int w, const Row& r) {
       c.right(x, y, w, duration_text(r.instrument.latency_p99_ns), r.base);
     }},
};

// Which columns there is room for, the most important first; what is left widens the names.
[[nodiscard]] std::vector<ListColumn> fitting(int width, const Observation& seen) {
  const auto has = [&seen](const ListColumn& column) {
    return *column.needs == '\0' || seen.column(column.needs);
  };
  int room = width;
  int greatest = 0;
  for (int priority = 0; priority <= 6; ++priority) {
    int needed = 0;
    for (const ListColumn& column : kColumns) {
      if (column.priority == priority && has(column)) needed += column.width + 1;
    }
    if (priority > 0 && needed > room) break;
    room -= needed;
    greatest = priority;
  }
  std::vector<ListColumn> out;
  for (const ListColumn& column : kColumns) {
    if (column.priority <= greatest && has(column)) out.push_back(column);
  }
  room += 1;  // nothing follows the last one
  for (ListColumn& column : out) {
    if (column.title == std::string_view{"VENUE"} || column.title == std::string_view{"SYMBOL"}) {
      const int more = std::clamp(room, 0, 10);
      column.width += more;
      room -= more;
    }
  }
  for (ListColumn& column : out) {
    if (column.title == std::string_view{"IMBALANCE"} && room >= 2) {
      column.width += std::min(room, 30) / 2 * 2;
    }
  }
  return out;
}

[[nodiscard]] bool sorts(const ListColumn& column, SortBy by) {
  constexpr std::pair<SortBy, std::string_view> kTitles[] = {
      {SortBy::Venue, "VENUE"}, {SortBy::Symbol, "SYMBOL"}, {SortBy::State, "STATE"},
      {SortBy::Age, "AGE"},     {SortBy::Rate, "EV/S"},     {SortBy::Spread, "SPREAD"},
      {SortBy::Flow, "OFI 1s"}, {SortBy::Alert, "C"},       {SortBy::Imbalance, "IMBALANCE"}};
  return std::any_of(std::begin(kTitles), std::end(kTitles), [&](const auto& title) {
    return title.first == by && column.title == title.second;
  });
}

}  // namespace

void draw_list(Canvas& canvas, int top, int bottom, const TopScene& scene, TopState& state) {
  const std::vector<ListColumn> columns = fitting(canvas.width(), scene.seen);
  const std::vector<std::size_t> order = arranged(scene.seen, state);
  canvas.paint(top, {Ink::Plain, false, true});
  int x = 0;
  for (const ListColumn& column : columns) {
    const Style style{sorts(column, state.sort) ? Ink::Accent : Ink::Plain, true, true};
    if (column.right) {
      canvas.right(x, top, column.width, column.title, style);
    } else {
      canvas.left(x, top, column.width, column.title, style);
    }
    x += column.width + 1;
  }
  const int lines = std::max(1, bottom - top - 1);
  state.page = lines;
  if (order.empty()) {
    canvas.put(1, top + 2,
               !scene.seen.instruments.empty() ? "nothing matches the filter; Esc clears it"
               : scene.seen.presence == Presence::Absent
                   ? "waiting for the daemon; its instruments appear here"
                   : "no instruments",
               {Ink::Quiet});
    return;
  }
  const auto at = static_cast<int>(selection(scene.seen, order, state));
  const auto count = static_cast<int>(order.size());
  // The selection stays in sight, in the middle where there is more above and below.
  const int first = std::clamp(at - lines / 2, 0, std::max(0, count - lines));
  for (int i = first; i < count && i - first < lines; ++i) {
    const SeenInstrument& instrument = scene.seen.instruments[order[static_cast<std::size_t>(i)]];
    const int y = top + 1 + i - first;
    const bool current = is_current(scene.seen, instrument);
    const bool marked = i == at && !state.selected.empty();
    const Row row{
        scene.seen, instrument, current, {current ? Ink::Plain : Ink::Quiet, false, false}};
    x = 0;
    for (const ListColumn& column : columns) {
      column.draw(canvas, x, y, column.width, row);
      x += column.width + 1;
    }
    if (!marked) continue;
    // The names only: what is coloured stays as it is. One bar, also between them.
    for (int column = 0; column <= columns[0].width + columns[1].width; ++column) {
      const Cell cell = canvas.at(column, y);
      const Style style{row.base.ink, cell.style.bold, true};
      if (cell.glyph != 0) canvas.put(column, y, encode_utf8(std::u32string(1, cell.glyph)), style);
    }
  }
}

}  // namespace steelyard
