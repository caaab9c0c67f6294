// src/core/symbol_table.hpp -- symbol text of one venue to instrument, without allocation.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "core/instrument.hpp"

namespace steelyard {

// What a decoder needs of an instrument. Small, so that a busy venue's table stays in cache.
struct SymbolEntry {
  InstrumentId id{kNoInstrument};
  std::int8_t price_exponent = 0;
  std::int8_t wire_qty_exponent = 0;  // of the quantity as sent, before the multiplier
  std::uint8_t channel = 0;           // its book channel; deltas of other channels are not wanted
  std::int64_t qty_multiplier = 1;
};

// Filled before the first frame; `find` is hot. Copies of the symbol text are owned here.
class SymbolTable {
 public:
  static constexpr std::size_t kMaxSymbolBytes = 64;

  // Cold. Replaces the entry of a symbol that is already there.
  void insert(std::string_view symbol, const SymbolEntry& entry);

  // HOT. Changes the entry of a symbol that is there already; allocates nothing. False: not there.
  bool update(std::string_view symbol, const SymbolEntry& entry) noexcept;

  // HOT. nullptr for a symbol that nobody asked for.
  [[nodiscard]] const SymbolEntry* find(std::string_view symbol) const noexcept;

  // HOT. Any letter case, ASCII only: Binance names a stream in lower case.
  [[nodiscard]] const SymbolEntry* find_ignoring_case(std::string_view symbol) const noexcept;

  [[nodiscard]] std::size_t size() const noexcept { return count_; }

  // The instrument of a venue of which only one is known: answers that name none belong to it.
  [[nodiscard]] const SymbolEntry* only() const noexcept;

  // Cold. There are instruments that the table does not hold: then nothing belongs to the only one.
  void note_others() noexcept { others_ = true; }

 private:
  // Both ends of a text, eight bytes each; of one of sixteen or less all of it.
  struct Ends {
    std::uint64_t first = 0;
    std::uint64_t last = 0;
    bool operator==(const Ends&) const = default;
  };
  [[nodiscard]] static Ends ends_of(std::string_view symbol) noexcept;
  [[nodiscard]] static std::uint32_t hash_of(std::string_view symbol, const Ends& ends) noexcept;

  struct Slot {
    Ends ends;
    std::uint32_t hash = 0;  // 0: free
    std::uint8_t bytes = 0;
    char text[kMaxSymbolBytes] = {};
    SymbolEntry entry;
  };

  void grow();

  std::vector<Slot> slots_;
  std::size_t count_ = 0;
  bool others_ = false;
};

}  // namespace steelyard
