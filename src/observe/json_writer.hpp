// src/observe/json_writer.hpp -- JSON, written in order; commas and escapes are its business.
#pragma once

#include <charconv>
#include <cmath>
#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>

namespace steelyard {

// Numbers that JSON does not have (NaN, infinities) become null. One thread.
class JsonWriter {
 public:
  JsonWriter& begin_object() { return open('{'); }
  JsonWriter& end_object() { return close('}'); }
  JsonWriter& begin_array() { return open('['); }
  JsonWriter& end_array() { return close(']'); }
  JsonWriter& key(std::string_view name) {
    comma();
    quote(name);
    text_ += ':';
    fresh_ = true;
    return *this;
  }
  JsonWriter& value(std::string_view text) {
    comma();
    quote(text);
    return *this;
  }
  JsonWriter& value(const char* text) { return value(std::string_view{text}); }
  JsonWriter& value(const std::string& text) { return value(std::string_view{text}); }
  JsonWriter& value(bool yes) { return raw(yes ? "true" : "false"); }
  template <std::integral Number>
  JsonWriter& value(Number number) {
    char digits[24];
    const auto end = std::to_chars(digits, digits + sizeof digits, number);
    return raw({digits, static_cast<std::size_t>(end.ptr - digits)});
  }
  JsonWriter& value(double number) {
    if (!std::isfinite(number)) return raw("null");
    char digits[40];
    const auto end = std::to_chars(digits, digits + sizeof digits, number);
    return raw({digits, static_cast<std::size_t>(end.ptr - digits)});
  }
  // With at most so many significant digits: what charts need.
  JsonWriter& brief(double number, int digits = 7) {
    if (!std::isfinite(number)) return raw("null");
    char text[40];
    const auto end =
        std::to_chars(text, text + sizeof text, number, std::chars_format::general, digits);
    return raw({text, static_cast<std::size_t>(end.ptr - text)});
  }
  template <typename Value>
  JsonWriter& member(std::string_view name, const Value& of) {
    key(name);
    return value(of);
  }
  // As it is: must be JSON.
  JsonWriter& raw(std::string_view json) {
    comma();
    text_ += json;
    return *this;
  }

  [[nodiscard]] const std::string& text() const noexcept { return text_; }
  [[nodiscard]] std::string take() { return std::move(text_); }

 private:
  JsonWriter& open(char bracket) {
    comma();
    text_ += bracket;
    fresh_ = true;
    return *this;
  }
  JsonWriter& close(char bracket) {
    text_ += bracket;
    fresh_ = false;
    return *this;
  }
  void comma() {
    if (!fresh_) text_ += ',';
    fresh_ = false;
  }
  void quote(std::string_view text) {
    text_ += '"';
    for (const char c : text) {
      const auto byte = static_cast<unsigned char>(c);
      if (c == '"' || c == '\\') {
        text_ += '\\';
        text_ += c;
      } else if (byte < 0x20) {
        constexpr char kDigits[] = "0123456789abcdef";
        text_ += "\\u00";
        text_ += kDigits[byte >> 4];
        text_ += kDigits[byte & 15];
      } else {
        text_ += c;
      }
    }
    text_ += '"';
  }

  std::string text_;
  bool fresh_ = true;
};

}  // namespace steelyard
