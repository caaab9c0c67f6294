// src/venues/coinbase_requests.hpp -- the cold half of both Coinbase feeds: requests, control
// messages, metadata.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "venues/venue.hpp"

namespace steelyard::coinbase {

[[nodiscard]] Control control(std::string_view payload);
[[nodiscard]] std::vector<std::string> greeting();
[[nodiscard]] std::vector<std::string> subscribe(std::span<const Stream> streams, std::uint64_t id);
[[nodiscard]] std::vector<std::string> unsubscribe(std::span<const Stream> streams,
                                                   std::uint64_t id);
[[nodiscard]] std::vector<RestRequest> instrument_lists();
[[nodiscard]] std::vector<InstrumentInfo> instruments(std::string_view answer);

[[nodiscard]] std::vector<std::string> subscribe_to_exchange(std::span<const Stream> streams,
                                                             std::uint64_t id);
[[nodiscard]] std::vector<std::string> unsubscribe_from_exchange(std::span<const Stream> streams,
                                                                 std::uint64_t id);
[[nodiscard]] std::vector<RestRequest> exchange_lists();
[[nodiscard]] std::vector<InstrumentInfo> exchange_instruments(std::string_view answer);

}  // namespace steelyard::coinbase
