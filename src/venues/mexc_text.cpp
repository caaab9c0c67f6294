// src/venues/mexc_text.cpp -- MEXC spot as text: REST answers, control messages, and the JSON form
// of its protocol buffers, as recordings may hold them.
#include "venues/json_walk.hpp"
#include "venues/mexc_codec.hpp"

namespace steelyard::mexc {
namespace {

using json::Token;
using json::Value;

enum class Body : std::uint8_t { None, Changes, Whole, Snapshot, Deals, Ticker };

[[nodiscard]] Body body_of(std::string_view key) noexcept {
  return key == "publicAggreDepths"           ? Body::Changes
         : key == "publicLimitDepths"         ? Body::Whole
         : key == "publicAggreDepthsSnapshot" ? Body::Snapshot
         : key == "publicAggreDeals"          ? Body::Deals
         : key == "publicAggreBookTicker"     ? Body::Ticker
                                              : Body::None;
}

class Decoder {
 public:
  Decoder(const Frame& frame, const SymbolTable& symbols, DecodeScratch& scratch,
          MessageBatch& out) noexcept
      : frame_{frame}, symbols_{symbols}, scratch_{scratch}, out_{out} {}

  [[nodiscard]] DecodeStatus run() noexcept {
    if (frame_.kind == FrameKind::Answer) {
      if (frame_.request.find("/exchangeInfo") != std::string_view::npos) {
        return DecodeStatus::Metadata;
      }
      if (frame_.request.find("/api/v3/depth") == std::string_view::npos) {
        return DecodeStatus::Ignored;
      }
      return run_answer();
    }
    json::Document document;
    DecodeStatus status = json::open(frame_, scratch_, document);
    for (int pass = 0; status == DecodeStatus::Ok && pass < 2; ++pass) {
      if (pass == 1) document.rewind();
      early_ = has_body_ = false;
      status = json::walk(document, [&](std::string_view key, Value& value) noexcept {
        return read_root(key, value);
      });
      if (status != DecodeStatus::Ok) break;
      if (!json::at_end(document)) return DecodeStatus::Malformed;
      if (control_) return DecodeStatus::Control;
      if (!early_ || symbol_.empty() || channel_.empty()) break;
    }
    if (status != DecodeStatus::Ok) return status;
    if (!has_body_) {
      // Quiet symbols have no body; "push." was the protocol until 2025.
      const bool known = channel_.starts_with("spot@") || channel_.starts_with("push.");
      return known ? DecodeStatus::Ignored : DecodeStatus::UnknownKind;
    }
    if (early_) return DecodeStatus::Malformed;
    for (Message& message : out_.messages()) {
      if (message.venue_time == TimestampNs{} &&
          !json::parse_time(send_time_.text, message.venue_time) && send_time_.there()) {
        return DecodeStatus::Malformed;
      }
    }
    return result_;
  }

 private:
  // {"lastUpdateId":1,"bids":[["1","2"],...],...}: the request says of what.
  [[nodiscard]] DecodeStatus run_answer() noexcept {
    symbol_ = json::query_value(frame_.request, "symbol");
    entry_ = symbol_.empty() ? symbols_.only() : symbols_.find(symbol_);
    if (symbol_.empty() && entry_ == nullptr) return DecodeStatus::NoInstrument;
    json::Document document;
    DecodeStatus status = json::open(frame_, scratch_, document);
    if (status != DecodeStatus::Ok) return status;
    json::Object root;
    if (const auto error = document.get_object().get(root)) return json::status_of(error);
    if (entry_ == nullptr || !follows(*entry_, 0)) {
      return json::unwanted(scratch_, symbol_, MessageKind::Snapshot, 0);
    }
    status = read_snapshot(root);
    if (status != DecodeStatus::Ok) return status;
    return json::at_end(document) ? result_ : DecodeStatus::Malformed;
  }

  [[nodiscard]] DecodeStatus read_root(std::string_view key, Value& value) noexcept {
    if (const Body body = body_of(key); body != Body::None) {
      if (has_body_) return DecodeStatus::Malformed;
      has_body_ = true;
      if (!symbol_.empty() && !channel_.empty()) return read_body(body, value);
      early_ = true;
      return DecodeStatus::Ok;
    }
    if (key == "channel") channel_ = json::token(value).text;
    if (key == "symbol") {
      symbol_ = json::token(value).text;
      entry_ = symbol_.empty() ? nullptr : symbols_.find(symbol_);
    }
    if (key == "sendTime" || (key == "createTime" && !send_time_.there())) {
      send_time_ = json::token(value);
    }
    if (key == "code" || key == "msg" || key == "method") control_ = true;
    return DecodeStatus::Ok;
  }

  [[nodiscard]] DecodeStatus miss(MessageKind kind, std::uint8_t channel) noexcept {
    result_ = json::unwanted(scratch_, symbol_, kind, channel);
    return is_defect(result_) ? result_ : DecodeStatus::Ok;
  }

  [[nodiscard]] DecodeStatus read_body(Body body, Value& value) noexcept {
    json::Object object;
    if (const auto error = value.get_object().get(object)) return json::status_of(error);
    switch (body) {
      case Body::Changes:
      case Body::Whole: {
        const std::uint8_t row = spot_row_of(channel_);
        if (row == std::size(kSpotBooks)) {
          result_ = DecodeStatus::Ignored;
          return DecodeStatus::Ok;
        }
        if (entry_ == nullptr || !follows(*entry_, row)) {
          return miss(body == Body::Whole ? MessageKind::Snapshot : MessageKind::Delta, row);
        }
        scratch_.suspect = entry_->id;
        return read_book(object, body);
      }
      case Body::Snapshot:
        if (entry_ == nullptr || !follows(*entry_, 0)) return miss(MessageKind::Snapshot, 0);
        return read_snapshot(object);
      case Body::Deals:
        if (entry_ == nullptr) return miss(MessageKind::Trade, 0);
        return json::walk(object, [&](std::string_view key, Value& deals) noexcept {
          if (key != "deals") return DecodeStatus::Ok;
          return json::each(deals, [&](Value& deal) noexcept { return read_deal(deal); });
        });
      case Body::Ticker:
        if (entry_ == nullptr) return miss(MessageKind::Bbo, 0);
        return read_ticker(object);
      case Body::None:
        break;
    }
    return DecodeStatus::Ok;
  }

  // Rows are objects: {"price":"1","quantity":"2"}.
  [[nodiscard]] DecodeStatus read_side(Value& value, json::SideRange& side) noexcept {
    if (side.seen) return DecodeStatus::Malformed;
    side.seen = true;
    side.first = static_cast<std::uint32_t>(out_.level_count());
    return json::each(value, [&](Value& row) noexcept {
      Token price, size;
      const DecodeStatus status = json::walk(row, [&](std::string_view key, Value& cell) noexcept {
        if (key == "price") price = json::token(cell);
        if (key == "quantity") size = json::token(cell);
        return DecodeStatus::Ok;
      });
      if (status != DecodeStatus::Ok) return status;
      return push(price, size, side.count);
    });
  }

  [[nodiscard]] DecodeStatus push(const Token& price, const Token& size,
                                  std::uint32_t& count) noexcept {
    if (!price.there() || !size.there()) return DecodeStatus::Malformed;
    Level level;
    const DecodeStatus status = json::parse_level(price.text, size.text, *entry_, scratch_, level);
    if (status != DecodeStatus::Ok) return status;
    if (!out_.push(level)) return DecodeStatus::TooLarge;
    ++count;
    return DecodeStatus::Ok;
  }

  [[nodiscard]] DecodeStatus read_book(json::Object& object, Body body) noexcept {
    json::BookSides sides;
    Token from, to, version;
    const DecodeStatus status =
        json::walk(object, [&](std::string_view key, Value& value) noexcept {
          if (key == "bids") return read_side(value, sides.bids);
          if (key == "asks") return read_side(value, sides.asks);
          if (key == "fromVersion") from = json::token(value);
          if (key == "toVersion") to = json::token(value);
          if (key == "version") version = json::token(value);
          return DecodeStatus::Ok;
        });
    if (status != DecodeStatus::Ok) return status;
    const bool whole = body == Body::Whole;
    Message* const message = json::add_book(
        out_, sides, whole ? MessageKind::Snapshot : MessageKind::Delta, *entry_, entry_->channel);
    if (message == nullptr) return DecodeStatus::TooLarge;
    std::uint64_t first = 0, last = 0;
    if (!json::parse_id(whole ? version.text : to.text, last)) return DecodeStatus::Malformed;
    message->ids = kHasLast;
    message->last = SequenceNo{last};
    if (whole) return DecodeStatus::Ok;
    if (!json::parse_id(from.text, first) || last < first) return DecodeStatus::Malformed;
    message->ids |= kHasFirst;
    message->first = SequenceNo{first};
    return DecodeStatus::Ok;
  }

  [[nodiscard]] DecodeStatus read_snapshot(json::Object& object) noexcept {
    json::BookSides sides;
    Token id, time;
    const DecodeStatus status =
        json::walk(object, [&](std::string_view key, Value& value) noexcept {
          if (key == "bids") return json::read_side(value, *entry_, scratch_, out_, sides.bids);
          if (key == "asks") return json::read_side(value, *entry_, scratch_, out_, sides.asks);
          if (key == "lastUpdateId") id = json::token(value);
          if (key == "timestamp") time = json::token(value);
          if (key == "code") result_ = DecodeStatus::Control;  // an error instead
          return DecodeStatus::Ok;
        });
    if (status != DecodeStatus::Ok || result_ == DecodeStatus::Control) return status;
    std::uint64_t last = 0;
    if (!sides.bids.seen || !sides.asks.seen || !json::parse_id(id.text, last)) {
      return DecodeStatus::Malformed;
    }
    Message* const message =
        json::add_book(out_, sides, MessageKind::Snapshot, *entry_, entry_->channel);
    if (message == nullptr) return DecodeStatus::TooLarge;
    message->ids = kHasLast;
    message->last = SequenceNo{last};
    (void)json::parse_time(time.text, message->venue_time);
    return DecodeStatus::Ok;
  }

  [[nodiscard]] DecodeStatus read_deal(Value& value) noexcept {
    Token price, size, side, time, id;
    const DecodeStatus status = json::walk(value, [&](std::string_view key, Value& cell) noexcept {
      Token* const token = key == "price"       ? &price
                           : key == "quantity"  ? &size
                           : key == "tradeType" ? &side
                           : key == "time"      ? &time
                           : key == "tradeId"   ? &id
                                                : nullptr;
      if (token != nullptr) *token = json::token(cell);
      return DecodeStatus::Ok;
    });
    if (status != DecodeStatus::Ok) return status;
    if (!price.there() || !size.there() || (side.text != "1" && side.text != "2")) {
      return DecodeStatus::Malformed;
    }
    Level level;
    const DecodeStatus parsed = json::parse_level(price.text, size.text, *entry_, scratch_, level);
    if (parsed != DecodeStatus::Ok) return parsed;
    return json::add_print(out_, MessageKind::Trade, *entry_, level,
                           side.text == "1" ? Aggressor::Buy : Aggressor::Sell, id.text, time.text);
  }

  [[nodiscard]] DecodeStatus read_ticker(json::Object& object) noexcept {
    Token bid, bid_size, ask, ask_size;
    const DecodeStatus status = json::walk(object, [&](std::string_view key, Value& cell) noexcept {
      Token* const token = key == "bidPrice"      ? &bid
                           : key == "bidQuantity" ? &bid_size
                           : key == "askPrice"    ? &ask
                           : key == "askQuantity" ? &ask_size
                                                  : nullptr;
      if (token != nullptr) *token = json::token(cell);
      return DecodeStatus::Ok;
    });
    if (status != DecodeStatus::Ok) return status;
    Message* const message = out_.add();
    if (message == nullptr) return DecodeStatus::TooLarge;
    message->kind = MessageKind::Bbo;
    message->instrument = entry_->id;
    DecodeStatus pushed = DecodeStatus::Ok;
    if (!bid.text.empty()) pushed = push(bid, bid_size, message->bids);
    if (pushed == DecodeStatus::Ok && !ask.text.empty()) {
      pushed = push(ask, ask_size, message->asks);
    }
    return pushed;
  }

  const Frame& frame_;
  const SymbolTable& symbols_;
  DecodeScratch& scratch_;
  MessageBatch& out_;
  std::string_view channel_;
  std::string_view symbol_;
  const SymbolEntry* entry_ = nullptr;
  Token send_time_;
  DecodeStatus result_ = DecodeStatus::Ok;
  bool control_ = false;
  bool has_body_ = false;
  bool early_ = false;
};

}  // namespace

DecodeStatus decode_spot_text(const Frame& frame, const SymbolTable& symbols,
                              DecodeScratch& scratch, MessageBatch& out) noexcept {
  scratch.forget();
  return Decoder{frame, symbols, scratch, out}.run();
}

}  // namespace steelyard::mexc
