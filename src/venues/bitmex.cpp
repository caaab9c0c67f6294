#include "venues/bitmex.hpp"

#include "venues/bitmex_codec.hpp"
#include "venues/bitmex_requests.hpp"

namespace steelyard {
namespace {

using namespace std::chrono_literals;

constexpr Socket kSockets[] = {
    {.name = "realtime",
     .endpoint = {.host = "ws.bitmex.com", .path = "/realtime"},
     .kinds = kind_bit(StreamKind::Book) | kind_bit(StreamKind::Trades) |
              kind_bit(StreamKind::Bbo) | kind_bit(StreamKind::Liquidations)},
};

constexpr std::string_view kUrls[] = {"ws.bitmex.com", "www.bitmex.com", "ws.testnet.bitmex.com",
                                      "testnet.bitmex.com"};

}  // namespace

constinit const Venue kBitmex{
    .name = "bitmex",
    .sockets = kSockets,
    .rest = {.host = "www.bitmex.com"},
    .keepalive = {.client_text = "ping",
                  .expected_text = "pong",
                  .interval = 5s,
                  .silence_limit = 15s},
    .limits = {.requests_per_second = 2.0,
               .streams_per_connection = 200,
               .args_per_request = 20,
               .bytes_per_request = 4096,
               .connections_per_second = 0.2,  // 720 an hour
               .rest_weight_per_minute = 30},
    .books = bitmex::kBooks,
    .known_urls = kUrls,
    .liquidations = true,
    .liquidation_note =
        "each order as it enters the book, at its price, with its whole size; "
        "what becomes of it is not told",
    .decode = bitmex::decode,
    .decode_any = bitmex::decode_any,
    .control = bitmex::control,
    .subscribe = bitmex::subscribe,
    .unsubscribe = bitmex::unsubscribe,
    .instrument_lists = bitmex::instrument_lists,
    .instruments = bitmex::instruments,
};

}  // namespace steelyard
