// src/venues/bitstamp_requests.hpp -- the cold half of Bitstamp: requests, control messages,
// metadata.
#pragma once

#include "venues/venue.hpp"

namespace steelyard::bitstamp {

[[nodiscard]] Control control(std::string_view payload);
[[nodiscard]] std::vector<std::string> subscribe(std::span<const Stream> streams, std::uint64_t id);
[[nodiscard]] std::vector<std::string> unsubscribe(std::span<const Stream> streams,
                                                   std::uint64_t id);
[[nodiscard]] RestRequest snapshot(const Instrument& instrument);
[[nodiscard]] std::vector<RestRequest> instrument_lists();
[[nodiscard]] std::vector<InstrumentInfo> instruments(std::string_view answer);

}  // namespace steelyard::bitstamp
