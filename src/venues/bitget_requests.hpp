// src/venues/bitget_requests.hpp -- the cold half of Bitget: requests, control messages, metadata.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "venues/venue.hpp"

namespace steelyard::bitget {

// HOT. Whether "sp", "SPOT", "spot" and so on; everything else is a kind of futures.
[[nodiscard]] bool is_spot(std::string_view instrument_type) noexcept;

[[nodiscard]] Control control(std::string_view payload);
[[nodiscard]] std::vector<std::string> requests(std::string_view operation, bool spot,
                                                const Venue& venue,
                                                std::span<const Stream> streams);
[[nodiscard]] std::vector<InstrumentInfo> instruments(std::string_view answer);

// What a frame or a request says of the market that it is of.
enum class Market : std::uint8_t { Unsaid, Spot, Futures };
[[nodiscard]] Market market_of(std::string_view payload, std::string_view request);

}  // namespace steelyard::bitget
