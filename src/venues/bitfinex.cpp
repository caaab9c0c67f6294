#include "venues/bitfinex.hpp"

#include "venues/bitfinex_codec.hpp"
#include "venues/bitfinex_requests.hpp"

namespace steelyard {
namespace {

using namespace std::chrono_literals;

constexpr Socket kSockets[] = {
    {.name = "public",
     .endpoint = {.host = "api-pub.bitfinex.com", .path = "/ws/2"},
     .kinds = kind_bit(StreamKind::Book) | kind_bit(StreamKind::Trades) |
              kind_bit(StreamKind::Liquidations)},
};

constexpr std::string_view kUrls[] = {"api-pub.bitfinex.com", "api.bitfinex.com"};

}  // namespace

constinit const Venue kBitfinex{
    .name = "bitfinex",
    .sockets = kSockets,
    .rest = {.host = "api-pub.bitfinex.com"},
    .keepalive = {.client_text = R"({"event":"ping","cid":1})",
                  .interval = 20s,
                  .server_ping_every = 15s,
                  .silence_limit = 40s},
    .limits = {.requests_per_second = 5.0,
               .streams_per_connection = 25,  // 30 by another page; 36 were measured
               .args_per_request = 1,
               .connections_per_second = 0.3,  // 20 a minute
               .rest_weight_per_minute = 30},
    .books = bitfinex::kBooks,
    .known_urls = kUrls,
    .liquidations = true,
    .liquidation_note =
        "all positions closed by force, at the price of acquisition; side: against the position",
    .decode = bitfinex::decode,
    .decode_any = bitfinex::decode_any,
    .control = bitfinex::control,
    .subscribe = bitfinex::subscribe,
    .unsubscribe = bitfinex::unsubscribe,
    .greeting = bitfinex::greeting,
    .instrument_lists = bitfinex::instrument_lists,
    .instruments = bitfinex::instruments,
};

}  // namespace steelyard
