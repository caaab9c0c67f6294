// src/top/terminal.hpp -- the terminal, by way of ncurses: shows a canvas, brings keys.
#pragma once

#include <chrono>
#include <optional>

#include "top/canvas.hpp"
#include "top/top_state.hpp"

namespace steelyard {

struct TerminalOptions {
  bool colour = true;
  bool ascii = false;  // no glyphs beyond ASCII
};

// One at a time. The destructor puts the terminal back as it was. One thread.
class Terminal {
 public:
  // Throws std::runtime_error if there is no terminal, or it is one that cannot move its cursor.
  explicit Terminal(const TerminalOptions& options);
  ~Terminal();
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;

  [[nodiscard]] int width() const noexcept;
  [[nodiscard]] int height() const noexcept;
  // Sends only what changed since the last one: no flicker.
  void show(const Canvas& canvas);
  // Waits for a key at most so long. Nothing: time is up, or the size changed.
  [[nodiscard]] std::optional<KeyPress> key(std::chrono::milliseconds timeout);

 private:
  TerminalOptions options_;
  void* screen_ = nullptr;
};

}  // namespace steelyard
