// The cold half of KuCoin: tickets, requests, what is not data, metadata, and whose a frame is.
#include "venues/kucoin.hpp"

#include <gtest/gtest.h>

namespace steelyard {
namespace {

TEST(KucoinTicket, NamesHostAndPathAndCarriesTheToken) {
  const RestRequest request = kKucoin.ticket_request();
  EXPECT_EQ(request.target, "/api/v1/bullet-public");
  EXPECT_TRUE(request.post);

  const Ticket ticket = kKucoin.ticket(
      R"({"code":"200000","data":{"token":"2neA+u/Y_-8w==.b64==","instanceServers":[)"
      R"({"endpoint":"wss://ws-api-spot.kucoin.com/","protocol":"websocket","encrypt":true,)"
      R"("pingInterval":18000,"pingTimeout":10000}]}})");

  EXPECT_EQ(ticket.host, "ws-api-spot.kucoin.com");
  EXPECT_EQ(ticket.port, "443");
  EXPECT_EQ(ticket.path, "/?token=2neA%2Bu%2FY_-8w==.b64==");
}

TEST(KucoinTicket, MayNameAPortAndAPath) {
  const Ticket ticket = kKucoinFutures.ticket(
      R"({"data":{"token":"t","instanceServers":[{"endpoint":"wss://push.kucoin.com:8443/endpoint"}]}})");

  EXPECT_EQ(ticket.host, "push.kucoin.com");
  EXPECT_EQ(ticket.port, "8443");
  EXPECT_EQ(ticket.path, "/endpoint?token=t");
}

TEST(KucoinTicket, OfARefusalSaysWhatTheVenueSaid) {
  for (const char* answer :
       {R"({"code":"429000","msg":"Too many requests"})", "<html>429000</html>",
        R"({"code":"429000","data":{"token":"t","instanceServers":[]}})",
        R"({"code":"429000","data":{"token":"t","instanceServers":[{"endpoint":"http://x"}]}})"}) {
    try {
      (void)kKucoin.ticket(answer);
      ADD_FAILURE() << answer;
    } catch (const std::runtime_error& error) {
      EXPECT_NE(std::string{error.what()}.find("429000"), std::string::npos);
    }
  }
}

TEST(KucoinRequests, OfTheClassicInterfaceListTheSymbolsOfATopic) {
  Instrument a, b;
  a.symbol = "BTC-USDT";
  b.symbol = "ETH-USDT";
  b.channel = 1;
  const std::vector<Stream> streams = {{StreamKind::Book, &a},
                                       {StreamKind::Trades, &a},
                                       {StreamKind::Trades, &b},
                                       {StreamKind::Book, &b},
                                       {StreamKind::Bbo, &b}};

  EXPECT_EQ(kKucoin.subscribe(streams, 7),
            (std::vector<std::string>{
                R"({"id":"7","type":"subscribe","topic":"/market/level2:BTC-USDT",)"
                R"("privateChannel":false,"response":true})",
                R"({"id":"8","type":"subscribe","topic":"/market/match:BTC-USDT,ETH-USDT",)"
                R"("privateChannel":false,"response":true})",
                R"({"id":"9","type":"subscribe","topic":"/spotMarket/level2Depth50:ETH-USDT",)"
                R"("privateChannel":false,"response":true})",
                R"({"id":"10","type":"subscribe","topic":"/market/ticker:ETH-USDT",)"
                R"("privateChannel":false,"response":true})"}));
  a.symbol = "XBTUSDTM";
  EXPECT_EQ(kKucoinFutures.unsubscribe(std::vector<Stream>{{StreamKind::Trades, &a}}, 1)[0],
            R"({"id":"1","type":"unsubscribe","topic":"/contractMarket/execution:XBTUSDTM",)"
            R"("privateChannel":false,"response":true})");
}

TEST(KucoinRequests, OfTheClassicInterfaceHoldAHundredSymbolsAtMost) {
  std::vector<Instrument> instruments(101);
  std::vector<Stream> streams;
  for (std::size_t i = 0; i < instruments.size(); ++i) {
    instruments[i].symbol = "SYM" + std::to_string(i);
    streams.push_back({StreamKind::Trades, &instruments[i]});
  }

  const auto requests = kKucoin.subscribe(streams, 1);

  ASSERT_EQ(requests.size(), 2U);
  EXPECT_NE(requests[1].find("\"/market/match:SYM100\""), std::string::npos);
}

TEST(KucoinRequests, OfTheUnifiedInterfaceHoldOneSymbol) {
  Instrument one;
  one.symbol = "XBTUSDTM";
  const std::vector<Stream> streams = {
      {StreamKind::Book, &one}, {StreamKind::Trades, &one}, {StreamKind::Bbo, &one}};

  EXPECT_EQ(kKucoinUnifiedFutures.subscribe(streams, 3),
            (std::vector<std::string>{
                R"({"id":"3","action":"SUBSCRIBE","channel":"obu","tradeType":"FUTURES",)"
                R"("symbol":"XBTUSDTM","depth":"increment@10ms","rpiFilter":0})",
                R"({"id":"4","action":"SUBSCRIBE","channel":"trade","tradeType":"FUTURES",)"
                R"("symbol":"XBTUSDTM"})",
                R"({"id":"5","action":"SUBSCRIBE","channel":"obu","tradeType":"FUTURES",)"
                R"("symbol":"XBTUSDTM","depth":"1","rpiFilter":0})"}));
}

TEST(KucoinControl, TellsAWelcomeFromAnAnswer) {
  const auto kind = [](std::string_view text) { return kKucoinUnified.control(text).kind; };
  EXPECT_EQ(kind(R"({"id":"x","type":"welcome"})"), Control::Kind::Welcome);
  EXPECT_EQ(kind(R"({"message":"welcome","pingInterval":18000})"), Control::Kind::Welcome);
  EXPECT_EQ(kind(R"({"id":"1","type":"ack"})"), Control::Kind::Acknowledged);
  EXPECT_EQ(kind(R"({"id":"1","result":true})"), Control::Kind::Acknowledged);
  EXPECT_EQ(kind(R"({"id":"1","result":false,"message":"invalid"})"), Control::Kind::Rejected);
  EXPECT_EQ(kind(R"({"id":"1","type":"error","code":404})"), Control::Kind::Rejected);
  EXPECT_EQ(kind(R"({"code":"429000","msg":"too many"})"), Control::Kind::Rejected);
  EXPECT_EQ(kind(R"({"id":"1","type":"pong","ts":1})"), Control::Kind::Pong);
  EXPECT_EQ(kind("?"), Control::Kind::Unknown);
}

TEST(KucoinInstruments, OfSpotHaveStepsInBaseUnits) {
  const auto list = kKucoin.instruments(
      R"({"code":"200000","data":[{"symbol":"BTC-USDT","baseCurrency":"BTC",)"
      R"("quoteCurrency":"USDT","baseIncrement":"0.00000001","priceIncrement":"0.1",)"
      R"("enableTrading":true},{"symbol":"X-BTC","baseCurrency":"X","quoteCurrency":"BTC",)"
      R"("baseIncrement":"0.1","priceIncrement":"0.00000001","enableTrading":false}]})");

  ASSERT_EQ(list.size(), 2U);
  EXPECT_EQ(list[0].name, "BTC-USDT");
  EXPECT_EQ(list[0].tick_size, "0.1");
  EXPECT_EQ(list[0].lot_size, "0.00000001");
  EXPECT_TRUE(list[0].trading);
  EXPECT_FALSE(list[1].trading);
}

TEST(KucoinInstruments, OfFuturesAreLotsOfAMultiplierOrOfDollars) {
  const auto list = kKucoinFutures.instruments(
      R"({"code":"200000","data":[{"symbol":"XBTUSDTM","baseCurrency":"XBT",)"
      R"("quoteCurrency":"USDT","expireDate":null,"lotSize":1,"tickSize":0.1,"multiplier":0.001,)"
      R"("status":"Open","isInverse":false},{"symbol":"XBTUSDM","baseCurrency":"XBT",)"
      R"("quoteCurrency":"USD","expireDate":null,"lotSize":1,"tickSize":0.1,"multiplier":-1.0,)"
      R"("status":"Open","isInverse":true},{"symbol":"XBTMZ26","baseCurrency":"XBT",)"
      R"("quoteCurrency":"USD","expireDate":1798185600000,"lotSize":1,"tickSize":1,)"
      R"("multiplier":-1.0,"status":"Paused","isInverse":true}]})");

  ASSERT_EQ(list.size(), 3U);
  EXPECT_EQ(list[0].name, "BTC-USDT-PERP");
  EXPECT_EQ(list[0].kind, ContractKind::Linear);
  EXPECT_EQ(list[0].multiplier, "0.001");
  EXPECT_EQ(list[0].lot_size, "1");
  EXPECT_EQ(list[1].name, "BTC-USD-PERP");
  EXPECT_EQ(list[1].kind, ContractKind::Inverse);
  EXPECT_DOUBLE_EQ(list[1].contract_size, 1.0);
  EXPECT_EQ(list[2].name, "BTC-USD-261225");
  EXPECT_FALSE(list[2].trading);
}

TEST(KucoinInstruments, OfTheUnifiedInterfaceAreOfEitherMarket) {
  const auto spot = kKucoinUnified.instruments(
      R"({"code":"200000","data":{"tradeType":"SPOT","list":[{"symbol":"BTC-USDT",)"
      R"("baseCurrency":"BTC","quoteCurrency":"USDT","baseOrderStep":"0.00000001",)"
      R"("tickSize":"0.1","tradingStatus":"1"}]}})");
  const auto futures = kKucoinUnifiedFutures.instruments(
      R"({"code":"200000","data":{"tradeType":"FUTURES","list":[{"symbol":"XBTUSDTM",)"
      R"("baseCurrency":"XBT","quoteCurrency":"USDT","settlementCurrency":"USDT",)"
      R"("contractType":"0","lotSize":"1","unitSize":"0.001","tickSize":"0.1",)"
      R"("isInverse":false,"tradingStatus":"1"}]}})");

  ASSERT_EQ(spot.size(), 1U);
  EXPECT_EQ(spot[0].kind, ContractKind::Spot);
  EXPECT_EQ(spot[0].lot_size, "0.00000001");
  ASSERT_EQ(futures.size(), 1U);
  EXPECT_EQ(futures[0].kind, ContractKind::Linear);
  EXPECT_EQ(futures[0].name, "BTC-USDT-PERP");
  EXPECT_EQ(futures[0].multiplier, "0.001");
  EXPECT_TRUE(futures[0].trading);
}

TEST(KucoinSibling, IsTheMarketThatTheTopicNames) {
  const Venue* const venue = venue_of_url("wss://push-private.kucoin.com/endpoint?token=T");
  ASSERT_EQ(venue, &kKucoin);
  EXPECT_EQ(venue_of_frame(venue, R"({"data":{},"topic":"/market/level2:BTC-USDT"})", ""),
            &kKucoin);
  EXPECT_EQ(venue_of_frame(venue, R"({"data":{},"topic":"/contractMarket/level2:XBTUSDTM"})", ""),
            &kKucoinFutures);
  EXPECT_EQ(venue_of_url("https://api-futures.kucoin.com/api/v1/level2/snapshot"), &kKucoinFutures);
}

}  // namespace
}  // namespace steelyard
