#include <algorithm>
#include <cctype>
#include <cmath>

#include "observe/health.hpp"
#include "observe/number_text.hpp"
#include "observe/verdict_text.hpp"
#include "top/glyphs.hpp"
#include "top/views.hpp"

namespace steelyard {
namespace {

void draw_head(Canvas& canvas, const TopScene& scene, const TopState& state,
               const std::vector<Trouble>& wrong) {
  const Observation& seen = scene.seen;
  const bool alive = seen.presence == Presence::Alive;
  int x = canvas.put(0, 0, " steelyard ", {Ink::Accent, true});
  x = canvas.put(x, 0, seen.instance + "  ", {Ink::Plain, true});
  std::string word{presence_text(seen.presence)};
  std::transform(word.begin(), word.end(), word.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  x = canvas.put(x, 0, " " + word + " ", {alive ? Ink::Good : Ink::Bad, true, true});
  if (seen.presence != Presence::Absent) {
    std::string text = alive ? "  up " + uptime_text(seen.uptime_s)
                             : "  heartbeat " + age_text(seen.heartbeat_age_s) + " ago";
    text += (alive ? "  " : "  was ") + std::to_string(seen.live_count()) + "/" +
            std::to_string(seen.instruments.size()) + " live";
    if (alive) text += "  " + rate_text(seen.record_rate_hz) + " rec/s";
    if (canvas.width() >= 100) {
      text += "  " + seen.version + "  pid " + std::to_string(seen.pid);
      if (seen.restarts > 0) text += "  restarts " + std::to_string(seen.restarts);
    }
    x = canvas.put(x, 0, text);
  }
  if (state.paused) x = canvas.put(x + 2, 0, " PAUSED ", {Ink::Warn, true, true});
  if (x + 10 <= canvas.width()) canvas.right(canvas.width() - 9, 0, 8, scene.clock, {Ink::Quiet});

  const auto stage = [&](int at, const char* title, const char* ending) {
    const HistogramView recent = seen.stage(ending, true);
    const std::string text = std::string{title} + " p50 " +
                             duration_text(recent.percentile_ns(0.5)) + " p99 " +
                             duration_text(recent.percentile_ns(0.99));
    return canvas.put(at, 1, text, {alive ? Ink::Plain : Ink::Quiet});
  };
  if (seen.presence != Presence::Absent) {
    x = stage(1, "wire→shm", "received to published");
    if (canvas.width() >= 100) x = stage(x + 3, "decode", "received to decoded");
    x = stage(x + 3, "book+signals", "decoded to published");
    canvas.put(x + 3, 1, std::to_string(seen.io_counter("connections_open")) + " conn",
               {alive ? Ink::Plain : Ink::Quiet});
  }
  if (wrong.empty()) {
    canvas.put(1, 2, "nothing is wrong", {Ink::Good});
    return;
  }
  const Trouble& worst = wrong.front();
  const bool down = worst.level == Trouble::Level::Down;
  Style style{worst.level == Trouble::Level::Warning ? Ink::Warn : Ink::Bad, true, down};
  if (down) canvas.paint(2, style);
  std::string text = "! " + worst.subject + ": " + worst.what;
  if (wrong.size() > 1) text = "(" + std::to_string(wrong.size()) + ") " + text;
  canvas.left(1, 2, canvas.width() - 2, text, style);
}

void draw_foot(Canvas& canvas, const TopScene& scene, const TopState& state) {
  const int y = canvas.height() - 1;
  if (state.typing_filter) {
    canvas.put(0, y, " filter: " + state.filter + "▏  Enter keeps it, Esc clears it",
               {Ink::Accent});
    return;
  }
  const char* keys =
      " ↑↓ select  Enter open  s sort  r reverse  / filter  c connections  ! troubles  h help  q "
      "quit";
  if (canvas.width() < 96)
    keys = " ↑↓ Enter:open s:sort r /:filter c:conns !:troubles h:help q:quit";
  if (state.view == TopView::Instrument)
    keys = " ↑↓ other instrument  Esc back  space pause  h help  q quit";
  if (state.view == TopView::Links || state.view == TopView::Troubles ||
      state.view == TopView::Help) {
    keys = " ↑↓ scroll  Esc back  q quit";
  }
  canvas.paint(y, {Ink::Quiet});
  canvas.left(0, y, canvas.width(), keys, {Ink::Quiet});
  if (state.view != TopView::List) return;
  std::string sort{kSortNames[static_cast<std::size_t>(state.sort)]};
  if (state.reverse) sort += " ↑";
  if (!state.filter.empty()) sort += "  filter \"" + state.filter + "\"";
  if (text_columns(keys) + text_columns(sort) + 2 <= canvas.width()) {
    canvas.right(0, y, canvas.width() - 1, sort, {Ink::Accent});
  }
  (void)scene;
}

}  // namespace

bool is_current(const Observation& seen, const SeenInstrument& instrument) {
  return seen.presence == Presence::Alive && instrument.is_live();
}

VerdictLook look_of(const Observation& seen, const SeenInstrument& instrument) {
  if (seen.presence == Presence::Stopped) return {"STOPPED", {Ink::Quiet, true}};
  if (seen.presence != Presence::Alive) return {"DEAD", {Ink::Bad, true}};
  if (!instrument.there) return {"waiting", {Ink::Warn}};
  const std::uint32_t validity = instrument.view.tick.validity;
  std::string word{verdict_word(validity)};
  if (word == "bad-checksum") word = "checksum";
  if (validity == kShallow) return {word, {Ink::Good}};
  if (instrument.is_live()) return {word, {Ink::Good}};
  std::transform(word.begin(), word.end(), word.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  const bool waits = (validity & ~(kSyncing | kStale)) == 0;
  return {word, {waits ? Ink::Warn : Ink::Bad, true}};
}

std::string regime_text(double regime) {
  if (std::isnan(regime)) return "";
  if (regime >= 2) return "▲▲";
  if (regime >= 1) return "▲";
  if (regime <= -2) return "▼▼";
  if (regime <= -1) return "▼";
  return "·";
}

void draw_top(Canvas& canvas, const TopScene& scene, TopState& state) {
  const std::vector<Trouble> wrong = troubles(scene.seen);
  draw_head(canvas, scene, state, wrong);
  const int top = 3;
  const int bottom = std::max(top + 1, canvas.height() - 1);
  switch (state.view) {
    case TopView::List:
      draw_list(canvas, top, bottom, scene, state);
      break;
    case TopView::Instrument:
      // At 24 lines its 20 levels need all but the first and the last.
      draw_instrument(canvas, canvas.height() < 26 ? 1 : top, bottom, scene, state);
      break;
    case TopView::Links:
      draw_links(canvas, top, bottom, scene, state);
      break;
    case TopView::Troubles:
      draw_troubles(canvas, top, bottom, scene, state);
      break;
    case TopView::Help:
      draw_help(canvas, top, bottom, state);
      break;
  }
  draw_foot(canvas, scene, state);
}

}  // namespace steelyard
