#include <algorithm>
#include <cmath>

#include "observe/health.hpp"
#include "observe/number_text.hpp"
#include "top/glyphs.hpp"
#include "top/views.hpp"

namespace steelyard {
namespace {

// How far a text of so many lines may be scrolled, and the page that fits.
int hold_scroll(TopState& state, int lines, int room) {
  state.page = std::max(1, room);
  state.scroll = std::clamp(state.scroll, 0, std::max(0, lines - room));
  return state.scroll;
}

constexpr std::pair<const char*, const char*> kHelp[] = {
    {"↑ ↓ j k PgUp PgDn", "select an instrument; scroll"},
    {"Enter →", "open it: ladder of 20 levels, signals, counters"},
    {"Esc ← b", "back; in the list: clear the filter"},
    {"s S", "sort by the next, the previous column"},
    {"r", "the other way round"},
    {"/", "filter: words that venue, symbol or state must have"},
    {"c", "connections: who is first, how late the others are"},
    {"! t", "all that is wrong, and what mends it"},
    {"space", "pause the picture; the daemon goes on"},
    {"q", "quit"},
    {"", ""},
    {"STATE", "in capitals what a strategy must not trust: GAP, STALE, ..."},
    {"grey", "not current: the book is in doubt, or the daemon is dead"},
    {"AGE EV/S", "since its last event; events a second"},
    {"SPREAD", "basis points"},
    {"IMBALANCE PBI", "sizes within 10 bps of mid: more bids green, more asks red"},
    {"OFI 1s", "order flow at the best level over 1 s, in average queues"},
    {"RG", "regime: ▲ buy ▲▲ extreme buy ▼ sell ▼▼ extreme sell"},
    {"C ALERT", "cascade level 1 to 3; last alert, its age; C: of a cascade"},
    {"P50 P99", "received to published, of its last 256 events"},
    {"▁▃▅▇", "of an opened instrument: a column a second"},
    {"wire→shm", "the same over all, of the last ten seconds"},
};

}  // namespace

void draw_links(Canvas& canvas, int top, int bottom, const TopScene& scene, TopState& state) {
  canvas.paint(top, {Ink::Plain, false, true});
  const Style head{Ink::Plain, true, true};
  const int name = std::clamp(canvas.width() - 54, 24, 44);
  canvas.left(0, top, name, "CONNECTION", head);
  canvas.right(name + 1, top, 8, "MSG/S", head);
  canvas.right(name + 10, top, 12, "FIRST", head);
  canvas.right(name + 23, top, 7, "SHARE", head);
  canvas.right(name + 42, top, 11, "MEAN LATE", head);
  const auto& links = scene.seen.links;
  if (links.empty()) {
    canvas.put(1, top + 2, "this daemon counts no connections", {Ink::Quiet});
    return;
  }
  // Those that never brought anything stand for sockets that take over when one is replaced.
  std::vector<const SeenLink*> shown;
  for (const SeenLink& link : links) {
    if (link.wins + link.twins > 0) shown.push_back(&link);
  }
  const auto idle = links.size() - shown.size();
  const int room = bottom - top - 3;
  const int first = hold_scroll(state, static_cast<int>(shown.size()), room);
  int y = top + 1;
  for (int i = first; i < static_cast<int>(shown.size()) && y < bottom - 2; ++i, ++y) {
    const SeenLink& link = *shown[static_cast<std::size_t>(i)];
    const bool active = scene.seen.presence == Presence::Alive && link.rate_hz > 0.01;
    const Style style{active ? Ink::Plain : Ink::Quiet};
    canvas.left(0, y, name, link.name, style);
    canvas.right(name + 1, y, 8, active ? rate_text(link.rate_hz) : "silent", style);
    canvas.right(name + 10, y, 12, count_text(link.wins), style);
    canvas.right(name + 23, y, 7, decimal_text(100 * link.win_share(), 1) + "%", style);
    canvas.put(name + 31, y, bar_right(link.win_share(), 10), {active ? Ink::Good : Ink::Quiet});
    const double late = link.mean_late_us();
    canvas.right(
        name + 42, y, 11,
        std::isnan(late) ? "-" : duration_text(static_cast<std::uint64_t>(late * 1000) + 1), style);
  }
  canvas.put(1, bottom - 1,
             "FIRST: before any other; SHARE: of what it brought; " + std::to_string(idle) +
                 " spare sockets unused",
             {Ink::Quiet});
}

void draw_troubles(Canvas& canvas, int top, int bottom, const TopScene& scene, TopState& state) {
  const std::vector<Trouble> wrong = troubles(scene.seen);
  canvas.paint(top, {Ink::Plain, false, true});
  canvas.put(0, top, " WHAT IS WRONG, AND WHAT MENDS IT", {Ink::Plain, true, true});
  if (wrong.empty()) {
    canvas.put(1, top + 2, "nothing", {Ink::Good});
    return;
  }
  const int room = (bottom - top - 1) / 2;
  const int first = hold_scroll(state, static_cast<int>(wrong.size()), room);
  int y = top + 1;
  for (int i = first; i < static_cast<int>(wrong.size()) && y + 1 < bottom; ++i, y += 2) {
    const Trouble& trouble = wrong[static_cast<std::size_t>(i)];
    const Ink ink = trouble.level == Trouble::Level::Warning ? Ink::Warn : Ink::Bad;
    canvas.left(1, y, canvas.width() - 2, trouble.subject + ": " + trouble.what, {ink, true});
    canvas.left(3, y + 1, canvas.width() - 4, trouble.fix, {Ink::Quiet});
  }
}

void draw_help(Canvas& canvas, int top, int bottom, TopState& state) {
  canvas.paint(top, {Ink::Plain, false, true});
  canvas.put(0, top, " HELP", {Ink::Plain, true, true});
  const auto lines = static_cast<int>(std::size(kHelp));
  const int first = hold_scroll(state, lines, bottom - top - 1);
  for (int i = first; i < lines && top + 1 + i - first < bottom; ++i) {
    const int y = top + 1 + i - first;
    canvas.left(1, y, 18, kHelp[i].first, {Ink::Accent, true});
    canvas.left(20, y, canvas.width() - 20, kHelp[i].second);
  }
}

}  // namespace steelyard
