#include "venues/bybit_codec.hpp"

#include "venues/json_rows.hpp"

namespace steelyard::bybit {
namespace {

using json::Token;
using json::Value;

constexpr std::uint8_t kNoRow = std::size(kBooks);
static_assert(kBooks[kBboRow].channel == "orderbook.1");

enum class Feed : std::uint8_t { None, Book, Trades, Liquidations, OldLiquidation, Other };

// "orderbook.50.BTCUSDT" is row "orderbook.50" of BTCUSDT.
struct Topic {
  Feed feed = Feed::None;
  std::uint8_t row = kNoRow;
  std::string_view symbol;
};

[[nodiscard]] Topic topic_of(std::string_view text) noexcept {
  const std::size_t first = text.find('.');
  const std::size_t last = text.rfind('.');
  Topic topic;
  if (first == std::string_view::npos) return topic;
  const std::string_view name = text.substr(0, first);
  topic.symbol = text.substr(last + 1);
  if (name == "orderbook") {
    topic.feed = Feed::Other;  // a depth that no row has, RPI orders, the full book
    for (std::uint8_t row = 0; row < kNoRow; ++row) {
      if (kBooks[row].channel != text.substr(0, last)) continue;
      topic.feed = Feed::Book;
      topic.row = row;
    }
    return topic;
  }
  if (name == "publicTrade") {
    topic.feed = Feed::Trades;
  } else if (name == "allLiquidation") {
    topic.feed = Feed::Liquidations;
  } else if (name == "liquidation") {
    topic.feed = Feed::OldLiquidation;
  } else {
    for (const std::string_view known :
         {"tickers", "kline", "kline_lt", "tickers_lt", "lt", "insurance", "priceLimit", "adlAlert",
          "orderPriceLimit", "system", "greeks"}) {
      if (name == known) topic.feed = Feed::Other;
    }
  }
  return topic;
}

class Decoder {
 public:
  Decoder(const Frame& frame, const SymbolTable& symbols, DecodeScratch& scratch,
          MessageBatch& out) noexcept
      : frame_{frame}, symbols_{symbols}, scratch_{scratch}, out_{out} {}

  [[nodiscard]] DecodeStatus run() noexcept {
    if (frame_.kind == FrameKind::Answer) {
      return frame_.request.find("/instruments-info") != std::string_view::npos
                 ? DecodeStatus::Metadata
                 : DecodeStatus::Ignored;
    }
    const DecodeStatus status = json::walk_twice(
        frame_, scratch_, [&]() noexcept { early_ = has_data_ = named_ = false; },
        [&](std::string_view key, Value& value) noexcept { return read_root(key, value); },
        // "data" stood before what it is of: once more.
        [&]() noexcept { return early_ && topic_.feed != Feed::None; });
    return status == DecodeStatus::Ok ? finish() : status;
  }

 private:
  [[nodiscard]] DecodeStatus read_root(std::string_view key, Value& value) noexcept {
    if (key == "topic") {
      if (named_) return DecodeStatus::Malformed;  // twice: what was read is of another
      has_topic_ = named_ = true;
      topic_ = topic_of(json::token(value).text);
      entry_ = topic_.symbol.empty() ? nullptr : symbols_.find(topic_.symbol);
    } else if (key == "data") {
      return read_data(value);
    } else if (key == "type") {
      const std::string_view type = json::token(value).text;
      if (type == "snapshot") kind_ = Kind::Snapshot;
      if (type == "delta") kind_ = Kind::Delta;
      answers_ = answers_ || type == "COMMAND_RESP";
    } else if (key == "ts") {
      pushed_ = json::token(value);
    } else if (key == "cts") {
      matched_ = json::token(value);
    } else if (key == "op" || key == "success" || key == "retCode") {
      answers_ = true;
    }
    return DecodeStatus::Ok;
  }

  [[nodiscard]] DecodeStatus read_data(Value& value) noexcept {
    if (has_data_) return DecodeStatus::Malformed;
    has_data_ = true;
    if (!has_topic_) {
      early_ = true;
      return DecodeStatus::Ok;
    }
    switch (topic_.feed) {
      case Feed::Book:
        return read_book(value);
      case Feed::Trades:
        return json::each(
            value, [&](Value& trade) noexcept { return read_print(trade, MessageKind::Trade); });
      case Feed::Liquidations:
        return json::each(
            value, [&](Value& one) noexcept { return read_print(one, MessageKind::Liquidation); });
      case Feed::OldLiquidation:
        return read_print(value, MessageKind::Liquidation);
      default:
        return DecodeStatus::Ok;
    }
  }

  // Whether the topic is the one by which the instrument's book comes. The best of both sides is
  // wanted in any case.
  [[nodiscard]] DecodeStatus read_book(Value& value) noexcept {
    sides_ = {};
    bbo_ = topic_.row == kBboRow && (entry_ == nullptr || entry_->channel != kBboRow);
    wanted_ = entry_ != nullptr && (bbo_ || entry_->channel == topic_.row);
    if (wanted_ && !bbo_) scratch_.suspect = entry_->id;
    return json::walk(value, [&](std::string_view key, Value& member) noexcept {
      if (key == "u") update_ = json::token(member);
      if (!wanted_) return DecodeStatus::Ok;
      if (key == "b") return json::read_side(member, *entry_, scratch_, out_, sides_.bids);
      if (key == "a") return json::read_side(member, *entry_, scratch_, out_, sides_.asks);
      return DecodeStatus::Ok;
    });
  }

  // Trades and liquidations in one form, and the liquidations of old, which have longer names.
  [[nodiscard]] DecodeStatus read_print(Value& value, MessageKind kind) noexcept {
    Token symbol, price, size, side, id, time;
    const DecodeStatus status =
        json::walk(value, [&](std::string_view key, Value& member) noexcept {
          Token* const token = key == "p" || key == "price"         ? &price
                               : key == "v" || key == "size"        ? &size
                               : key == "S" || key == "side"        ? &side
                               : key == "T" || key == "updatedTime" ? &time
                               : key == "s" || key == "symbol"      ? &symbol
                               : key == "i"                         ? &id
                                                                    : nullptr;
          if (token != nullptr) *token = json::token(member);
          return DecodeStatus::Ok;
        });
    if (status != DecodeStatus::Ok) return status;
    const bool buy = side.text == "Buy";
    if (!price.there() || !size.there() || (!buy && side.text != "Sell")) {
      return DecodeStatus::Malformed;
    }
    // The topic of a whole market names none.
    const std::string_view name = symbol.there() ? symbol.text : topic_.symbol;
    const SymbolEntry* const entry = name == topic_.symbol ? entry_ : symbols_.find(name);
    if (entry == nullptr) {
      const DecodeStatus missed = json::unwanted(scratch_, name, kind, 0);
      if (is_defect(missed)) return missed;
      if (out_.messages().empty()) result_ = missed;
      return DecodeStatus::Ok;
    }
    Level level;
    const DecodeStatus parsed = json::parse_level(price.text, size.text, *entry, scratch_, level);
    if (parsed != DecodeStatus::Ok) return parsed;
    // A trade has the taker's side. A liquidation has that of the position: the order that closes
    // it is on the other.
    const bool buys = kind == MessageKind::Trade ? buy : !buy;
    const DecodeStatus added =
        json::add_print(out_, kind, *entry, level, buys ? Aggressor::Buy : Aggressor::Sell,
                        std::string_view{}, time.text);
    if (added != DecodeStatus::Ok) return added;
    if (!id.text.empty()) {
      Message& message = out_.messages().back();
      message.ids = kHasLast;
      message.last = json::id_or_hash(id.text);  // a number on spot, elsewhere a text
    }
    result_ = DecodeStatus::Ok;
    return DecodeStatus::Ok;
  }

  [[nodiscard]] DecodeStatus finish() noexcept {
    if (!has_topic_) return answers_ ? DecodeStatus::Control : DecodeStatus::UnknownKind;
    switch (topic_.feed) {
      case Feed::None:
        return DecodeStatus::UnknownKind;
      case Feed::Other:
        return DecodeStatus::Ignored;
      case Feed::Book:
        return has_data_ && !early_ && kind_ != Kind::None ? finish_book()
                                                           : DecodeStatus::Malformed;
      default:
        return has_data_ && !early_ ? result_ : DecodeStatus::Malformed;
    }
  }

  [[nodiscard]] DecodeStatus finish_book() noexcept {
    std::uint64_t update = 0;
    if (!json::parse_id(update_.text, update)) return DecodeStatus::Malformed;
    // After a restart of the service the numbers begin again: a whole book, whatever it is called.
    const bool restart = update == 1;
    const bool whole = restart || kind_ == Kind::Snapshot;
    if (!wanted_) {
      const MessageKind kind = bbo_    ? MessageKind::Bbo
                               : whole ? MessageKind::Snapshot
                                       : MessageKind::Delta;
      return json::unwanted(scratch_, topic_.symbol, kind, bbo_ ? std::uint8_t{0} : topic_.row);
    }
    if (!sides_.bids.seen || !sides_.asks.seen) return DecodeStatus::Malformed;
    if (bbo_) return finish_bbo(whole);
    Message* const message = json::add_book(
        out_, sides_, whole ? MessageKind::Snapshot : MessageKind::Delta, *entry_, topic_.row);
    if (message == nullptr) return DecodeStatus::TooLarge;
    message->ids = kHasFirst | kHasLast;
    if (restart) message->ids |= kRestarts;
    message->first = message->last = SequenceNo{update};
    return stamp(*message);
  }

  // A change of the best of both sides says nothing of what it was; depths are numbered apart, so
  // there is no id that a book would know.
  [[nodiscard]] DecodeStatus finish_bbo(bool whole) noexcept {
    if (!whole) return DecodeStatus::Ignored;
    Message* message = nullptr;
    const DecodeStatus status = json::add_bbo(out_, sides_, *entry_, 0, {}, message);
    return status == DecodeStatus::Ok ? stamp(*message) : status;
  }

  // The time of the matching engine, where it is told.
  [[nodiscard]] DecodeStatus stamp(Message& message) noexcept {
    const Token& time = matched_.there() ? matched_ : pushed_;
    return json::parse_time(time.text, message.venue_time) ? DecodeStatus::Ok
                                                           : DecodeStatus::Malformed;
  }

  enum class Kind : std::uint8_t { None, Snapshot, Delta };

  const Frame& frame_;
  const SymbolTable& symbols_;
  DecodeScratch& scratch_;
  MessageBatch& out_;
  Topic topic_;
  Token update_, pushed_, matched_;
  json::BookSides sides_;
  const SymbolEntry* entry_ = nullptr;
  DecodeStatus result_ = DecodeStatus::Ok;
  Kind kind_ = Kind::None;
  bool has_topic_ = false;
  bool named_ = false;  // in this pass
  bool answers_ = false;
  bool has_data_ = false;
  bool early_ = false;
  bool bbo_ = false;
  bool wanted_ = false;
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
  if (decode_quickly(frame, symbols, scratch, out)) return DecodeStatus::Ok;
  return decode_any(frame, symbols, scratch, out);
}

}  // namespace steelyard::bybit
