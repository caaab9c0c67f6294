// src/app/live_view.hpp -- the latest of every instrument as a table on the screen.
#pragma once

#include <cstdio>
#include <string>

#include "steelyard/reader.hpp"

namespace steelyard {

// "live", or what is wrong, in the words of the validity bits.
[[nodiscard]] std::string verdict_text(std::uint32_t validity);

// One table. `terminal`: with colours, over the one before.
void print_live_view(std::FILE* out, const Reader& reader, bool terminal);

}  // namespace steelyard
