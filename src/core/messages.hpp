// src/core/messages.hpp -- what decoding yields: the only vocabulary between venues and the rest.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "steelyard/types.hpp"

namespace steelyard {

struct Level {
  Price price;
  Qty qty;  // absolute; zero removes the level
  friend constexpr bool operator==(const Level&, const Level&) noexcept = default;
};
static_assert(sizeof(Level) == 16);

enum class MessageKind : std::uint8_t { Snapshot, Delta, Bbo, Trade, Liquidation };

enum class Aggressor : std::uint8_t { Unknown, Buy, Sell };

// Which of the ids of a book message the venue sent.
enum BookIds : std::uint8_t {
  kHasLast = 1U << 0,
  kHasFirst = 1U << 1,
  kHasPrev = 1U << 2,
  kHasChecksum = 1U << 3,
  kRestarts =
      1U << 5,  // Snapshot: the venue numbers anew from here on, lower numbers are later ones
  kHasNotes = 1U << 4,  // every level is preceded by one that holds its note: see RowNote
};

// What stands beside each level of a channel whose rows carry more than price and size. A note is a
// Level of its own ahead of the level it is about; both count in Message::bids and asks.
enum class RowNote : std::uint8_t {
  None,
  LevelId,  // price.raw(): the level's id. The level's price is 0 where the venue names only the id
  Sequence,  // price.raw(): the row's own sequence number. A snapshot contains the rows up to its
             // id
  OrderId,   // price.raw(): the id of an order, and the level is its price and size; size 0: it is
             // gone
};

// One decoded unit. Book messages own `bids`+`asks` levels in the batch's level array, bids first,
// from `first_level` on, each side in the order of the wire.
//   Snapshot, Delta: first/last/prev ids as the venue numbers them, checksum where it sent one.
//   Bbo: one bid (or none) and one ask (or none) as levels; `last` its id where the venue gives
//   one. Trade, Liquidation: exactly one level: price and size; `aggressor` is the taker's side, or
//   for a liquidation the side of the forced order. `last` is the venue's trade id where numeric.
struct Message {
  MessageKind kind = MessageKind::Delta;
  std::uint8_t channel = 0;  // Snapshot, Delta: index into the venue's book channels
  std::uint8_t ids = 0;      // BookIds
  Aggressor aggressor = Aggressor::Unknown;
  InstrumentId instrument;
  SequenceNo first;
  SequenceNo last;
  SequenceNo prev;
  TimestampNs venue_time;  // as stamped by the venue; 0 where it stamps nothing
  std::int32_t checksum = 0;
  std::uint32_t bids = 0;
  std::uint32_t asks = 0;
  std::uint32_t first_level = 0;

  [[nodiscard]] constexpr std::uint32_t levels() const noexcept { return bids + asks; }
};

// The messages of one frame. Fixed capacity, allocated once; a frame that does not fit is refused
// whole. One per decoding thread.
class MessageBatch {
 public:
  // Enough for a 5 MB snapshot (46,000 levels) with room to spare; 1.5 MB.
  static constexpr std::size_t kMaxLevels = 96 * 1024;
  static constexpr std::size_t kMaxMessages = 4096;

  MessageBatch()
      : messages_(std::make_unique<Message[]>(kMaxMessages)),
        levels_(std::make_unique<Level[]>(kMaxLevels)) {}

  void clear() noexcept { message_count_ = level_count_ = 0; }

  // HOT. Starts a message whose levels are those pushed from here on; nullptr when full.
  [[nodiscard]] Message* add() noexcept {
    if (message_count_ == kMaxMessages) return nullptr;
    Message* const message = &messages_[message_count_++];
    *message = Message{};
    message->first_level = static_cast<std::uint32_t>(level_count_);
    return message;
  }

  // HOT. False when full.
  [[nodiscard]] bool push(Level level) noexcept {
    if (level_count_ == kMaxLevels) return false;
    levels_[level_count_++] = level;
    return true;
  }

  [[nodiscard]] std::span<const Message> messages() const noexcept {
    return {messages_.get(), message_count_};
  }
  [[nodiscard]] std::span<Message> messages() noexcept { return {messages_.get(), message_count_}; }
  [[nodiscard]] std::span<const Level> bids(const Message& message) const noexcept {
    return {levels_.get() + message.first_level, message.bids};
  }
  [[nodiscard]] std::span<const Level> asks(const Message& message) const noexcept {
    return {levels_.get() + message.first_level + message.bids, message.asks};
  }
  [[nodiscard]] std::size_t level_count() const noexcept { return level_count_; }
  // HOT. Levels may be written from here up to the end, and are there once they are taken.
  [[nodiscard]] Level* free_levels() noexcept { return levels_.get() + level_count_; }
  [[nodiscard]] const Level* end_of_levels() const noexcept { return levels_.get() + kMaxLevels; }
  void take_levels(std::size_t count) noexcept { level_count_ += count; }
  // For venues that send asks before bids: levels [first, first + count) rotated in place.
  [[nodiscard]] Level* levels() noexcept { return levels_.get(); }

 private:
  std::unique_ptr<Message[]> messages_;
  std::unique_ptr<Level[]> levels_;
  std::size_t message_count_ = 0;
  std::size_t level_count_ = 0;
};

}  // namespace steelyard
