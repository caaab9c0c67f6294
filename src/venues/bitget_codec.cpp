#include "venues/bitget_codec.hpp"

#include <algorithm>

#include "venues/bitget_requests.hpp"
#include "venues/json_walk.hpp"

namespace steelyard::bitget {
namespace {

using json::Token;
using json::Value;

constexpr std::uint8_t kBboChannel = 4;
constexpr std::uint8_t kNoChannel = 5;

enum class Feed : std::uint8_t { None, Book, Trades, Liquidations, Other };

// One element of "data", members in any order; v1 lists trades as rows.
struct Element {
  json::BookSides sides;
  Token sequence, previous, time, checksum;
  Token symbol, price, size, side, id;
};

// How many decimals the first row of a side is written with.
struct Width {
  int price = 0;
  int size = 0;
};

class Decoder {
 public:
  Decoder(bool spot, const Frame& frame, const SymbolTable& symbols, DecodeScratch& scratch,
          MessageBatch& out) noexcept
      : spot_{spot}, frame_{frame}, symbols_{symbols}, scratch_{scratch}, out_{out} {}

  [[nodiscard]] DecodeStatus run() noexcept {
    if (frame_.payload == "pong") return DecodeStatus::Control;
    if (frame_.kind == FrameKind::Answer) {
      for (const std::string_view list :
           {"/instruments", "/public/symbols", "/public/products", "/market/contracts"}) {
        if (frame_.request.find(list) != std::string_view::npos) return DecodeStatus::Metadata;
      }
      return DecodeStatus::Ignored;  // a book without numbers splices into nothing
    }
    const DecodeStatus status = json::walk_twice(
        frame_, scratch_, [&]() noexcept { early_data_ = has_data_ = false; },
        [&](std::string_view key, Value& value) noexcept { return read_root(key, value); },
        // "data" stood before what it is about: once more, now that this is known.
        [&]() noexcept { return !control_ && early_data_ && feed_ != Feed::None; });
    if (status == DecodeStatus::Ok && control_) return DecodeStatus::Control;
    if (status != DecodeStatus::Ok) return status;
    if (retired_) return DecodeStatus::Ignored;
    if (feed_ == Feed::None) return DecodeStatus::UnknownKind;
    return has_data_ && !early_data_ ? result_ : DecodeStatus::Malformed;
  }

 private:
  [[nodiscard]] DecodeStatus read_root(std::string_view key, Value& value) noexcept {
    if (key == "arg") return read_arg(value);
    if (key == "action") return read_action(json::token(value).text);
    if (key == "data") return read_data(value);
    if (key == "event" || key == "code") control_ = true;
    if (key == "table") retired_ = true;  // the swap protocol before v1, until April 2022
    return DecodeStatus::Ok;
  }

  // v2: channel and instId; v3: topic and symbol.
  [[nodiscard]] DecodeStatus read_arg(Value& value) noexcept {
    std::string_view channel, type;
    const DecodeStatus status = json::walk(value, [&](std::string_view key, Value& text) noexcept {
      if (key == "channel" || key == "topic") channel = json::token(text).text;
      if (key == "instType") type = json::token(text).text;
      if (key == "instId" || key == "symbol") name(json::token(text).text);
      return DecodeStatus::Ok;
    });
    if (status != DecodeStatus::Ok) return status;
    quote_sized_ = type == "coin-futures";
    resolve_channel(channel);
    if (is_spot(type) != spot_) {
      feed_ = Feed::Other;  // of the other market, which shares the socket
      result_ = DecodeStatus::Ignored;
    }
    return DecodeStatus::Ok;
  }

  void resolve_channel(std::string_view channel) noexcept {
    channel_ = kNoChannel;
    for (std::uint8_t i = 0; i < kNoChannel; ++i) {
      if (kBooks[i].channel == channel) channel_ = i;
    }
    feed_ = Feed::Other;
    if (channel_ != kNoChannel) {
      feed_ = Feed::Book;
    } else if (channel == "trade" || channel == "publicTrade") {
      feed_ = Feed::Trades;
    } else if (channel == "liquidation") {
      feed_ = Feed::Liquidations;
    } else if (channel == "ticker" || channel.starts_with("candle") ||
               channel.starts_with("kline") || channel == "index" || channel == "auction" ||
               channel == "rpi-books" || channel == "adl-notification") {
      result_ = DecodeStatus::Ignored;
    } else {
      feed_ = Feed::None;
    }
  }

  [[nodiscard]] DecodeStatus read_action(std::string_view action) noexcept {
    if (action != "snapshot" && action != "update" && action != "partial") {
      return DecodeStatus::UnknownKind;
    }
    snapshot_ = action != "update";
    has_action_ = true;
    return DecodeStatus::Ok;
  }

  void name(std::string_view symbol) noexcept {
    symbol_ = symbol;
    entry_ = symbol.empty() ? nullptr : symbols_.find(symbol);
  }

  [[nodiscard]] DecodeStatus read_data(Value& value) noexcept {
    if (has_data_) return DecodeStatus::Malformed;
    has_data_ = true;
    const bool replaced =
        channel_ != kNoChannel && kBooks[channel_].snapshot == SnapshotSource::Replace;
    if (feed_ == Feed::None || (!has_action_ && !replaced && feed_ != Feed::Other)) {
      early_data_ = true;
      return DecodeStatus::Ok;
    }
    if (feed_ == Feed::Other) return DecodeStatus::Ok;
    if (feed_ == Feed::Book) {
      snapshot_ = snapshot_ || replaced;
      bbo_ = channel_ == kBboChannel && (entry_ == nullptr || entry_->channel != kBboChannel);
      if (entry_ == nullptr || (!bbo_ && entry_->channel != channel_)) {
        result_ = json::unwanted(scratch_, symbol_,
                                 bbo_        ? MessageKind::Bbo
                                 : snapshot_ ? MessageKind::Snapshot
                                             : MessageKind::Delta,
                                 bbo_ ? std::uint8_t{0} : channel_);
        return is_defect(result_) ? result_ : DecodeStatus::Ok;
      }
      if (!bbo_) scratch_.suspect = entry_->id;
    }
    if (feed_ == Feed::Trades && entry_ == nullptr) {
      result_ = json::unwanted(scratch_, symbol_, MessageKind::Trade, 0);
      return is_defect(result_) ? result_ : DecodeStatus::Ok;
    }
    // Of a whole market: what nobody follows is passed over.
    if (feed_ == Feed::Liquidations) result_ = DecodeStatus::Ignored;
    return json::each(value, [&](Value& element) noexcept {
      switch (feed_) {
        case Feed::Book:
          return read_book(element);
        case Feed::Trades:
          return read_trade(element);
        default:
          return read_liquidation(element);
      }
    });
  }

  [[nodiscard]] DecodeStatus read_book(Value& value) noexcept {
    Element element;
    Width width;
    const DecodeStatus status =
        json::walk(value, [&](std::string_view key, Value& member) noexcept {
          if (key == "asks" || key == "a") return read_side(member, element.sides.asks, width);
          if (key == "bids" || key == "b") return read_side(member, element.sides.bids, width);
          if (key == "seq") element.sequence = json::token(member);
          if (key == "pseq") element.previous = json::token(member);
          if (key == "ts") element.time = json::token(member);
          if (key == "checksum") element.checksum = json::token(member);
          return DecodeStatus::Ok;
        });
    if (status != DecodeStatus::Ok) return status;
    if (!element.sides.seen()) return DecodeStatus::Malformed;
    return bbo_ ? finish_bbo(element) : finish_book(element, width);
  }

  [[nodiscard]] DecodeStatus read_side(Value& value, json::SideRange& side, Width& width) noexcept {
    measure(value.raw_json_token().data(), width);
    return json::read_side(value, *entry_, scratch_, out_, side);
  }

  // The first row, as text from `at` on: [["2.4400","195.6669"], ...
  void measure(const char* at, Width& width) const noexcept {
    const char* const end = frame_.payload.data() + frame_.payload.size();
    const auto decimals_of_next = [&]() noexcept {
      while (at < end && (*at < '0' || *at > '9')) ++at;
      while (at < end && *at >= '0' && *at <= '9') ++at;
      int decimals = 0;
      if (at < end && *at == '.') {
        for (++at; at < end && *at >= '0' && *at <= '9'; ++at) ++decimals;
      }
      return decimals;
    };
    if (end - at < 2 || at[0] != '[' || at[1] == ']') return;
    width.price = std::max(width.price, decimals_of_next());
    width.size = std::max(width.size, decimals_of_next());
  }

  [[nodiscard]] DecodeStatus finish_book(const Element& element, const Width& width) noexcept {
    Message* const message =
        json::add_book(out_, element.sides, snapshot_ ? MessageKind::Snapshot : MessageKind::Delta,
                       *entry_, channel_);
    if (message == nullptr) return DecodeStatus::TooLarge;
    if (!json::parse_time(element.time.text, message->venue_time)) return DecodeStatus::Malformed;
    if (element.sequence.there()) return read_chain(element, *message);
    if (!element.checksum.there() || kBooks[channel_].checksum == ChecksumId::None) {
      return DecodeStatus::Ok;
    }
    if (!json::parse_checksum(element.checksum.text, *message)) return DecodeStatus::Malformed;
    return (message->ids & kHasChecksum) != 0 ? widen(width) : DecodeStatus::Ok;
  }

  // The checksum is over text with trailing zeros: the exponents must be as fine as that text.
  [[nodiscard]] DecodeStatus widen(const Width& width) noexcept {
    const bool price = -width.price < entry_->price_exponent;
    const bool size = -width.size < entry_->wire_qty_exponent;
    if ((!price && !size) || width.price > -kMinExponent || width.size > -kMinExponent) {
      return DecodeStatus::Ok;
    }
    scratch_.imprecise = entry_->id;
    if (price) scratch_.needed_price_exponent = static_cast<std::int8_t>(-width.price);
    if (size) scratch_.needed_wire_qty_exponent = static_cast<std::int8_t>(-width.size);
    return DecodeStatus::TooPrecise;
  }

  // An update that is numbered but names no predecessor proves nothing: it cannot be one.
  [[nodiscard]] DecodeStatus read_chain(const Element& element, Message& message) const noexcept {
    std::uint64_t id = 0;
    if (!json::parse_id(element.sequence.text, id)) return DecodeStatus::Malformed;
    message.ids |= kHasLast;
    message.last = SequenceNo{id};
    if (snapshot_) return DecodeStatus::Ok;
    if (!json::parse_id(element.previous.text, id)) return DecodeStatus::Malformed;
    message.ids |= kHasPrev;
    message.prev = SequenceNo{id};
    return DecodeStatus::Ok;
  }

  [[nodiscard]] DecodeStatus finish_bbo(const Element& element) noexcept {
    Message* message = nullptr;
    const DecodeStatus status =
        json::add_bbo(out_, element.sides, *entry_, 0, element.sequence.text, message);
    if (status != DecodeStatus::Ok) return status;
    return json::parse_time(element.time.text, message->venue_time) ? DecodeStatus::Ok
                                                                    : DecodeStatus::Malformed;
  }

  // The first list after a subscription (action "snapshot") holds trades of the past: no events.
  [[nodiscard]] DecodeStatus read_trade(Value& value) noexcept {
    Element element;
    const DecodeStatus status = read_print(value, element);
    if (status != DecodeStatus::Ok) return status;
    Aggressor aggressor{};
    if (!read_aggressor(element.side.text, aggressor)) return DecodeStatus::Malformed;
    Level level;
    const DecodeStatus parsed =
        json::parse_level(element.price.text, element.size.text, *entry_, scratch_, level);
    if (parsed != DecodeStatus::Ok) return parsed;
    if (snapshot_) {
      ++scratch_.not_events;
      return DecodeStatus::Ok;
    }
    return json::add_print(out_, MessageKind::Trade, *entry_, level, aggressor, element.id.text,
                           element.time.text);
  }

  // "side" is that of the position, "amount" is in quote units, "price" is an average.
  [[nodiscard]] DecodeStatus read_liquidation(Value& value) noexcept {
    Element element;
    const DecodeStatus status = read_print(value, element);
    if (status != DecodeStatus::Ok) return status;
    Aggressor position{};
    if (!element.symbol.there() || !read_aggressor(element.side.text, position)) {
      return DecodeStatus::Malformed;
    }
    name(element.symbol.text);
    if (entry_ == nullptr) return DecodeStatus::Ok;
    Level level;
    const DecodeStatus parsed =
        quote_sized_
            ? json::round_level(element.price.text, element.size.text, *entry_, scratch_, level)
            : json::round_notional(element.price.text, element.size.text, *entry_, scratch_, level);
    if (parsed != DecodeStatus::Ok) return parsed;
    result_ = DecodeStatus::Ok;
    return json::add_print(out_, MessageKind::Liquidation, *entry_, level,
                           position == Aggressor::Buy ? Aggressor::Sell : Aggressor::Buy, {},
                           element.time.text);
  }

  [[nodiscard]] static bool read_aggressor(std::string_view side, Aggressor& aggressor) noexcept {
    aggressor = side == "buy" ? Aggressor::Buy : Aggressor::Sell;
    return side == "buy" || side == "sell";
  }

  [[nodiscard]] static DecodeStatus read_print(Value& value, Element& element) noexcept {
    simdjson::ondemand::json_type type{};
    if (const auto error = value.type().get(type)) return json::status_of(error);
    if (type == simdjson::ondemand::json_type::array) {
      Token* const cells[] = {&element.time, &element.price, &element.size, &element.side};
      std::size_t at = 0;
      const DecodeStatus status = json::each(value, [&](Value& cell) noexcept {
        if (at < std::size(cells)) *cells[at] = json::token(cell);
        ++at;
        return DecodeStatus::Ok;
      });
      if (status != DecodeStatus::Ok) return status;
    } else {
      const DecodeStatus status =
          json::walk(value, [&](std::string_view key, Value& member) noexcept {
            Token* const token = key == "symbol"                                  ? &element.symbol
                                 : key == "price" || key == "p"                   ? &element.price
                                 : key == "size" || key == "v" || key == "amount" ? &element.size
                                 : key == "side" || key == "S"                    ? &element.side
                                 : key == "ts" || key == "T"                      ? &element.time
                                 : key == "tradeId" || key == "i"                 ? &element.id
                                                                                  : nullptr;
            if (token != nullptr) *token = json::token(member);
            return DecodeStatus::Ok;
          });
      if (status != DecodeStatus::Ok) return status;
    }
    return element.price.there() && element.size.there() ? DecodeStatus::Ok
                                                         : DecodeStatus::Malformed;
  }

  const bool spot_;
  const Frame& frame_;
  const SymbolTable& symbols_;
  DecodeScratch& scratch_;
  MessageBatch& out_;
  std::string_view symbol_;
  const SymbolEntry* entry_ = nullptr;
  DecodeStatus result_ = DecodeStatus::Ok;
  Feed feed_ = Feed::None;
  std::uint8_t channel_ = kNoChannel;
  bool snapshot_ = false;
  bool has_action_ = false;
  bool bbo_ = false;
  bool quote_sized_ = false;
  bool control_ = false;
  bool retired_ = false;
  bool has_data_ = false;
  bool early_data_ = false;
};

}  // namespace

DecodeStatus decode_any(bool spot, const Frame& frame, const SymbolTable& symbols,
                        DecodeScratch& scratch, MessageBatch& out) noexcept {
  scratch.forget();
  return Decoder{spot, frame, symbols, scratch, out}.run();
}

DecodeStatus decode(bool spot, const Frame& frame, const SymbolTable& symbols,
                    DecodeScratch& scratch, MessageBatch& out) noexcept {
  scratch.forget();
  if (decode_quickly(spot, frame, symbols, scratch, out)) return DecodeStatus::Ok;
  return decode_any(spot, frame, symbols, scratch, out);
}

}  // namespace steelyard::bitget
