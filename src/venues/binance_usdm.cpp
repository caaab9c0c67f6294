#include "venues/binance_usdm.hpp"

#include "venues/binance_codec.hpp"

namespace steelyard {
namespace {

using namespace std::chrono_literals;

constexpr LinkRule kChain{Link::Prev, Splice::AtLast};

[[nodiscard]] constexpr BookChannel diff(std::string_view channel, std::string_view cadence) {
  return {.channel = channel,
          .link = kChain,
          .snapshot = SnapshotSource::OutOfBand,
          .resync = ResyncBy::Fetch,
          .depth = 1000,
          .cadence = cadence};
}

// "How to manage a local order book correctly": the chain is pu == u of the event before; U never
// follows it, since ids are shared with what the stream does not show.
constexpr BookChannel kBooks[] = {
    diff("depth@100ms", "100 ms"),
    diff("depth@0ms", "each change, undocumented"),
    diff("depth@500ms", "500 ms"),
    diff("depth", "250 ms"),
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

// Two classes since 2026-04-23: a stream on the wrong one is acknowledged and silent.
constexpr Socket kSockets[] = {
    {.name = "public",
     .endpoint = {.host = "fstream.binance.com", .path = "/public/stream"},
     .kinds = kind_bit(StreamKind::Book) | kind_bit(StreamKind::Bbo)},
    {.name = "market",
     .endpoint = {.host = "fstream.binance.com", .path = "/market/stream"},
     .kinds = kind_bit(StreamKind::Trades) | kind_bit(StreamKind::Liquidations)},
};

constexpr std::string_view kUrls[] = {"fstream.binance.com",
                                      "fstream.binancefuture.com",
                                      "demo-fstream.binance.com",
                                      "stream.binancefuture.com",
                                      "fapi.binance.com",
                                      "demo-fapi.binance.com",
                                      "testnet.binancefuture.com/fapi",
                                      "www.binance.com/fapi"};

constexpr binance::Dialect kDialect{.books = kBooks,
                                    .futures = true,
                                    .trade_stream = "aggTrade",
                                    .snapshot_path = "/fapi/v1/depth",
                                    .snapshot_limit = 1000,
                                    .snapshot_weight = 20};

constexpr Limits kLimits{.requests_per_second = 8.0,  // 10, pongs included
                         .streams_per_connection = 200,
                         .args_per_request = 100,
                         .connections_per_second = 1.0,
                         .max_age = 24h,
                         .rest_weight_per_minute = 2400};

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
std::vector<RestRequest> instrument_lists() { return {{"/fapi/v1/exchangeInfo", 1}}; }

}  // namespace

constinit const Venue kBinanceUsdm{
    .name = "binance-usdm",
    .sockets = kSockets,
    .rest = {.host = "fapi.binance.com"},
    .keepalive = {.server_ping_every = 180s, .silence_limit = 60s},
    .limits = kLimits,
    .books = kBooks,
    .known_urls = kUrls,
    .liquidations = true,
    .liquidation_note = "at order price and quantity; at most one a second and symbol",
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
