#include "venues/htx.hpp"

#include "venues/htx_codec.hpp"

namespace steelyard {
namespace {

using namespace std::chrono_literals;

[[nodiscard]] constexpr BookChannel incremental(std::string_view channel, std::uint32_t depth,
                                                std::string_view cadence) {
  return {.channel = channel,
          .link = {.link = Link::Prev, .splice = Splice::PrevIs},
          .snapshot = SnapshotSource::OutOfBand,
          .resync = ResyncBy::Request,
          .depth = depth,
          .cadence = cadence,
          .socket = "feed"};
}
[[nodiscard]] constexpr BookChannel whole(std::string_view channel, std::uint32_t depth,
                                          std::string_view cadence, std::string_view socket) {
  return {.channel = channel,
          .snapshot = SnapshotSource::Replace,
          .depth = depth,
          .cadence = cadence,
          .socket = socket};
}
[[nodiscard]] constexpr BookChannel versioned(std::string_view channel, std::uint32_t depth) {
  return {.channel = channel,
          .link = {.link = Link::Step},
          .snapshot = SnapshotSource::InBand,
          .resync = ResyncBy::Resubscribe,
          .depth = depth,
          .cadence = "30 ms"};
}

// "Market By Price (incremental update)": the snapshot is asked for on the same socket.
constexpr BookChannel kSpotBooks[] = {
    incremental("mbp.150", 150, "100 ms"),
    incremental("mbp.400", 400, "100 ms"),
    incremental("mbp.20", 20, "each change"),
    incremental("mbp.5", 5, "each change"),
    whole("depth.step0", 150, "1 s", "market"),
    whole("mbp.refresh.20", 20, "100 ms", "market"),
    whole("mbp.refresh.10", 10, "100 ms", "market"),
    whole("mbp.refresh.5", 5, "100 ms", "market"),
};
constexpr BookChannel kContractBooks[] = {
    versioned("depth.size_150.high_freq", 150),
    versioned("depth.size_20.high_freq", 20),
    whole("depth.step0", 150, "100 ms", ""),
    whole("depth.step6", 20, "100 ms", ""),
};

constexpr htx::Dialect kSpot{.books = kSpotBooks, .spot = true};
constexpr htx::Dialect kContracts{.books = kContractBooks, .spot = false};

constexpr std::uint8_t kTradesAndBbo = kind_bit(StreamKind::Trades) | kind_bit(StreamKind::Bbo);
constexpr std::uint8_t kBooksToo = kTradesAndBbo | kind_bit(StreamKind::Book);

constexpr Socket kSpotSockets[] = {
    {.name = "feed",
     .endpoint = {.host = "api.huobi.pro", .path = "/feed"},
     .kinds = kind_bit(StreamKind::Book)},
    {.name = "market",
     .endpoint = {.host = "api.huobi.pro", .path = "/ws"},
     .kinds = kTradesAndBbo},
};
constexpr Socket kSwapSockets[] = {
    {.name = "market",
     .endpoint = {.host = "api.hbdm.com", .path = "/linear-swap-ws"},
     .kinds = kBooksToo},
    {.name = "notification",
     .endpoint = {.host = "api.hbdm.com", .path = "/linear-swap-notification"},
     .kinds = kind_bit(StreamKind::Liquidations)},
};
// Perpetuals. Dated contracts have a socket of their own (/ws) and are known from recordings.
constexpr Socket kCoinSockets[] = {
    {.name = "market",
     .endpoint = {.host = "api.hbdm.com", .path = "/swap-ws"},
     .kinds = kBooksToo},
    {.name = "notification",
     .endpoint = {.host = "api.hbdm.com", .path = "/swap-notification"},
     .kinds = kind_bit(StreamKind::Liquidations)},
};

constexpr std::string_view kSpotUrls[] = {
    "api.huobi.pro", "api-aws.huobi.pro", "api.htx.com",      "api-aws.htx.com",
    "api.huobi.com", "www.huobi.pro",     "api.huobi.br.com", "api.testnet.huobi.pro"};
constexpr std::string_view kSwapUrls[] = {
    "api.hbdm.com/linear-swap-ws",
    "api.hbdm.com/linear-swap-api",
    "api.hbdm.com/linear-swap-ex",
    "api.hbdm.com/linear-swap-notification",
    "api.hbdm.com/v5",
    "api.hbdm.vn/linear-swap-ws",
    "api.hbdm.vn/linear-swap-api",
    "api.hbdm.vn/linear-swap-ex",
    "api.hbdm.vn/linear-swap-notification",
    "api.btcgateway.pro/linear-swap-ws",
    "api.btcgateway.pro/linear-swap-api",
    "api.btcgateway.pro/linear-swap-notification",
};
constexpr std::string_view kCoinUrls[] = {
    "api.hbdm.com/swap-ws",
    "api.hbdm.com/swap-api",
    "api.hbdm.com/swap-ex",
    "api.hbdm.com/swap-notification",
    "api.hbdm.com/ws",
    "api.hbdm.com/api",
    "api.hbdm.com/market",
    "api.hbdm.com/notification",
    "api.hbdm.vn/swap-ws",
    "api.hbdm.vn/swap-api",
    "api.hbdm.vn/swap-ex",
    "api.hbdm.vn/swap-notification",
    "api.hbdm.vn/ws",
    "api.hbdm.vn/api",
    "api.hbdm.vn/market",
    "api.hbdm.vn/notification",
    "api.btcgateway.pro/swap-ws",
    "api.btcgateway.pro/swap-api",
    "api.btcgateway.pro/ws",
    "api.btcgateway.pro/api",
    "api.btcgateway.pro/notification",
    "api.btcgateway.pro/swap-notification",
};

constexpr std::string_view kLiquidationNote =
    "order price and volume as sent, both sides counted; sampling unspecified";

// Server pings are JSON and due within 20 s: Control::Kind::Probe. A client's are ignored.
constexpr Keepalive kKeepalive{.server_ping_every = 5s, .silence_limit = 20s};
constexpr Limits kLimits{.requests_per_second = 20.0,  // 40 subscriptions, 50 requests
                         .streams_per_connection = 100,
                         .args_per_request = 1,
                         .connections_per_second = 1.0,
                         .rest_weight_per_minute = 600};

DecodeStatus decode_spot(const Frame& frame, const SymbolTable& symbols, DecodeScratch& scratch,
                         MessageBatch& out) noexcept {
  return htx::decode(kSpot, frame, symbols, scratch, out);
}
DecodeStatus decode_contracts(const Frame& frame, const SymbolTable& symbols,
                              DecodeScratch& scratch, MessageBatch& out) noexcept {
  return htx::decode(kContracts, frame, symbols, scratch, out);
}
std::vector<std::string> subscribe_spot(std::span<const Stream> streams, std::uint64_t id) {
  return htx::requests(kSpot, "sub", streams, id);
}
std::vector<std::string> unsubscribe_spot(std::span<const Stream> streams, std::uint64_t id) {
  return htx::requests(kSpot, "unsub", streams, id);
}
std::vector<std::string> subscribe_contracts(std::span<const Stream> streams, std::uint64_t id) {
  return htx::requests(kContracts, "sub", streams, id);
}
std::vector<std::string> unsubscribe_contracts(std::span<const Stream> streams, std::uint64_t id) {
  return htx::requests(kContracts, "unsub", streams, id);
}
std::string snapshot_message(const Instrument& instrument, std::uint64_t id) {
  return htx::snapshot_message(kSpot, instrument, id);
}
std::vector<RestRequest> spot_lists() { return {{.target = "/v1/settings/common/symbols"}}; }
std::vector<RestRequest> swap_lists() {
  return {{.target = "/linear-swap-api/v1/swap_contract_info"}};
}
std::vector<RestRequest> coin_lists() { return {{.target = "/swap-api/v1/swap_contract_info"}}; }

}  // namespace

constinit const Venue kHtx{
    .name = "htx",
    .sockets = kSpotSockets,
    .rest = {.host = "api.huobi.pro"},
    .keepalive = kKeepalive,
    .limits = kLimits,
    .books = kSpotBooks,
    .known_urls = kSpotUrls,
    .bbo_skips = true,
    .decode = decode_spot,
    .control = htx::control,
    .subscribe = subscribe_spot,
    .unsubscribe = unsubscribe_spot,
    .snapshot_message = snapshot_message,
    .instrument_lists = spot_lists,
    .instruments = htx::spot_instruments,
};

// Versions are of one connection only: no two connections carry one stream (shares_ids is false).
constinit const Venue kHtxSwap{
    .name = "htx-swap",
    .sockets = kSwapSockets,
    .rest = {.host = "api.hbdm.com"},
    .keepalive = kKeepalive,
    .limits = kLimits,
    .books = kContractBooks,
    .known_urls = kSwapUrls,
    .liquidations = true,
    .liquidation_note = kLiquidationNote,
    .bbo_skips = true,
    .decode = decode_contracts,
    .control = htx::control,
    .subscribe = subscribe_contracts,
    .unsubscribe = unsubscribe_contracts,
    .instrument_lists = swap_lists,
    .instruments = htx::linear_instruments,
};

constinit const Venue kHtxCoin{
    .name = "htx-coin",
    .sockets = kCoinSockets,
    .rest = {.host = "api.hbdm.com"},
    .keepalive = kKeepalive,
    .limits = kLimits,
    .books = kContractBooks,
    .known_urls = kCoinUrls,
    .liquidations = true,
    .liquidation_note = kLiquidationNote,
    .bbo_skips = true,
    .decode = decode_contracts,
    .control = htx::control,
    .subscribe = subscribe_contracts,
    .unsubscribe = unsubscribe_contracts,
    .instrument_lists = coin_lists,
    .instruments = htx::coin_instruments,
};

}  // namespace steelyard
