#include "venues/gate.hpp"

#include "venues/gate_codec.hpp"

namespace steelyard {
namespace {

using namespace std::chrono_literals;
using gate::Dialect;

constexpr std::uint8_t kPlain =
    kind_bit(StreamKind::Book) | kind_bit(StreamKind::Trades) | kind_bit(StreamKind::Bbo);
constexpr std::uint8_t kWithLiquidations = kPlain | kind_bit(StreamKind::Liquidations);

constexpr Socket kSpotSockets[] = {
    {.name = "spot", .endpoint = {.host = "api.gateio.ws", .path = "/ws/v4/"}, .kinds = kPlain}};
// A contract on the path of another currency is acknowledged, and silent.
constexpr Socket kUsdtSockets[] = {{.name = "usdt",
                                    .endpoint = {.host = "fx-ws.gateio.ws", .path = "/v4/ws/usdt"},
                                    .kinds = kWithLiquidations}};
constexpr Socket kBtcSockets[] = {{.name = "btc",
                                   .endpoint = {.host = "fx-ws.gateio.ws", .path = "/v4/ws/btc"},
                                   .kinds = kWithLiquidations}};

constexpr std::string_view kSpotUrls[] = {"api.gateio.ws", "api.gate.com", "ws.gate.io",
                                          "ws.gate.com"};
// Delivery and USD1 contracts speak the same, and their names are their own.
constexpr std::string_view kUsdtUrls[] = {"fx-ws.gateio.ws/v4/ws/usdt",
                                          "fx-ws.gateio.ws/v4/ws/usd1",
                                          "fx-ws.gateio.ws/v4/ws/delivery",
                                          "fx-ws-testnet.gateio.ws/v4/ws/usdt",
                                          "ws-testnet.gate.com/v4/ws/futures/usdt",
                                          "api.gateio.ws/api/v4/futures/usdt",
                                          "api.gateio.ws/api/v4/futures/usd1",
                                          "api.gateio.ws/api/v4/delivery",
                                          "fx-api.gateio.ws/api/v4/futures/usdt"};
// Without a currency: bitcoin.
constexpr std::string_view kBtcUrls[] = {"fx-ws.gateio.ws/v4/ws",
                                         "fx-ws.gateio.ws/v4/ws/btc",
                                         "fx-ws-testnet.gateio.ws/v4/ws/btc",
                                         "ws-testnet.gate.com/v4/ws/futures/btc",
                                         "api.gateio.ws/api/v4/futures/btc",
                                         "fx-api.gateio.ws/api/v4/futures/btc"};

template <const Dialect& kDialect>
DecodeStatus decode(const Frame& frame, const SymbolTable& symbols, DecodeScratch& scratch,
                    MessageBatch& out) noexcept {
  return gate::decode(kDialect, frame, symbols, scratch, out);
}
template <const Dialect& kDialect>
DecodeStatus decode_any(const Frame& frame, const SymbolTable& symbols, DecodeScratch& scratch,
                        MessageBatch& out) noexcept {
  return gate::decode_any(kDialect, frame, symbols, scratch, out);
}
template <const Dialect& kDialect>
std::vector<std::string> subscribe(std::span<const Stream> streams, std::uint64_t id) {
  return gate::requests(kDialect, "subscribe", streams, id);
}
template <const Dialect& kDialect>
std::vector<std::string> unsubscribe(std::span<const Stream> streams, std::uint64_t id) {
  return gate::requests(kDialect, "unsubscribe", streams, id);
}
template <const Dialect& kDialect>
RestRequest snapshot(const Instrument& instrument) {
  return gate::snapshot(kDialect, instrument);
}
template <const Dialect& kDialect>
std::vector<RestRequest> instrument_lists() {
  return {{.target = std::string{kDialect.lists}}};
}

// A connection without a subscription is cut after 30 s without a word from us.
[[nodiscard]] constexpr Keepalive keepalive(std::string_view ping) {
  return {.client_text = ping, .interval = 15s, .silence_limit = 60s};
}
constexpr Keepalive kSpotKeepalive = keepalive(R"({"time":1,"channel":"spot.ping"})");
constexpr Keepalive kFuturesKeepalive = keepalive(R"({"time":1,"channel":"futures.ping"})");

// No caps are published: 150 subscriptions on a connection were measured to work. REST: 200
// requests in 10 s.
constexpr Limits kLimits{.requests_per_second = 10.0,
                         .streams_per_connection = 150,
                         .args_per_request = 50,
                         .connections_per_second = 1.0,
                         .rest_weight_per_minute = 600};

constexpr std::string_view kLiquidationNote =
    "all of them since 2026-08-20, every second, one a second before; at the order's price and "
    "size; side: the sign of the size";

}  // namespace

constinit const Venue kGate{
    .name = "gate",
    .sockets = kSpotSockets,
    .rest = {.host = "api.gateio.ws"},
    .keepalive = kSpotKeepalive,
    .limits = kLimits,
    .books = gate::kBooks,
    .known_urls = kSpotUrls,
    .shares_ids = true,
    .numbers_trades = true,
    .bbo_skips = true,
    .decode = decode<gate::kSpot>,
    .decode_any = decode_any<gate::kSpot>,
    .control = gate::control,
    .subscribe = subscribe<gate::kSpot>,
    .unsubscribe = unsubscribe<gate::kSpot>,
    .snapshot = snapshot<gate::kSpot>,
    .instrument_lists = instrument_lists<gate::kSpot>,
    .instruments = gate::spot_instruments,
};

constinit const Venue kGateFutures{
    .name = "gate-futures",
    .sockets = kUsdtSockets,
    .rest = {.host = "api.gateio.ws"},
    .keepalive = kFuturesKeepalive,
    .limits = kLimits,
    .books = gate::kBooks,
    .known_urls = kUsdtUrls,
    .liquidations = true,
    .liquidation_note = kLiquidationNote,
    .shares_ids = true,
    .numbers_trades = true,
    .bbo_skips = true,
    .decode = decode<gate::kUsdt>,
    .decode_any = decode_any<gate::kUsdt>,
    .control = gate::control,
    .subscribe = subscribe<gate::kUsdt>,
    .unsubscribe = unsubscribe<gate::kUsdt>,
    .snapshot = snapshot<gate::kUsdt>,
    .instrument_lists = instrument_lists<gate::kUsdt>,
    .instruments = gate::futures_instruments,
};

constinit const Venue kGateInverse{
    .name = "gate-inverse",
    .sockets = kBtcSockets,
    .rest = {.host = "api.gateio.ws"},
    .keepalive = kFuturesKeepalive,
    .limits = kLimits,
    .books = gate::kBooks,
    .known_urls = kBtcUrls,
    .liquidations = true,
    .liquidation_note = kLiquidationNote,
    .shares_ids = true,
    .numbers_trades = true,
    .bbo_skips = true,
    .decode = decode<gate::kBtc>,
    .decode_any = decode_any<gate::kBtc>,
    .control = gate::control,
    .subscribe = subscribe<gate::kBtc>,
    .unsubscribe = unsubscribe<gate::kBtc>,
    .snapshot = snapshot<gate::kBtc>,
    .instrument_lists = instrument_lists<gate::kBtc>,
    .instruments = gate::futures_instruments,
};

}  // namespace steelyard
