#include "top/terminal.hpp"

#define NCURSES_NOMACROS 1
#define NCURSES_WIDECHAR 1
#include <langinfo.h>
#include <ncurses.h>
#include <unistd.h>

#include <clocale>
#include <cstdio>
#include <cstring>
#include <stdexcept>
#include <string>

namespace steelyard {
namespace {

[[nodiscard]] wchar_t as_ascii(char32_t glyph) {
  if (glyph < 0x80) return static_cast<wchar_t>(glyph);
  if (glyph >= U'▁' && glyph <= U'▃') return L'_';
  if (glyph >= U'▄' && glyph <= U'▆') return L'=';
  if (glyph >= U'▇' && glyph <= U'▋') return L'#';
  if (glyph >= U'▌' && glyph <= U'▐') return L'|';
  switch (glyph) {
    case U'│':
    case U'▏':
      return L'|';
    case U'·':
      return L'.';
    case U'▲':
    case U'↑':
      return L'^';
    case U'▼':
    case U'↓':
      return L'v';
    case U'→':
      return L'>';
    case U'←':
      return L'<';
    case U'…':
      return L'~';
    case U'µ':
      return L'u';
    default:
      return L'?';
  }
}

// 256 colours where the terminal has them: a grey that is one, and no shouting red.
void start_colours() {
  start_color();
  use_default_colors();
  const bool many = COLORS >= 256;
  const auto pair = [](Ink ink, int colour) {
    init_pair(static_cast<short>(ink), static_cast<short>(colour), -1);
  };
  pair(Ink::Quiet, many ? 243 : COLOR_BLACK + (COLORS >= 16 ? 8 : 7));
  pair(Ink::Good, many ? 71 : COLOR_GREEN);
  pair(Ink::Warn, many ? 178 : COLOR_YELLOW);
  pair(Ink::Bad, many ? 203 : COLOR_RED);
  pair(Ink::Bid, many ? 71 : COLOR_GREEN);
  pair(Ink::Ask, many ? 167 : COLOR_RED);
  pair(Ink::Accent, many ? 74 : COLOR_CYAN);
}

void apply(const Style& style, bool colour) {
  attr_t attributes = A_NORMAL;
  if (style.bold) attributes |= A_BOLD;
  if (style.reverse) attributes |= A_REVERSE;
  // Without colours, grey is dim.
  if (!colour && style.ink == Ink::Quiet) attributes |= A_DIM;
  const auto pair = static_cast<short>(colour ? static_cast<int>(style.ink) : 0);
  attr_set(attributes, pair, nullptr);
}

[[nodiscard]] std::optional<KeyPress> translate(wint_t code) {
  switch (code) {
    case KEY_UP:
      return KeyPress{Key::Up, 0};
    case KEY_DOWN:
      return KeyPress{Key::Down, 0};
    case KEY_LEFT:
      return KeyPress{Key::Left, 0};
    case KEY_RIGHT:
      return KeyPress{Key::Right, 0};
    case KEY_PPAGE:
      return KeyPress{Key::PageUp, 0};
    case KEY_NPAGE:
      return KeyPress{Key::PageDown, 0};
    case KEY_HOME:
      return KeyPress{Key::Home, 0};
    case KEY_END:
      return KeyPress{Key::End, 0};
    case KEY_ENTER:
      return KeyPress{Key::Enter, 0};
    case KEY_BACKSPACE:
      return KeyPress{Key::Backspace, 0};
    default:
      return std::nullopt;  // KEY_RESIZE among them: the next picture has the new size
  }
}

}  // namespace

Terminal::Terminal(const TerminalOptions& options) : options_{options} {
  if (isatty(STDOUT_FILENO) == 0 || isatty(STDIN_FILENO) == 0) {
    throw std::runtime_error{
        "standard input and output must be a terminal; `steelyard status` prints one picture"};
  }
  std::setlocale(LC_ALL, "");
  // Servers are often left at the C locale, by people whose terminals know UTF-8 all the same.
  if (std::strcmp(nl_langinfo(CODESET), "UTF-8") != 0 &&
      std::setlocale(LC_CTYPE, "C.UTF-8") == nullptr) {
    options_.ascii = true;
  }
  std::setlocale(LC_NUMERIC, "C");
  set_escdelay(25);  // Esc is a key here; ncurses would wait a second for what it may begin
  screen_ = newterm(nullptr, stdout, stdin);
  if (screen_ == nullptr) {
    throw std::runtime_error{
        "this terminal is not known (TERM); try TERM=xterm-256color, or `steelyard status`"};
  }
  set_term(static_cast<SCREEN*>(screen_));
  raw();  // Ctrl-C is a key too: the terminal is put back in any case
  noecho();
  keypad(stdscr, true);
  curs_set(0);
  if (options_.colour && has_colors()) {
    start_colours();
  } else {
    options_.colour = false;
  }
}

Terminal::~Terminal() {
  endwin();
  delscreen(static_cast<SCREEN*>(screen_));
}

int Terminal::width() const noexcept { return getmaxx(stdscr); }
int Terminal::height() const noexcept { return getmaxy(stdscr); }

void Terminal::show(const Canvas& canvas) {
  werase(stdscr);
  for (int y = 0; y < canvas.height() && y < height(); ++y) {
    for (int x = 0; x < canvas.width() && x < width();) {
      const Style style = canvas.at(x, y).style;
      std::wstring run;
      const int from = x;
      while (x < canvas.width() && canvas.at(x, y).style == style) {
        const char32_t glyph = canvas.at(x, y).glyph;
        if (glyph != 0) {
          run += options_.ascii ? as_ascii(glyph) : static_cast<wchar_t>(glyph);
        } else if (options_.ascii) {
          run += L' ';
        }
        ++x;
      }
      apply(style, options_.colour);
      mvaddnwstr(y, from, run.c_str(), static_cast<int>(run.size()));
    }
  }
  refresh();
}

std::optional<KeyPress> Terminal::key(std::chrono::milliseconds timeout) {
  wtimeout(stdscr, static_cast<int>(timeout.count()));
  wint_t code = 0;
  const int kind = get_wch(&code);
  if (kind == ERR) return std::nullopt;
  if (kind == KEY_CODE_YES) return translate(code);
  switch (code) {
    case 3:  // Ctrl-C
      return KeyPress{Key::Character, U'q'};
    case 27:
      return KeyPress{Key::Escape, 0};
    case '\r':
    case '\n':
      return KeyPress{Key::Enter, 0};
    case 8:
    case 127:
      return KeyPress{Key::Backspace, 0};
    default:
      return KeyPress{Key::Character, static_cast<char32_t>(code)};
  }
}

}  // namespace steelyard
