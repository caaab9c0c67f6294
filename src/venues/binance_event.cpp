#include "venues/binance_event.hpp"

#include "venues/json_walk.hpp"

namespace steelyard::binance {

using json::Token;
using json::Value;

namespace {

[[nodiscard]] DecodeStatus read_token(Value& value, Token& token) noexcept {
  token = json::token_of(value.raw_json_token());
  return DecodeStatus::Ok;
}

}  // namespace

DecodeStatus EventReader::read_object(json::Object& object, Event& event) noexcept {
  return json::walk(object, [&](std::string_view key, Value& value) noexcept {
    return read_member(key, value, event);
  });
}

DecodeStatus EventReader::read_member(std::string_view key, Value& value, Event& event) noexcept {
  if (key.size() == 1 && Letters::holds(key[0])) return read_letter(key[0], value, event);
  if (key == "bids") return read_side(value, event, event.bids);
  if (key == "asks") return read_side(value, event, event.asks);
  if (key == "lastUpdateId") return read_token(value, event.last_update_id);
  if (key == "symbol") {
    event.symbol = json::token_of(value.raw_json_token());
    const SymbolEntry* const before = entry;
    resolve(event.symbol.text);
    // Levels of one would become those of another.
    const bool has_levels = (event.bids.seen || event.asks.seen) && !event.early_levels;
    return has_levels && entry != before ? DecodeStatus::Malformed : DecodeStatus::Ok;
  }
  if (key == "pu") return read_token(value, event.previous);
  if (key == "code") return read_token(value, event.code);
  if (key == "msg") return read_token(value, event.message);
  if (key == "result" || key == "error" || key == "id") event.control = true;
  if (key == "symbols") event.lists_symbols = true;
  return DecodeStatus::Ok;
}

DecodeStatus EventReader::read_letter(char letter, Value& value, Event& event) noexcept {
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

DecodeStatus EventReader::read_side(Value& value, Event& event, LevelRange& range) noexcept {
  if (range.seen) return DecodeStatus::Malformed;
  range.seen = true;
  if (entry == nullptr && named.empty() && frame_.kind == FrameKind::Answer) resolve_request();
  if (entry == nullptr) {
    event.early_levels = true;
    return DecodeStatus::Ok;
  }
  // A defect from here on is one of this instrument's book. A bad answer harms none: it is asked
  // for again.
  if (frame_.kind != FrameKind::Answer) scratch_.suspect = entry->id;
  json::Array rows;
  if (const auto error = value.get_array().get(rows)) return json::status_of(error);
  range.first = static_cast<std::uint32_t>(out_.level_count());
  return json::read_levels(rows, *entry, scratch_, out_, range.count);
}

void EventReader::resolve_stream(std::string_view name) noexcept {
  stream = name;
  const std::string_view symbol = stream.substr(0, stream.find('@'));
  if (symbol.empty() || symbol[0] == '!' || symbol.size() > SymbolTable::kMaxSymbolBytes) return;
  const std::string_view rest = stream.substr(symbol.size());
  if (!rest.starts_with("@depth")) return;
  named_by_stream = symbol;
  entry = symbols_.find_ignoring_case(symbol);
}

void EventReader::resolve(std::string_view symbol) noexcept {
  if (symbol.empty()) return;
  named = symbol;
  if (entry == nullptr || named_by_stream.empty()) entry = symbols_.find(symbol);
}

void EventReader::resolve_request() noexcept {
  const std::string_view symbol = json::query_value(frame_.request, "symbol");
  if (!symbol.empty()) {
    named = symbol;
    entry = symbols_.find_ignoring_case(symbol);
  } else {
    entry = symbols_.only();
  }
}

}  // namespace steelyard::binance
