// src/venues/iso_time.hpp -- times of RFC 3339, as some venues stamp their messages.
#pragma once

#include <string_view>

#include "steelyard/types.hpp"

namespace steelyard {

// HOT. "2026-04-07T14:30:01.456789123Z" to ns: up to nine digits of a second count, "Z" or an
// offset ends it. A date before 1970 is what a venue writes that stamps nothing ("0001-01-01..."):
// time 0. False: no such time, or one that 64 bits do not hold.
[[nodiscard]] bool parse_iso_time(std::string_view text, TimestampNs& time) noexcept;

}  // namespace steelyard
