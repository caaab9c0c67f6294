// tests/support/same_messages.hpp -- a venue's quick decoder held against its careful one.
#pragma once

#include <memory>
#include <string>

#include "venues/venue.hpp"

namespace steelyard {

// Decodes one frame with both halves. Empty if they say the same; else what differs.
class TwoDecoders {
 public:
  using Decode = DecodeStatus (*)(const Frame&, const SymbolTable&, DecodeScratch&,
                                  MessageBatch&) noexcept;

  explicit TwoDecoders(const Venue& venue) : venue_{venue} {}

  [[nodiscard]] std::string compare(const Frame& frame, const SymbolTable& symbols) {
    return compare(frame, frame, symbols);
  }
  // The same where each half has a frame of its own. A venue without a quick half is held against
  // itself.
  [[nodiscard]] std::string compare(const Frame& to_quick, const Frame& to_careful,
                                    const SymbolTable& symbols) {
    const Decode any = venue_.decode_any != nullptr ? venue_.decode_any : venue_.decode;
    const DecodeStatus quick = run(venue_.decode, to_quick, symbols, scratch_a_, *a_);
    const DecodeStatus careful = run(any, to_careful, symbols, scratch_b_, *b_);
    const bool one_frame = &to_quick == &to_careful;
    // Which of its defects a broken frame is refused for may depend on what stands behind it.
    const bool refused = !one_frame && is_defect(quick) && is_defect(careful);
    if (quick != careful && !refused) {
      return std::string{to_text(quick)} + " is not " + std::string{to_text(careful)};
    }
    if (refused) return {};
    if (scratch_a_.suspect != scratch_b_.suspect) return "another suspect";
    if (!same_account(scratch_a_, scratch_b_)) return "another account of the frame";
    const auto ours = a_->messages();
    const auto theirs = b_->messages();
    if (ours.size() != theirs.size()) return "another number of messages";
    for (std::size_t i = 0; i < ours.size(); ++i) {
      const Message& x = ours[i];
      const Message& y = theirs[i];
      if (x.kind != y.kind || x.channel != y.channel || x.ids != y.ids ||
          x.aggressor != y.aggressor || x.instrument != y.instrument || x.first != y.first ||
          x.last != y.last || x.prev != y.prev || x.venue_time != y.venue_time ||
          x.checksum != y.checksum || x.bids != y.bids || x.asks != y.asks) {
        return "message " + std::to_string(i) + " differs";
      }
      for (std::uint32_t level = 0; level < x.levels(); ++level) {
        const Level& mine = a_->levels()[x.first_level + level];
        const Level& other = b_->levels()[y.first_level + level];
        if (mine == other) continue;
        return "level " + std::to_string(level) + ": " + std::to_string(mine.price.raw()) + " x " +
               std::to_string(mine.qty.raw()) + " is not " + std::to_string(other.price.raw()) +
               " x " + std::to_string(other.qty.raw());
      }
    }
    return {};
  }

  // Of the frame compared last.
  [[nodiscard]] std::size_t messages() const noexcept { return a_->messages().size(); }

 private:
  [[nodiscard]] static bool same_account(const DecodeScratch& a, const DecodeScratch& b) {
    return a.imprecise == b.imprecise && a.needed_price_exponent == b.needed_price_exponent &&
           a.needed_wire_qty_exponent == b.needed_wire_qty_exponent &&
           a.unknown_symbol == b.unknown_symbol && a.unknown_kind == b.unknown_kind &&
           a.unknown_channel == b.unknown_channel && a.not_events == b.not_events &&
           a.rounded == b.rounded && a.counted == b.counted && (!a.counted || a.count == b.count);
  }
  static DecodeStatus run(Decode decode, const Frame& frame, const SymbolTable& symbols,
                          DecodeScratch& scratch, MessageBatch& batch) {
    batch.clear();
    const DecodeStatus status = decode(frame, symbols, scratch, batch);
    if (status != DecodeStatus::Ok) batch.clear();
    return status;
  }

  const Venue& venue_;
  DecodeScratch scratch_a_, scratch_b_;
  std::unique_ptr<MessageBatch> a_ = std::make_unique<MessageBatch>();
  std::unique_ptr<MessageBatch> b_ = std::make_unique<MessageBatch>();
};

}  // namespace steelyard
