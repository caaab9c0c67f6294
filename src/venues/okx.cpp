#include "venues/okx.hpp"

#include "venues/okx_codec.hpp"
#include "venues/okx_requests.hpp"

namespace steelyard {
namespace {

using namespace std::chrono_literals;

constexpr Socket kSockets[] = {
    {.name = "public",
     .endpoint = {.host = "ws.okx.com", .port = "8443", .path = "/ws/v5/public"},
     .kinds = kind_bit(StreamKind::Book) | kind_bit(StreamKind::Trades) |
              kind_bit(StreamKind::Bbo) | kind_bit(StreamKind::Liquidations)},
};

constexpr std::string_view kUrls[] = {
    "ws.okx.com",  "wsaws.okx.com",   "wseea.okx.com", "wsus.okx.com",  "wspap.okx.com",
    "www.okx.com", "openapi.okx.com", "eea.okx.com",   "us.okx.com",    "aws.okx.com",
    "ws.okex.com", "real.okex.com",   "www.okex.com",  "wsaws.okex.com"};

std::vector<std::string> subscribe(std::span<const Stream> streams, std::uint64_t id) {
  return okx::requests("subscribe", okx::kBooks, streams, id);
}
std::vector<std::string> unsubscribe(std::span<const Stream> streams, std::uint64_t id) {
  return okx::requests("unsubscribe", okx::kBooks, streams, id);
}

}  // namespace

constinit const Venue kOkx{
    .name = "okx",
    .sockets = kSockets,
    .rest = {.host = "www.okx.com"},
    .keepalive = {.client_text = "ping",
                  .expected_text = "pong",
                  .interval = 20s,
                  .only_if_idle = true,
                  .silence_limit = 30s},
    .limits = {.requests_per_second = 2.0,
               .streams_per_connection = 90,  // fewer than 30 books a connection are advised
               .args_per_request = 100,
               .bytes_per_request = 48 * 1024,  // 64 KB allowed
               .connections_per_second = 2.0,   // 3 allowed
               .rest_weight_per_minute = 600},
    .books = okx::kBooks,
    .known_urls = kUrls,
    .liquidations = true,
    .liquidation_note = "at the bankruptcy price; sampled",
    .shares_ids = true,
    .numbers_trades = true,
    .bbo_skips = true,  // bbo-tbt: one state in 10 ms
    .decode = okx::decode,
    .decode_any = okx::decode_any,
    .control = okx::control,
    .subscribe = subscribe,
    .unsubscribe = unsubscribe,
    .snapshot = okx::snapshot,
    .instrument_lists = okx::instrument_lists,
    .instruments = okx::instruments,
};

}  // namespace steelyard
