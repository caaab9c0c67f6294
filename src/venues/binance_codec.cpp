#include "venues/binance_codec.hpp"

#include <algorithm>
#include <array>

#include "venues/json.hpp"

namespace steelyard::binance {
namespace {

using json::Token;
using json::Value;

// Members with a name of one letter, by that letter.
class Letters {
 public:
  [[nodiscard]] Token& operator[](char letter) noexcept {
    return tokens_[static_cast<unsigned char>(letter) & 0x3f];
  }
  [[nodiscard]] static bool holds(char letter) noexcept {
    return (letter >= 'A' && letter <= 'Z') || (letter >= 'a' && letter <= 'z');
  }

 private:
  std::array<Token, 64> tokens_{};
};

struct LevelRange {
  std::uint32_t first = 0;
  std::uint32_t count = 0;
  bool seen = false;
};

// One event as it is read, members in any order.
struct Event {
  Letters letter;
  Token last_update_id, previous, symbol, code, message;
  LevelRange bids, asks;
  bool other_letters_object = false;  // "o", the order of a liquidation, was read into `letter`
  bool lists_symbols = false;         // exchangeInfo
  bool control = false;
  bool early_levels = false;  // levels came before the symbol: they are read in a second pass
};

class Decoder {
 public:
  Decoder(const Dialect& dialect, const Frame& frame, const SymbolTable& symbols,
          DecodeScratch& scratch, MessageBatch& out) noexcept
      : dialect_{dialect}, frame_{frame}, symbols_{symbols}, scratch_{scratch}, out_{out} {}

  [[nodiscard]] DecodeStatus run() noexcept {
    json::Document document;
    const std::size_t readable = frame_.payload.size() + kFramePadding;
    if (frame_.payload.size() > kMaxFrame) return DecodeStatus::TooLarge;
    if (const auto error = scratch_.parsers->on_demand
                               .iterate(frame_.payload.data(), frame_.payload.size(), readable)
                               .get(document)) {
      return json::status_of(error);
    }
    json::Object root;
    if (const auto error = document.get_object().get(root)) return json::status_of(error);
    Event event;
    DecodeStatus status = read_root(root, event);
    if (status != DecodeStatus::Ok) return status;
    if (event.lists_symbols) return DecodeStatus::Metadata;
    if (!json::at_end(document, frame_)) return DecodeStatus::Malformed;
    if (event.control) return DecodeStatus::Control;
    if (in_array_) return array_status_;
    status = finish(event);
    if (status != DecodeStatus::Ok || !event.early_levels) return status;

    // The symbol stood behind the levels: read once more, now that the instrument is known.
    out_.clear();
    document.rewind();
    if (const auto error = document.get_object().get(root)) return json::status_of(error);
    Event again;
    status = read_root(root, again);
    if (status != DecodeStatus::Ok) return status;
    // It is named twice, and not the same.
    return again.early_levels ? DecodeStatus::Malformed : finish(again);
  }

 private:
  static constexpr std::size_t kMaxFrame = kMaxFrameBytes - kFramePadding;

  // {"stream": ..., "data": {...}}, or the event itself.
  [[nodiscard]] DecodeStatus read_root(json::Object& root, Event& event) noexcept {
    for (auto member : root) {
      simdjson::ondemand::raw_json_string raw_key;
      if (const auto error = member.key().get(raw_key)) return json::status_of(error);
      const std::string_view key = json::key_text(raw_key);
      Value value;
      if (const auto error = member.value().get(value)) return json::status_of(error);
      if (key == "stream") {
        stream_ = json::token_of(value.raw_json_token()).text;
        resolve_stream();
      } else if (key == "data") {
        const DecodeStatus status = read_data(value, event);
        if (status != DecodeStatus::Ok) return status;
      } else {
        const DecodeStatus status = read_member(key, value, event);
        if (status != DecodeStatus::Ok) return status;
        if (event.lists_symbols) return DecodeStatus::Ok;
      }
    }
    return DecodeStatus::Ok;
  }

  [[nodiscard]] DecodeStatus read_data(Value& value, Event& event) noexcept {
    simdjson::ondemand::json_type type;
    if (const auto error = value.type().get(type)) return json::status_of(error);
    if (type == simdjson::ondemand::json_type::array) return read_array(value);
    json::Object object;
    if (const auto error = value.get_object().get(object)) return json::status_of(error);
    return read_object(object, event);
  }

  // Streams of the whole market ("!forceOrder@arr", "!ticker@arr") may send lists of events.
  [[nodiscard]] DecodeStatus read_array(Value& value) noexcept {
    in_array_ = true;
    array_status_ = DecodeStatus::Ignored;
    json::Array events;
    if (const auto error = value.get_array().get(events)) return json::status_of(error);
    for (auto element : events) {
      json::Object object;
      if (const auto error = element.get_object().get(object)) return json::status_of(error);
      Event event;
      DecodeStatus status = read_object(object, event);
      if (status == DecodeStatus::Ok) status = finish(event);
      if (is_defect(status)) return status;
      if (status == DecodeStatus::Ok) array_status_ = status;
    }
    return DecodeStatus::Ok;
  }

  [[nodiscard]] DecodeStatus read_object(json::Object& object, Event& event) noexcept {
    for (auto member : object) {
      simdjson::ondemand::raw_json_string raw_key;
      if (const auto error = member.key().get(raw_key)) return json::status_of(error);
      Value value;
      if (const auto error = member.value().get(value)) return json::status_of(error);
      const DecodeStatus status = read_member(json::key_text(raw_key), value, event);
      if (status != DecodeStatus::Ok) return status;
    }
    return DecodeStatus::Ok;
  }

  [[nodiscard]] DecodeStatus read_member(std::string_view key, Value& value,
                                         Event& event) noexcept {
    if (key.size() == 1 && Letters::holds(key[0])) return read_letter(key[0], value, event);
    if (key == "bids") return read_side(value, event, event.bids);
    if (key == "asks") return read_side(value, event, event.asks);
    if (key == "lastUpdateId") return read_token(value, event.last_update_id);
    if (key == "symbol") {
      event.symbol = json::token_of(value.raw_json_token());
      const SymbolEntry* const before = entry_;
      resolve(event.symbol.text);
      // Levels of one would become those of another.
      const bool has_levels = (event.bids.seen || event.asks.seen) && !event.early_levels;
      return has_levels && entry_ != before ? DecodeStatus::Malformed : DecodeStatus::Ok;
    }
    if (key == "pu") return read_token(value, event.previous);
    if (key == "code") return read_token(value, event.code);
    if (key == "msg") return read_token(value, event.message);
    if (key == "result" || key == "error" || key == "id") event.control = true;
    if (key == "symbols") event.lists_symbols = true;
    return DecodeStatus::Ok;
  }

  [[nodiscard]] DecodeStatus read_letter(char letter, Value& value, Event& event) noexcept {
    if (letter == 'b' || letter == 'a' || letter == 'o') {
      simdjson::ondemand::json_type type;
      if (const auto error = value.type().get(type)) return json::status_of(error);
      if (type == simdjson::ondemand::json_type::array && letter != 'o') {
        return read_side(value, event, letter == 'b' ? event.bids : event.asks);
      }
      if (type == simdjson::ondemand::json_type::object && letter == 'o') {
        event.other_letters_object = true;
        json::Object order;
        if (const auto error = value.get_object().get(order)) return json::status_of(error);
        return read_object(order, event);
      }
    }
    Token& token = event.letter[letter];
    // The order of a liquidation repeats no letter of its envelope but E and T.
    if (token.there() && letter != 'E' && letter != 'T' && letter != 'e') {
      return DecodeStatus::Malformed;
    }
    const DecodeStatus status = read_token(value, token);
    if (status == DecodeStatus::Ok && letter == 's') resolve(token.text);
    return status;
  }

  [[nodiscard]] static DecodeStatus read_token(Value& value, Token& token) noexcept {
    token = json::token_of(value.raw_json_token());
    return DecodeStatus::Ok;
  }

  [[nodiscard]] DecodeStatus read_side(Value& value, Event& event, LevelRange& range) noexcept {
    if (range.seen) return DecodeStatus::Malformed;
    range.seen = true;
    if (entry_ == nullptr && named_.empty() && frame_.kind == FrameKind::Answer) resolve_request();
    if (entry_ == nullptr) {
      event.early_levels = true;
      return DecodeStatus::Ok;
    }
    // A defect from here on is one of this instrument's book. A bad answer harms none: it is asked
    // for again.
    if (frame_.kind != FrameKind::Answer) scratch_.suspect = entry_->id;
    json::Array rows;
    if (const auto error = value.get_array().get(rows)) return json::status_of(error);
    range.first = static_cast<std::uint32_t>(out_.level_count());
    return json::read_levels(rows, *entry_, scratch_, out_, range.count);
  }

  // A stream's name says its symbol in lower case, and the symbol is needed where the event has
  // none.
  void resolve_stream() noexcept {
    const std::string_view symbol = stream_.substr(0, stream_.find('@'));
    if (symbol.empty() || symbol[0] == '!' || symbol.size() > SymbolTable::kMaxSymbolBytes) return;
    const std::string_view rest = stream_.substr(symbol.size());
    if (!rest.starts_with("@depth")) return;
    named_by_stream_ = symbol;
    entry_ = symbols_.find_ignoring_case(symbol);
  }

  void resolve(std::string_view symbol) noexcept {
    if (symbol.empty()) return;
    named_ = symbol;
    if (entry_ == nullptr || named_by_stream_.empty()) entry_ = symbols_.find(symbol);
  }

  void resolve_request() noexcept {
    const std::string_view symbol = json::query_value(frame_.request, "symbol");
    if (!symbol.empty()) {
      named_ = symbol;
      entry_ = symbols_.find_ignoring_case(symbol);
    } else {
      entry_ = symbols_.only();
    }
  }

  [[nodiscard]] DecodeStatus finish(Event& event) noexcept {
    Token& kind = event.letter['e'];
    if (!kind.there()) return finish_unnamed(event);
    if (kind.text == "depthUpdate") return finish_diff(event);
    if (kind.text == "bookTicker") return finish_bbo(event);
    if (kind.text == "trade" || kind.text == "aggTrade") return finish_trade(event);
    if (kind.text == "forceOrder") return finish_liquidation(event);
    if (kind.text == "serverShutdown") return DecodeStatus::Control;
    for (const std::string_view known :
         {"kline", "markPriceUpdate", "24hrTicker", "24hrMiniTicker", "1dTicker", "1hTicker",
          "4hTicker", "avgPrice", "contractInfo", "compositeIndex", "assetIndexUpdate",
          "indexPriceUpdate", "continuous_kline", "indexPrice_kline", "markPrice_kline",
          "blockTrade", "openInterest", "referencePrice"}) {
      if (kind.text == known) return DecodeStatus::Ignored;
    }
    return DecodeStatus::UnknownKind;
  }

  [[nodiscard]] DecodeStatus finish_unnamed(Event& event) noexcept {
    if (event.last_update_id.there()) return finish_snapshot(event);
    Letters& letter = event.letter;
    // The spot bookTicker names itself by its members only.
    if (letter['u'].there() && letter['s'].there() && letter['b'].there() && letter['B'].there() &&
        letter['a'].there() && letter['A'].there()) {
      return finish_bbo(event);
    }
    if (event.code.there()) return DecodeStatus::Control;
    if (stream_.find("@depthSnapshot") == std::string_view::npos &&
        (stream_.find("@openInterest") != std::string_view::npos ||
         stream_.find("@ticker") != std::string_view::npos || stream_.starts_with('!'))) {
      return stream_.starts_with("!serverShutdown") ? DecodeStatus::Control : DecodeStatus::Ignored;
    }
    return event.bids.seen || event.asks.seen ? DecodeStatus::Malformed : DecodeStatus::UnknownKind;
  }

  // 5, 10, 20 for a stream of whole books of that depth; 0 for a diff stream.
  [[nodiscard]] std::uint32_t partial_depth() const noexcept {
    const std::size_t at = stream_.find("@depth");
    if (at == std::string_view::npos) return 0;
    std::uint32_t depth = 0;
    for (const char c : stream_.substr(at + 6)) {
      if (c < '0' || c > '9') break;
      depth = depth * 10 + static_cast<std::uint32_t>(c - '0');
    }
    return depth;
  }

  // The channel that an event of this depth belongs to, or the number of channels.
  [[nodiscard]] std::uint8_t channel_of(std::uint32_t depth) const noexcept {
    std::uint8_t channel = 0;
    for (const BookChannel& row : dialect_.books) {
      if (depth == 0 ? row.snapshot == SnapshotSource::OutOfBand
                     : row.snapshot == SnapshotSource::Replace && row.depth == depth) {
        break;
      }
      ++channel;
    }
    return channel;
  }

  [[nodiscard]] DecodeStatus unwanted(MessageKind kind, std::uint8_t channel) noexcept {
    std::string_view symbol = named_.empty() ? named_by_stream_ : named_;
    if (symbol.empty() || symbol.size() > SymbolTable::kMaxSymbolBytes) {
      return DecodeStatus::NoInstrument;
    }
    std::array<char, SymbolTable::kMaxSymbolBytes>& text = scratch_.parsers->symbol;
    std::transform(symbol.begin(), symbol.end(), text.begin(), [](char c) noexcept {
      return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    });
    scratch_.unknown_symbol = {text.data(), symbol.size()};
    scratch_.unknown_kind = kind;
    scratch_.unknown_channel = channel;
    scratch_.suspect = kNoInstrument;
    return DecodeStatus::Unwanted;
  }

  // Whether the event's channel is the one that the instrument's book follows: any diff stream does
  // for any other, whatever its cadence.
  [[nodiscard]] bool follows(std::uint32_t depth) const noexcept {
    const BookChannel& row = dialect_.books[entry_->channel];
    return depth == 0 ? row.snapshot == SnapshotSource::OutOfBand
                      : row.snapshot == SnapshotSource::Replace && row.depth == depth;
  }

  [[nodiscard]] DecodeStatus finish_diff(Event& event) noexcept {
    Letters& letter = event.letter;
    const std::uint32_t depth = partial_depth();
    if (!letter['s'].there() || !event.bids.seen || !event.asks.seen)
      return DecodeStatus::Malformed;
    if (entry_ == nullptr || !follows(depth)) {
      return unwanted(depth == 0 ? MessageKind::Delta : MessageKind::Snapshot, channel_of(depth));
    }
    if (event.early_levels) return DecodeStatus::Ok;
    std::uint64_t first = 0;
    std::uint64_t last = 0;
    TimestampNs time;
    if (!json::parse_id(letter['U'].text, first) || !json::parse_id(letter['u'].text, last) ||
        last < first) {
      return DecodeStatus::Malformed;
    }
    if (!json::parse_time(letter['E'].text, time)) return DecodeStatus::Malformed;
    Message* const message =
        add_book(event, depth == 0 ? MessageKind::Delta : MessageKind::Snapshot);
    if (message == nullptr) return DecodeStatus::TooLarge;
    message->ids = kHasFirst | kHasLast;
    message->first = SequenceNo{first};
    message->last = SequenceNo{last};
    message->venue_time = time;
    if (dialect_.futures) {
      std::uint64_t prev = 0;
      if (json::parse_id(event.previous.text, prev)) {
        message->ids |= kHasPrev;
        message->prev = SequenceNo{prev};
      } else if (depth == 0) {
        return DecodeStatus::Malformed;
      }
    }
    return DecodeStatus::Ok;
  }

  [[nodiscard]] DecodeStatus finish_snapshot(Event& event) noexcept {
    if (!event.bids.seen || !event.asks.seen) return DecodeStatus::Malformed;
    const bool answer = frame_.kind == FrameKind::Answer;
    const bool generated = stream_.find("@depthSnapshot") != std::string_view::npos;
    const std::uint32_t depth = answer || generated ? 0 : partial_depth();
    if (entry_ == nullptr && named_.empty() && named_by_stream_.empty()) {
      if (!answer) entry_ = symbols_.only();
      if (entry_ == nullptr) return DecodeStatus::NoInstrument;
    }
    if (entry_ == nullptr || !follows(depth))
      return unwanted(MessageKind::Snapshot, channel_of(depth));
    if (event.early_levels) return DecodeStatus::Ok;
    Message* const message = add_book(event, MessageKind::Snapshot);
    if (message == nullptr) return DecodeStatus::TooLarge;
    // A book that was just listed may have -1: then any delta follows it.
    std::uint64_t last = 0;
    if (json::parse_id(event.last_update_id.text, last)) {
      message->ids = kHasLast;
      message->last = SequenceNo{last};
    } else if (event.last_update_id.text != "-1") {
      return DecodeStatus::Malformed;
    }
    (void)json::parse_time(event.letter['E'].text, message->venue_time);
    return DecodeStatus::Ok;
  }

  // Levels lie in the batch side by side, bids first: venues that send asks first are turned round.
  [[nodiscard]] Message* add_book(const Event& event, MessageKind kind) noexcept {
    Message* const message = out_.add();
    if (message == nullptr) return nullptr;
    if (event.asks.first < event.bids.first && event.asks.count != 0) {
      Level* const levels = out_.levels();
      std::rotate(levels + event.asks.first, levels + event.bids.first,
                  levels + event.bids.first + event.bids.count);
    }
    message->kind = kind;
    message->channel = entry_->channel;
    message->instrument = entry_->id;
    message->first_level = std::min(event.bids.first, event.asks.first);
    message->bids = event.bids.count;
    message->asks = event.asks.count;
    return message;
  }

  [[nodiscard]] DecodeStatus finish_bbo(Event& event) noexcept {
    Letters& letter = event.letter;
    std::uint64_t last = 0;
    if (!letter['s'].there() || !json::parse_id(letter['u'].text, last)) {
      return DecodeStatus::Malformed;
    }
    if (entry_ == nullptr) return unwanted(MessageKind::Bbo, 0);
    Message* const message = out_.add();
    if (message == nullptr) return DecodeStatus::TooLarge;
    message->kind = MessageKind::Bbo;
    message->instrument = entry_->id;
    message->ids = kHasLast;
    message->last = SequenceNo{last};
    DecodeStatus status = push_quote(letter['b'], letter['B'], message->bids);
    if (status == DecodeStatus::Ok) status = push_quote(letter['a'], letter['A'], message->asks);
    (void)json::parse_time(letter['E'].text, message->venue_time);
    return status;
  }

  // An empty side is sent as zeros.
  [[nodiscard]] DecodeStatus push_quote(const Token& price, const Token& size,
                                        std::uint32_t& count) noexcept {
    if (!price.there() || !size.there()) return DecodeStatus::Malformed;
    const DecimalResult none = parse_decimal(price.text, 0);
    if (none.status == DecimalStatus::Ok && none.mantissa == 0) return DecodeStatus::Ok;
    Level level;
    const DecodeStatus status = json::parse_level(price.text, size.text, *entry_, scratch_, level);
    if (status != DecodeStatus::Ok) return status;
    if (level.qty.raw() == 0) return DecodeStatus::Ok;
    if (!out_.push(level)) return DecodeStatus::TooLarge;
    ++count;
    return DecodeStatus::Ok;
  }

  [[nodiscard]] DecodeStatus finish_trade(Event& event) noexcept {
    Letters& letter = event.letter;
    if (!letter['s'].there() || !letter['p'].there() || !letter['q'].there() ||
        !letter['m'].there()) {
      return DecodeStatus::Malformed;
    }
    if (entry_ == nullptr) return unwanted(MessageKind::Trade, 0);
    // Insurance fund and auto-deleveraging: no trades of the book.
    if (dialect_.futures && letter['X'].there() && letter['X'].text != "MARKET") {
      ++scratch_.not_events;
      return DecodeStatus::Ok;
    }
    const bool buyer_is_maker = letter['m'].text == "true";
    if (!buyer_is_maker && letter['m'].text != "false") return DecodeStatus::Malformed;
    Token& id = letter[letter['e'].text == "trade" ? 't' : 'a'];
    return add_print(MessageKind::Trade, letter['p'], letter['q'], id,
                     letter['T'].there() ? letter['T'] : letter['E'],
                     buyer_is_maker ? Aggressor::Sell : Aggressor::Buy);
  }

  // The side is that of the forced order: SELL means that a long was liquidated.
  [[nodiscard]] DecodeStatus finish_liquidation(Event& event) noexcept {
    Letters& letter = event.letter;
    if (!event.other_letters_object || !letter['s'].there() || !letter['p'].there() ||
        !letter['q'].there()) {
      return DecodeStatus::Malformed;
    }
    if (entry_ == nullptr) return unwanted(MessageKind::Liquidation, 0);
    const bool sell = letter['S'].text == "SELL";
    if (!sell && letter['S'].text != "BUY") return DecodeStatus::Malformed;
    return add_print(MessageKind::Liquidation, letter['p'], letter['q'], Token{}, letter['T'],
                     sell ? Aggressor::Sell : Aggressor::Buy);
  }

  [[nodiscard]] DecodeStatus add_print(MessageKind kind, const Token& price, const Token& size,
                                       const Token& id, const Token& time,
                                       Aggressor aggressor) noexcept {
    Message* const message = out_.add();
    if (message == nullptr) return DecodeStatus::TooLarge;
    message->kind = kind;
    message->instrument = entry_->id;
    message->aggressor = aggressor;
    if (!json::parse_time(time.text, message->venue_time)) return DecodeStatus::Malformed;
    std::uint64_t number = 0;
    if (json::parse_id(id.text, number)) {
      message->ids = kHasLast;
      message->last = SequenceNo{number};
    }
    Level level;
    const DecodeStatus status = json::parse_level(price.text, size.text, *entry_, scratch_, level);
    if (status != DecodeStatus::Ok) return status;
    if (!out_.push(level)) return DecodeStatus::TooLarge;
    message->bids = 1;
    return DecodeStatus::Ok;
  }

  const Dialect& dialect_;
  const Frame& frame_;
  const SymbolTable& symbols_;
  DecodeScratch& scratch_;
  MessageBatch& out_;
  std::string_view stream_;
  std::string_view named_;  // symbol as the event or the request has it
  std::string_view named_by_stream_;
  const SymbolEntry* entry_ = nullptr;
  DecodeStatus array_status_ = DecodeStatus::Ok;
  bool in_array_ = false;
};

}  // namespace

DecodeStatus decode_any(const Dialect& dialect, const Frame& frame, const SymbolTable& symbols,
                        DecodeScratch& scratch, MessageBatch& out) noexcept {
  scratch.forget();
  return Decoder{dialect, frame, symbols, scratch, out}.run();
}

DecodeStatus decode(const Dialect& dialect, const Frame& frame, const SymbolTable& symbols,
                    DecodeScratch& scratch, MessageBatch& out) noexcept {
  scratch.forget();
  if (decode_quickly(dialect, frame, symbols, scratch, out)) return DecodeStatus::Ok;
  return decode_any(dialect, frame, symbols, scratch, out);
}

}  // namespace steelyard::binance
