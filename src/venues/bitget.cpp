#include "venues/bitget.hpp"

#include "venues/bitget_codec.hpp"
#include "venues/bitget_requests.hpp"

namespace steelyard {
namespace {

using namespace std::chrono_literals;

constexpr Socket kSpotSockets[] = {
    {.name = "public",
     .endpoint = {.host = "ws.bitget.com", .path = "/v3/ws/public"},
     .kinds =
         kind_bit(StreamKind::Book) | kind_bit(StreamKind::Trades) | kind_bit(StreamKind::Bbo)},
};
constexpr Socket kFuturesSockets[] = {
    {.name = "public",
     .endpoint = {.host = "ws.bitget.com", .path = "/v3/ws/public"},
     .kinds = kind_bit(StreamKind::Book) | kind_bit(StreamKind::Trades) |
              kind_bit(StreamKind::Bbo) | kind_bit(StreamKind::Liquidations)},
};

constexpr std::string_view kSpotUrls[] = {
    "ws.bitget.com",  "ws.bitget.com/spot/v1/stream", "wspap.bitget.com",       "vip-ws.bitget.com",
    "api.bitget.com", "api.bitget.com/api/v2/spot",   "api.bitget.com/api/spot"};
constexpr std::string_view kFuturesUrls[] = {
    "ws.bitget.com",  "ws.bitget.com/mix/v1/stream", "wspap.bitget.com",       "vip-ws.bitget.com",
    "api.bitget.com", "api.bitget.com/api/v2/mix",   "api.bitget.com/api/mix",
};

DecodeStatus decode_any_spot(const Frame& frame, const SymbolTable& symbols, DecodeScratch& scratch,
                             MessageBatch& out) noexcept {
  return bitget::decode_any(true, frame, symbols, scratch, out);
}
DecodeStatus decode_any_futures(const Frame& frame, const SymbolTable& symbols,
                                DecodeScratch& scratch, MessageBatch& out) noexcept {
  return bitget::decode_any(false, frame, symbols, scratch, out);
}
DecodeStatus decode_spot(const Frame& frame, const SymbolTable& symbols, DecodeScratch& scratch,
                         MessageBatch& out) noexcept {
  return bitget::decode(true, frame, symbols, scratch, out);
}
DecodeStatus decode_futures(const Frame& frame, const SymbolTable& symbols, DecodeScratch& scratch,
                            MessageBatch& out) noexcept {
  return bitget::decode(false, frame, symbols, scratch, out);
}

std::vector<std::string> subscribe_spot(std::span<const Stream> streams, std::uint64_t) {
  return bitget::requests("subscribe", true, kBitget, streams);
}
std::vector<std::string> unsubscribe_spot(std::span<const Stream> streams, std::uint64_t) {
  return bitget::requests("unsubscribe", true, kBitget, streams);
}
std::vector<std::string> subscribe_futures(std::span<const Stream> streams, std::uint64_t) {
  return bitget::requests("subscribe", false, kBitgetFutures, streams);
}
std::vector<std::string> unsubscribe_futures(std::span<const Stream> streams, std::uint64_t) {
  return bitget::requests("unsubscribe", false, kBitgetFutures, streams);
}
std::vector<RestRequest> spot_lists() {
  return {{.target = "/api/v3/market/instruments?category=SPOT"}};
}
std::vector<RestRequest> futures_lists() {
  return {{.target = "/api/v3/market/instruments?category=USDT-FUTURES"},
          {.target = "/api/v3/market/instruments?category=USDC-FUTURES"},
          {.target = "/api/v3/market/instruments?category=COIN-FUTURES"}};
}
const Venue* sibling_of_spot(std::string_view payload, std::string_view request) {
  return bitget::market_of(payload, request) == bitget::Market::Futures ? &kBitgetFutures
                                                                        : &kBitget;
}
const Venue* sibling_of_futures(std::string_view payload, std::string_view request) {
  return bitget::market_of(payload, request) == bitget::Market::Spot ? &kBitget : &kBitgetFutures;
}

// A client's ping is due even while data flows: cut after two minutes without.
constexpr Keepalive kKeepalive{.client_text = "ping",
                               .expected_text = "pong",
                               .interval = 25s,
                               .only_if_idle = false,
                               .silence_limit = 60s};
constexpr Limits kLimits{.requests_per_second = 5.0,    // 10, pings included
                         .streams_per_connection = 48,  // fewer than 50 advised
                         .args_per_request = 10,        // 25 were seen to end the connection
                         .bytes_per_request = 4096,
                         .connections_per_second = 1.0,  // 300 in five minutes
                         .rest_weight_per_minute = 600};

}  // namespace

constinit const Venue kBitget{
    .name = "bitget",
    .sockets = kSpotSockets,
    .rest = {.host = "api.bitget.com"},
    .keepalive = kKeepalive,
    .limits = kLimits,
    .books = bitget::kBooks,
    .known_urls = kSpotUrls,
    .shares_ids = true,
    .bbo_skips = true,
    .decode = decode_spot,
    .decode_any = decode_any_spot,
    .control = bitget::control,
    .subscribe = subscribe_spot,
    .unsubscribe = unsubscribe_spot,
    .instrument_lists = spot_lists,
    .instruments = bitget::instruments,
    .sibling = sibling_of_spot,
};

constinit const Venue kBitgetFutures{
    .name = "bitget-futures",
    .sockets = kFuturesSockets,
    .rest = {.host = "api.bitget.com"},
    .keepalive = kKeepalive,
    .limits = kLimits,
    .books = bitget::kBooks,
    .known_urls = kFuturesUrls,
    .liquidations = true,
    .liquidation_note = "batches of a whole market, at average price and size; sampling unknown",
    .shares_ids = true,
    .bbo_skips = true,
    .decode = decode_futures,
    .decode_any = decode_any_futures,
    .control = bitget::control,
    .subscribe = subscribe_futures,
    .unsubscribe = unsubscribe_futures,
    .instrument_lists = futures_lists,
    .instruments = bitget::instruments,
    .sibling = sibling_of_futures,
};

}  // namespace steelyard
