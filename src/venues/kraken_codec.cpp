#include "venues/kraken_codec.hpp"

#include <algorithm>

#include "venues/iso_time.hpp"
#include "venues/json_rows.hpp"
#include "venues/kraken_quick.hpp"

namespace steelyard::kraken {
namespace {

using json::Token;
using json::Value;

constexpr std::uint8_t kChannels = std::size(kBooks);

// The narrowest row that holds so many levels a side.
[[nodiscard]] std::uint8_t row_that_holds(std::uint32_t levels) noexcept {
  std::uint8_t row = 0;
  while (row + 1 < kChannels && kBooks[row].depth < levels) ++row;
  return row;
}

// Decimals as they are written, trailing zeros too.
[[nodiscard]] int places_of(std::string_view text) noexcept {
  const std::size_t point = text.find('.');
  if (point == std::string_view::npos) return 0;
  const std::size_t end = std::min(text.find_first_of("eE"), text.size());
  return static_cast<int>(end - point) - 1;
}

enum class Feed : std::uint8_t { None, Book, Trades, Ticker, Instruments, Control, Other };

class Decoder {
 public:
  Decoder(const Frame& frame, const SymbolTable& symbols, DecodeScratch& scratch,
          MessageBatch& out) noexcept
      : frame_{frame}, symbols_{symbols}, scratch_{scratch}, out_{out} {}

  [[nodiscard]] DecodeStatus run() noexcept {
    if (frame_.kind == FrameKind::Answer) {
      return frame_.request.find("/AssetPairs") != std::string_view::npos ? DecodeStatus::Metadata
                                                                          : DecodeStatus::Ignored;
    }
    const DecodeStatus status = json::walk_twice(
        frame_, scratch_, [&]() noexcept { early_ = has_data_ = false; },
        [&](std::string_view key, Value& value) noexcept { return read_root(key, value); },
        // "data" stood before what it is of: once more.
        [&]() noexcept { return early_ && feed_ != Feed::None; });
    if (status != DecodeStatus::Ok) return status;
    if (answers_) return acknowledge();
    switch (feed_) {
      case Feed::None:
        return DecodeStatus::UnknownKind;
      case Feed::Control:
        return DecodeStatus::Control;
      case Feed::Instruments:
        return DecodeStatus::Metadata;
      case Feed::Other:
        return DecodeStatus::Ignored;
      default:
        return has_data_ && !early_ ? result_ : DecodeStatus::Malformed;
    }
  }

 private:
  [[nodiscard]] DecodeStatus read_root(std::string_view key, Value& value) noexcept {
    if (key == "channel") {
      feed_ = feed_of(json::token(value).text);
    } else if (key == "type") {
      const std::string_view type = json::token(value).text;
      snapshot_ = type == "snapshot";
      typed_ = snapshot_ || type == "update";
    } else if (key == "data") {
      return read_data(value);
    } else if (key == "method" || key == "error") {
      answers_ = true;
      if (key == "method") subscribed_ = json::token(value).text == "subscribe";
    } else if (key == "result") {
      return read_result(value);
    } else if (key == "success") {
      accepted_ = json::token(value).text == "true";
    }
    return DecodeStatus::Ok;
  }

  [[nodiscard]] static Feed feed_of(std::string_view channel) noexcept {
    if (channel == "book") return Feed::Book;
    if (channel == "trade") return Feed::Trades;
    if (channel == "ticker") return Feed::Ticker;
    if (channel == "instrument") return Feed::Instruments;
    if (channel == "heartbeat" || channel == "status") return Feed::Control;
    for (const std::string_view known : {"ohlc", "level3", "executions", "balances"}) {
      if (channel == known) return Feed::Other;
    }
    return Feed::None;
  }

  // What a subscription to a book says of its depth, nothing later does.
  [[nodiscard]] DecodeStatus read_result(Value& value) noexcept {
    simdjson::ondemand::json_type type;
    if (const auto error = value.type().get(type)) return json::status_of(error);
    if (type != simdjson::ondemand::json_type::object) return DecodeStatus::Ok;
    return json::walk(value, [&](std::string_view key, Value& member) noexcept {
      const std::string_view text = json::token(member).text;
      std::uint64_t depth = 0;
      if (key == "channel") to_book_ = text == "book";
      if (key == "symbol") symbol_ = text;
      if (key == "depth" && json::parse_id(text, depth) && depth <= kBooks[kChannels - 1].depth) {
        depth_ = static_cast<std::uint32_t>(depth);
      }
      return DecodeStatus::Ok;
    });
  }

  [[nodiscard]] DecodeStatus acknowledge() noexcept {
    if (subscribed_ && accepted_ && to_book_ && depth_ != 0 && !symbol_.empty() &&
        symbol_.size() <= SymbolTable::kMaxSymbolBytes) {
      scratch_.unknown_symbol = symbol_;
      scratch_.unknown_channel = row_that_holds(depth_);
    }
    return DecodeStatus::Control;
  }

  [[nodiscard]] DecodeStatus read_data(Value& value) noexcept {
    if (has_data_) return DecodeStatus::Malformed;
    has_data_ = true;
    if (feed_ == Feed::None || !typed_) {
      early_ = feed_ == Feed::None || feed_ == Feed::Book || feed_ == Feed::Trades ||
               feed_ == Feed::Ticker;
      return DecodeStatus::Ok;
    }
    switch (feed_) {
      case Feed::Book:
        return json::each(value, [&](Value& book) noexcept { return read_book(book); });
      case Feed::Trades:
        return json::each(value, [&](Value& trade) noexcept { return read_trade(trade); });
      case Feed::Ticker:
        return json::each(value, [&](Value& ticker) noexcept { return read_ticker(ticker); });
      default:
        return DecodeStatus::Ok;
    }
  }

  void name(std::string_view symbol) noexcept {
    symbol_ = symbol;
    entry_ = symbols_.find(symbol);
  }

  // An element of an instrument that nobody follows. Others of the frame may be wanted.
  [[nodiscard]] DecodeStatus miss(MessageKind kind, std::uint8_t channel) noexcept {
    const DecodeStatus status = json::unwanted(scratch_, symbol_, kind, channel);
    if (is_defect(status)) return status;
    if (out_.messages().empty()) result_ = status;
    return DecodeStatus::Ok;
  }

  // The checksum is over the text: the exponents are as fine as that is written, zeros included, so
  // that mantissas are its digits.
  [[nodiscard]] DecodeStatus parse_exactly(std::string_view price, std::string_view size,
                                           Level& level) noexcept {
    const DecodeStatus status = json::parse_level(price, size, *entry_, scratch_, level);
    if (status != DecodeStatus::Ok && status != DecodeStatus::TooPrecise) return status;
    const int price_places = places_of(price);
    const int size_places = places_of(size);
    if (price_places > -kMinExponent || size_places > -kMinExponent) {
      return DecodeStatus::OutOfRange;
    }
    const bool exact =
        price_places <= -entry_->price_exponent && size_places <= -entry_->wire_qty_exponent;
    if (exact) return status;
    scratch_.imprecise = entry_->id;
    scratch_.needed_price_exponent =
        std::min(scratch_.needed_price_exponent, static_cast<std::int8_t>(-price_places));
    scratch_.needed_wire_qty_exponent =
        std::min(scratch_.needed_wire_qty_exponent, static_cast<std::int8_t>(-size_places));
    return DecodeStatus::TooPrecise;
  }

  // A snapshot of a stream that nobody follows is walked for its depth alone.
  [[nodiscard]] DecodeStatus read_side(Value& value, json::SideRange& side) noexcept {
    if (entry_ != nullptr) {
      return json::read_object_rows(
          value, {"price", "qty"}, out_, side,
          [&](std::string_view price, std::string_view size, Level& level) noexcept {
            return parse_exactly(price, size, level);
          });
    }
    if (side.seen) return DecodeStatus::Malformed;
    side.seen = true;
    return json::each(value, [&](Value&) noexcept {
      ++side.count;
      return DecodeStatus::Ok;
    });
  }

  [[nodiscard]] DecodeStatus read_book(Value& value) noexcept {
    json::Object object;
    if (const auto error = value.get_object().get(object)) return json::status_of(error);
    json::BookSides sides;
    Token checksum, time;
    symbol_ = {};
    entry_ = nullptr;
    bool waits = false;
    for (int pass = 0; pass < 2; ++pass) {
      if (pass == 1 && object.reset().error() != simdjson::SUCCESS) return DecodeStatus::Malformed;
      sides = {};
      waits = false;
      const DecodeStatus status =
          json::walk(object, [&](std::string_view key, Value& member) noexcept {
            if (key == "symbol") {
              const std::string_view text = json::token(member).text;
              // Levels of one would become those of another.
              if (sides.seen() && text != symbol_) return DecodeStatus::Malformed;
              name(text);
              if (entry_ != nullptr) scratch_.suspect = entry_->id;
            } else if (key == "checksum") {
              checksum = json::token(member);
            } else if (key == "timestamp") {
              time = json::token(member);
            } else if (key == "bids" || key == "asks") {
              waits = waits || symbol_.empty();
              if (!waits) return read_side(member, key == "bids" ? sides.bids : sides.asks);
            }
            return DecodeStatus::Ok;
          });
      if (status != DecodeStatus::Ok) return status;
      if (!waits) break;
      if (symbol_.empty()) return DecodeStatus::Malformed;
    }
    if (symbol_.empty() || !sides.seen()) return DecodeStatus::Malformed;
    return finish_book(sides, checksum, time);
  }

  [[nodiscard]] DecodeStatus finish_book(const json::BookSides& sides, const Token& checksum,
                                         const Token& time) noexcept {
    const MessageKind kind = snapshot_ ? MessageKind::Snapshot : MessageKind::Delta;
    const std::uint8_t row = row_that_holds(std::max(sides.bids.count, sides.asks.count));
    if (entry_ == nullptr) return miss(kind, snapshot_ ? row : std::uint8_t{0});
    if (snapshot_ && row > entry_->channel) {
      // Deeper than the window that is followed: of another subscription.
      return miss(kind, row);
    }
    Message* const message = json::add_book(out_, sides, kind, *entry_, entry_->channel);
    if (message == nullptr) return DecodeStatus::TooLarge;
    // Snapshots had no time until 2023.
    if (time.there() && !parse_iso_time(time.text, message->venue_time)) {
      return DecodeStatus::Malformed;
    }
    if (checksum.there() && !json::parse_checksum(checksum.text, *message)) {
      return DecodeStatus::Malformed;
    }
    result_ = DecodeStatus::Ok;
    return DecodeStatus::Ok;
  }

  [[nodiscard]] DecodeStatus read_trade(Value& value) noexcept {
    // The last fifty, sent on subscription: history is no event.
    if (snapshot_) {
      ++scratch_.not_events;
      return DecodeStatus::Ok;
    }
    Token symbol, price, size, side, id, time;
    const DecodeStatus status =
        json::walk(value, [&](std::string_view key, Value& member) noexcept {
          Token* const token = key == "symbol"      ? &symbol
                               : key == "price"     ? &price
                               : key == "qty"       ? &size
                               : key == "side"      ? &side
                               : key == "trade_id"  ? &id
                               : key == "timestamp" ? &time
                                                    : nullptr;
          if (token != nullptr) *token = json::token(member);
          return DecodeStatus::Ok;
        });
    if (status != DecodeStatus::Ok) return status;
    const bool buy = side.text == "buy";
    TimestampNs at;
    if (!price.there() || !size.there() || (!buy && side.text != "sell") ||
        !parse_iso_time(time.text, at)) {
      return DecodeStatus::Malformed;
    }
    name(symbol.text);
    if (entry_ == nullptr) return miss(MessageKind::Trade, 0);
    Level level;
    const DecodeStatus parsed = json::parse_level(price.text, size.text, *entry_, scratch_, level);
    if (parsed != DecodeStatus::Ok) return parsed;
    result_ = DecodeStatus::Ok;
    return json::add_print(out_, MessageKind::Trade, *entry_, level,
                           buy ? Aggressor::Buy : Aggressor::Sell, id.text, at);
  }

  [[nodiscard]] DecodeStatus read_ticker(Value& value) noexcept {
    Token symbol, bid, bid_size, ask, ask_size, time;
    const DecodeStatus status =
        json::walk(value, [&](std::string_view key, Value& member) noexcept {
          Token* const token = key == "symbol"      ? &symbol
                               : key == "bid"       ? &bid
                               : key == "bid_qty"   ? &bid_size
                               : key == "ask"       ? &ask
                               : key == "ask_qty"   ? &ask_size
                               : key == "timestamp" ? &time
                                                    : nullptr;
          if (token != nullptr) *token = json::token(member);
          return DecodeStatus::Ok;
        });
    if (status != DecodeStatus::Ok) return status;
    name(symbol.text);
    if (entry_ == nullptr) return miss(MessageKind::Bbo, 0);
    TimestampNs at;
    if (time.there() && !parse_iso_time(time.text, at)) return DecodeStatus::Malformed;
    result_ = DecodeStatus::Ok;
    return json::add_best(out_, *entry_, {bid, bid_size, ask, ask_size}, at, scratch_);
  }

  const Frame& frame_;
  const SymbolTable& symbols_;
  DecodeScratch& scratch_;
  MessageBatch& out_;
  std::string_view symbol_;
  const SymbolEntry* entry_ = nullptr;
  DecodeStatus result_ = DecodeStatus::Ok;
  Feed feed_ = Feed::None;
  std::uint32_t depth_ = 0;
  bool snapshot_ = false;
  bool typed_ = false;
  bool answers_ = false;
  bool subscribed_ = false;
  bool accepted_ = false;
  bool to_book_ = false;
  bool has_data_ = false;
  bool early_ = false;
};

}  // namespace

DecodeStatus decode_any(const Frame& frame, const SymbolTable& symbols, DecodeScratch& scratch,
                        MessageBatch& out) noexcept {
  scratch.forget();
  return Decoder{frame, symbols, scratch, out}.run();
}

DecodeStatus decode(const Frame& frame, const SymbolTable& symbols, DecodeScratch& scratch,
                    MessageBatch& out) noexcept {
  scratch.forget();
  if (decode_quickly(kBooks, frame, symbols, scratch, out)) return DecodeStatus::Ok;
  return decode_any(frame, symbols, scratch, out);
}

}  // namespace steelyard::kraken
