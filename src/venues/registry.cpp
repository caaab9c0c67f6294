#include <algorithm>

#include "venues/binance_coinm.hpp"
#include "venues/binance_spot.hpp"
#include "venues/binance_usdm.hpp"
#include "venues/bitfinex.hpp"
#include "venues/bitget.hpp"
#include "venues/bitmex.hpp"
#include "venues/bitstamp.hpp"
#include "venues/bybit.hpp"
#include "venues/coinbase.hpp"
#include "venues/coinbase_exchange.hpp"
#include "venues/cryptocom.hpp"
#include "venues/deribit.hpp"
#include "venues/gate.hpp"
#include "venues/htx.hpp"
#include "venues/hyperliquid.hpp"
#include "venues/kraken.hpp"
#include "venues/kraken_futures.hpp"
#include "venues/kucoin.hpp"
#include "venues/mexc.hpp"
#include "venues/okx.hpp"
#include "venues/venue.hpp"

namespace steelyard {
namespace {

// One a line, so that adding one changes one line.
// clang-format off
constexpr const Venue* kVenues[] = {
    &kBinanceSpot,
    &kBinanceUsdm,
    &kBinanceCoinm,
    &kOkx,
    &kBitget,
    &kBitgetFutures,
    &kHtx,
    &kHtxSwap,
    &kHtxCoin,
    &kCryptocom,
    &kKraken,
    &kKrakenFutures,
    &kBybitSpot,
    &kBybitLinear,
    &kBybitInverse,
    &kCoinbase,
    &kCoinbaseExchange,
    &kDeribit,
    &kGate,
    &kGateFutures,
    &kGateInverse,
    &kKucoin,
    &kKucoinFutures,
    &kKucoinUnified,
    &kKucoinUnifiedFutures,
    &kMexc,
    &kMexcFutures,
    &kHyperliquid,
    &kBitfinex,
    &kBitmex,
    &kBitstamp,
};
// clang-format on

}  // namespace

std::span<const Venue* const> venue_registry() noexcept { return kVenues; }

const Venue* find_venue(std::string_view name) noexcept {
  for (const Venue* const venue : kVenues) {
    if (venue->name == name) return venue;
  }
  return nullptr;
}

const Venue* venue_of_url(std::string_view url) noexcept {
  if (const std::size_t scheme = url.find("://"); scheme != std::string_view::npos) {
    url.remove_prefix(scheme + 3);
  }
  // Venues that are told apart by their paths are so on whatever port.
  const std::string_view host = url.substr(0, url.find_first_of(":/?"));
  const std::size_t at = url.find_first_of("/?");
  const std::string_view path = at == std::string_view::npos ? std::string_view{} : url.substr(at);
  const Venue* best = nullptr;
  std::size_t longest = 0;
  for (const Venue* const venue : kVenues) {
    for (const std::string_view known : venue->known_urls) {
      if (known.size() <= longest || !known.starts_with(host)) continue;
      // "api.venue.com" is not "api.venue.com.elsewhere.net", "/ws" not "/ws_index".
      const std::string_view prefix = known.substr(host.size());
      if ((!prefix.empty() && prefix[0] != '/') || !path.starts_with(prefix)) continue;
      const std::string_view rest = path.substr(prefix.size());
      if (!rest.empty() && rest[0] != '/' && rest[0] != '?') continue;
      best = venue;
      longest = known.size();
    }
  }
  return best;
}

std::uint32_t venue_index(const Venue& venue) noexcept {
  std::uint32_t index = 0;
  while (index < std::size(kVenues) && kVenues[index] != &venue) ++index;
  return index;
}

std::string_view to_text(DecodeStatus status) noexcept {
  constexpr std::string_view kTexts[kDecodeStatuses] = {
      "ok",          "ignored",   "unwanted",   "control",      "metadata",    "no instrument",
      "malformed",   "truncated", "bad number", "out of range", "too precise", "too large",
      "unknown kind"};
  return kTexts[static_cast<std::size_t>(status)];
}

}  // namespace steelyard
