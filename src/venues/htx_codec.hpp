// src/venues/htx_codec.hpp -- what HTX spot and its contracts have in common: JSON, each frame a
// gzip member; recordings may hold the text within.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "venues/venue.hpp"

namespace steelyard::htx {

// Sizes have been seen with forty digits. Down to here they are exact, beyond they are rounded:
// finer exponents would leave no room for large sizes.
inline constexpr int kFinestSize = -10;

struct Dialect {
  std::span<const BookChannel> books;
  bool spot;  // sizes are base units, one BBO object; else contracts, and rows of two numbers
};

// HOT.
[[nodiscard]] DecodeStatus decode(const Dialect& dialect, const Frame& frame,
                                  const SymbolTable& symbols, DecodeScratch& scratch,
                                  MessageBatch& out) noexcept;

// Cold.
[[nodiscard]] Control control(std::string_view payload);
[[nodiscard]] std::vector<std::string> requests(const Dialect& dialect, std::string_view operation,
                                                std::span<const Stream> streams, std::uint64_t id);
[[nodiscard]] std::string snapshot_message(const Dialect& dialect, const Instrument& instrument,
                                           std::uint64_t id);
[[nodiscard]] std::vector<InstrumentInfo> spot_instruments(std::string_view answer);
[[nodiscard]] std::vector<InstrumentInfo> linear_instruments(std::string_view answer);
[[nodiscard]] std::vector<InstrumentInfo> coin_instruments(std::string_view answer);

}  // namespace steelyard::htx
