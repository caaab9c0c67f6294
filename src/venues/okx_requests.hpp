// src/venues/okx_requests.hpp -- the cold half of OKX: requests, control messages, metadata.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "venues/venue.hpp"

namespace steelyard::okx {

[[nodiscard]] Control control(std::string_view payload);
[[nodiscard]] std::vector<std::string> requests(std::string_view operation,
                                                std::span<const BookChannel> books,
                                                std::span<const Stream> streams, std::uint64_t id);
[[nodiscard]] RestRequest snapshot(const Instrument& instrument);
[[nodiscard]] std::vector<RestRequest> instrument_lists();
[[nodiscard]] std::vector<InstrumentInfo> instruments(std::string_view answer);

}  // namespace steelyard::okx
