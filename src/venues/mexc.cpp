#include "venues/mexc.hpp"

#include "venues/mexc_codec.hpp"

namespace steelyard {
namespace {

using namespace std::chrono_literals;

constexpr Socket kSpotSockets[] = {
    {.name = "stream",
     .endpoint = {.host = "wbs-api.mexc.com", .path = "/ws"},
     .kinds =
         kind_bit(StreamKind::Book) | kind_bit(StreamKind::Trades) | kind_bit(StreamKind::Bbo)},
};
// Contracts have no BBO stream with sizes.
constexpr Socket kFuturesSockets[] = {
    {.name = "edge",
     .endpoint = {.host = "contract.mexc.com", .path = "/edge"},
     .kinds = kind_bit(StreamKind::Book) | kind_bit(StreamKind::Trades)},
};

constexpr std::string_view kSpotUrls[] = {"wbs-api.mexc.com", "wbs.mexc.com", "api.mexc.com",
                                          "www.mexc.com", "wbs.mexc.me"};
constexpr std::string_view kFuturesUrls[] = {"contract.mexc.com", "futures.mexc.com",
                                             "api.mexc.com/api/v1/contract",
                                             "www.mexc.com/api/v1/contract", "contract.mexc.me"};

std::vector<std::string> subscribe_spot(std::span<const Stream> streams, std::uint64_t id) {
  return mexc::spot_requests("SUBSCRIPTION", streams, id);
}
std::vector<std::string> unsubscribe_spot(std::span<const Stream> streams, std::uint64_t id) {
  return mexc::spot_requests("UNSUBSCRIPTION", streams, id);
}
std::vector<std::string> subscribe_futures(std::span<const Stream> streams, std::uint64_t) {
  return mexc::futures_requests("sub", streams);
}
std::vector<std::string> unsubscribe_futures(std::span<const Stream> streams, std::uint64_t) {
  return mexc::futures_requests("unsub", streams);
}
RestRequest spot_snapshot(const Instrument& instrument) {
  return {.target = "/api/v3/depth?symbol=" + instrument.symbol + "&limit=5000", .weight = 10};
}
RestRequest futures_snapshot(const Instrument& instrument) {
  return {.target = "/api/v1/contract/depth/" + instrument.symbol + "?limit=1000", .weight = 2};
}
std::vector<RestRequest> spot_lists() { return {{.target = "/api/v3/exchangeInfo", .weight = 10}}; }
std::vector<RestRequest> futures_lists() { return {{.target = "/api/v1/contract/detail"}}; }

}  // namespace

// A connection without pings is cut even while data flows.
constinit const Venue kMexc{
    .name = "mexc",
    .sockets = kSpotSockets,
    .rest = {.host = "api.mexc.com"},
    .keepalive = {.client_text = R"({"method":"PING"})",
                  .expected_text = "PONG",
                  .interval = 20s,
                  .only_if_idle = false,
                  .silence_limit = 60s},
    .limits = {.requests_per_second = 5.0,
               .streams_per_connection = 30,
               .args_per_request = 30,
               .connections_per_second = 1.0,
               .max_age = 24h,
               .rest_weight_per_minute = 1200},
    .books = mexc::kSpotBooks,
    .known_urls = kSpotUrls,
    .shares_ids = true,
    .decode = mexc::decode_spot,
    .control = mexc::spot_control,
    .subscribe = subscribe_spot,
    .unsubscribe = unsubscribe_spot,
    .snapshot = spot_snapshot,
    .instrument_lists = spot_lists,
    .instruments = mexc::spot_instruments,
};

constinit const Venue kMexcFutures{
    .name = "mexc-futures",
    .sockets = kFuturesSockets,
    .rest = {.host = "api.mexc.com"},
    .keepalive = {.client_text = R"({"method":"ping"})",
                  .expected_text = "pong",
                  .interval = 15s,
                  .only_if_idle = false,
                  .silence_limit = 60s},
    .limits = {.requests_per_second = 10.0,
               .streams_per_connection = 150,
               .args_per_request = 1,
               .connections_per_second = 1.0,
               .rest_weight_per_minute = 600},
    .books = mexc::kFuturesBooks,
    .known_urls = kFuturesUrls,
    .shares_ids = true,
    .decode = mexc::decode_futures,
    .control = mexc::futures_control,
    .subscribe = subscribe_futures,
    .unsubscribe = unsubscribe_futures,
    .snapshot = futures_snapshot,
    .instrument_lists = futures_lists,
    .instruments = mexc::futures_instruments,
};

}  // namespace steelyard
