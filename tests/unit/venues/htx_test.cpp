// The cold half of HTX, and what it says within gzip members.
#include "venues/htx.hpp"

#include <gtest/gtest.h>

#include "support/fixtures.hpp"

namespace steelyard {
namespace {

[[nodiscard]] std::string fixture(const char* name) {
  return read_frame(std::filesystem::path{STEELYARD_FIXTURES} / name);
}

TEST(HtxControl, AnswersPingsOutOfTheirGzipMembers) {
  const Control ping = kHtx.control(fixture("htx/ping.hex"));
  const Control notification = kHtxSwap.control(fixture("htx-swap/notification_ping.hex"));

  EXPECT_EQ(ping.kind, Control::Kind::Probe);
  EXPECT_EQ(ping.answer, R"({"pong":1789000000106})");
  EXPECT_EQ(notification.kind, Control::Kind::Probe);
  EXPECT_EQ(notification.answer, R"({"op":"pong","ts":"1789000002344"})");
  EXPECT_EQ(kHtx.control(R"({"ping":5})").answer, R"({"pong":5})");
  EXPECT_EQ(kHtx.control(fixture("htx/damaged.hex")).kind, Control::Kind::Unknown);
}

TEST(HtxControl, SaysWhatBecameOfASubscription) {
  EXPECT_EQ(kHtx.control(fixture("htx/ack.hex")).kind, Control::Kind::Acknowledged);
  EXPECT_EQ(kHtx.control(fixture("htx/rejected.json")).kind, Control::Kind::Rejected);
  EXPECT_EQ(kHtxSwap.control(fixture("htx-swap/notification_ack.json")).kind,
            Control::Kind::Acknowledged);
  EXPECT_EQ(kHtxSwap.control(R"({"op":"sub","cid":"1","topic":"x","err-code":2011})").kind,
            Control::Kind::Rejected);
  EXPECT_EQ(kHtxSwap.control(R"({"op":"close","ts":1})").kind, Control::Kind::PleaseReconnect);
}

TEST(HtxRequests, NameOneTopicEach) {
  Instrument spot, swap;
  spot.symbol = "btcusdt";
  swap.symbol = "BTC-USDT";
  const std::vector<Stream> wanted = {{StreamKind::Book, &spot}, {StreamKind::Bbo, &spot}};
  const std::vector<Stream> contracts = {
      {StreamKind::Book, &swap}, {StreamKind::Trades, &swap}, {StreamKind::Liquidations, &swap}};

  EXPECT_EQ(kHtx.subscribe(wanted, 7),
            (std::vector<std::string>{R"({"sub":"market.btcusdt.mbp.150","id":"7"})",
                                      R"({"sub":"market.btcusdt.bbo","id":"8"})"}));
  EXPECT_EQ(kHtx.snapshot_message(spot, 9), R"({"req":"market.btcusdt.mbp.150","id":"9"})");
  EXPECT_EQ(
      kHtxSwap.unsubscribe(contracts, 1),
      (std::vector<std::string>{
          R"({"unsub":"market.BTC-USDT.depth.size_150.high_freq","data_type":"incremental","id":"1"})",
          R"({"unsub":"market.BTC-USDT.trade.detail","id":"2"})",
          R"({"op":"unsub","cid":"3","topic":"public.BTC-USDT.liquidation_orders"})"}));
}

TEST(HtxSockets, CarryIncrementalBooksApartFromWholeOnes) {
  const auto socket_of = [](StreamKind kind, std::uint8_t channel) {
    Instrument instrument;
    instrument.channel = channel;
    std::string names;
    for (const Socket& socket : kHtx.sockets) {
      if (carries(kHtx, socket, kind, instrument)) names += socket.name;
    }
    return names;
  };

  EXPECT_EQ(socket_of(StreamKind::Book, 0), "feed");
  EXPECT_EQ(socket_of(StreamKind::Book, 4), "market");
  EXPECT_EQ(socket_of(StreamKind::Trades, 0), "market");
  EXPECT_EQ(socket_of(StreamKind::Bbo, 4), "market");
}

TEST(HtxInstruments, OfSpotInEitherList) {
  const auto brief = kHtx.instruments(
      R"({"status":"ok","data":[{"sc":"btcusdt","dn":"BTC/USDT","bc":"btc","qc":"usdt",)"
      R"("state":"online","tpp":2,"tap":6,"sp":"main"}],"ts":"1"})");
  const auto full = kHtx.instruments(
      R"({"status":"ok","data":[{"base-currency":"htx","quote-currency":"usdt",)"
      R"("price-precision":10,"amount-precision":4,"symbol":"htxusdt","state":"offline"}]})");

  ASSERT_EQ(brief.size(), 1U);
  EXPECT_EQ(brief[0].symbol, "btcusdt");
  EXPECT_EQ(brief[0].name, "BTC-USDT");
  EXPECT_EQ(brief[0].tick_size, "0.01");
  EXPECT_EQ(brief[0].lot_size, "0.000001");
  EXPECT_TRUE(brief[0].trading);
  ASSERT_EQ(full.size(), 1U);
  EXPECT_EQ(full[0].name, "HTX-USDT");
  EXPECT_EQ(full[0].tick_size, "0.0000000001");
  EXPECT_FALSE(full[0].trading);
}

TEST(HtxInstruments, OfContractsHaveASizeInCoinsOrInDollars) {
  const auto linear = kHtxSwap.instruments(
      R"({"status":"ok","data":[{"symbol":"BTC","contract_code":"BTC-USDT",)"
      R"("contract_size":0.001000000000000000,"price_tick":0.100000000000000000,)"
      R"("contract_status":1},{"symbol":"BTC","contract_code":"BTC-USDT-260925",)"
      R"("contract_size":0.001,"price_tick":0.1,"contract_status":0}]})");
  const auto coin = kHtxCoin.instruments(
      R"({"status":"ok","data":[{"symbol":"BTC","contract_code":"BTC-USD",)"
      R"("contract_size":100.000000000000000000,"price_tick":0.1,"contract_status":1},)"
      R"({"symbol":"ETH","contract_code":"ETH260925","contract_type":"quarter",)"
      R"("contract_size":10,"price_tick":0.001,"contract_status":1}]})");

  ASSERT_EQ(linear.size(), 2U);
  EXPECT_EQ(linear[0].name, "BTC-USDT-PERP");
  EXPECT_EQ(linear[0].kind, ContractKind::Linear);
  EXPECT_EQ(linear[0].multiplier, "0.001");
  EXPECT_EQ(linear[0].tick_size, "0.1");
  EXPECT_EQ(linear[1].name, "BTC-USDT-260925");
  EXPECT_FALSE(linear[1].trading);
  ASSERT_EQ(coin.size(), 2U);
  EXPECT_EQ(coin[0].name, "BTC-USD-PERP");
  EXPECT_EQ(coin[0].kind, ContractKind::Inverse);
  EXPECT_EQ(coin[0].contract_size, 100.0);
  EXPECT_EQ(coin[1].symbol, "ETH_CQ");
  EXPECT_EQ(coin[1].name, "ETH-USD-260925");
}

}  // namespace
}  // namespace steelyard
