// What the listing commands print.
#include "cli/listings.hpp"

#include <gtest/gtest.h>
#include <simdjson.h>

namespace steelyard {
namespace {

constexpr BookChannel kBooks[] = {
    {.channel = "chained",
     .link = {.link = Link::Prev},
     .snapshot = SnapshotSource::InBand,
     .checksum = ChecksumId::InterleavedTop25,
     .depth = 400,
     .cadence = "100 ms"},
    {.channel = "asked-for",
     .link = {.link = Link::Step},
     .snapshot = SnapshotSource::OutOfBand,
     .resync = ResyncBy::Request},
    {.channel = "bare",
     .snapshot = SnapshotSource::OutOfBand,
     .resync = ResyncBy::Fetch,
     .unproven = true,
     .renew = std::chrono::seconds{60}},
    {.channel = "counted", .counted = true},
    {.channel = "whole", .snapshot = SnapshotSource::Replace, .depth = 5},
};
constexpr Socket kSockets[] = {
    {.name = "all", .kinds = kind_bit(StreamKind::Book) | kind_bit(StreamKind::Bbo)}};
constexpr Venue kVenue{.name = "some-venue",
                       .sockets = kSockets,
                       .books = kBooks,
                       .liquidations = true,
                       .liquidation_note = "of \"all\""};

TEST(VenuesText, SaysOfEachChannelWhatProvesIt) {
  const Venue* const venues[] = {&kVenue};

  EXPECT_EQ(
      venues_text(venues),
      R"(VENUE       CHANNEL    BOOK                             LOSS IS SEEN BY              LEVELS  CADENCE
some-venue  chained    snapshot on the stream, changes  chain, checksum              400     100 ms
            asked-for  snapshot on request, changes     count                        all     -
            bare       snapshot fetched, changes        nothing, renewed every 60 s  all     -
            counted    snapshot on the stream, changes  connection counter           all     -
            whole      whole each time                  needs none                   5       -

VENUE       BBO  LIQUIDATIONS
some-venue  yes  yes: of "all"
)");
}

TEST(VenuesJson, IsValidForEveryVenue) {
  simdjson::dom::parser parser;
  simdjson::dom::array all;

  ASSERT_EQ(parser.parse(venues_json(venue_registry())).get_array().get(all), simdjson::SUCCESS);

  EXPECT_EQ(all.size(), venue_registry().size());
  const Venue* const venues[] = {&kVenue};
  const std::string text = venues_json(venues);
  const simdjson::dom::element one = parser.parse(text).at(0);
  EXPECT_EQ(std::string_view{one["venue"]}, "some-venue");
  EXPECT_EQ(std::string_view{one["liquidation_note"]}, "of \"all\"");
  EXPECT_EQ(std::string_view{one["channels"].at(0)["proof"].at(1)}, "checksum");
  EXPECT_EQ(std::uint64_t{one["channels"].at(0)["levels"]}, 400U);
  EXPECT_EQ(one["channels"].at(4)["proof"].get_array().size(), 0U);
}

TEST(Instruments, AreMatchedBySymbolOrNameAndSorted) {
  std::vector<InstrumentInfo> list(3);
  list[0].symbol = "ETHUSDT";
  list[0].name = "ETH-USDT";
  list[1].symbol = "BTCUSDT";
  list[1].name = "BTC-USDT";
  list[2].symbol = "XBT";
  list[2].name = "BTC-EUR";

  const auto by_name = matching(list, "BTC-*");
  const auto by_symbol = matching(list, "*USDT");

  ASSERT_EQ(by_name.size(), 2U);
  EXPECT_EQ(by_name[0].symbol, "BTCUSDT");
  EXPECT_EQ(by_name[1].symbol, "XBT");
  ASSERT_EQ(by_symbol.size(), 2U);
  EXPECT_EQ(by_symbol[0].symbol, "BTCUSDT");
  EXPECT_EQ(by_symbol[1].symbol, "ETHUSDT");
  EXPECT_TRUE(matching(list, "DOGE*").empty());
}

TEST(Instruments, SayTheirContractInItsOwnUnits) {
  std::vector<InstrumentInfo> list(2);
  list[0] = {.symbol = "BTC-USDT",
             .name = "BTC-USDT-PERP",
             .kind = ContractKind::Linear,
             .tick_size = "0.1",
             .lot_size = "1",
             .multiplier = "0.001"};
  list[1] = {.symbol = "BTC-USD",
             .name = "BTC-USD-PERP",
             .kind = ContractKind::Inverse,
             .tick_size = "0.1",
             .lot_size = "1",
             .multiplier = "1",
             .contract_size = 100.0,
             .trading = false};

  EXPECT_EQ(instruments_text(list),
            "SYMBOL    NAME           KIND     TICK  LOT  CONTRACT  TRADING\n"
            "BTC-USDT  BTC-USDT-PERP  linear   0.1   1    0.001     yes\n"
            "BTC-USD   BTC-USD-PERP   inverse  0.1   1    100       no\n");
  simdjson::dom::parser parser;
  const std::string text = instruments_json(list);
  const simdjson::dom::element two = parser.parse(text).at(1);
  EXPECT_EQ(std::string_view{two["kind"]}, "inverse");
  EXPECT_EQ(std::string_view{two["contract"]}, "100");
  EXPECT_FALSE(bool{two["trading"]});
}

}  // namespace
}  // namespace steelyard
