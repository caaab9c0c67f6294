#include "venues/binance_spot.hpp"

#include "venues/binance_codec.hpp"

namespace steelyard {
namespace {

using namespace std::chrono_literals;

constexpr LinkRule kCountsOn{Link::Step, Splice::AfterLast};

// REST snapshot spliced into the diff stream: web-socket-streams.md, "How to manage a local order
// book".
constexpr BookChannel kBooks[] = {
    {.channel = "depth@100ms",
     .link = kCountsOn,
     .snapshot = SnapshotSource::OutOfBand,
     .resync = ResyncBy::Fetch,
     .depth = 5000,
     .cadence = "100 ms"},
    {.channel = "depth",
     .link = kCountsOn,
     .snapshot = SnapshotSource::OutOfBand,
     .resync = ResyncBy::Fetch,
     .depth = 5000,
     .cadence = "1 s"},
    {.channel = "depth20@100ms",
     .snapshot = SnapshotSource::Replace,
     .depth = 20,
     .cadence = "100 ms"},
    {.channel = "depth10@100ms",
     .snapshot = SnapshotSource::Replace,
     .depth = 10,
     .cadence = "100 ms"},
    {.channel = "depth5@100ms",
     .snapshot = SnapshotSource::Replace,
     .depth = 5,
     .cadence = "100 ms"},
};

constexpr Socket kSockets[] = {
    {.name = "stream",
     .endpoint = {.host = "stream.binance.com", .port = "9443", .path = "/stream"},
     .kinds =
         kind_bit(StreamKind::Book) | kind_bit(StreamKind::Trades) | kind_bit(StreamKind::Bbo)},
};

constexpr std::string_view kUrls[] = {
    "stream.binance.com",
    "data-stream.binance.vision",
    "stream.testnet.binance.vision",
    "demo-stream.binance.com",
    "api.binance.com",
    "api1.binance.com",
    "api2.binance.com",
    "api3.binance.com",
    "api4.binance.com",
    "api-gcp.binance.com",
    "data-api.binance.vision",
    "testnet.binance.vision",
    "demo-api.binance.com",
    "www.binance.com/api",
};

constexpr binance::Dialect kDialect{.books = kBooks,
                                    .futures = false,
                                    .trade_stream = "trade",
                                    .snapshot_path = "/api/v3/depth",
                                    .snapshot_limit = 5000,
                                    .snapshot_weight = 250};

constexpr Limits kLimits{.requests_per_second = 4.0,  // 5, pongs included
                         .streams_per_connection = 1024,
                         .args_per_request = 100,
                         .connections_per_second = 1.0,
                         .max_age = 24h,
                         .rest_weight_per_minute = 6000};

DecodeStatus decode(const Frame& frame, const SymbolTable& symbols, DecodeScratch& scratch,
                    MessageBatch& out) noexcept {
  return binance::decode(kDialect, frame, symbols, scratch, out);
}
DecodeStatus decode_any(const Frame& frame, const SymbolTable& symbols, DecodeScratch& scratch,
                        MessageBatch& out) noexcept {
  return binance::decode_any(kDialect, frame, symbols, scratch, out);
}
std::vector<std::string> subscribe(std::span<const Stream> streams, std::uint64_t id) {
  return binance::requests(kDialect, kLimits, "SUBSCRIBE", streams, id);
}
std::vector<std::string> unsubscribe(std::span<const Stream> streams, std::uint64_t id) {
  return binance::requests(kDialect, kLimits, "UNSUBSCRIBE", streams, id);
}
RestRequest snapshot(const Instrument& instrument) {
  return binance::snapshot(kDialect, instrument);
}
std::vector<RestRequest> instrument_lists() { return {{"/api/v3/exchangeInfo", 20}}; }

}  // namespace

constinit const Venue kBinanceSpot{
    .name = "binance-spot",
    .sockets = kSockets,
    .rest = {.host = "api.binance.com"},
    .keepalive = {.server_ping_every = 20s, .silence_limit = 60s},
    .limits = kLimits,
    .books = kBooks,
    .known_urls = kUrls,
    .shares_ids = true,
    .numbers_trades = true,
    .decode = decode,
    .decode_any = decode_any,
    .control = binance::control,
    .subscribe = subscribe,
    .unsubscribe = unsubscribe,
    .snapshot = snapshot,
    .instrument_lists = instrument_lists,
    .instruments = binance::instruments,
};

}  // namespace steelyard
