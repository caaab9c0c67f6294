// src/venues/kucoin_topics.hpp -- what the topics of KuCoin's classic interface are.
#pragma once

#include <cstdint>
#include <string_view>

namespace steelyard::kucoin {

enum class Feed : std::uint8_t { None, Changes, Snapshot, Depth, Best, Ticker, Match, Other };

struct Topic {
  std::string_view name;  // ahead of the colon
  Feed feed = Feed::None;
  std::uint8_t row = 0;
};

// HOT. `name`: ahead of the colon. Feed::None for one that is not documented.
[[nodiscard]] Topic topic_of(bool futures, std::string_view name) noexcept;

}  // namespace steelyard::kucoin
