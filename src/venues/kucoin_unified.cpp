// src/venues/kucoin_unified.cpp -- KuCoin's unified interface: one form for spot and futures.
#include "venues/json_rows.hpp"
#include "venues/kucoin_codec.hpp"

namespace steelyard::kucoin {
namespace {

using json::Token;
using json::Value;

enum class Feed : std::uint8_t { None, Book, Trade, Other };

constexpr std::uint8_t kNoRow = std::size(kUnifiedBooks);

// {"T":"obu.SPOT","dp":"increment@10ms","t":"delta","P":<ns>,"d":{"s":"BTC-USDT",...}}
class Decoder {
 public:
  Decoder(const Dialect& dialect, const Frame& frame, const SymbolTable& symbols,
          DecodeScratch& scratch, MessageBatch& out) noexcept
      : dialect_{dialect}, frame_{frame}, symbols_{symbols}, scratch_{scratch}, out_{out} {}

  [[nodiscard]] DecodeStatus run() noexcept {
    if (frame_.kind == FrameKind::Answer) {
      return frame_.request.find("/market/instrument") != std::string_view::npos
                 ? DecodeStatus::Metadata
                 : DecodeStatus::Ignored;
    }
    const DecodeStatus status = json::walk_twice(
        frame_, scratch_,
        [&]() noexcept {
          early_ = false;
          has_ = {};
        },
        [&](std::string_view key, Value& value) noexcept { return read_root(key, value); },
        // "d" stood before what it is of, or its levels before their symbol: once more.
        [&]() noexcept {
          knows_all_ = early_ && is_data();
          return knows_all_;
        });
    return status == DecodeStatus::Ok ? finish() : status;
  }

 private:
  [[nodiscard]] bool is_data() const noexcept {
    return feed_ == Feed::Book || feed_ == Feed::Trade;
  }

  [[nodiscard]] DecodeStatus read_root(std::string_view key, Value& value) noexcept {
    if (key == "T") {
      if (has_.topic) return DecodeStatus::Malformed;
      has_.topic = true;
      name_feed(json::token(value).text);
    } else if (key == "dp") {
      if (has_.depth) return DecodeStatus::Malformed;
      has_.depth = true;
      name_depth(json::token(value).text);
    } else if (key == "t") {
      const std::string_view type = json::token(value).text;
      kind_ = type == "snapshot" ? Kind::Snapshot : type == "delta" ? Kind::Delta : Kind::None;
    } else if (key == "d") {
      if (has_.data) return DecodeStatus::Malformed;
      has_.data = true;
      return read_data(value);
    } else if (key == "result" || key == "message" || key == "type" || key == "op") {
      answers_ = true;
    }
    return DecodeStatus::Ok;
  }

  // What is of the other market has a connection of its own.
  void name_feed(std::string_view text) noexcept {
    const std::size_t dot = text.find('.');
    const std::string_view name = text.substr(0, dot);
    const bool ours = dot != std::string_view::npos && text.substr(dot + 1) == dialect_.trade_type;
    feed_ = Feed::None;
    if (name == "obu" || name == "trade") {
      feed_ = !ours ? Feed::Other : name == "obu" ? Feed::Book : Feed::Trade;
      return;
    }
    for (const std::string_view known :
         {"ticker", "kline", "mark-price", "funding-fee", "funding-fee-all-symbols",
          "callAuctionInfo", "order", "orderAll", "execution", "balance", "position",
          "positionAll"}) {
      if (name == known) feed_ = Feed::Other;
    }
  }

  // Depth 1 is the best of both sides; "increment" has no snapshots.
  void name_depth(std::string_view text) noexcept {
    best_ = text == "1";
    row_ = kNoRow;
    for (std::uint8_t row = 0; row < kNoRow; ++row) {
      if (kUnifiedBooks[row].channel == text) row_ = row;
    }
  }

  [[nodiscard]] DecodeStatus read_data(Value& value) noexcept {
    early_ = !knows_all_ && (!has_.topic || (feed_ == Feed::Book && !has_.depth));
    sides_ = {};
    if (knows_all_) follow(symbol_);
    return json::walk(value, [&](std::string_view key, Value& member) noexcept {
      if (key == "s") {
        const std::string_view symbol = json::token(member).text;
        if (!symbol_.empty() && symbol != symbol_) return DecodeStatus::Malformed;
        if (symbol_.empty()) follow(symbol);
      } else if (key == "b" || key == "a") {
        if (feed_ != Feed::Book && !early_) return DecodeStatus::Ok;  // of a ticker
        early_ = early_ || symbol_.empty();
        if (early_ || !wanted_) return DecodeStatus::Ok;
        return json::read_side(member, *entry_, scratch_, out_,
                               key == "b" ? sides_.bids : sides_.asks);
      } else if (Token* const token = this->member(key); token != nullptr) {
        *token = json::token(member);
      }
      return DecodeStatus::Ok;
    });
  }

  void follow(std::string_view symbol) noexcept {
    symbol_ = symbol;
    entry_ = symbol.empty() ? nullptr : symbols_.find(symbol);
    wanted_ = entry_ != nullptr && (feed_ == Feed::Trade || best_ || entry_->channel == row_);
    if (wanted_ && feed_ == Feed::Book && !best_) scratch_.suspect = entry_->id;
  }

  [[nodiscard]] Token* member(std::string_view key) noexcept {
    return key == "O"    ? &first_
           : key == "C"  ? &last_
           : key == "M"  ? &matched_
           : key == "S"  ? &side_
           : key == "p"  ? &price_
           : key == "q"  ? &size_
           : key == "ti" ? &id_
                         : nullptr;
  }

  [[nodiscard]] DecodeStatus finish() noexcept {
    if (!has_.topic) return answers_ ? DecodeStatus::Control : DecodeStatus::UnknownKind;
    if (feed_ == Feed::None) return DecodeStatus::UnknownKind;
    if (feed_ == Feed::Other) return DecodeStatus::Ignored;
    if (!has_.data || symbol_.empty()) return DecodeStatus::Malformed;
    if (feed_ == Feed::Trade) return finish_trade();
    if (best_) return finish_best();
    if (row_ == kNoRow) return ignore();
    return finish_book();
  }

  [[nodiscard]] DecodeStatus ignore() noexcept {
    scratch_.suspect = kNoInstrument;
    return DecodeStatus::Ignored;
  }

  [[nodiscard]] bool number(Message& message) const noexcept {
    std::uint64_t last = 0;
    if (!json::parse_id(last_.text, last)) return false;
    message.ids = kHasLast;
    message.last = SequenceNo{last};
    return true;
  }

  [[nodiscard]] DecodeStatus stamp(Message& message) const noexcept {
    return json::parse_time(matched_.text, message.venue_time) ? DecodeStatus::Ok
                                                               : DecodeStatus::Malformed;
  }

  [[nodiscard]] DecodeStatus finish_book() noexcept {
    const bool delta = kind_ == Kind::Delta;
    if (!wanted_) {
      return json::unwanted(scratch_, symbol_, delta ? MessageKind::Delta : MessageKind::Snapshot,
                            row_);
    }
    if (kind_ == Kind::None || !sides_.bids.seen || !sides_.asks.seen) {
      return DecodeStatus::Malformed;
    }
    Message* const message = json::add_book(
        out_, sides_, delta ? MessageKind::Delta : MessageKind::Snapshot, *entry_, row_);
    if (message == nullptr) return DecodeStatus::TooLarge;
    if (!number(*message)) return DecodeStatus::Malformed;
    if (delta) {
      std::uint64_t first = 0;
      if (!json::parse_id(first_.text, first) || first > message->last.raw()) {
        return DecodeStatus::Malformed;
      }
      message->ids |= kHasFirst;
      message->first = SequenceNo{first};
    }
    return stamp(*message);
  }

  [[nodiscard]] DecodeStatus finish_best() noexcept {
    if (!wanted_) return json::unwanted(scratch_, symbol_, MessageKind::Bbo, 0);
    if (!sides_.bids.seen || !sides_.asks.seen || sides_.bids.count > 1 || sides_.asks.count > 1) {
      return DecodeStatus::Malformed;
    }
    Message* const message = json::add_book(out_, sides_, MessageKind::Bbo, *entry_, 0);
    if (message == nullptr) return DecodeStatus::TooLarge;
    return number(*message) ? stamp(*message) : DecodeStatus::Malformed;
  }

  // Sides are written in either case.
  [[nodiscard]] DecodeStatus finish_trade() noexcept {
    const bool buy = side_.text == "buy" || side_.text == "BUY";
    if (!price_.there() || !size_.there() ||
        (!buy && side_.text != "sell" && side_.text != "SELL")) {
      return DecodeStatus::Malformed;
    }
    if (!wanted_) return json::unwanted(scratch_, symbol_, MessageKind::Trade, 0);
    Level level;
    const DecodeStatus status =
        json::parse_level(price_.text, size_.text, *entry_, scratch_, level);
    if (status != DecodeStatus::Ok) return status;
    return json::add_print(out_, MessageKind::Trade, *entry_, level,
                           buy ? Aggressor::Buy : Aggressor::Sell, id_.text, matched_.text);
  }

  enum class Kind : std::uint8_t { None, Snapshot, Delta };
  struct Has {
    bool topic = false, depth = false, data = false;
  };

  const Dialect& dialect_;
  const Frame& frame_;
  const SymbolTable& symbols_;
  DecodeScratch& scratch_;
  MessageBatch& out_;
  Token first_, last_, matched_, side_, price_, size_, id_;
  json::BookSides sides_;
  std::string_view symbol_;
  const SymbolEntry* entry_ = nullptr;
  Has has_;
  Feed feed_ = Feed::None;
  Kind kind_ = Kind::None;
  std::uint8_t row_ = kNoRow;
  bool best_ = false;
  bool wanted_ = false;
  bool answers_ = false;
  bool early_ = false;
  bool knows_all_ = false;  // the second pass
};

}  // namespace

DecodeStatus decode_unified(const Dialect& dialect, const Frame& frame, const SymbolTable& symbols,
                            DecodeScratch& scratch, MessageBatch& out) noexcept {
  scratch.forget();
  return Decoder{dialect, frame, symbols, scratch, out}.run();
}

}  // namespace steelyard::kucoin
