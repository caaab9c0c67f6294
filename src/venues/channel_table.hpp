// src/venues/channel_table.hpp -- what the channel numbers of connections stand for.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string_view>

#include "steelyard/types.hpp"

namespace steelyard {

// Where a venue names a stream once, in its acknowledgement, and numbers it from then on. Fixed
// capacity, taken whole at the first entry; one thread. A number means something on one connection
// only, until that starts anew.
class ChannelTable {
 public:
  static constexpr std::uint32_t kCapacity = 4096;
  static constexpr std::size_t kMaxText = 55;

  struct Entry {
    std::uint64_t number = 0;
    ConnectionId connection{kNoConnection};  // kNoConnection: free
    std::uint8_t kind = 0;                   // the decoder's own word for it
    std::uint8_t bytes = 0;
    char text[kMaxText + 1] = {};
    [[nodiscard]] std::string_view symbol() const noexcept { return {text, bytes}; }
  };

  ChannelTable() : entries_{std::make_unique<Entry[]>(kCapacity)} {}

  // False: full, or the text is too long; nothing changed.
  bool set(ConnectionId connection, std::uint64_t number, std::string_view symbol,
           std::uint8_t kind) noexcept {
    if (symbol.size() > kMaxText || connection == kNoConnection) return false;
    Entry* free = nullptr;
    for (std::uint32_t i = 0; i < used_; ++i) {
      Entry& entry = entries_[i];
      if (entry.connection == connection && entry.number == number) {
        fill(entry, connection, number, symbol, kind);
        return true;
      }
      if (entry.connection == kNoConnection && free == nullptr) free = &entry;
    }
    if (free == nullptr) {
      if (used_ == kCapacity) return false;
      free = &entries_[used_++];
    }
    fill(*free, connection, number, symbol, kind);
    return true;
  }

  // HOT. A connection has a few dozen channels: they are walked, but first comes the one found last
  // of the numbers that end alike.
  [[nodiscard]] const Entry* find(ConnectionId connection, std::uint64_t number) const noexcept {
    const auto is_it = [&](const Entry& entry) {
      return entry.number == number && entry.connection == connection;
    };
    std::uint32_t& last = last_[number % kLast];
    if (last < used_ && is_it(entries_[last])) return &entries_[last];
    for (std::uint32_t i = 0; i < used_; ++i) {
      if (!is_it(entries_[i])) continue;
      last = i;
      return &entries_[i];
    }
    return nullptr;
  }

  void erase(ConnectionId connection, std::uint64_t number) noexcept {
    for (std::uint32_t i = 0; i < used_; ++i) {
      Entry& entry = entries_[i];
      if (entry.connection == connection && entry.number == number)
        entry.connection = kNoConnection;
    }
  }
  // The connection starts anew.
  void forget(ConnectionId connection) noexcept {
    for (std::uint32_t i = 0; i < used_; ++i) {
      if (entries_[i].connection == connection) entries_[i].connection = kNoConnection;
    }
  }

 private:
  static void fill(Entry& entry, ConnectionId connection, std::uint64_t number,
                   std::string_view symbol, std::uint8_t kind) noexcept {
    entry.number = number;
    entry.connection = connection;
    entry.kind = kind;
    entry.bytes = static_cast<std::uint8_t>(symbol.size());
    std::copy(symbol.begin(), symbol.end(), entry.text);
  }

  std::unique_ptr<Entry[]> entries_;
  std::uint32_t used_ = 0;
  static constexpr std::uint64_t kLast = 64;
  mutable std::uint32_t last_[kLast] = {};
};

}  // namespace steelyard
