#include "book/checksum.hpp"

#include <libdeflate.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <type_traits>

#include "book/checksum_text.hpp"

namespace steelyard {
namespace {

[[nodiscard]] constexpr bool is_of_levels(ChecksumId id) noexcept {
  return id != ChecksumId::None && id != ChecksumId::SignedInterleavedOrders25;
}

// What a checksum says of a level, with what stands between numbers.
[[nodiscard]] char* write_price(char* to, ChecksumId id, std::int64_t price,
                                const Scale& scale) noexcept {
  switch (id) {
    case ChecksumId::InterleavedTop25:
      to = write_number(to, price, scale.price_exponent);
      break;
    case ChecksumId::PaddedInterleavedTop25:
      to = write_padded(to, price, scale.price_exponent);
      break;
    case ChecksumId::SignedInterleavedTop25:
      to = write_script_number(to, price, scale.price_exponent);
      break;
    case ChecksumId::ConcatenatedTop10:
      return write_number(to, price, 0);
    case ChecksumId::SignedInterleavedOrders25:  // not of levels: order_checksum
    case ChecksumId::None:
      return to;
  }
  *to++ = ':';
  return to;
}

[[nodiscard]] char* write_qty(char* to, ChecksumId id, Side side, std::int64_t qty,
                              const Scale& scale) noexcept {
  // In the venue's own units.
  const std::int64_t sent = scale.qty_multiplier == 1 ? qty : qty / scale.qty_multiplier;
  const int exponent = scale.qty_exponent - scale.multiplier_exponent;
  switch (id) {
    case ChecksumId::InterleavedTop25:
      to = write_number(to, sent, exponent);
      break;
    case ChecksumId::PaddedInterleavedTop25:
      to = write_padded(to, sent, exponent);
      break;
    case ChecksumId::SignedInterleavedTop25:
      to = write_script_number(to, side == Side::Bid ? qty : -qty, scale.qty_exponent);
      break;
    case ChecksumId::ConcatenatedTop10:
      return write_number(to, qty, 0);
    case ChecksumId::SignedInterleavedOrders25:
    case ChecksumId::None:
      return to;
  }
  *to++ = ':';
  return to;
}

}  // namespace

BookChecksum::BookChecksum(ChecksumId id)
    : id_{id},
      kept_{is_of_levels(id)
                ? std::make_unique<Kept>(id == ChecksumId::ConcatenatedTop10 ? 10 : kMostLevels)
                : nullptr} {}

std::int32_t BookChecksum::of(const OrderBook& book, const Scale& scale) noexcept {
  if (kept_ == nullptr) return 0;
  if (!(scale == scale_)) {
    kept_->bids.forget();
    kept_->asks.forget();
    kept_->has_long = false;
    scale_ = scale;
  }
  kept_->bids.match(book);
  kept_->asks.match(book);
  follows_ = true;
  return of_kept();
}

std::int32_t BookChecksum::of_kept() noexcept {
  const ChecksumSide& bids = kept_->bids;
  const ChecksumSide& asks = kept_->asks;
  const bool bids_differ = bids.differs_from() < bids.most();
  const bool asks_differ = asks.differs_from() < asks.most();
  if (!bids_differ && !asks_differ) return value_;
  const std::uint32_t bid_count = bids.count();
  const std::uint32_t ask_count = asks.count();
  std::uint32_t end = 0;
  if (id_ == ChecksumId::ConcatenatedTop10) {
    const std::uint32_t count = ask_count + bid_count;
    std::uint32_t until = bids_differ ? ask_count + bids.differs_until(bid_count) : 0;
    if (asks_differ) until = std::max(until, asks.differs_until(ask_count));
    if (ask_count != kept_->laid_asks) until = count;
    const Ranks ranks{asks_differ ? asks.differs_from() : ask_count + bids.differs_from(), until,
                      count};
    kept_->laid_asks = ask_count;
    write_new();
    end = lay(ranks, [&](std::uint32_t rank, auto visit) noexcept {
      visit(rank < ask_count ? asks.line(rank) : bids.line(rank - ask_count));
    });
  } else {
    const std::uint32_t count = std::max(bid_count, ask_count);
    const Ranks ranks{std::min(bids.differs_from(), asks.differs_from()),
                      std::max(bids.differs_until(count), asks.differs_until(count)), count};
    write_new();
    if (bid_count == ask_count) {
      end = lay(ranks, [&](std::uint32_t rank, auto visit) noexcept {
        visit(bids.line(rank));
        visit(asks.line(rank));
      });
    } else {
      end = lay(ranks, [&](std::uint32_t rank, auto visit) noexcept {
        if (rank < bid_count) visit(bids.line(rank));
        if (rank < ask_count) visit(asks.line(rank));
      });
    }
    if (end != 0) --end;  // nothing follows the last
  }
  return value_ = static_cast<std::int32_t>(libdeflate_crc32(0, kept_->text.data(), end));
}

template <typename LinesOf>
std::uint32_t BookChecksum::lay(Ranks ranks, LinesOf lines_of) noexcept {
  std::array<std::uint16_t, kRanks + 1>& starts = kept_->starts;
  char* const text = kept_->text.data();
  if (ranks.until < ranks.count) {
    std::uint32_t end = starts[ranks.first];
    for (std::uint32_t rank = ranks.first; rank < ranks.until; ++rank) {
      lines_of(rank, [&](const Line& line) noexcept { end += line.bytes; });
    }
    if (end != starts[ranks.until] || kept_->has_long) ranks.until = ranks.count;
  }
  const bool goes_on = ranks.until < ranks.count;
  char* to = text + starts[ranks.first];
  // Copies are of a fixed length, without a call, and reach over what comes behind.
  std::array<char, kUsualBytes> behind;
  if (goes_on) std::memcpy(behind.data(), text + starts[ranks.until], kUsualBytes);
  const auto lay_all = [&](auto bytes) noexcept {
    for (std::uint32_t rank = ranks.first; rank < ranks.until; ++rank) {
      starts[rank] = static_cast<std::uint16_t>(to - text);
      lines_of(rank, [&](const Line& line) noexcept {
        std::memcpy(to, line.text.data(), bytes);
        to += line.bytes;
      });
    }
  };
  if (kept_->has_long) {
    lay_all(std::integral_constant<std::size_t, ChecksumSide::kTextBytes>{});
  } else {
    lay_all(std::integral_constant<std::size_t, kUsualBytes>{});
  }
  if (goes_on) {
    std::memcpy(to, behind.data(), kUsualBytes);
    return starts[ranks.count];
  }
  return starts[ranks.count] = static_cast<std::uint16_t>(to - text);
}

void BookChecksum::write_new() noexcept {
  kept_->bids.settle([this](Line& line) noexcept { write(Side::Bid, line); });
  kept_->asks.settle([this](Line& line) noexcept { write(Side::Ask, line); });
}

void BookChecksum::write(Side side, Line& line) const noexcept {
  char* const text = line.text.data();
  if (line.price_bytes == 0) {
    const std::int64_t price = side == Side::Bid ? -line.key : line.key;
    line.price_bytes = static_cast<std::uint16_t>(write_price(text, id_, price, scale_) - text);
  }
  char* const end = write_qty(text + line.price_bytes, id_, side, line.qty, scale_);
  line.bytes = static_cast<std::uint16_t>(end - text);
  if (line.bytes > kUsualBytes) kept_->has_long = true;
}

std::int32_t checksum(ChecksumId id, const OrderBook& book, const Scale& scale) {
  return BookChecksum{id}.of(book, scale);
}

std::int32_t order_checksum(std::span<const RankedOrder> bids, std::span<const RankedOrder> asks,
                            const Scale& scale) noexcept {
  std::array<char, 100 * (kMaxDecimalText + 1)> text;
  char* end = text.data();
  const auto add = [&](const RankedOrder& order, std::int64_t sign) noexcept {
    end = write_number(end, static_cast<std::int64_t>(order.id), 0);
    *end++ = ':';
    end = write_script_number(end, sign * order.qty.raw(), scale.qty_exponent);
    *end++ = ':';
  };
  for (std::size_t i = 0; i < 25; ++i) {
    if (i < bids.size()) add(bids[i], 1);
    if (i < asks.size()) add(asks[i], -1);
  }
  if (end != text.data()) --end;  // nothing follows the last
  return static_cast<std::int32_t>(
      libdeflate_crc32(0, text.data(), static_cast<std::size_t>(end - text.data())));
}

}  // namespace steelyard
