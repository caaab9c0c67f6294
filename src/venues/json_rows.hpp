// src/venues/json_rows.hpp -- rows of books that are objects, and rows that name their side each.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string_view>

#include "venues/json_walk.hpp"

namespace steelyard::json {

// The members of a row that hold its price and its size.
struct RowKeys {
  std::string_view price, size;
};

// HOT. [{"price": ..., "qty": ...}, ...] of one side; parse(price, size, level) reads the texts.
template <typename Parse>
[[nodiscard]] DecodeStatus read_object_rows(Value& value, const RowKeys& keys, MessageBatch& out,
                                            SideRange& side, Parse&& parse) noexcept {
  if (side.seen) return DecodeStatus::Malformed;
  side.seen = true;
  side.first = static_cast<std::uint32_t>(out.level_count());
  return each(value, [&](Value& row) noexcept {
    Token price, size;
    const DecodeStatus status = walk(row, [&](std::string_view key, Value& member) noexcept {
      if (key == keys.price) price = token(member);
      if (key == keys.size) size = token(member);
      return DecodeStatus::Ok;
    });
    if (status != DecodeStatus::Ok) return status;
    if (!price.there() || !size.there()) return DecodeStatus::Malformed;
    Level level;
    const DecodeStatus parsed = parse(price.text, size.text, level);
    if (parsed != DecodeStatus::Ok) return parsed;
    if (!out.push(level)) return DecodeStatus::TooLarge;
    ++side.count;
    return DecodeStatus::Ok;
  });
}

// HOT. One side of a best-bid-offer message; one without orders is sent as null or as zeros.
[[nodiscard]] inline DecodeStatus push_quote(const Token& price, const Token& size,
                                             const SymbolEntry& entry, DecodeScratch& scratch,
                                             MessageBatch& out, std::uint32_t& count) noexcept {
  if (price.text.empty() || size.text.empty() || price.text == "null" || size.text == "null") {
    return DecodeStatus::Ok;
  }
  const DecimalResult none = parse_decimal(price.text, 0);
  if (none.status == DecimalStatus::Ok && none.mantissa == 0) return DecodeStatus::Ok;
  Level level;
  const DecodeStatus status = parse_level(price.text, size.text, entry, scratch, level);
  if (status != DecodeStatus::Ok || level.qty == Qty{}) return status;
  if (!out.push(level)) return DecodeStatus::TooLarge;
  ++count;
  return DecodeStatus::Ok;
}

// What is best on both sides, as texts.
struct Quotes {
  const Token &bid, &bid_size, &ask, &ask_size;
};

// HOT. They as the levels of a message that was just added.
[[nodiscard]] inline DecodeStatus push_best(const Quotes& best, const SymbolEntry& entry,
                                            DecodeScratch& scratch, MessageBatch& out,
                                            Message& message) noexcept {
  const DecodeStatus status =
      push_quote(best.bid, best.bid_size, entry, scratch, out, message.bids);
  if (status != DecodeStatus::Ok) return status;
  return push_quote(best.ask, best.ask_size, entry, scratch, out, message.asks);
}

// HOT. They in a message of their own, which has no number.
[[nodiscard]] inline DecodeStatus add_best(MessageBatch& out, const SymbolEntry& entry,
                                           const Quotes& best, TimestampNs time,
                                           DecodeScratch& scratch) noexcept {
  Message* const message = out.add();
  if (message == nullptr) return DecodeStatus::TooLarge;
  message->kind = MessageKind::Bbo;
  message->instrument = entry.id;
  message->venue_time = time;
  return push_best(best, entry, scratch, out, *message);
}

// The levels of one message whose rows come in any order of sides. Bids go where they belong, asks
// to the far end of the batch's room, until all rows are there: nothing is moved twice.
class MixedSides {
 public:
  explicit MixedSides(MessageBatch& out) noexcept : out_{out} { restart(); }

  // What was pushed is gone from the batch.
  void restart() noexcept {
    sides_ = {};
    sides_.bids.first = static_cast<std::uint32_t>(out_.level_count());
  }

  // HOT. False when full.
  [[nodiscard]] bool push(bool bid, Level level) noexcept {
    const std::size_t used = out_.level_count() + sides_.asks.count;
    if (used == MessageBatch::kMaxLevels) return false;
    if (bid) {
      ++sides_.bids.count;
      return out_.push(level);
    }
    *(end() - ++sides_.asks.count) = level;
    return true;
  }

  // HOT. Bids and behind them asks, each in the order in which they were pushed.
  [[nodiscard]] const BookSides& finish() noexcept {
    Level* const first = end() - sides_.asks.count;
    std::reverse(first, end());
    std::copy(first, end(), out_.free_levels());
    sides_.asks.first = static_cast<std::uint32_t>(out_.level_count());
    out_.take_levels(sides_.asks.count);
    return sides_;
  }

 private:
  [[nodiscard]] Level* end() noexcept { return out_.levels() + MessageBatch::kMaxLevels; }

  MessageBatch& out_;
  BookSides sides_;
};

}  // namespace steelyard::json
