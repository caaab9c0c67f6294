// tests/support/book_comparison.hpp -- a book as it is published, against the simulator's own.
#pragma once

#include <algorithm>
#include <string>

#include "core/decimal.hpp"
#include "sim/simulator.hpp"
#include "steelyard/reader.hpp"

namespace steelyard {

// Where the published top of an instrument's book differs from the simulator's, level by level;
// empty: nowhere. `depth`: levels a side that its channel carries; 0: all of them.
[[nodiscard]] inline std::string difference(const Reader& reader, std::uint32_t instrument,
                                            sim::Simulator& simulator, std::uint32_t depth) {
  const InstrumentEntry& entry = reader.segment().instrument(instrument);
  const std::string venue{SegmentView::text(entry.venue)};
  const std::string symbol{SegmentView::text(entry.symbol)};
  const sim::SimBook book = simulator.book(venue, symbol);
  StateView view{};
  if (!reader.latest(InstrumentId{instrument}, view, {})) return symbol + ": no state";
  const std::size_t most = depth == 0 ? kViewLevels : std::min(depth, kViewLevels);
  for (const bool bid : {true, false}) {
    const auto& theirs = bid ? book.bids : book.asks;
    const std::size_t count = bid ? view.bid_count : view.ask_count;
    const std::size_t expected = std::min(most, theirs.size());
    const std::string side = symbol + (bid ? " bid" : " ask");
    if (count != expected) {
      return side + "s: " + std::to_string(count) + " levels, not " + std::to_string(expected);
    }
    for (std::size_t level = 0; level < count; ++level) {
      const ViewLevel& mine = bid ? view.bids[level] : view.asks[level];
      char text[kMaxDecimalText];
      const std::string price{format_decimal(mine.price.raw(), view.tick.price_exponent, text)};
      if (price != theirs[level].first) {
        return side + ' ' + std::to_string(level) + ": " + price + " is not " + theirs[level].first;
      }
      const std::string qty{format_decimal(mine.qty.raw(), view.tick.qty_exponent, text)};
      if (qty != theirs[level].second) {
        return side + " at " + price + ": " + qty + " is not " + theirs[level].second;
      }
    }
  }
  return {};
}

}  // namespace steelyard
