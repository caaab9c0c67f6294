#include "top/top.hpp"

#include <ctime>

#include "observe/histories.hpp"
#include "observe/observer.hpp"
#include "top/views.hpp"

namespace steelyard {
namespace {

constexpr std::size_t kHistory = 240;  // samples, one a second

[[nodiscard]] std::string clock_text() {
  const std::time_t now = std::time(nullptr);
  std::tm utc{};
  gmtime_r(&now, &utc);
  char text[16];
  std::strftime(text, sizeof text, "%H:%M:%S", &utc);
  return text;
}

}  // namespace

void run_top(const TopOptions& options, const std::atomic<bool>& stop) {
  using Clock = std::chrono::steady_clock;
  Terminal terminal{options.terminal};
  Observer observer{options.instance};
  Histories histories{top_columns(), kHistory};
  TopState state;
  Observation shown = observer.look();
  std::string clock = clock_text();
  auto next_look = Clock::now();
  auto next_sample = next_look;
  while (!stop.load(std::memory_order_relaxed) && !state.quit) {
    if (const auto now = Clock::now(); now >= next_look) {
      next_look = now + options.interval;
      const Observation& seen = observer.look();
      if (now >= next_sample) {
        next_sample = now + std::chrono::seconds{1};
        histories.sample(seen);
      }
      if (!state.paused) {
        shown = seen;
        clock = clock_text();
      }
    }
    Canvas canvas{terminal.width(), terminal.height()};
    draw_top(canvas, TopScene{shown, histories, clock}, state);
    terminal.show(canvas);
    const auto wait =
        std::chrono::duration_cast<std::chrono::milliseconds>(next_look - Clock::now());
    const auto press = terminal.key(std::max(wait, std::chrono::milliseconds{1}));
    if (press) handle_key(state, *press, shown);
  }
}

}  // namespace steelyard
