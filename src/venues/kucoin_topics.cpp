#include "venues/kucoin_topics.hpp"

namespace steelyard::kucoin {
namespace {

// Snapshots on the stream are put into recordings by whoever made them.
constexpr Topic kSpotTopics[] = {
    {"/market/level2", Feed::Changes},
    {"/market/ticker", Feed::Ticker},
    {"/market/match", Feed::Match},
    {"/spotMarket/level2Depth50", Feed::Depth, 1},
    {"/spotMarket/level2Depth5", Feed::Depth, 2},
    {"/spotMarket/level1", Feed::Best},
    {"/market/level2Snapshot", Feed::Snapshot},
};
constexpr Topic kFuturesTopics[] = {
    {"/contractMarket/level2", Feed::Changes},
    {"/contractMarket/tickerV2", Feed::Ticker},
    {"/contractMarket/execution", Feed::Match},
    {"/contractMarket/level2Depth50", Feed::Depth, 1},
    {"/contractMarket/level2Depth5", Feed::Depth, 2},
    {"/contractMarket/level2Snapshot", Feed::Snapshot},
};
constexpr std::string_view kSpotOthers[] = {"/market/candles", "/market/snapshot",   "/indicator/",
                                            "/spotMarket/",    "/account/",          "/margin/",
                                            "/callauction/",   "/margin-fundingBook"};
constexpr std::string_view kFuturesOthers[] = {"/contractMarket/", "/contract/",
                                               "/contractAccount/", "/futuresIndex/"};

}  // namespace

Topic topic_of(bool futures, std::string_view name) noexcept {
  const auto of = [name](const auto& topics, const auto& others) noexcept {
    for (const Topic& topic : topics) {
      if (topic.name == name) return topic;
    }
    for (const std::string_view other : others) {
      if (name.starts_with(other)) return Topic{name, Feed::Other};
    }
    return Topic{name};
  };
  return futures ? of(kFuturesTopics, kFuturesOthers) : of(kSpotTopics, kSpotOthers);
}

}  // namespace steelyard::kucoin
