#include "venues/kraken.hpp"

#include "venues/kraken_codec.hpp"
#include "venues/kraken_requests.hpp"

namespace steelyard {
namespace {

using namespace std::chrono_literals;

constexpr Socket kSockets[] = {
    {.name = "public",
     .endpoint = {.host = "ws.kraken.com", .path = "/v2"},
     .kinds =
         kind_bit(StreamKind::Book) | kind_bit(StreamKind::Trades) | kind_bit(StreamKind::Bbo)},
};

constexpr std::string_view kUrls[] = {"ws.kraken.com", "beta-ws.kraken.com", "ws-l3.kraken.com",
                                      "api.kraken.com"};

}  // namespace

constinit const Venue kKraken{
    .name = "kraken",
    .sockets = kSockets,
    .rest = {.host = "api.kraken.com"},
    .keepalive = {.client_text = R"({"method":"ping"})", .interval = 20s, .silence_limit = 30s},
    .limits = {.requests_per_second = 5.0,
               .streams_per_connection = 300,
               .args_per_request = 50,
               .connections_per_second = 0.2,  // 150 in ten minutes
               .rest_weight_per_minute = 60},
    .books = kraken::kBooks,
    .known_urls = kUrls,
    .decode = kraken::decode,
    .decode_any = kraken::decode_any,
    .control = kraken::control,
    .subscribe = kraken::subscribe,
    .unsubscribe = kraken::unsubscribe,
    .instrument_lists = kraken::instrument_lists,
    .instruments = kraken::instruments,
};

}  // namespace steelyard
