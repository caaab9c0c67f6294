#include "venues/bitfinex_codec.hpp"

#include <limits>

#include "venues/bitfinex_prints.hpp"
#include "venues/json_rows.hpp"

namespace steelyard::bitfinex {
namespace {

using json::Token;
using json::Value;

// What a channel's number stands for: a book by its row, or one of these.
constexpr std::uint8_t kTrades = 32;
constexpr std::uint8_t kStatus = 33;
constexpr std::uint8_t kOther = 34;

class Decoder {
 public:
  Decoder(const Frame& frame, const SymbolTable& symbols, DecodeScratch& scratch,
          MessageBatch& out) noexcept
      : frame_{frame}, symbols_{symbols}, scratch_{scratch}, out_{out}, sides_{out} {}

  [[nodiscard]] DecodeStatus run() noexcept {
    if (frame_.kind == FrameKind::Answer) {
      return frame_.request.find("/tickers?") != std::string_view::npos ? DecodeStatus::Metadata
                                                                        : DecodeStatus::Ignored;
    }
    json::Document document;
    DecodeStatus status = json::open(frame_, scratch_, document);
    if (status != DecodeStatus::Ok) return status;
    simdjson::ondemand::json_type type;
    if (const auto error = document.type().get(type)) return json::status_of(error);
    const bool event = type == simdjson::ondemand::json_type::object;
    status = event ? read_event(document) : read_frame(document);
    if (status != DecodeStatus::Ok) return status;
    if (!json::at_end(document)) {
      scratch_.counted = false;
      return DecodeStatus::Malformed;
    }
    if (event) return acknowledge();
    return finish();
  }

 private:
  // {"event": ...}
  [[nodiscard]] DecodeStatus read_event(json::Document& document) noexcept {
    return json::walk(document, [&](std::string_view key, Value& value) noexcept {
      Token* const token = key == "event"     ? &event_
                           : key == "channel" ? &channel_
                           : key == "chanId"  ? &number_
                           : key == "symbol"  ? &symbol_
                           : key == "prec"    ? &precision_
                           : key == "len"     ? &length_
                           : key == "key"     ? &key_
                                              : nullptr;
      if (token != nullptr) *token = json::token(value);
      return DecodeStatus::Ok;
    });
  }

  [[nodiscard]] std::uint8_t kind_of_channel() const noexcept {
    if (channel_.text == "trades") return kTrades;
    if (channel_.text == "status") return key_.text.starts_with("liq:") ? kStatus : kOther;
    if (channel_.text != "book") return kOther;
    for (std::uint8_t row = 0; row < std::size(kBooks); ++row) {
      const std::string_view name = kBooks[row].channel;
      if (name.starts_with(precision_.text) && !precision_.text.empty() &&
          name.substr(name.find('.') + 1) == length_.text) {
        return row;
      }
    }
    return kOther;
  }

  // An acknowledgement says what a number stands for from here on.
  [[nodiscard]] DecodeStatus acknowledge() noexcept {
    for (const std::string_view known :
         {"info", "conf", "subscribed", "unsubscribed", "error", "pong"}) {
      if (event_.text != known) continue;
      std::uint64_t number = 0;
      if (!json::parse_id(number_.text, number)) return DecodeStatus::Control;
      if (event_.text == "unsubscribed") scratch_.channels.erase(frame_.connection, number);
      if (event_.text != "subscribed") return DecodeStatus::Control;
      const std::uint8_t kind = kind_of_channel();
      if (symbol_.text.size() > SymbolTable::kMaxSymbolBytes ||
          !scratch_.channels.set(frame_.connection, number, symbol_.text, kind)) {
        return DecodeStatus::TooLarge;
      }
      // Only a book says by its subscription that somebody wants the instrument.
      if (kind < std::size(kBooks)) {
        scratch_.unknown_symbol = symbol_.text;
        scratch_.unknown_channel = kind;
      }
      return DecodeStatus::Control;
    }
    return DecodeStatus::UnknownKind;
  }

  // [channel, payload, count, time], [channel, "te", payload, count, time]
  [[nodiscard]] DecodeStatus read_frame(json::Document& document) noexcept {
    json::Array elements;
    if (const auto error = document.get_array().get(elements)) return json::status_of(error);
    std::size_t at = 0;
    for (auto element : elements) {
      Value value;
      if (const auto error = element.get(value)) return json::status_of(error);
      const DecodeStatus status = read_element(at++, value);
      if (status != DecodeStatus::Ok) return status;
    }
    return at < 2 ? DecodeStatus::Malformed : DecodeStatus::Ok;
  }

  [[nodiscard]] DecodeStatus read_element(std::size_t at, Value& value) noexcept {
    if (at == 0) return read_number(json::token(value).text);
    if (at == 1) {
      simdjson::ondemand::json_type type;
      if (const auto error = value.type().get(type)) return json::status_of(error);
      if (type == simdjson::ondemand::json_type::array) return read_payload(value);
      word_ = json::token(value);
      return word_.quoted ? DecodeStatus::Ok : DecodeStatus::Malformed;
    }
    if (at == 2 && word_.there() && word_.text != "hb") {
      if (word_.text == "cs") return read_checksum(json::token(value).text);
      return word_.text == "te" ? read_payload(value) : DecodeStatus::Ok;
    }
    // What follows is the count, and the time where both are asked for. Texts stand behind them.
    std::uint64_t tail = 0;
    if (!json::parse_id(json::token(value).text, tail)) return DecodeStatus::Ok;
    constexpr std::uint64_t kNoCount = 1'000'000'000'000;  // a time in ms is above, a count never
    if (tail > kNoCount) {
      time_ = TimestampNs{};
      return json::parse_time(json::token(value).text, time_) ? DecodeStatus::Ok
                                                              : DecodeStatus::Malformed;
    }
    if (scratch_.counted) return DecodeStatus::Malformed;
    scratch_.counted = true;
    scratch_.count = tail;
    return DecodeStatus::Ok;
  }

  [[nodiscard]] DecodeStatus read_number(std::string_view text) noexcept {
    std::uint64_t number = 0;
    if (!json::parse_id(text, number)) return DecodeStatus::Malformed;
    const ChannelTable::Entry* const channel = scratch_.channels.find(frame_.connection, number);
    known_ = channel != nullptr;
    if (!known_) return DecodeStatus::Ok;
    kind_ = channel->kind;
    symbol_.text = channel->symbol();
    if (kind_ == kOther || kind_ == kStatus) return DecodeStatus::Ok;
    entry_ = symbols_.find(symbol_.text);
    if (entry_ != nullptr && is_book()) scratch_.suspect = entry_->id;
    return DecodeStatus::Ok;
  }

  [[nodiscard]] bool is_book() const noexcept { return kind_ < std::size(kBooks); }

  // What goes wrong in here must not hide the count that stands behind it: later it is told.
  [[nodiscard]] DecodeStatus read_payload(Value& value) noexcept {
    if (!known_ || kind_ == kOther || (entry_ == nullptr && kind_ != kStatus)) {
      return DecodeStatus::Ok;
    }
    payload_ = true;
    const DecodeStatus status = is_book() ? read_rows(value)
                                : kind_ == kStatus
                                    ? read_liquidations(value, symbols_, scratch_, out_)
                                : word_.there() ? read_trade(value, *entry_, scratch_, out_)
                                                : skip_history(value);
    if (status == DecodeStatus::Truncated) return status;
    failure_ = status;
    return DecodeStatus::Ok;
  }

  // One row, or all of them: a snapshot.
  [[nodiscard]] DecodeStatus read_rows(Value& value) noexcept {
    Token cells[3];
    int found = 0;
    bool rows = false;
    const DecodeStatus status = json::each(value, [&](Value& element) noexcept {
      simdjson::ondemand::json_type type;
      if (const auto error = element.type().get(type)) return json::status_of(error);
      if (type != simdjson::ondemand::json_type::array) {
        if (rows || found == 3) return DecodeStatus::Malformed;
        cells[found++] = json::token(element);
        return DecodeStatus::Ok;
      }
      if (found != 0) return DecodeStatus::Malformed;
      rows = true;
      Token row[3];
      int in_row = 0;
      const DecodeStatus read = json::each(element, [&](Value& cell) noexcept {
        if (in_row == 3) return DecodeStatus::Malformed;
        row[in_row++] = json::token(cell);
        return DecodeStatus::Ok;
      });
      if (read != DecodeStatus::Ok) return read;
      return in_row == 3 ? add_row(row) : DecodeStatus::Malformed;
    });
    if (status != DecodeStatus::Ok) return status;
    if (found != 0 && found != 3) return DecodeStatus::Malformed;
    snapshot_ = found == 0;
    return snapshot_ ? DecodeStatus::Ok : add_row(cells);
  }

  // [order, price, amount]: a price of 0 says that the order is gone.
  [[nodiscard]] DecodeStatus add_order(const Token* row) noexcept {
    std::uint64_t id = 0;
    if (!json::parse_id(row[0].text, id) || id > std::numeric_limits<std::int64_t>::max()) {
      return DecodeStatus::Malformed;
    }
    std::string_view amount = row[2].text;
    const bool ask = amount.starts_with('-');
    if (ask) amount.remove_prefix(1);
    Level level;
    if (row[1].text != "0") {
      const DecodeStatus status =
          json::parse_level(row[1].text, amount, *entry_, scratch_, level, kFinestAmount);
      if (status != DecodeStatus::Ok) return status;
      if (level.qty == Qty{}) return DecodeStatus::BadNumber;
    }
    const Level note{Price{static_cast<std::int64_t>(id)}, Qty{}};
    return sides_.push(!ask, note) && sides_.push(!ask, level) ? DecodeStatus::Ok
                                                               : DecodeStatus::TooLarge;
  }

  // [price, orders, amount]: what is asked has amounts below zero, and no orders is no level.
  [[nodiscard]] DecodeStatus add_row(const Token* row) noexcept {
    if (kBooks[kind_].note == RowNote::OrderId) return add_order(row);
    std::string_view amount = row[2].text;
    const bool ask = amount.starts_with('-');
    if (ask) amount.remove_prefix(1);
    std::uint64_t orders = 0;
    if (!json::parse_id(row[1].text, orders)) return DecodeStatus::Malformed;
    Level level;
    const DecodeStatus status =
        json::parse_level(row[0].text, amount, *entry_, scratch_, level, kFinestAmount);
    if (status != DecodeStatus::Ok) return status;
    if (orders == 0) {
      level.qty = Qty{};
    } else if (level.qty == Qty{}) {
      return DecodeStatus::BadNumber;
    }
    return sides_.push(!ask, level) ? DecodeStatus::Ok : DecodeStatus::TooLarge;
  }

  // [chanId, "cs", checksum]: of the book as it stands.
  [[nodiscard]] DecodeStatus read_checksum(std::string_view text) noexcept {
    checksum_ = {};
    if (!json::parse_checksum(text, checksum_)) return DecodeStatus::Malformed;
    has_checksum_ = true;
    return DecodeStatus::Ok;
  }

  // The last thirty, sent on subscription: history is no event.
  [[nodiscard]] DecodeStatus skip_history(Value& value) noexcept {
    return json::each(value, [&](Value&) noexcept {
      ++scratch_.not_events;
      return DecodeStatus::Ok;
    });
  }

  [[nodiscard]] DecodeStatus finish() noexcept {
    if (word_.text == "hb") return DecodeStatus::Control;
    if (!known_) return DecodeStatus::NoInstrument;
    if (kind_ == kOther) return DecodeStatus::Ignored;
    if (failure_ != DecodeStatus::Ok) return failure_;
    if (kind_ == kStatus) return payload_ ? DecodeStatus::Ok : DecodeStatus::Malformed;
    if (entry_ == nullptr) {
      return json::unwanted(scratch_, symbol_.text,
                            is_book() ? MessageKind::Delta : MessageKind::Trade,
                            is_book() ? kind_ : std::uint8_t{0});
    }
    if (kind_ == kTrades) {
      // "tu" repeats what "te" said first.
      if (word_.there() && word_.text != "te") {
        return word_.text == "tu" ? DecodeStatus::Ignored : DecodeStatus::UnknownKind;
      }
      return payload_ ? DecodeStatus::Ok : DecodeStatus::Malformed;
    }
    return finish_book();
  }

  [[nodiscard]] DecodeStatus finish_book() noexcept {
    // Of a subscription with another depth than the one that is followed.
    if (kind_ != entry_->channel) {
      return json::unwanted(scratch_, symbol_.text, MessageKind::Delta, kind_);
    }
    if (word_.there() && word_.text != "cs") return DecodeStatus::UnknownKind;
    if (word_.there() ? !has_checksum_ : !payload_) return DecodeStatus::Malformed;
    Message* const message =
        json::add_book(out_, sides_.finish(),
                       snapshot_ ? MessageKind::Snapshot : MessageKind::Delta, *entry_, kind_);
    if (message == nullptr) return DecodeStatus::TooLarge;
    message->venue_time = time_;
    message->ids = checksum_.ids;
    if (kBooks[kind_].note == RowNote::OrderId && payload_) message->ids |= kHasNotes;
    message->checksum = checksum_.checksum;
    return DecodeStatus::Ok;
  }

  const Frame& frame_;
  const SymbolTable& symbols_;
  DecodeScratch& scratch_;
  MessageBatch& out_;
  json::MixedSides sides_;
  Token event_, channel_, number_, symbol_, precision_, length_, key_, word_;
  const SymbolEntry* entry_ = nullptr;
  Message checksum_;
  TimestampNs time_;
  DecodeStatus failure_ = DecodeStatus::Ok;
  std::uint8_t kind_ = kOther;
  bool known_ = false;
  bool payload_ = false;
  bool snapshot_ = false;
  bool has_checksum_ = false;
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

}  // namespace steelyard::bitfinex
