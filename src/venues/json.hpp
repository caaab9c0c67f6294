// src/venues/json.hpp -- what the JSON decoders share: a parser's memory, tokens, levels, numbers.
#pragma once

#include <simdjson.h>

#include <array>
#include <cstdint>
#include <string_view>

#include "core/decimal.hpp"
#include "venues/inflate.hpp"
#include "venues/venue.hpp"

namespace steelyard {

// The largest frame that is decoded; what is larger is refused before it gets here.
inline constexpr std::size_t kMaxFrameBytes = 16 * 1024 * 1024;

struct DecodeScratch::Parsers {
  Parsers();
  simdjson::ondemand::parser on_demand;
  Inflater inflater;
  std::array<char, SymbolTable::kMaxSymbolBytes> symbol{};  // a symbol put into canonical form
};

namespace json {

using Value = simdjson::ondemand::value;
using Object = simdjson::ondemand::object;
using Array = simdjson::ondemand::array;
using Document = simdjson::ondemand::document;

// Cut off, or broken in another way.
[[nodiscard]] inline DecodeStatus status_of(simdjson::error_code error) noexcept {
  switch (error) {
    case simdjson::EMPTY:
    case simdjson::UNCLOSED_STRING:
    case simdjson::INCOMPLETE_ARRAY_OR_OBJECT:
      return DecodeStatus::Truncated;
    case simdjson::CAPACITY:
      return DecodeStatus::TooLarge;
    default:
      return DecodeStatus::Malformed;
  }
}

// The characters of a key up to its closing quote; a key with escapes equals none that we look for.
[[nodiscard]] inline std::string_view key_text(simdjson::ondemand::raw_json_string key) noexcept {
  const char* const begin = key.raw();
  const char* end = begin;
  while (*end != '"' && *end != '\\') ++end;
  return {begin, static_cast<std::size_t>(end - begin)};
}

// A scalar as it stands in the frame: quotes removed, nothing unescaped.
struct Token {
  std::string_view text;
  bool quoted = false;
  [[nodiscard]] bool there() const noexcept { return text.data() != nullptr; }
};

// `raw` as simdjson gives it: the token and the white space behind it. Of a token that would begin
// behind a document that is cut off it tells no length that can be: that is none.
[[nodiscard]] inline Token token_of(std::string_view raw) noexcept {
  if (raw.size() > kMaxFrameBytes) return {};
  while (!raw.empty() &&
         (raw.back() == ' ' || raw.back() == '\n' || raw.back() == '\r' || raw.back() == '\t')) {
    raw.remove_suffix(1);
  }
  if (raw.size() >= 2 && raw.front() == '"' && raw.back() == '"') {
    return {raw.substr(1, raw.size() - 2), true};
  }
  return {raw, false};
}

// Decimal digits to an unsigned id. False: anything else, or more than 64 bits.
[[nodiscard]] bool parse_id(std::string_view text, std::uint64_t& id) noexcept;

// A venue's time stamp, of which the number of digits tells the unit: ms, us or ns.
[[nodiscard]] bool parse_time(std::string_view text, TimestampNs& time) noexcept;

[[nodiscard]] inline DecodeStatus to_decode_status(DecimalStatus status) noexcept {
  switch (status) {
    case DecimalStatus::Ok:
      return DecodeStatus::Ok;
    case DecimalStatus::Malformed:
      return DecodeStatus::BadNumber;
    case DecimalStatus::TooPrecise:
      return DecodeStatus::TooPrecise;
    case DecimalStatus::OutOfRange:
      return DecodeStatus::OutOfRange;
  }
  return DecodeStatus::BadNumber;
}

// HOT. One price and one size as text, at the instrument's scale. A price is above zero and a size
// not below, whatever a venue claims. TooPrecise tells the scratch which exponents would do. A size
// with digits beyond `finest` is rounded there, or at the instrument's exponent if that is finer,
// and counted in scratch.rounded.
[[nodiscard]] DecodeStatus parse_level(std::string_view price, std::string_view size,
                                       const SymbolEntry& entry, DecodeScratch& scratch,
                                       Level& level, int finest = kMinExponent) noexcept;

// HOT. The same for prints that are no multiples of the instrument's steps (average prices, sizes
// that 64 bits do not hold): to the nearest step, never to zero, and counted in scratch.rounded.
[[nodiscard]] DecodeStatus round_level(std::string_view price, std::string_view size,
                                       const SymbolEntry& entry, DecodeScratch& scratch,
                                       Level& level) noexcept;

// HOT. The same where the size is price * size: a notional.
[[nodiscard]] DecodeStatus round_notional(std::string_view price, std::string_view notional,
                                          const SymbolEntry& entry, DecodeScratch& scratch,
                                          Level& level) noexcept;

// HOT. A checksum as a signed or unsigned number of 32 bits; zero is none. False: it is no such
// number.
[[nodiscard]] bool parse_checksum(std::string_view text, Message& message) noexcept;

// HOT. [[price, size, ...], ...], strings or numbers; what follows the size is ignored. Pushes the
// levels and counts them.
[[nodiscard]] DecodeStatus read_levels(Array rows, const SymbolEntry& entry, DecodeScratch& scratch,
                                       MessageBatch& out, std::uint32_t& count,
                                       int finest = kMinExponent) noexcept;

// HOT. Nothing but white space is left of the document, and nothing was taken from the bytes behind
// it: where one is cut off, simdjson looks at these for a bracket.
[[nodiscard]] inline bool at_end(Document& document) noexcept {
  return document.current_location().error() == simdjson::OUT_OF_BOUNDS;
}

// Cold. The value of `name` in a URL's query, or empty.
[[nodiscard]] std::string_view query_value(std::string_view url, std::string_view name) noexcept;

}  // namespace json
}  // namespace steelyard
