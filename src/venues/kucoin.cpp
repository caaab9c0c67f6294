#include "venues/kucoin.hpp"

#include "venues/json.hpp"
#include "venues/kucoin_codec.hpp"

namespace steelyard {
namespace {

using namespace std::chrono_literals;
using kucoin::Dialect;

constexpr std::uint8_t kKinds =
    kind_bit(StreamKind::Book) | kind_bit(StreamKind::Trades) | kind_bit(StreamKind::Bbo);

// Classic connections go where the ticket says.
constexpr Socket kTicketSockets[] = {{.name = "push", .kinds = kKinds}};
constexpr Socket kUnifiedSpotSockets[] = {
    {.name = "push", .endpoint = {.host = "x-push-spot.kucoin.com", .path = "/"}, .kinds = kKinds}};
constexpr Socket kUnifiedFuturesSockets[] = {
    {.name = "push",
     .endpoint = {.host = "x-push-futures.kucoin.com", .path = "/"},
     .kinds = kKinds}};

// The hosts of old served both markets: topics say which.
constexpr std::string_view kSpotUrls[] = {"ws-api-spot.kucoin.com",  "ws-api.kucoin.com",
                                          "push-private.kucoin.com", "push1-v2.kucoin.com",
                                          "push1-v1.kucoin.com",     "api.kucoin.com"};
constexpr std::string_view kFuturesUrls[] = {"ws-api-futures.kucoin.com", "api-futures.kucoin.com"};
constexpr std::string_view kUnifiedSpotUrls[] = {"x-push-spot.kucoin.com", "api.kucoin.com/api/ua"};
constexpr std::string_view kUnifiedFuturesUrls[] = {"x-push-futures.kucoin.com"};

template <const Dialect& kDialect>
DecodeStatus decode(const Frame& frame, const SymbolTable& symbols, DecodeScratch& scratch,
                    MessageBatch& out) noexcept {
  return kDialect.trade_type.empty()
             ? kucoin::decode_classic(kDialect, frame, symbols, scratch, out)
             : kucoin::decode_unified(kDialect, frame, symbols, scratch, out);
}
// Of the classic interface.
template <const Dialect& kDialect>
DecodeStatus decode_any(const Frame& frame, const SymbolTable& symbols, DecodeScratch& scratch,
                        MessageBatch& out) noexcept {
  return kucoin::decode_classic_any(kDialect, frame, symbols, scratch, out);
}

template <const Dialect& kDialect>
std::vector<std::string> subscribe(std::span<const Stream> streams, std::uint64_t id) {
  return kDialect.trade_type.empty() ? kucoin::classic_requests(kDialect, "subscribe", streams, id)
                                     : kucoin::unified_requests(kDialect, "SUBSCRIBE", streams, id);
}
template <const Dialect& kDialect>
std::vector<std::string> unsubscribe(std::span<const Stream> streams, std::uint64_t id) {
  return kDialect.trade_type.empty()
             ? kucoin::classic_requests(kDialect, "unsubscribe", streams, id)
             : kucoin::unified_requests(kDialect, "UNSUBSCRIBE", streams, id);
}

RestRequest spot_snapshot(const Instrument& instrument) {
  return {.target = "/api/v1/market/orderbook/level2_100?symbol=" + instrument.symbol, .weight = 4};
}
RestRequest futures_snapshot(const Instrument& instrument) {
  return {.target = "/api/v1/level2/snapshot?symbol=" + instrument.symbol, .weight = 3};
}

std::vector<RestRequest> spot_lists() { return {{.target = "/api/v2/symbols", .weight = 4}}; }
std::vector<RestRequest> futures_lists() {
  return {{.target = "/api/v1/contracts/active", .weight = 3}};
}
template <const Dialect& kDialect>
std::vector<RestRequest> unified_lists() {
  return {{.target = "/api/ua/v2/market/instrument?tradeType=" + std::string{kDialect.trade_type},
           .weight = 4}};
}

const Venue* classic_sibling(std::string_view payload, std::string_view request) {
  if (!request.empty()) {
    return request.find("api-futures.") != std::string_view::npos ? &kKucoinFutures : &kKucoin;
  }
  // "/contractMarket/...", "/contract/...": the topic may stand at the end of a small message.
  return payload.find("\"/contract") != std::string_view::npos ? &kKucoinFutures : &kKucoin;
}

template <const Venue& kSelf>
const Venue* unified_sibling(std::string_view, std::string_view request) {
  const std::string_view type = json::query_value(request, "tradeType");
  if (type == kucoin::kUnifiedFutures.trade_type) return &kKucoinUnifiedFutures;
  return type == kucoin::kUnifiedSpot.trade_type ? &kKucoinUnified : &kSelf;
}

// "pingInterval" is 18 s; who sends none is cut though data flows.
constexpr Keepalive kKeepalive{.client_text = R"({"id":"1","type":"ping"})",
                               .interval = 18s,
                               .only_if_idle = false,
                               .silence_limit = 60s};

// 100 messages in 10 s; a token is good for a day, and so is its connection.
constexpr Limits kClassicLimits{.requests_per_second = 8.0,
                                .streams_per_connection = 300,
                                .args_per_request = 100,
                                .connections_per_second = 0.5,
                                .max_age = 24h,
                                .rest_weight_per_minute = 1200};
// 300 messages in 10 s, one symbol each; 250 new connections in five minutes.
constexpr Limits kUnifiedLimits{.requests_per_second = 20.0,
                                .streams_per_connection = 500,
                                .args_per_request = 1,
                                .connections_per_second = 0.8,
                                .rest_weight_per_minute = 1200};

}  // namespace

constinit const Venue kKucoin{
    .name = "kucoin",
    .sockets = kTicketSockets,
    .rest = {.host = "api.kucoin.com"},
    .keepalive = kKeepalive,
    .limits = kClassicLimits,
    .books = kucoin::kSpotBooks,
    .known_urls = kSpotUrls,
    .shares_ids = true,
    .numbers_trades = true,
    .bbo_skips = true,
    .welcomes = true,
    .decode = decode<kucoin::kSpot>,
    .decode_any = decode_any<kucoin::kSpot>,
    .control = kucoin::control,
    .subscribe = subscribe<kucoin::kSpot>,
    .unsubscribe = unsubscribe<kucoin::kSpot>,
    .snapshot = spot_snapshot,
    .ticket_request = kucoin::ticket_request,
    .ticket = kucoin::ticket,
    .instrument_lists = spot_lists,
    .instruments = kucoin::spot_instruments,
    .sibling = classic_sibling,
};

constinit const Venue kKucoinFutures{
    .name = "kucoin-futures",
    .sockets = kTicketSockets,
    .rest = {.host = "api-futures.kucoin.com"},
    .keepalive = kKeepalive,
    .limits = kClassicLimits,
    .books = kucoin::kFuturesBooks,
    .known_urls = kFuturesUrls,
    .shares_ids = true,
    .numbers_trades = true,
    .bbo_skips = true,
    .welcomes = true,
    .decode = decode<kucoin::kFutures>,
    .decode_any = decode_any<kucoin::kFutures>,
    .control = kucoin::control,
    .subscribe = subscribe<kucoin::kFutures>,
    .unsubscribe = unsubscribe<kucoin::kFutures>,
    .snapshot = futures_snapshot,
    .ticket_request = kucoin::ticket_request,
    .ticket = kucoin::ticket,
    .instrument_lists = futures_lists,
    .instruments = kucoin::futures_instruments,
};

constinit const Venue kKucoinUnified{
    .name = "kucoin-uta",
    .sockets = kUnifiedSpotSockets,
    .rest = {.host = "api.kucoin.com"},
    .keepalive = kKeepalive,
    .limits = kUnifiedLimits,
    .books = kucoin::kUnifiedBooks,
    .known_urls = kUnifiedSpotUrls,
    .shares_ids = true,
    .numbers_trades = true,
    .bbo_skips = true,
    .welcomes = true,
    .decode = decode<kucoin::kUnifiedSpot>,
    .control = kucoin::control,
    .subscribe = subscribe<kucoin::kUnifiedSpot>,
    .unsubscribe = unsubscribe<kucoin::kUnifiedSpot>,
    .instrument_lists = unified_lists<kucoin::kUnifiedSpot>,
    .instruments = kucoin::unified_instruments,
    .sibling = unified_sibling<kKucoinUnified>,
};

constinit const Venue kKucoinUnifiedFutures{
    .name = "kucoin-uta-futures",
    .sockets = kUnifiedFuturesSockets,
    .rest = {.host = "api.kucoin.com"},
    .keepalive = kKeepalive,
    .limits = kUnifiedLimits,
    .books = kucoin::kUnifiedBooks,
    .known_urls = kUnifiedFuturesUrls,
    .shares_ids = true,
    .numbers_trades = true,
    .bbo_skips = true,
    .welcomes = true,
    .decode = decode<kucoin::kUnifiedFutures>,
    .control = kucoin::control,
    .subscribe = subscribe<kucoin::kUnifiedFutures>,
    .unsubscribe = unsubscribe<kucoin::kUnifiedFutures>,
    .instrument_lists = unified_lists<kucoin::kUnifiedFutures>,
    .instruments = kucoin::unified_instruments,
    .sibling = unified_sibling<kKucoinUnifiedFutures>,
};

}  // namespace steelyard
