// src/venues/bitfinex_requests.hpp -- the cold half of Bitfinex: requests, control messages,
// metadata.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "venues/venue.hpp"

namespace steelyard::bitfinex {

[[nodiscard]] Control control(std::string_view payload);
[[nodiscard]] std::vector<std::string> greeting();
[[nodiscard]] std::vector<std::string> subscribe(std::span<const Stream> streams, std::uint64_t id);
[[nodiscard]] std::vector<std::string> unsubscribe(std::span<const Stream> streams,
                                                   std::uint64_t id);
[[nodiscard]] std::vector<RestRequest> instrument_lists();
[[nodiscard]] std::vector<InstrumentInfo> instruments(std::string_view answer);

}  // namespace steelyard::bitfinex
