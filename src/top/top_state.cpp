#include "top/top_state.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "observe/verdict_text.hpp"
#include "top/canvas.hpp"

namespace steelyard {
namespace {

[[nodiscard]] std::string lower(std::string_view text) {
  std::string out{text};
  std::transform(out.begin(), out.end(), out.begin(), [](unsigned char c) {
    return static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
  });
  return out;
}

[[nodiscard]] bool passes(const SeenInstrument& instrument, std::string_view filter) {
  const std::string text = lower(
      instrument.venue + ' ' + instrument.symbol + ' ' + instrument.name + ' ' +
      (instrument.there ? verdict_text(instrument.view.tick.validity) : std::string{"waiting"}));
  const std::string words = lower(filter);
  for (std::size_t at = 0; at < words.size();) {
    const std::size_t end = std::min(words.find(' ', at), words.size());
    if (text.find(words.substr(at, end - at)) == std::string::npos) return false;
    at = end + 1;
  }
  return true;
}

// The greater, the further up. What is not defined goes to the end.
[[nodiscard]] double weight(const Observation& seen, const SeenInstrument& of, SortBy by) {
  const auto or_last = [](double value) {
    return std::isnan(value) ? -std::numeric_limits<double>::infinity() : value;
  };
  switch (by) {
    case SortBy::State:
      return of.there ? (of.is_live() ? of.view.tick.validity : 1000.0 + of.view.tick.validity)
                      : 1e6;
    case SortBy::Age:
      return or_last(of.age_s);
    case SortBy::Rate:
      return of.rate_hz;
    case SortBy::Spread:
      return or_last(seen.value(of, "spread_bps"));
    case SortBy::Imbalance:
      return or_last(std::abs(seen.value(of, "pbi_10bp")));
    case SortBy::Flow:
      return or_last(std::abs(seen.value(of, "ofi_norm_1000ms")));
    case SortBy::Alert: {
      const double cascade = seen.value(of, "casc_level");
      const double regime = seen.value(of, "regime");
      return (std::isnan(cascade) ? 0.0 : 10 * cascade) +
             (std::isnan(regime) ? 0.0 : std::abs(regime));
    }
    case SortBy::Directory:
    case SortBy::Venue:
    case SortBy::Symbol:
      break;
  }
  return 0.0;
}

void move_selection(TopState& state, const Observation& seen, int by) {
  const std::vector<std::size_t> order = arranged(seen, state);
  if (order.empty()) return;
  const auto last = static_cast<std::ptrdiff_t>(order.size()) - 1;
  const auto at = static_cast<std::ptrdiff_t>(selection(seen, order, state)) + by;
  state.selected = key_of(
      seen.instruments[order[static_cast<std::size_t>(std::clamp<std::ptrdiff_t>(at, 0, last))]]);
}

void type_into_filter(TopState& state, KeyPress press) {
  switch (press.key) {
    case Key::Enter:
      state.typing_filter = false;
      break;
    case Key::Escape:
      state.typing_filter = false;
      state.filter.clear();
      break;
    case Key::Backspace: {
      std::u32string glyphs = decode_utf8(state.filter);
      if (!glyphs.empty()) glyphs.pop_back();
      state.filter = encode_utf8(glyphs);
      break;
    }
    case Key::Character:
      if (press.character >= 0x20 && state.filter.size() < 64) {
        state.filter += encode_utf8(std::u32string(1, press.character));
      }
      break;
    default:
      break;
  }
}

void show(TopState& state, TopView view) {
  state.view = state.view == view ? TopView::List : view;
  state.scroll = 0;
}

void back(TopState& state) {
  if (state.view == TopView::Help) {
    state.view = state.before_help;
  } else if (state.view != TopView::List) {
    state.view = TopView::List;
  } else {
    state.filter.clear();
  }
  state.scroll = 0;
}

void handle_character(TopState& state, char32_t character, const Observation& seen) {
  switch (character) {
    case U'q':
    case U'Q':
      state.quit = true;
      break;
    case U'j':
      handle_key(state, {Key::Down, 0}, seen);
      break;
    case U'k':
      handle_key(state, {Key::Up, 0}, seen);
      break;
    case U's':
      state.sort =
          static_cast<SortBy>((static_cast<std::size_t>(state.sort) + 1) % std::size(kSortNames));
      break;
    case U'S':
      state.sort =
          static_cast<SortBy>((static_cast<std::size_t>(state.sort) + std::size(kSortNames) - 1) %
                              std::size(kSortNames));
      break;
    case U'r':
      state.reverse = !state.reverse;
      break;
    case U'/':
      state.view = TopView::List;
      state.typing_filter = true;
      break;
    case U' ':
      state.paused = !state.paused;
      break;
    case U'c':
      show(state, TopView::Links);
      break;
    case U'!':
    case U't':
      show(state, TopView::Troubles);
      break;
    case U'h':
    case U'?':
      if (state.view == TopView::Help) {
        back(state);
      } else {
        state.before_help = state.view;
        state.view = TopView::Help;
        state.scroll = 0;
      }
      break;
    case U'n':
      move_selection(state, seen, 1);
      break;
    case U'p':
      move_selection(state, seen, -1);
      break;
    case U'b':
      back(state);
      break;
    default:
      break;
  }
}

}  // namespace

std::string key_of(const SeenInstrument& instrument) {
  return instrument.venue + ' ' + instrument.symbol;
}

std::vector<std::size_t> arranged(const Observation& seen, const TopState& state) {
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < seen.instruments.size(); ++i) {
    if (passes(seen.instruments[i], state.filter)) order.push_back(i);
  }
  if (state.sort == SortBy::Venue || state.sort == SortBy::Symbol) {
    const bool by_venue = state.sort == SortBy::Venue;
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
      const SeenInstrument& x = seen.instruments[a];
      const SeenInstrument& y = seen.instruments[b];
      return by_venue ? x.venue < y.venue : x.name < y.name;
    });
  } else if (state.sort != SortBy::Directory) {
    std::vector<double> weights(seen.instruments.size());
    for (const std::size_t i : order) weights[i] = weight(seen, seen.instruments[i], state.sort);
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return weights[a] > weights[b]; });
  }
  if (state.reverse) std::reverse(order.begin(), order.end());
  return order;
}

std::size_t selection(const Observation& seen, const std::vector<std::size_t>& order,
                      const TopState& state) {
  for (std::size_t at = 0; at < order.size(); ++at) {
    if (key_of(seen.instruments[order[at]]) == state.selected) return at;
  }
  return 0;
}

void handle_key(TopState& state, KeyPress press, const Observation& seen) {
  if (state.typing_filter && press.key != Key::Up && press.key != Key::Down) {
    type_into_filter(state, press);
    return;
  }
  const bool scrolls = state.view != TopView::List && state.view != TopView::Instrument;
  const auto move = [&](int by) {
    if (scrolls) {
      state.scroll = std::max(0, state.scroll + by);
    } else {
      move_selection(state, seen, by);
    }
  };
  constexpr int kFar = 1'000'000;
  switch (press.key) {
    case Key::Character:
      handle_character(state, press.character, seen);
      break;
    case Key::Up:
      move(-1);
      break;
    case Key::Down:
      move(1);
      break;
    case Key::PageUp:
      move(-state.page);
      break;
    case Key::PageDown:
      move(state.page);
      break;
    case Key::Home:
      move(-kFar);
      break;
    case Key::End:
      move(scrolls ? state.page : kFar);
      break;
    case Key::Right:
    case Key::Enter:
      if (state.view == TopView::List) {
        move_selection(state, seen, 0);
        if (!state.selected.empty()) state.view = TopView::Instrument;
      }
      break;
    case Key::Left:
    case Key::Escape:
    case Key::Backspace:
      back(state);
      break;
  }
}

}  // namespace steelyard
