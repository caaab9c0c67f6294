// src/venues/json_walk.hpp -- members and elements of a JSON frame visited in the order of the
// wire, and the two sides of a book as they are found there.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string_view>

#include "venues/json.hpp"

namespace steelyard::json {

// HOT. The frame as a document; its members are read by whoever walks it.
[[nodiscard]] inline DecodeStatus open(const Frame& frame, DecodeScratch& scratch,
                                       Document& document) noexcept {
  if (frame.payload.size() > kMaxFrameBytes - kFramePadding) return DecodeStatus::TooLarge;
  const auto error =
      scratch.parsers->on_demand
          .iterate(frame.payload.data(), frame.payload.size(), frame.payload.size() + kFramePadding)
          .get(document);
  return error ? status_of(error) : DecodeStatus::Ok;
}

// HOT. visit(key, value) for each member, until it returns something other than Ok.
template <typename Visit>
[[nodiscard]] DecodeStatus walk(Object& object, Visit&& visit) noexcept {
  for (auto member : object) {
    simdjson::ondemand::raw_json_string raw_key;
    if (const auto error = member.key().get(raw_key)) return status_of(error);
    Value value;
    if (const auto error = member.value().get(value)) return status_of(error);
    const DecodeStatus status = visit(key_text(raw_key), value);
    if (status != DecodeStatus::Ok) return status;
  }
  return DecodeStatus::Ok;
}

// HOT. The same for the document's root, which must be an object.
template <typename Visit>
[[nodiscard]] DecodeStatus walk(Document& document, Visit&& visit) noexcept {
  Object root;
  if (const auto error = document.get_object().get(root)) return status_of(error);
  return walk(root, visit);
}

// HOT. The same for a value, which must be an object.
template <typename Visit>
[[nodiscard]] DecodeStatus walk(Value& value, Visit&& visit) noexcept {
  Object object;
  if (const auto error = value.get_object().get(object)) return status_of(error);
  return walk(object, visit);
}

// HOT. begin(), then visit(key, value) for each member of the frame's root; and both once more
// where again() says so: something stood before what it is of.
template <typename Begin, typename Visit, typename Again>
[[nodiscard]] DecodeStatus walk_twice(const Frame& frame, DecodeScratch& scratch, Begin&& begin,
                                      Visit&& visit, Again&& again) noexcept {
  Document document;
  DecodeStatus status = open(frame, scratch, document);
  for (int pass = 0; status == DecodeStatus::Ok && pass < 2; ++pass) {
    if (pass == 1) document.rewind();
    begin();
    status = walk(document, visit);
    if (status != DecodeStatus::Ok) break;
    if (!at_end(document)) return DecodeStatus::Malformed;
    if (!again()) break;
  }
  return status;
}

// HOT. visit(element) for each element of a value, which must be an array.
template <typename Visit>
[[nodiscard]] DecodeStatus each(Value& value, Visit&& visit) noexcept {
  Array elements;
  if (const auto error = value.get_array().get(elements)) return status_of(error);
  for (auto element : elements) {
    Value one;
    if (const auto error = element.get(one)) return status_of(error);
    const DecodeStatus status = visit(one);
    if (status != DecodeStatus::Ok) return status;
  }
  return DecodeStatus::Ok;
}

[[nodiscard]] inline Token token(Value& value) noexcept { return token_of(value.raw_json_token()); }

[[nodiscard]] inline bool is_null(Value& value) noexcept { return token(value).text == "null"; }

// The levels of one side of one message, where they lie in the batch.
struct SideRange {
  std::uint32_t first = 0;
  std::uint32_t count = 0;
  bool seen = false;
};

// Both sides, in whichever order they came.
struct BookSides {
  SideRange bids, asks;
  [[nodiscard]] bool seen() const noexcept { return bids.seen || asks.seen; }
  [[nodiscard]] std::uint32_t count() const noexcept { return bids.count + asks.count; }
};

// HOT. [[price, size, ...], ...] of one side; null is a side without levels.
[[nodiscard]] inline DecodeStatus read_side(Value& value, const SymbolEntry& entry,
                                            DecodeScratch& scratch, MessageBatch& out,
                                            SideRange& side, int finest = kMinExponent) noexcept {
  if (side.seen) return DecodeStatus::Malformed;
  side.seen = true;
  side.first = static_cast<std::uint32_t>(out.level_count());
  Array rows;
  if (const auto error = value.get_array().get(rows)) {
    return is_null(value) ? DecodeStatus::Ok : status_of(error);
  }
  return read_levels(rows, entry, scratch, out, side.count, finest);
}

// HOT. The message whose levels these are: the batch has bids first, whatever the wire had. Nothing
// but they was pushed since the first of them. nullptr: full, or they are not all there.
[[nodiscard]] inline Message* add_book(MessageBatch& out, const BookSides& sides, MessageKind kind,
                                       const SymbolEntry& entry, std::uint8_t channel) noexcept {
  const auto levels = static_cast<std::uint32_t>(out.level_count());
  if (levels < sides.count()) return nullptr;
  Message* const message = out.add();
  if (message == nullptr) return nullptr;
  const std::uint32_t first = levels - sides.count();
  if (sides.asks.count != 0 && sides.bids.count != 0 && sides.asks.first < sides.bids.first) {
    Level* const at = out.levels() + first;
    std::rotate(at, at + sides.asks.count, at + sides.count());
  }
  message->kind = kind;
  message->channel = channel;
  message->instrument = entry.id;
  message->first_level = first;
  message->bids = sides.bids.count;
  message->asks = sides.asks.count;
  return message;
}

// HOT. The best of both sides, one level each or none, in a message of its own; `number` is its id
// where it is one.
[[nodiscard]] inline DecodeStatus add_bbo(MessageBatch& out, const BookSides& sides,
                                          const SymbolEntry& entry, std::uint8_t channel,
                                          std::string_view number, Message*& message) noexcept {
  if (sides.bids.count > 1 || sides.asks.count > 1) return DecodeStatus::Malformed;
  message = add_book(out, sides, MessageKind::Bbo, entry, channel);
  if (message == nullptr) return DecodeStatus::TooLarge;
  std::uint64_t id = 0;
  if (parse_id(number, id)) {
    message->ids = kHasLast;
    message->last = SequenceNo{id};
  }
  return DecodeStatus::Ok;
}

// HOT. A trade or a liquidation: one level, and who took or was forced. An id that is no number is
// none.
[[nodiscard]] inline DecodeStatus add_print(MessageBatch& out, MessageKind kind,
                                            const SymbolEntry& entry, const Level& level,
                                            Aggressor aggressor, std::string_view id,
                                            TimestampNs time) noexcept {
  Message* const message = out.add();
  if (message == nullptr) return DecodeStatus::TooLarge;
  message->kind = kind;
  message->instrument = entry.id;
  message->aggressor = aggressor;
  message->venue_time = time;
  std::uint64_t number = 0;
  if (parse_id(id, number)) {
    message->ids = kHasLast;
    message->last = SequenceNo{number};
  }
  if (!out.push(level)) return DecodeStatus::TooLarge;
  message->bids = 1;
  return DecodeStatus::Ok;
}

// HOT. An id as a number; where it is a text that is none, a number made of it (FNV-1a).
[[nodiscard]] inline SequenceNo id_or_hash(std::string_view text) noexcept {
  std::uint64_t id = 0;
  if (parse_id(text, id)) return SequenceNo{id};
  id = 14'695'981'039'346'656'037U;
  for (const char c : text) id = (id ^ static_cast<unsigned char>(c)) * 1'099'511'628'211U;
  return SequenceNo{id};
}

// HOT. The same where the time is a number.
[[nodiscard]] inline DecodeStatus add_print(MessageBatch& out, MessageKind kind,
                                            const SymbolEntry& entry, const Level& level,
                                            Aggressor aggressor, std::string_view id,
                                            std::string_view time) noexcept {
  TimestampNs at;
  if (!parse_time(time, at)) return DecodeStatus::Malformed;
  return add_print(out, kind, entry, level, aggressor, id, at);
}

// What a symbol that nobody follows was, for discovery.
[[nodiscard]] inline DecodeStatus unwanted(DecodeScratch& scratch, std::string_view symbol,
                                           MessageKind kind, std::uint8_t channel) noexcept {
  if (symbol.empty() || symbol.size() > SymbolTable::kMaxSymbolBytes) {
    return DecodeStatus::Malformed;
  }
  scratch.suspect = kNoInstrument;
  scratch.unknown_symbol = symbol;
  scratch.unknown_kind = kind;
  scratch.unknown_channel = channel;
  return DecodeStatus::Unwanted;
}

}  // namespace steelyard::json
