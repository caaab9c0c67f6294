// src/cli/live_view.hpp -- the latest of every instrument as a table on the screen.
#pragma once

#include <cstdio>
#include <string>

#include "observe/verdict_text.hpp"
#include "steelyard/reader.hpp"

namespace steelyard {

// One table. `terminal`: with colours, over the one before.
void print_live_view(std::FILE* out, const Reader& reader, bool terminal);

}  // namespace steelyard
