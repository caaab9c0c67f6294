// src/venues/kucoin_classic.cpp -- KuCoin's classic interface: topics, and REST answers.
#include "venues/json_rows.hpp"
#include "venues/kucoin_codec.hpp"
#include "venues/kucoin_topics.hpp"

namespace steelyard::kucoin {
namespace {

using json::Token;
using json::Value;

// What "data" may hold that is no list of levels.
struct Members {
  Token symbol, sequence, first, last, change, time;
  Token side, price, size, id, bid, bid_size, ask, ask_size;
};

class Decoder {
 public:
  Decoder(const Dialect& dialect, const Frame& frame, const SymbolTable& symbols,
          DecodeScratch& scratch, MessageBatch& out) noexcept
      : dialect_{dialect}, frame_{frame}, symbols_{symbols}, scratch_{scratch}, out_{out} {}

  [[nodiscard]] DecodeStatus run() noexcept {
    const bool answer = frame_.kind == FrameKind::Answer;
    if (answer) {
      if (is_list(frame_.request)) return DecodeStatus::Metadata;
      if (!is_book(frame_.request)) return DecodeStatus::Ignored;
      feed_ = Feed::Snapshot;
      follow(json::query_value(frame_.request, "symbol"));
      if (symbol_.empty()) entry_ = symbols_.only();
      if (entry_ == nullptr && symbol_.empty()) return DecodeStatus::NoInstrument;
    }
    const DecodeStatus status = json::walk_twice(
        frame_, scratch_, [&]() noexcept { early_ = has_data_ = has_topic_ = false; },
        [&](std::string_view key, Value& value) noexcept { return read_root(key, value); },
        // "data" stood before what it is of: once more.
        [&]() noexcept { return early_ && is_data(); });
    return status == DecodeStatus::Ok ? finish() : status;
  }

 private:
  [[nodiscard]] static bool is_list(std::string_view request) noexcept {
    return request.find("/symbols") != std::string_view::npos ||
           request.find("/contracts/active") != std::string_view::npos;
  }
  // ".../market/orderbook/level2_100?symbol=", ".../level2/snapshot?symbol="
  [[nodiscard]] bool is_book(std::string_view request) const noexcept {
    return request.find(dialect_.futures ? "/level2/" : "/orderbook/level2") !=
           std::string_view::npos;
  }
  [[nodiscard]] bool is_data() const noexcept {
    return feed_ != Feed::None && feed_ != Feed::Other;
  }

  void follow(std::string_view symbol) noexcept {
    symbol_ = symbol;
    entry_ = symbol.empty() ? nullptr : symbols_.find(symbol);
  }

  [[nodiscard]] DecodeStatus read_root(std::string_view key, Value& value) noexcept {
    if (key == "topic") {
      if (has_topic_ || frame_.kind == FrameKind::Answer) return DecodeStatus::Malformed;
      const std::string_view text = json::token(value).text;
      const std::size_t colon = text.find(':');
      const Topic topic = topic_of(dialect_.futures, text.substr(0, colon));
      has_topic_ = true;
      feed_ = topic.feed;
      row_ = topic.row;
      const std::string_view symbol =
          colon == std::string_view::npos ? std::string_view{} : text.substr(colon + 1);
      all_ = symbol == "all";
      if (!all_) follow(symbol);
    } else if (key == "subject") {
      subject_ = json::token(value).text;
    } else if (key == "type") {
      type_ = json::token(value).text;
    } else if (key == "code") {
      code_ = json::token(value).text;
    } else if (key == "data") {
      if (has_data_) return DecodeStatus::Malformed;
      has_data_ = true;
      if (is_data()) return read_data(value);
      early_ = true;
    }
    return DecodeStatus::Ok;
  }

  [[nodiscard]] DecodeStatus read_data(Value& value) noexcept {
    if (json::is_null(value)) {
      has_data_ = false;
      return DecodeStatus::Ok;
    }
    if (all_) follow(subject_);  // one topic for every symbol: the subject says which
    if (all_ && symbol_.empty()) {
      early_ = true;
      return DecodeStatus::Ok;
    }
    members_ = {};
    sides_ = {};
    wanted_ = entry_ != nullptr &&
              (feed_ == Feed::Depth ? entry_->channel == row_ : entry_->channel == 0 || !of_book());
    if (wanted_ && of_book() && frame_.kind != FrameKind::Answer) scratch_.suspect = entry_->id;
    return json::walk(value, [&](std::string_view key, Value& member) noexcept {
      return read_member(key, member);
    });
  }

  [[nodiscard]] bool of_book() const noexcept {
    return feed_ == Feed::Changes || feed_ == Feed::Snapshot || feed_ == Feed::Depth;
  }

  [[nodiscard]] DecodeStatus read_member(std::string_view key, Value& value) noexcept {
    if (key == "asks" || key == "bids") {
      if (!wanted_ || feed_ == Feed::Changes) return DecodeStatus::Ok;
      const bool bid = key == "bids";
      if (feed_ == Feed::Best) {
        return bid ? read_pair(value, members_.bid, members_.bid_size)
                   : read_pair(value, members_.ask, members_.ask_size);
      }
      return json::read_side(value, *entry_, scratch_, out_, bid ? sides_.bids : sides_.asks);
    }
    if (key == "changes") {
      if (!wanted_ || feed_ != Feed::Changes) return DecodeStatus::Ok;
      return json::walk(value, [&](std::string_view side, Value& rows) noexcept {
        if (side == "bids") return read_noted(rows, sides_.bids);
        if (side == "asks") return read_noted(rows, sides_.asks);
        return DecodeStatus::Ok;
      });
    }
    if (Token* const token = member(key); token != nullptr) *token = json::token(value);
    return DecodeStatus::Ok;
  }

  [[nodiscard]] Token* member(std::string_view key) noexcept {
    Members& m = members_;
    return key == "sequence"                           ? &m.sequence
           : key == "sequenceStart"                    ? &m.first
           : key == "sequenceEnd"                      ? &m.last
           : key == "change"                           ? &m.change
           : key == "time" || key == "ts"              ? &m.time
           : key == "timestamp" && !m.time.there()     ? &m.time
           : key == "symbol"                           ? &m.symbol
           : key == "side"                             ? &m.side
           : key == "price"                            ? &m.price
           : key == "size"                             ? &m.size
           : key == "tradeId"                          ? &m.id
           : key == "bestBid" || key == "bestBidPrice" ? &m.bid
           : key == "bestBidSize"                      ? &m.bid_size
           : key == "bestAsk" || key == "bestAskPrice" ? &m.ask
           : key == "bestAskSize"                      ? &m.ask_size
                                                       : nullptr;
  }

  // ["price","size"], or [] where there is none.
  [[nodiscard]] static DecodeStatus read_pair(Value& value, Token& price, Token& size) noexcept {
    int found = 0;
    return json::each(value, [&](Value& cell) noexcept {
      if (found < 2) (found == 0 ? price : size) = json::token(cell);
      ++found;
      return DecodeStatus::Ok;
    });
  }

  // [["price","size","sequence"],...]; a row whose price is zero changes nothing but the sequence.
  [[nodiscard]] DecodeStatus read_noted(Value& value, json::SideRange& side) noexcept {
    if (side.seen) return DecodeStatus::Malformed;
    side.seen = true;
    side.first = static_cast<std::uint32_t>(out_.level_count());
    return json::each(value, [&](Value& row) noexcept {
      Token cells[3];
      int found = 0;
      const DecodeStatus status = json::each(row, [&](Value& cell) noexcept {
        if (found < 3) cells[found] = json::token(cell);
        ++found;
        return DecodeStatus::Ok;
      });
      if (status != DecodeStatus::Ok) return status;
      std::uint64_t number = 0;
      if (found < 3 || !json::parse_id(cells[2].text, number) || number > INT64_MAX) {
        return DecodeStatus::Malformed;
      }
      if (is_zero(cells[0].text)) return DecodeStatus::Ok;
      Level level;
      const DecodeStatus parsed =
          json::parse_level(cells[0].text, cells[1].text, *entry_, scratch_, level);
      if (parsed != DecodeStatus::Ok) return parsed;
      const Level note{Price{static_cast<std::int64_t>(number)}, Qty{}};
      if (!out_.push(note) || !out_.push(level)) return DecodeStatus::TooLarge;
      side.count += 2;
      return DecodeStatus::Ok;
    });
  }

  [[nodiscard]] static bool is_zero(std::string_view text) noexcept {
    return !text.empty() && text[0] == '0' &&
           text.find_first_not_of("0.") == std::string_view::npos;
  }

  [[nodiscard]] DecodeStatus finish() noexcept {
    if (frame_.kind == FrameKind::Answer) {
      if (!code_.empty() && code_ != "200000") return DecodeStatus::Control;
    } else if (!has_topic_) {
      for (const std::string_view known : {"welcome", "ack", "pong", "error"}) {
        if (type_ == known) return DecodeStatus::Control;
      }
      return DecodeStatus::UnknownKind;
    }
    if (feed_ == Feed::None) return DecodeStatus::UnknownKind;
    if (feed_ == Feed::Other) return DecodeStatus::Ignored;
    if (!has_data_ || early_) return DecodeStatus::Malformed;
    switch (feed_) {
      case Feed::Changes:
        return dialect_.futures ? finish_change() : finish_changes();
      case Feed::Match:
        return finish_match();
      case Feed::Best:
      case Feed::Ticker:
        return finish_best();
      default:
        return finish_whole();
    }
  }

  [[nodiscard]] DecodeStatus unwanted(MessageKind kind) noexcept {
    return json::unwanted(scratch_, symbol_, kind, row_);
  }

  // Messages of 2021 have no time.
  [[nodiscard]] DecodeStatus stamp(Message& message) const noexcept {
    return !members_.time.there() || json::parse_time(members_.time.text, message.venue_time)
               ? DecodeStatus::Ok
               : DecodeStatus::Malformed;
  }

  [[nodiscard]] DecodeStatus finish_changes() noexcept {
    if (!wanted_) return unwanted(MessageKind::Delta);
    std::uint64_t first = 0, last = 0;
    if (!sides_.seen() || !json::parse_id(members_.first.text, first) ||
        !json::parse_id(members_.last.text, last) || last < first) {
      return DecodeStatus::Malformed;
    }
    Message* const message = json::add_book(out_, sides_, MessageKind::Delta, *entry_, 0);
    if (message == nullptr) return DecodeStatus::TooLarge;
    message->ids = kHasFirst | kHasLast | kHasNotes;
    message->first = SequenceNo{first};
    message->last = SequenceNo{last};
    return stamp(*message);
  }

  // "61840.2,sell,120"
  [[nodiscard]] DecodeStatus finish_change() noexcept {
    if (!wanted_) return unwanted(MessageKind::Delta);
    const std::string_view text = members_.change.text;
    const std::size_t first = text.find(',');
    const std::size_t second = first == std::string_view::npos ? first : text.find(',', first + 1);
    std::uint64_t number = 0;
    if (second == std::string_view::npos || !json::parse_id(members_.sequence.text, number)) {
      return DecodeStatus::Malformed;
    }
    const std::string_view price = text.substr(0, first);
    const std::string_view side = text.substr(first + 1, second - first - 1);
    const bool bid = side == "buy";
    if (!bid && side != "sell") return DecodeStatus::Malformed;
    Message* const message = out_.add();
    if (message == nullptr) return DecodeStatus::TooLarge;
    message->kind = MessageKind::Delta;
    message->instrument = entry_->id;
    message->ids = kHasFirst | kHasLast;
    message->first = message->last = SequenceNo{number};
    if (!is_zero(price)) {
      Level level;
      const DecodeStatus status =
          json::parse_level(price, text.substr(second + 1), *entry_, scratch_, level);
      if (status != DecodeStatus::Ok) return status;
      if (!out_.push(level)) return DecodeStatus::TooLarge;
      (bid ? message->bids : message->asks) = 1;
    }
    return stamp(*message);
  }

  // A fetched book has a number; the shallow ones of spot have none.
  [[nodiscard]] DecodeStatus finish_whole() noexcept {
    if (!wanted_) return unwanted(MessageKind::Snapshot);
    if (!sides_.bids.seen || !sides_.asks.seen) return DecodeStatus::Malformed;
    Message* const message = json::add_book(out_, sides_, MessageKind::Snapshot, *entry_, row_);
    if (message == nullptr) return DecodeStatus::TooLarge;
    if (feed_ == Feed::Snapshot || members_.sequence.there()) {
      std::uint64_t number = 0;
      if (!json::parse_id(members_.sequence.text, number)) return DecodeStatus::Malformed;
      message->ids = kHasLast;
      message->last = SequenceNo{number};
    }
    return stamp(*message);
  }

  // The ticker has the number of the book that it is of, the 10 ms channel has none.
  [[nodiscard]] DecodeStatus finish_best() noexcept {
    if (!wanted_) return json::unwanted(scratch_, symbol_, MessageKind::Bbo, 0);
    Message* const message = out_.add();
    if (message == nullptr) return DecodeStatus::TooLarge;
    message->kind = MessageKind::Bbo;
    message->instrument = entry_->id;
    if (members_.sequence.there()) {
      std::uint64_t number = 0;
      if (!json::parse_id(members_.sequence.text, number)) return DecodeStatus::Malformed;
      message->ids = kHasLast;
      message->last = SequenceNo{number};
    }
    const DecodeStatus status =
        json::push_best({members_.bid, members_.bid_size, members_.ask, members_.ask_size}, *entry_,
                        scratch_, out_, *message);
    return status == DecodeStatus::Ok ? stamp(*message) : status;
  }

  [[nodiscard]] DecodeStatus finish_match() noexcept {
    const Members& m = members_;
    const bool buy = m.side.text == "buy";
    if (!m.price.there() || !m.size.there() || (!buy && m.side.text != "sell")) {
      return DecodeStatus::Malformed;
    }
    if (entry_ == nullptr) return json::unwanted(scratch_, symbol_, MessageKind::Trade, 0);
    Level level;
    DecodeStatus status = json::parse_level(m.price.text, m.size.text, *entry_, scratch_, level);
    if (status != DecodeStatus::Ok) return status;
    status = json::add_print(out_, MessageKind::Trade, *entry_, level,
                             buy ? Aggressor::Buy : Aggressor::Sell, {}, m.time.text);
    if (status != DecodeStatus::Ok || m.id.text.empty()) return status;
    Message& message = out_.messages().back();
    message.ids = kHasLast;
    message.last = json::id_or_hash(m.id.text);
    return DecodeStatus::Ok;
  }

  const Dialect& dialect_;
  const Frame& frame_;
  const SymbolTable& symbols_;
  DecodeScratch& scratch_;
  MessageBatch& out_;
  Members members_;
  json::BookSides sides_;
  std::string_view symbol_, subject_, type_, code_;
  const SymbolEntry* entry_ = nullptr;
  Feed feed_ = Feed::None;
  std::uint8_t row_ = 0;
  bool has_topic_ = false;
  bool has_data_ = false;
  bool early_ = false;
  bool all_ = false;
  bool wanted_ = false;
};

}  // namespace

DecodeStatus decode_classic_any(const Dialect& dialect, const Frame& frame,
                                const SymbolTable& symbols, DecodeScratch& scratch,
                                MessageBatch& out) noexcept {
  scratch.forget();
  return Decoder{dialect, frame, symbols, scratch, out}.run();
}

DecodeStatus decode_classic(const Dialect& dialect, const Frame& frame, const SymbolTable& symbols,
                            DecodeScratch& scratch, MessageBatch& out) noexcept {
  scratch.forget();
  if (decode_quickly(dialect, frame, symbols, scratch, out)) return DecodeStatus::Ok;
  return decode_classic_any(dialect, frame, symbols, scratch, out);
}

}  // namespace steelyard::kucoin
