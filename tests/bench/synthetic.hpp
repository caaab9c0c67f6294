// tests/bench/synthetic.hpp -- made books and the frames that change them, in the dialects of the
// busiest venues. The same seed gives the same bytes.
#pragma once

#include <cmath>
#include <cstdint>
#include <cstdio>
#include <random>
#include <string>
#include <vector>

#include "venues/venue.hpp"

namespace steelyard::bench {

enum class Dialect : std::uint8_t { BinanceSpot, BinanceUsdm, Okx, Bybit };

[[nodiscard]] constexpr const char* venue_of(Dialect dialect) noexcept {
  switch (dialect) {
    case Dialect::BinanceSpot:
      return "binance-spot";
    case Dialect::BinanceUsdm:
      return "binance-usdm";
    case Dialect::Okx:
      return "okx";
    case Dialect::Bybit:
      return "bybit-linear";
  }
  return "";
}

// `depth` levels a side on every second tick, of which a handful stand empty at any time. A change
// lands at a rank as real ones do: half of them within the best hundred, some far out; three
// quarters set a quantity anew, the others take a level away or bring one back.
class SyntheticBook {
 public:
  SyntheticBook(Dialect dialect, std::string symbol, std::uint32_t depth, std::uint64_t seed)
      : dialect_{dialect}, symbol_{std::move(symbol)}, depth_{depth}, random_{seed} {
    gone_[0].assign(depth, false);
    gone_[1].assign(depth, false);
  }

  [[nodiscard]] const std::string& symbol() const noexcept { return symbol_; }
  [[nodiscard]] bool is_fetched() const noexcept { return dialect_ < Dialect::Okx; }
  // Of the fetched snapshot.
  [[nodiscard]] std::string request() const {
    const char* const path =
        dialect_ == Dialect::BinanceSpot ? "api.binance.com/api/v3" : "fapi.binance.com/fapi/v1";
    return std::string{"https://"} + path + "/depth?symbol=" + symbol_ + "&limit=1000";
  }

  void snapshot(std::string& out) {
    out.clear();
    std::string sides[2];
    for (const bool ask : {false, true}) {
      for (std::uint32_t rank = 0; rank < depth_; ++rank)
        row(sides[ask], ask, rank, 1 + rank % 900);
    }
    envelope(out, sides, true);
  }

  void delta(std::uint32_t changes, std::string& out) {
    out.clear();
    std::string sides[2];
    for (std::uint32_t i = 0; i < changes; ++i) {
      const bool ask = (i & 1U) != 0;
      const double far = -150.0 * std::log(1.0 - static_cast<double>(random_() % 1'000'000) / 1e6);
      const std::uint32_t rank = static_cast<std::uint32_t>(far) % depth_;
      const bool was_gone = gone_[ask][rank];
      const bool leaves = !was_gone && random_() % 8 == 0 && absent_[ask] < 8;
      if (was_gone || leaves) {
        gone_[ask][rank] = leaves;
        absent_[ask] += leaves ? 1 : -1;
      }
      row(sides[ask], ask, rank, leaves ? 0 : 1 + random_() % 5'000'000);
    }
    envelope(out, sides, false);
  }

 private:
  void row(std::string& out, bool ask, std::uint32_t rank, std::uint64_t qty) const {
    const std::int64_t cents =
        6'000'000 + (ask ? 1 + std::int64_t{rank} * 2 : -std::int64_t{rank} * 2);
    char text[96];
    const int bytes = std::snprintf(
        text, sizeof text, "%s[\"%lld.%02lld\",\"%llu.%03llu\"%s]", out.empty() ? "" : ",",
        static_cast<long long>(cents / 100), static_cast<long long>(cents % 100),
        static_cast<unsigned long long>(qty / 1000), static_cast<unsigned long long>(qty % 1000),
        dialect_ != Dialect::Okx ? ""
        : qty == 0               ? ",\"0\",\"0\""
                                 : ",\"0\",\"3\"");
    out.append(text, static_cast<std::size_t>(bytes));
  }

  void envelope(std::string& out, const std::string (&sides)[2], bool whole) {
    const std::uint64_t before = id_;
    if (!whole) id_ += dialect_ == Dialect::Bybit ? 1 : 3;
    time_ += whole ? 0 : 100;
    const std::string id = std::to_string(id_);
    const std::string time = std::to_string(time_);
    switch (dialect_) {
      case Dialect::BinanceSpot:
      case Dialect::BinanceUsdm:
        if (whole) {
          out = "{\"lastUpdateId\":" + id + ",\"bids\":[" + sides[0] + "],\"asks\":[" + sides[1] +
                "]}";
          return;
        }
        out = "{\"e\":\"depthUpdate\",\"E\":" + time;
        if (dialect_ == Dialect::BinanceUsdm) out += ",\"T\":" + time;
        out += ",\"s\":\"" + symbol_ +
               "\",\"U\":" + std::to_string(spliced_ ? before + 1 : before) + ",\"u\":" + id;
        spliced_ = true;
        if (dialect_ == Dialect::BinanceUsdm) out += ",\"pu\":" + std::to_string(before);
        out += ",\"b\":[" + sides[0] + "],\"a\":[" + sides[1] + "]}";
        return;
      case Dialect::Okx:
        out = "{\"arg\":{\"channel\":\"books\",\"instId\":\"" + symbol_ + "\"},\"action\":\"" +
              (whole ? "snapshot" : "update") + "\",\"data\":[{\"asks\":[" + sides[1] +
              "],\"bids\":[" + sides[0] + "],\"ts\":\"" + time +
              "\",\"checksum\":0,\"seqId\":" + id +
              ",\"prevSeqId\":" + (whole ? "-1" : std::to_string(before)) + "}]}";
        return;
      case Dialect::Bybit:
        out = "{\"topic\":\"orderbook.1000." + symbol_ + "\",\"type\":\"" +
              (whole ? "snapshot" : "delta") + "\",\"ts\":" + time + ",\"data\":{\"s\":\"" +
              symbol_ + "\",\"b\":[" + sides[0] + "],\"a\":[" + sides[1] + "],\"u\":" + id +
              ",\"seq\":" + std::to_string(id_ * 7) + "},\"cts\":" + time + "}";
        return;
    }
  }

  Dialect dialect_;
  std::string symbol_;
  std::uint32_t depth_;
  std::mt19937_64 random_;
  std::vector<bool> gone_[2];
  int absent_[2] = {0, 0};
  bool spliced_ = false;  // the first after a fetched snapshot must reach back to it
  std::uint64_t id_ = 5'000'000;
  std::uint64_t time_ = 1'700'000'000'000;
};

// What the venue would have said of it.
[[nodiscard]] inline Instrument synthetic_instrument(Dialect dialect, const std::string& symbol,
                                                     std::uint32_t id) {
  Instrument instrument;
  instrument.id = InstrumentId{id};
  for (std::uint32_t i = 0; i < venue_registry().size(); ++i) {
    if (venue_registry()[i]->name == venue_of(dialect)) instrument.venue = i;
  }
  instrument.symbol = instrument.name = symbol;
  instrument.has_metadata = true;
  instrument.scale.price_exponent = -2;
  instrument.scale.qty_exponent = -3;
  const auto& books = venue_registry()[instrument.venue]->books;
  for (std::uint8_t row = 0; row < books.size(); ++row) {
    if (dialect == Dialect::Bybit && books[row].channel == "orderbook.1000")
      instrument.channel = row;
  }
  return instrument;
}

}  // namespace steelyard::bench
