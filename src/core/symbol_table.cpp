#include "core/symbol_table.hpp"

#include <bit>
#include <cassert>
#include <cstring>

namespace steelyard {
namespace {

[[nodiscard]] constexpr char upper(char c) noexcept {
  return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}

// Fewer than eight bytes, zeros behind.
[[nodiscard]] std::uint64_t word_at(const char* text, std::size_t bytes) noexcept {
  std::uint64_t word = 0;
  if (bytes >= 4) {
    std::uint32_t first = 0;
    std::uint32_t last = 0;
    std::memcpy(&first, text, 4);
    std::memcpy(&last, text + bytes - 4, 4);
    word = first | std::uint64_t{last} << 8 * (bytes - 4);
  } else {
    for (std::size_t i = 0; i < bytes; ++i) {
      word |= std::uint64_t{static_cast<std::uint8_t>(text[i])} << 8 * i;
    }
  }
  return word;
}

[[nodiscard]] std::uint64_t load(const char* text) noexcept {
  std::uint64_t word = 0;
  std::memcpy(&word, text, 8);
  return word;
}

// Of a text of eight bytes or more: the `left` last of them, fewer than eight, zeros behind.
[[nodiscard]] std::uint64_t last_word(std::string_view text, std::size_t left) noexcept {
  return load(text.data() + text.size() - 8) >> 8 * (8 - left);
}

// Over text with the bit set that small letters have and capitals do not: one hash serves both
// kinds of look-up.
[[nodiscard]] std::uint32_t hash_of(std::string_view symbol) noexcept {
  constexpr std::uint64_t kSmall = 0x2020'2020'2020'2020U;
  std::uint64_t hash = symbol.size();
  const auto mix = [&hash](std::uint64_t word) noexcept {
    hash = (std::rotl(hash, 23) ^ (word | kSmall)) * 0x9e37'79b9'7f4a'7c15U;
  };
  const std::size_t left = symbol.size() % 8;
  for (std::size_t at = 0; at + 8 <= symbol.size(); at += 8) mix(load(symbol.data() + at));
  if (left != 0) {
    mix(symbol.size() > 8 ? last_word(symbol, left) : word_at(symbol.data(), left));
  }
  const auto mixed = static_cast<std::uint32_t>(hash >> 32);
  return mixed == 0 ? 1U : mixed;
}

[[nodiscard]] bool is_same(const char* text, std::string_view symbol) noexcept {
  const std::size_t bytes = symbol.size();
  if (bytes < 8) return word_at(text, bytes) == word_at(symbol.data(), bytes);
  std::uint64_t differs = load(text + bytes - 8) ^ load(symbol.data() + bytes - 8);
  for (std::size_t at = 0; at + 8 < bytes; at += 8) {
    differs |= load(text + at) ^ load(symbol.data() + at);
  }
  return differs == 0;
}

}  // namespace

void SymbolTable::insert(std::string_view symbol, const SymbolEntry& entry) {
  assert(!symbol.empty() && symbol.size() <= kMaxSymbolBytes);
  if (2 * (count_ + 1) > slots_.size()) grow();
  const std::uint32_t hash = hash_of(symbol);
  for (std::size_t i = hash;; ++i) {
    Slot& slot = slots_[i & (slots_.size() - 1)];
    if (slot.hash == 0) {
      slot.hash = hash;
      slot.bytes = static_cast<std::uint8_t>(symbol.size());
      std::memcpy(slot.text, symbol.data(), symbol.size());
      slot.entry = entry;
      ++count_;
      return;
    }
    if (slot.hash == hash && std::string_view{slot.text, slot.bytes} == symbol) {
      slot.entry = entry;
      return;
    }
  }
}

bool SymbolTable::update(std::string_view symbol, const SymbolEntry& entry) noexcept {
  SymbolEntry* const held = const_cast<SymbolEntry*>(find(symbol));
  if (held == nullptr) return false;
  *held = entry;
  return true;
}

const SymbolEntry* SymbolTable::find(std::string_view symbol) const noexcept {
  if (slots_.empty()) return nullptr;
  const std::uint32_t hash = hash_of(symbol);
  for (std::size_t i = hash;; ++i) {
    const Slot& slot = slots_[i & (slots_.size() - 1)];
    if (slot.hash == 0) return nullptr;
    if (slot.hash == hash && slot.bytes == symbol.size() && is_same(slot.text, symbol)) {
      return &slot.entry;
    }
  }
}

const SymbolEntry* SymbolTable::find_ignoring_case(std::string_view symbol) const noexcept {
  if (slots_.empty()) return nullptr;
  const std::uint32_t hash = hash_of(symbol);
  for (std::size_t i = hash;; ++i) {
    const Slot& slot = slots_[i & (slots_.size() - 1)];
    if (slot.hash == 0) return nullptr;
    if (slot.hash != hash || slot.bytes != symbol.size()) continue;
    std::size_t same = 0;
    while (same < symbol.size() && upper(slot.text[same]) == upper(symbol[same])) ++same;
    if (same == symbol.size()) return &slot.entry;
  }
}

const SymbolEntry* SymbolTable::only() const noexcept {
  if (count_ != 1 || others_) return nullptr;
  for (const Slot& slot : slots_) {
    if (slot.hash != 0) return &slot.entry;
  }
  return nullptr;
}

void SymbolTable::grow() {
  std::vector<Slot> old(slots_.empty() ? 64 : slots_.size() * 2);
  old.swap(slots_);
  for (const Slot& slot : old) {
    if (slot.hash == 0) continue;
    std::size_t i = slot.hash;
    while (slots_[i & (slots_.size() - 1)].hash != 0) ++i;
    slots_[i & (slots_.size() - 1)] = slot;
  }
}

}  // namespace steelyard
