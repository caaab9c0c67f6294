// tests/support/capture_truth.hpp -- what independent rebuilds measured of recorded traffic, a row
// a recording.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "core/decimal.hpp"
#include "engine/instrument_slot.hpp"
#include "support/fixtures.hpp"

namespace steelyard {

// A message that puts a book into the state that `slot` holds. An empty url: on the stream itself.
struct SnapshotMessage {
  std::string url;
  std::string text;
};

struct CaptureTruth {
  const char* file;             // below captures(), without ".ndjson.zst"
  std::uint64_t links = 0;      // consecutive deltas whose ids prove that nothing is between them
  std::uint64_t checksums = 0;  // messages whose checksum fits the book
  std::uint64_t counts = 0;     // frames next in the count of their connection
  std::uint64_t top_ok = 0;     // book tops that equal the venue's own best-bid-offer channel, ...
  std::uint64_t top = 0;        // ... of so many; the rest is lag of that channel
  std::uint64_t levels = 0;     // level changes; 0: nobody counted
  // Dropping one delta is tried in so many lines from the start; 0: the channel proves nothing.
  std::size_t drop_lines = 3000;
  SnapshotMessage (*snapshot)(const InstrumentSlot& slot) = nullptr;

  // By ids, a loss shows at the next frame; by checksums, once it reaches the levels they cover.
  [[nodiscard]] bool has_ids() const noexcept { return links != 0; }
  [[nodiscard]] std::filesystem::path path() const {
    return captures() / (std::string{file} + ".ndjson.zst");
  }
};

// As googletest prints it, and as a part of a test's name.
inline void PrintTo(const CaptureTruth& truth, std::ostream* out) { *out << truth.file; }
[[nodiscard]] inline std::string truth_name(const testing::TestParamInfo<CaptureTruth>& of) {
  std::string name{of.param.file};
  std::replace_if(
      name.begin(), name.end(), [](char c) { return c == '-' || c == '/'; }, '_');
  return name;
}

// [["price","size"...],...], best first, in the venue's own units.
[[nodiscard]] inline std::string levels_as_json(const InstrumentSlot& slot, Side side,
                                                const char* after_size = "") {
  const Scale& scale = slot.instrument.scale;
  std::string text;
  slot.book.walk(side, [&](Level level) {
    char buffer[kMaxDecimalText];
    text += text.empty() ? "[[\"" : ",[\"";
    text += format_decimal(level.price.raw(), scale.price_exponent, buffer);
    text += "\",\"";
    text += format_decimal(level.qty.raw() / scale.qty_multiplier,
                           scale.qty_exponent - scale.multiplier_exponent, buffer);
    text.append(1, '"').append(after_size).append(1, ']');
    return true;
  });
  return text.empty() ? "[]" : text + ']';
}

[[nodiscard]] inline SnapshotMessage binance_snapshot(const InstrumentSlot& slot) {
  const Venue& venue = *venue_registry()[slot.instrument.venue];
  return {"https://" + std::string{venue.rest.host} + venue.snapshot(slot.instrument).target,
          "{\"lastUpdateId\":" + std::to_string(slot.cursor.last.raw()) +
              ",\"bids\":" + levels_as_json(slot, Side::Bid) +
              ",\"asks\":" + levels_as_json(slot, Side::Ask) + '}'};
}

[[nodiscard]] inline SnapshotMessage okx_snapshot(const InstrumentSlot& slot) {
  return {"", "{\"arg\":{\"channel\":\"" + std::string{slot.rule.channel} + "\",\"instId\":\"" +
                  slot.instrument.symbol + "\"},\"action\":\"snapshot\",\"data\":[{\"asks\":" +
                  levels_as_json(slot, Side::Ask, ",\"0\",\"1\"") + ",\"bids\":" +
                  levels_as_json(slot, Side::Bid, ",\"0\",\"1\"") + ",\"ts\":\"1646003667000\"}]}"};
}

[[nodiscard]] inline SnapshotMessage bybit_snapshot(const InstrumentSlot& slot) {
  return {"", "{\"topic\":\"" + std::string{slot.rule.channel} + '.' + slot.instrument.symbol +
                  "\",\"type\":\"snapshot\",\"ts\":1786310819000,\"data\":{\"u\":" +
                  std::to_string(slot.cursor.last.raw()) +
                  ",\"b\":" + levels_as_json(slot, Side::Bid) +
                  ",\"a\":" + levels_as_json(slot, Side::Ask) + "}}"};
}

// Each level between two texts: before the price, and between price and size; "]" or "}" ends it.
[[nodiscard]] inline std::string levels_as_rows(const InstrumentSlot& slot, Side side,
                                                const std::string& before,
                                                const std::string& between, char end) {
  std::string text;
  slot.book.walk(side, [&](Level level) {
    char buffer[kMaxDecimalText];
    text += text.empty() ? '[' : ',';
    text += before;
    text += format_decimal(level.price.raw(), slot.instrument.scale.price_exponent, buffer);
    text += between;
    text += format_decimal(level.qty.raw(), slot.instrument.scale.qty_exponent, buffer);
    text += end;
    return true;
  });
  return text.empty() ? "[]" : text + ']';
}

[[nodiscard]] inline SnapshotMessage kraken_futures_snapshot(const InstrumentSlot& slot) {
  const auto rows = [&slot](Side side) {
    return levels_as_rows(slot, side, "{\"price\":", ",\"qty\":", '}');
  };
  return {"",
          "{\"feed\":\"book_snapshot\",\"product_id\":\"" + slot.instrument.symbol +
              "\",\"timestamp\":1626994927000,\"seq\":" + std::to_string(slot.cursor.last.raw()) +
              ",\"bids\":" + rows(Side::Bid) + ",\"asks\":" + rows(Side::Ask) + '}'};
}

[[nodiscard]] inline SnapshotMessage deribit_snapshot(const InstrumentSlot& slot) {
  const auto rows = [&slot](Side side) {
    return levels_as_rows(slot, side, "[\"new\",", ",", ']');
  };
  return {"", "{\"method\":\"subscription\",\"params\":{\"channel\":\"book." +
                  slot.instrument.symbol + ".raw\",\"data\":{\"type\":\"snapshot\"," +
                  "\"timestamp\":1626993723632,\"change_id\":" +
                  std::to_string(slot.cursor.last.raw()) + ",\"bids\":" + rows(Side::Bid) +
                  ",\"asks\":" + rows(Side::Ask) + "}}}"};
}

[[nodiscard]] inline SnapshotMessage kucoin_snapshot(const InstrumentSlot& slot) {
  return {"https://api.kucoin.com/api/v3/market/orderbook/level2?symbol=" + slot.instrument.symbol,
          "{\"code\":\"200000\",\"data\":{\"time\":1619378326628,\"sequence\":\"" +
              std::to_string(slot.cursor.last.raw()) +
              "\",\"bids\":" + levels_as_json(slot, Side::Bid) +
              ",\"asks\":" + levels_as_json(slot, Side::Ask) + "}}"};
}

[[nodiscard]] inline SnapshotMessage gate_snapshot(const InstrumentSlot& slot) {
  return {"https://api.gateio.ws/api/v4/spot/order_book?limit=100&with_id=true&currency_pair=" +
              slot.instrument.symbol,
          "{\"id\":" + std::to_string(slot.cursor.last.raw()) +
              ",\"current\":1619093533000,\"update\":1619093532978,\"bids\":" +
              levels_as_json(slot, Side::Bid) + ",\"asks\":" + levels_as_json(slot, Side::Ask) +
              '}'};
}

[[nodiscard]] inline std::vector<CaptureTruth> capture_truths() {
  return {
      {.file = "binance-spot/btcusdt_20240808",
       .links = 6494,
       .top_ok = 6491,
       .top = 6493,
       .levels = 300'094,
       .snapshot = binance_snapshot},
      {.file = "binance-spot/multi10_20210417",
       .links = 604,
       .top_ok = 557,
       .top = 557,
       .snapshot = binance_snapshot},
      {.file = "binance-usdm/btcusdt_20240808",
       .links = 6550,
       .top_ok = 6546,
       .top = 6546,
       .levels = 445'262,
       .snapshot = binance_snapshot},
      {.file = "binance-usdm/btcusdt_20230404",
       .links = 16'109,
       .top_ok = 16'110,
       .top = 16'110,
       .levels = 324'682,
       .snapshot = binance_snapshot},
      {.file = "binance-usdm/multi4_20210722",
       .links = 760,
       .top_ok = 731,
       .top = 731,
       .snapshot = binance_snapshot},
      {.file = "binance-coinm/btcusd_perp_20240808",
       .links = 44'794,
       .top_ok = 44'767,
       .top = 44'767,
       .levels = 661'405,
       .snapshot = binance_snapshot},
      {.file = "binance-coinm/multi10_20210722",
       .links = 2'037,
       .top_ok = 1'764,
       .top = 1'764,
       .snapshot = binance_snapshot},
      // Quotes have no ids: quoted_top_test.cpp compares them.
      {.file = "bitmex/multi10_20210722", .drop_lines = 0},
      // Changes have times and no chain.
      {.file = "bitstamp/multi9_20210417", .drop_lines = 0},
      {.file = "bybit/v5_20260809", .links = 2'142, .snapshot = bybit_snapshot},
      // A frame that is missing resets every book of its connection.
      {.file = "coinbase/advanced_20260809", .counts = 1'029, .drop_lines = 0},
      {.file = "deribit/options_20210722", .links = 36, .snapshot = deribit_snapshot},
      {.file = "gate/spot_20210422", .links = 162, .snapshot = gate_snapshot},
      // Frames of the connection, heartbeats too: one that is missing resets every book.
      {.file = "bitfinex/multi7_20210417", .counts = 1'669, .drop_lines = 0},
      // Whole books, each for itself: nothing could be missing.
      {.file = "hyperliquid/btc_20250126", .drop_lines = 0},
      {.file = "kraken/v2_book10_20230730", .checksums = 510, .drop_lines = 0},  // has no times
      {.file = "kraken-futures/multi10_20210722",
       .links = 7'014,
       .snapshot = kraken_futures_snapshot},
      // Tickers say of which book they are: so many are of one that a change of levels led to.
      {.file = "kucoin/multi9_20210425",
       .links = 3'844,
       .top_ok = 774,
       .top = 774,
       .snapshot = kucoin_snapshot},
      {.file = "okx/l2tbt_checksum_20220227", .checksums = 3'679, .snapshot = okx_snapshot},
  };
}

}  // namespace steelyard
