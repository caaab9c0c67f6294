#include "core/symbol_table.hpp"

#include <cassert>
#include <cstring>

namespace steelyard {
namespace {

[[nodiscard]] constexpr char upper(char c) noexcept {
  return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}

// FNV-1a over upper-cased text: one hash serves both kinds of look-up.
[[nodiscard]] std::uint32_t hash_of(std::string_view symbol) noexcept {
  std::uint32_t hash = 2166136261U;
  for (const char c : symbol) {
    hash = (hash ^ static_cast<std::uint8_t>(upper(c))) * 16777619U;
  }
  return hash == 0 ? 1U : hash;
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
    if (slot.hash == hash && std::string_view{slot.text, slot.bytes} == symbol) return &slot.entry;
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
