#include "venues/metadata_text.hpp"

#include <chrono>
#include <cstdio>
#include <stdexcept>

#include "core/decimal.hpp"
#include "venues/json.hpp"

namespace steelyard::metadata {

std::string text_of(simdjson::dom::element value) {
  std::string_view text;
  if (value.get_string().get(text) == simdjson::SUCCESS) return std::string{text};
  return value.is_null() ? std::string{} : simdjson::minify(value);
}

std::string member(simdjson::dom::element object, std::string_view name) {
  simdjson::dom::element value;
  return object[name].get(value) == simdjson::SUCCESS ? text_of(value) : std::string{};
}

std::string step_of_places(std::string_view places) {
  const DecimalResult count = parse_decimal(places, 0);
  if (count.status != DecimalStatus::Ok || count.mantissa < 0 || count.mantissa > -kMinExponent) {
    return "0";
  }
  char out[kMaxDecimalText];
  return std::string{format_decimal(1, -static_cast<int>(count.mantissa), out)};
}

std::string product(std::string_view a, std::string_view b) {
  const Significand x = parse_significand(a);
  const Significand y = parse_significand(b);
  std::int64_t mantissa = 0;
  if (!x.valid || !y.valid || x.cut || y.cut ||
      __builtin_mul_overflow(x.mantissa, y.mantissa, &mantissa)) {
    return {};
  }
  int exponent = x.exponent + y.exponent;
  for (; exponent > 0; --exponent) {
    if (__builtin_mul_overflow(mantissa, std::int64_t{10}, &mantissa)) return {};
  }
  if (exponent < kMinExponent) return {};
  char out[kMaxDecimalText];
  return std::string{format_decimal(mantissa, exponent, out)};
}

std::string date_of_ms(std::string_view ms) {
  std::uint64_t value = 0;
  if (!json::parse_id(ms, value) || value == 0 || value > 4'102'444'800'000U) return {};
  const std::chrono::sys_time<std::chrono::milliseconds> time{std::chrono::milliseconds{value}};
  const std::chrono::year_month_day day{std::chrono::floor<std::chrono::days>(time)};
  char text[16];
  std::snprintf(text, sizeof text, "%02d%02u%02u", static_cast<int>(day.year()) % 100,
                static_cast<unsigned>(day.month()), static_cast<unsigned>(day.day()));
  return text;
}

std::string upper(std::string_view text) {
  std::string out{text};
  for (char& c : out) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return out;
}

simdjson::dom::array list(simdjson::dom::parser& parser, std::string_view answer,
                          std::string_view path) {
  const simdjson::padded_string text{answer};
  simdjson::dom::element at;
  auto error = parser.parse(text).get(at);
  for (std::string_view left = path; !error && !left.empty();) {
    const std::size_t dot = left.find('.');
    error = at[left.substr(0, dot)].get(at);
    left = dot == std::string_view::npos ? std::string_view{} : left.substr(dot + 1);
  }
  simdjson::dom::array out;
  if (!error) error = at.get_array().get(out);
  if (error) {
    throw std::runtime_error{"instruments: no list \"" + std::string{path} +
                             "\" in the answer: " + simdjson::error_message(error) + ": " +
                             std::string{answer.substr(0, 200)}};
  }
  return out;
}

}  // namespace steelyard::metadata
