// src/venues/binance_event.hpp -- one event of Binance as it is read, members in any order.
#pragma once

#include <array>
#include <cstdint>

#include "core/frame.hpp"
#include "venues/json.hpp"

namespace steelyard::binance {

// Members with a name of one letter, by that letter.
class Letters {
 public:
  [[nodiscard]] json::Token& operator[](char letter) noexcept {
    return tokens_[static_cast<unsigned char>(letter) & 0x3f];
  }
  [[nodiscard]] static bool holds(char letter) noexcept {
    return (letter >= 'A' && letter <= 'Z') || (letter >= 'a' && letter <= 'z');
  }

 private:
  std::array<json::Token, 64> tokens_{};
};

struct LevelRange {
  std::uint32_t first = 0;
  std::uint32_t count = 0;
  bool seen = false;
};

struct Event {
  Letters letter;
  json::Token last_update_id, previous, symbol, code, message;
  LevelRange bids, asks;
  bool other_letters_object = false;  // "o", the order of a liquidation, was read into `letter`
  bool lists_symbols = false;         // exchangeInfo
  bool control = false;
  bool early_levels = false;  // levels came before the symbol: they are read in a second pass
};

// HOT. Reads events, and from them whose they are. Belongs to one frame.
class EventReader {
 public:
  EventReader(const Frame& frame, const SymbolTable& symbols, DecodeScratch& scratch,
              MessageBatch& out) noexcept
      : frame_{frame}, symbols_{symbols}, scratch_{scratch}, out_{out} {}

  [[nodiscard]] DecodeStatus read_object(json::Object& object, Event& event) noexcept;
  [[nodiscard]] DecodeStatus read_member(std::string_view key, json::Value& value,
                                         Event& event) noexcept;
  // A stream's name says its symbol in lower case, and the symbol is needed where the event has
  // none.
  void resolve_stream(std::string_view stream) noexcept;

  // What has been read so far says that it is of these; null, empty: not known.
  const SymbolEntry* entry = nullptr;
  std::string_view stream;
  std::string_view named;  // symbol as the event or the request has it
  std::string_view named_by_stream;

 private:
  [[nodiscard]] DecodeStatus read_letter(char letter, json::Value& value, Event& event) noexcept;
  [[nodiscard]] DecodeStatus read_side(json::Value& value, Event& event,
                                       LevelRange& range) noexcept;
  void resolve(std::string_view symbol) noexcept;
  void resolve_request() noexcept;

  const Frame& frame_;
  const SymbolTable& symbols_;
  DecodeScratch& scratch_;
  MessageBatch& out_;
};

}  // namespace steelyard::binance
