// src/app/npy_writer.hpp -- published records as a NumPy array file: the rows of --csv, binary.
#pragma once

#include <cstdio>
#include <span>
#include <string>
#include <vector>

#include "app/csv_writer.hpp"
#include "core/instrument.hpp"

namespace steelyard {

// A .npy file (format 1.0) of one structured element a row, with the columns, order and filter of
// the CSV. Signals are the doubles themselves; prices and sizes are the doubles nearest to the
// exact decimals, so they are what the CSV's text reads as. Undefined is NaN. Texts are UCS4, as
// wide as the longest of the replay's instruments. Every field of 8 bytes is aligned.
class NpyWriter {
 public:
  // Throws std::runtime_error naming the file, std::invalid_argument naming the column that does
  // not exist.
  NpyWriter(const std::string& path, const SignalSet& signals,
            const std::vector<std::string>& columns, EventFilter filter,
            std::span<const Instrument> instruments);
  ~NpyWriter();
  NpyWriter(const NpyWriter&) = delete;
  NpyWriter& operator=(const NpyWriter&) = delete;

  void write(const PublishedRecord& record) noexcept;
  // Puts the number of rows into the header. False: not everything could be written.
  bool close() noexcept;

 private:
  struct Field {
    int column;         // as resolve_columns() has it
    std::size_t at;     // bytes from the start of a row
    std::size_t bytes;  // of a text: four a character
  };
  void lay_out(const std::vector<std::string>& names, const std::vector<int>& columns,
               std::span<const Instrument> instruments);
  [[nodiscard]] std::string header() const;
  void put_fixed(const Field& field, const PublishedRecord& record) noexcept;
  void drain() noexcept;

  std::FILE* file_ = nullptr;
  bool failed_ = false;
  EventFilter filter_;
  std::vector<Field> fields_;
  std::string descr_;  // of the row, as NumPy writes it
  std::size_t row_bytes_ = 0;
  std::uint64_t rows_ = 0;
  std::vector<char> row_;
  std::vector<char> buffer_;
};

}  // namespace steelyard
