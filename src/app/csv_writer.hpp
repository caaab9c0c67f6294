// src/app/csv_writer.hpp -- published records as CSV rows: exact decimals, shortest doubles, empty
// for NaN.
#pragma once

#include <cstdio>
#include <span>
#include <string>
#include <vector>

#include "engine/shard.hpp"
#include "signals/signal_set.hpp"

namespace steelyard {

// The columns that precede the signals in every row.
inline constexpr std::string_view kFixedColumns[] = {
    "seq", "ts", "venue", "sym", "t", "status", "bid_px", "bid_qty", "ask_px", "ask_qty"};

inline constexpr std::string_view kEventTexts[] = {"snapshot", "delta", "trade",
                                                   "liq",      "reset", "timer"};

// The columns of a row by name: those of signals by their index, those that precede them as -1 -
// place. No `names`: all columns, and then they are in it. Throws std::invalid_argument for one
// that there is not.
[[nodiscard]] std::vector<int> resolve_columns(const SignalSet& signals,
                                               std::vector<std::string>& names);

// Which events become rows.
struct EventFilter {
  std::uint32_t kinds = 0xffff'ffffU;  // bit (1 << EventKind)
  [[nodiscard]] bool passes(std::uint8_t event) const noexcept { return (kinds >> event & 1) != 0; }
  // "book,trade,liq,reset,timer,snapshot,delta"; throws std::invalid_argument naming what is wrong.
  [[nodiscard]] static EventFilter parse(const std::string& list);
};

class CsvWriter {
 public:
  // `path`: "-" is standard output. `columns`: a subset by name in the order wanted; empty: all.
  // Throws std::runtime_error naming the file, or the column that does not exist.
  CsvWriter(const std::string& path, const SignalSet& signals,
            const std::vector<std::string>& columns, EventFilter filter);
  ~CsvWriter();
  CsvWriter(const CsvWriter&) = delete;
  CsvWriter& operator=(const CsvWriter&) = delete;

  void write(const PublishedRecord& record) noexcept;
  // False: not everything could be written.
  bool close() noexcept;

 private:
  void put_field(int column, const PublishedRecord& record) noexcept;
  void put_qty(const PublishedRecord& record, Price price, Qty qty) noexcept;
  void put_decimal(std::int64_t mantissa, int exponent) noexcept;
  void put_integer(std::int64_t value) noexcept;
  void put_double(double value) noexcept;
  void put(std::string_view text) noexcept { buffer_.append(text); }
  void drain() noexcept;

  std::FILE* file_;
  bool failed_ = false;
  std::vector<int> columns_;  // >= 0: signal column; < 0: -1 - fixed column
  EventFilter filter_;
  std::string buffer_;
};

}  // namespace steelyard
