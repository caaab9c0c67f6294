#include "venues/bybit.hpp"

#include "venues/bybit_codec.hpp"

namespace steelyard {
namespace {

using namespace std::chrono_literals;

constexpr bybit::Dialect kSpot{.category = "spot", .args_per_request = 10};
constexpr bybit::Dialect kLinear{.category = "linear", .args_per_request = 100};
constexpr bybit::Dialect kInverse{.category = "inverse", .args_per_request = 100};

constexpr std::uint8_t kPlain =
    kind_bit(StreamKind::Book) | kind_bit(StreamKind::Trades) | kind_bit(StreamKind::Bbo);
constexpr std::uint8_t kWithLiquidations = kPlain | kind_bit(StreamKind::Liquidations);

constexpr Socket kSpotSockets[] = {
    {.name = "spot",
     .endpoint = {.host = "stream.bybit.com", .path = "/v5/public/spot"},
     .kinds = kPlain}};
constexpr Socket kLinearSockets[] = {
    {.name = "linear",
     .endpoint = {.host = "stream.bybit.com", .path = "/v5/public/linear"},
     .kinds = kWithLiquidations}};
constexpr Socket kInverseSockets[] = {
    {.name = "inverse",
     .endpoint = {.host = "stream.bybit.com", .path = "/v5/public/inverse"},
     .kinds = kWithLiquidations}};

// Streams are told apart by their paths, answers by their category. What says neither is of spot.
constexpr std::string_view kSpotUrls[] = {"stream.bybit.com/v5/public/spot",
                                          "stream-testnet.bybit.com/v5/public/spot",
                                          "stream.bybit.tr/v5/public/spot",
                                          "stream.bybit.id/v5/public/spot",
                                          "stream.bybit.kz/v5/public/spot",
                                          "stream.bybitgeorgia.ge/v5/public/spot",
                                          "api.bybit.com",
                                          "api.bytick.com",
                                          "api-testnet.bybit.com"};
constexpr std::string_view kLinearUrls[] = {
    "stream.bybit.com/v5/public/linear", "stream-testnet.bybit.com/v5/public/linear",
    "stream.bybit.tr/v5/public/linear",  "stream.bybit.id/v5/public/linear",
    "stream.bybit.kz/v5/public/linear",  "stream.bybitgeorgia.ge/v5/public/linear"};
constexpr std::string_view kInverseUrls[] = {
    "stream.bybit.com/v5/public/inverse", "stream-testnet.bybit.com/v5/public/inverse",
    "stream.bybit.tr/v5/public/inverse",  "stream.bybit.id/v5/public/inverse",
    "stream.bybit.kz/v5/public/inverse",  "stream.bybitgeorgia.ge/v5/public/inverse"};

template <const bybit::Dialect& kDialect>
std::vector<std::string> subscribe(std::span<const Stream> streams, std::uint64_t id) {
  return bybit::requests(kDialect, "subscribe", streams, id);
}
template <const bybit::Dialect& kDialect>
std::vector<std::string> unsubscribe(std::span<const Stream> streams, std::uint64_t id) {
  return bybit::requests(kDialect, "unsubscribe", streams, id);
}
template <const bybit::Dialect& kDialect>
std::vector<RestRequest> instrument_lists() {
  return bybit::instrument_lists(kDialect);
}

template <const Venue& kSelf>
const Venue* sibling(std::string_view payload, std::string_view request) {
  if (request.empty()) return &kSelf;  // a frame: its path has said it
  const std::string_view category = bybit::category_of(payload, request);
  if (category == kLinear.category) return &kBybitLinear;
  if (category == kInverse.category) return &kBybitInverse;
  return category == kSpot.category ? &kBybitSpot : &kSelf;
}

// A ping is due every 20 s; cut after ten minutes without any.
constexpr Keepalive kKeepalive{.client_text = R"({"op":"ping"})",
                               .interval = 20s,
                               .only_if_idle = false,
                               .silence_limit = 30s};

[[nodiscard]] constexpr Limits limits_of(const bybit::Dialect& dialect) {
  return {.requests_per_second = 5.0,
          .streams_per_connection = 400,  // 21,000 characters of topics
          .args_per_request = dialect.args_per_request,
          .bytes_per_request = 16 * 1024,
          .connections_per_second = 1.0,  // 500 in five minutes
          .rest_weight_per_minute = 600};
}

constexpr std::string_view kLiquidationNote =
    "all of them, every 500 ms, at bankruptcy price and size; side: of the order, not the position";

}  // namespace

constinit const Venue kBybitSpot{
    .name = "bybit-spot",
    .sockets = kSpotSockets,
    .rest = {.host = "api.bybit.com"},
    .keepalive = kKeepalive,
    .limits = limits_of(kSpot),
    .books = bybit::kBooks,
    .known_urls = kSpotUrls,
    .shares_ids = true,
    .numbers_trades = true,
    .decode = bybit::decode,
    .decode_any = bybit::decode_any,
    .control = bybit::control,
    .subscribe = subscribe<kSpot>,
    .unsubscribe = unsubscribe<kSpot>,
    .instrument_lists = instrument_lists<kSpot>,
    .instruments = bybit::instruments,
    .sibling = sibling<kBybitSpot>,
};

constinit const Venue kBybitLinear{
    .name = "bybit-linear",
    .sockets = kLinearSockets,
    .rest = {.host = "api.bybit.com"},
    .keepalive = kKeepalive,
    .limits = limits_of(kLinear),
    .books = bybit::kBooks,
    .known_urls = kLinearUrls,
    .liquidations = true,
    .liquidation_note = kLiquidationNote,
    .shares_ids = true,
    .numbers_trades = true,
    .decode = bybit::decode,
    .decode_any = bybit::decode_any,
    .control = bybit::control,
    .subscribe = subscribe<kLinear>,
    .unsubscribe = unsubscribe<kLinear>,
    .instrument_lists = instrument_lists<kLinear>,
    .instruments = bybit::instruments,
    .sibling = sibling<kBybitLinear>,
};

constinit const Venue kBybitInverse{
    .name = "bybit-inverse",
    .sockets = kInverseSockets,
    .rest = {.host = "api.bybit.com"},
    .keepalive = kKeepalive,
    .limits = limits_of(kInverse),
    .books = bybit::kBooks,
    .known_urls = kInverseUrls,
    .liquidations = true,
    .liquidation_note = kLiquidationNote,
    .shares_ids = true,
    .numbers_trades = true,
    .decode = bybit::decode,
    .decode_any = bybit::decode_any,
    .control = bybit::control,
    .subscribe = subscribe<kInverse>,
    .unsubscribe = unsubscribe<kInverse>,
    .instrument_lists = instrument_lists<kInverse>,
    .instruments = bybit::instruments,
    .sibling = sibling<kBybitInverse>,
};

}  // namespace steelyard
