#include "core/symbol_table.hpp"

#include <bit>
#include <cassert>
#include <cstring>

namespace steelyard {
namespace {

[[nodiscard]] constexpr char upper(char c) noexcept {
  return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}

[[nodiscard]] std::uint64_t eight_at(const char* text) noexcept {
  std::uint64_t word = 0;
  std::memcpy(&word, text, 8);
  return word;
}
[[nodiscard]] std::uint64_t four_at(const char* text) noexcept {
  std::uint32_t word = 0;
  std::memcpy(&word, text, 4);
  return word;
}

}  // namespace

inline SymbolTable::Ends SymbolTable::ends_of(std::string_view symbol) noexcept {
  const char* const text = symbol.data();
  const std::size_t bytes = symbol.size();
  if (bytes >= 8) return {eight_at(text), eight_at(text + bytes - 8)};
  if (bytes >= 4) return {four_at(text) | four_at(text + bytes - 4) << 32, 0};
  std::uint64_t first = 0;
  for (std::size_t i = 0; i < bytes; ++i) {
    first |= std::uint64_t{static_cast<std::uint8_t>(text[i])} << 8 * i;
  }
  return {first, 0};
}

// Over text with the bit set that small letters have and capitals do not: one hash serves both
// kinds of look-up.
inline std::uint32_t SymbolTable::hash_of(std::string_view symbol, const Ends& ends) noexcept {
  constexpr std::uint64_t kSmall = 0x2020'2020'2020'2020U;
  constexpr std::uint64_t kFactor = 0x9e37'79b9'7f4a'7c15U;
  std::uint64_t hash = (symbol.size() ^ (ends.first | kSmall)) * kFactor;
  for (std::size_t at = 8; at + 8 < symbol.size(); at += 8) {
    hash = (std::rotl(hash, 23) ^ (eight_at(symbol.data() + at) | kSmall)) * kFactor;
  }
  hash = (std::rotl(hash, 23) ^ (ends.last | kSmall)) * kFactor;
  const auto mixed = static_cast<std::uint32_t>(hash >> 32);
  return mixed == 0 ? 1U : mixed;
}

void SymbolTable::insert(std::string_view symbol, const SymbolEntry& entry) {
  assert(!symbol.empty() && symbol.size() <= kMaxSymbolBytes);
  if (2 * (count_ + 1) > slots_.size()) grow();
  const Ends ends = ends_of(symbol);
  const std::uint32_t hash = hash_of(symbol, ends);
  for (std::size_t i = hash;; ++i) {
    Slot& slot = slots_[i & (slots_.size() - 1)];
    if (slot.hash == 0) {
      slot.ends = ends;
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
  const Ends ends = ends_of(symbol);
  const std::uint32_t hash = hash_of(symbol, ends);
  const Slot* const slots = slots_.data();
  const std::size_t mask = slots_.size() - 1;
  for (std::size_t i = hash;; ++i) {
    const Slot& slot = slots[i & mask];
    if (slot.hash == hash && slot.bytes == symbol.size() && slot.ends == ends &&
        (symbol.size() <= 16 || std::memcmp(slot.text, symbol.data(), symbol.size()) == 0)) {
      return &slot.entry;
    }
    if (slot.hash == 0) return nullptr;
  }
}

const SymbolEntry* SymbolTable::find_ignoring_case(std::string_view symbol) const noexcept {
  if (slots_.empty()) return nullptr;
  const std::uint32_t hash = hash_of(symbol, ends_of(symbol));
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
