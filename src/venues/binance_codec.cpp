#include "venues/binance_codec.hpp"

#include <algorithm>
#include <array>

#include "venues/binance_event.hpp"
#include "venues/binance_prints.hpp"
#include "venues/json.hpp"

namespace steelyard::binance {
namespace {

using json::Token;
using json::Value;

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
    if (!json::at_end(document)) return DecodeStatus::Malformed;
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
        of_.resolve_stream(json::token_of(value.raw_json_token()).text);
      } else if (key == "data") {
        const DecodeStatus status = read_data(value, event);
        if (status != DecodeStatus::Ok) return status;
      } else {
        const DecodeStatus status = of_.read_member(key, value, event);
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
    return of_.read_object(object, event);
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
      DecodeStatus status = of_.read_object(object, event);
      if (status == DecodeStatus::Ok) status = finish(event);
      if (is_defect(status)) return status;
      if (status == DecodeStatus::Ok) array_status_ = status;
    }
    return DecodeStatus::Ok;
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
    if (of_.stream.find("@depthSnapshot") == std::string_view::npos &&
        (of_.stream.find("@openInterest") != std::string_view::npos ||
         of_.stream.find("@ticker") != std::string_view::npos || of_.stream.starts_with('!'))) {
      return of_.stream.starts_with("!serverShutdown") ? DecodeStatus::Control
                                                       : DecodeStatus::Ignored;
    }
    return event.bids.seen || event.asks.seen ? DecodeStatus::Malformed : DecodeStatus::UnknownKind;
  }

  // 5, 10, 20 for a stream of whole books of that depth; 0 for a diff stream.
  [[nodiscard]] std::uint32_t partial_depth() const noexcept {
    const std::size_t at = of_.stream.find("@depth");
    if (at == std::string_view::npos) return 0;
    std::uint32_t depth = 0;
    for (const char c : of_.stream.substr(at + 6)) {
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
    std::string_view symbol = of_.named.empty() ? of_.named_by_stream : of_.named;
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
    const BookChannel& row = dialect_.books[of_.entry->channel];
    return depth == 0 ? row.snapshot == SnapshotSource::OutOfBand
                      : row.snapshot == SnapshotSource::Replace && row.depth == depth;
  }

  [[nodiscard]] DecodeStatus finish_diff(Event& event) noexcept {
    Letters& letter = event.letter;
    const std::uint32_t depth = partial_depth();
    if (!letter['s'].there() || !event.bids.seen || !event.asks.seen)
      return DecodeStatus::Malformed;
    if (of_.entry == nullptr || !follows(depth)) {
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
    const bool generated = of_.stream.find("@depthSnapshot") != std::string_view::npos;
    const std::uint32_t depth = answer || generated ? 0 : partial_depth();
    if (of_.entry == nullptr && of_.named.empty() && of_.named_by_stream.empty()) {
      if (!answer) of_.entry = symbols_.only();
      if (of_.entry == nullptr) return DecodeStatus::NoInstrument;
    }
    if (of_.entry == nullptr || !follows(depth))
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
    message->channel = of_.entry->channel;
    message->instrument = of_.entry->id;
    message->first_level = std::min(event.bids.first, event.asks.first);
    message->bids = event.bids.count;
    message->asks = event.asks.count;
    return message;
  }

  [[nodiscard]] DecodeStatus finish_bbo(Event& event) noexcept {
    if (!is_best(event)) return DecodeStatus::Malformed;
    if (of_.entry == nullptr) return unwanted(MessageKind::Bbo, 0);
    return add_best(event, *of_.entry, scratch_, out_);
  }

  [[nodiscard]] DecodeStatus finish_trade(Event& event) noexcept {
    if (!is_trade(event)) return DecodeStatus::Malformed;
    if (of_.entry == nullptr) return unwanted(MessageKind::Trade, 0);
    return add_trade(dialect_, event, *of_.entry, scratch_, out_);
  }

  [[nodiscard]] DecodeStatus finish_liquidation(Event& event) noexcept {
    if (!is_liquidation(event)) return DecodeStatus::Malformed;
    if (of_.entry == nullptr) return unwanted(MessageKind::Liquidation, 0);
    return add_liquidation(event, *of_.entry, scratch_, out_);
  }

  const Dialect& dialect_;
  const Frame& frame_;
  const SymbolTable& symbols_;
  DecodeScratch& scratch_;
  MessageBatch& out_;
  EventReader of_{frame_, symbols_, scratch_, out_};
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
