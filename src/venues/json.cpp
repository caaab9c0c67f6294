#include "venues/json.hpp"

#include <algorithm>

namespace steelyard {

DecodeScratch::Parsers::Parsers() {
  // All the memory that parsing will ever need: allocation later would be on the hot path.
  if (on_demand.allocate(kMaxFrameBytes) != simdjson::SUCCESS)
    throw std::bad_alloc{};  // cold: start
}

DecodeScratch::DecodeScratch() : parsers{std::make_unique<Parsers>()} {}
DecodeScratch::~DecodeScratch() = default;

namespace json {

bool parse_id(std::string_view text, std::uint64_t& id) noexcept {
  if (text.empty() || text.size() > 20) return false;
  std::uint64_t value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return false;
    const auto digit = static_cast<std::uint64_t>(c - '0');
    if (value > (UINT64_MAX - digit) / 10) return false;
    value = value * 10 + digit;
  }
  id = value;
  return true;
}

bool parse_time(std::string_view text, TimestampNs& time) noexcept {
  std::uint64_t value = 0;
  if (!parse_id(text, value)) return false;
  if (value < 100'000'000'000'000U) {  // ms until the year 5138
    value *= 1'000'000U;
  } else if (value < 100'000'000'000'000'000U) {
    value *= 1'000U;
  }
  if (value > static_cast<std::uint64_t>(INT64_MAX)) return false;
  time = TimestampNs{static_cast<std::int64_t>(value)};
  return true;
}

namespace {

// A size that is not exact at the instrument's exponent, where the venue sends sizes of any length:
// exact down to `finest`, and from there on the nearest.
[[nodiscard]] DecimalResult round_size(std::string_view size, DecimalResult exact, int exponent,
                                       int finest, DecodeScratch& scratch) noexcept {
  if (exact.status == DecimalStatus::Malformed) return exact;
  if (exact.status == DecimalStatus::TooPrecise && exact.needed >= finest) return exact;
  if (exponent > finest && round_decimal(size, finest).status == DecimalStatus::Ok) {
    return {0, DecimalStatus::TooPrecise, static_cast<std::int8_t>(finest)};
  }
  const DecimalResult rounded = round_decimal(size, exponent);
  if (rounded.status == DecimalStatus::Ok) ++scratch.rounded;
  return rounded;
}

}  // namespace

DecodeStatus parse_level(std::string_view price, std::string_view size, const SymbolEntry& entry,
                         DecodeScratch& scratch, Level& level, int finest) noexcept {
  const DecimalResult px = parse_decimal(price, entry.price_exponent);
  DecimalResult qty = parse_decimal(size, entry.wire_qty_exponent);
  if (qty.status != DecimalStatus::Ok && finest != kMinExponent) {
    qty = round_size(size, qty, entry.wire_qty_exponent, finest, scratch);
  }
  if (px.status != DecimalStatus::Ok || qty.status != DecimalStatus::Ok) {
    if (px.status != DecimalStatus::Ok && px.status != DecimalStatus::TooPrecise) {
      return to_decode_status(px.status);
    }
    if (qty.status != DecimalStatus::Ok && qty.status != DecimalStatus::TooPrecise) {
      return to_decode_status(qty.status);
    }
    scratch.imprecise = entry.id;
    if (px.status == DecimalStatus::TooPrecise) scratch.needed_price_exponent = px.needed;
    if (qty.status == DecimalStatus::TooPrecise) scratch.needed_wire_qty_exponent = qty.needed;
    return DecodeStatus::TooPrecise;
  }
  if (px.mantissa <= 0 || qty.mantissa < 0) return DecodeStatus::BadNumber;
  std::int64_t mantissa = qty.mantissa;
  if (entry.qty_multiplier != 1 &&
      __builtin_mul_overflow(mantissa, entry.qty_multiplier, &mantissa)) {
    return DecodeStatus::OutOfRange;
  }
  level = {Price{px.mantissa}, Qty{mantissa}};
  return DecodeStatus::Ok;
}

namespace {

// Both at their step, whatever that took; the multiplier of the instrument is applied here.
[[nodiscard]] DecodeStatus make_level(DecimalResult price, DecimalResult size,
                                      const SymbolEntry& entry, Level& level) noexcept {
  if (price.status != DecimalStatus::Ok) return to_decode_status(price.status);
  if (size.status != DecimalStatus::Ok) return to_decode_status(size.status);
  if (price.mantissa <= 0 || size.mantissa < 0) return DecodeStatus::BadNumber;
  std::int64_t mantissa = size.mantissa;
  if (__builtin_mul_overflow(mantissa, entry.qty_multiplier, &mantissa)) {
    return DecodeStatus::OutOfRange;
  }
  level = {Price{price.mantissa}, Qty{mantissa}};
  return DecodeStatus::Ok;
}

[[nodiscard]] DecimalResult nearest(std::string_view text, int exponent,
                                    DecodeScratch& scratch) noexcept {
  const DecimalResult exact = parse_decimal(text, exponent);
  if (exact.status == DecimalStatus::Ok || exact.status == DecimalStatus::Malformed) return exact;
  ++scratch.rounded;
  return round_decimal(text, exponent);
}

}  // namespace

DecodeStatus round_level(std::string_view price, std::string_view size, const SymbolEntry& entry,
                         DecodeScratch& scratch, Level& level) noexcept {
  return make_level(nearest(price, entry.price_exponent, scratch),
                    nearest(size, entry.wire_qty_exponent, scratch), entry, level);
}

DecodeStatus round_notional(std::string_view price, std::string_view notional,
                            const SymbolEntry& entry, DecodeScratch& scratch,
                            Level& level) noexcept {
  const DecimalResult size = divide_decimals(parse_significand(notional), parse_significand(price),
                                             entry.wire_qty_exponent);
  return make_level(nearest(price, entry.price_exponent, scratch), size, entry, level);
}

bool parse_checksum(std::string_view text, Message& message) noexcept {
  const bool negative = text.starts_with('-');
  std::uint64_t value = 0;
  if (!parse_id(text.substr(negative ? 1 : 0), value) || value > 0xffff'ffffU) return false;
  message.checksum =
      static_cast<std::int32_t>(static_cast<std::uint32_t>(negative ? ~value + 1 : value));
  if (value != 0) message.ids |= kHasChecksum;
  return true;
}

DecodeStatus read_levels(Array rows, const SymbolEntry& entry, DecodeScratch& scratch,
                         MessageBatch& out, std::uint32_t& count, int finest) noexcept {
  for (auto row : rows) {
    Array cells;
    if (const auto error = row.get_array().get(cells)) return status_of(error);
    Token text[2];
    int found = 0;
    for (auto cell : cells) {
      Value value;
      if (const auto error = cell.get(value)) return status_of(error);
      if (found < 2) text[found++] = token_of(value.raw_json_token());
    }
    if (found < 2) return DecodeStatus::Malformed;
    Level level;
    const DecodeStatus status =
        parse_level(text[0].text, text[1].text, entry, scratch, level, finest);
    if (status != DecodeStatus::Ok) return status;
    if (!out.push(level)) return DecodeStatus::TooLarge;
    ++count;
  }
  return DecodeStatus::Ok;
}

std::string_view query_value(std::string_view url, std::string_view name) noexcept {
  std::size_t at = url.find('?');
  while (at != std::string_view::npos) {
    ++at;
    const std::size_t end = std::min(url.find('&', at), url.size());
    const std::string_view pair = url.substr(at, end - at);
    const std::size_t equals = pair.find('=');
    if (equals != std::string_view::npos && pair.substr(0, equals) == name) {
      return pair.substr(equals + 1);
    }
    at = end == url.size() ? std::string_view::npos : end;
  }
  return {};
}

}  // namespace json
}  // namespace steelyard
