// src/cli/listings.hpp -- what `steelyard venues` and `steelyard instruments` print.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "venues/venue.hpp"

namespace steelyard {

// Each venue's book channels, what proves that no change was lost, and what else it publishes; for
// people, or as a JSON array.
[[nodiscard]] std::string venues_text(std::span<const Venue* const> venues);
[[nodiscard]] std::string venues_json(std::span<const Venue* const> venues);

// Those whose symbol or normalised name matches the pattern, by symbol.
[[nodiscard]] std::vector<InstrumentInfo> matching(std::vector<InstrumentInfo> list,
                                                   std::string_view pattern);
[[nodiscard]] std::string instruments_text(std::span<const InstrumentInfo> list);
[[nodiscard]] std::string instruments_json(std::span<const InstrumentInfo> list);

}  // namespace steelyard
