// src/top/views.hpp -- the pictures of `steelyard top`: functions from what is seen to cells.
#pragma once

#include <string>

#include "observe/histories.hpp"
#include "observe/observation.hpp"
#include "top/canvas.hpp"
#include "top/top_state.hpp"

namespace steelyard {

// What a view may show. `clock`: the time of day in UTC, as text.
struct TopScene {
  const Observation& seen;
  const Histories& histories;
  const std::string& clock;
};

// The columns whose history the views show.
[[nodiscard]] std::vector<std::string> top_columns();

// The whole screen; tells `state` how long a page is.
void draw_top(Canvas& canvas, const TopScene& scene, TopState& state);

// Parts of it, from line `top` to before `bottom`.
void draw_list(Canvas& canvas, int top, int bottom, const TopScene& scene, TopState& state);
void draw_instrument(Canvas& canvas, int top, int bottom, const TopScene& scene,
                     const TopState& state);
void draw_links(Canvas& canvas, int top, int bottom, const TopScene& scene, TopState& state);
void draw_troubles(Canvas& canvas, int top, int bottom, const TopScene& scene, TopState& state);
void draw_help(Canvas& canvas, int top, int bottom, TopState& state);

// The words and style of an instrument's verdict; grey and in capitals what is not current.
struct VerdictLook {
  std::string word;
  Style style;
};
[[nodiscard]] VerdictLook look_of(const Observation& seen, const SeenInstrument& instrument);
// Whether what is shown of it is of now.
[[nodiscard]] bool is_current(const Observation& seen, const SeenInstrument& instrument);

// "▲▲" to "▼▼": the regime; empty if there is none.
[[nodiscard]] std::string regime_text(double regime);

}  // namespace steelyard
