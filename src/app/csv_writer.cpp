#include "app/csv_writer.hpp"

#include <cerrno>
#include <charconv>
#include <cmath>
#include <cstring>
#include <stdexcept>

#include "core/decimal.hpp"
#include "venues/venue.hpp"

namespace steelyard {
namespace {

[[nodiscard]] constexpr std::uint32_t bit(EventKind kind) noexcept {
  return 1U << static_cast<unsigned>(kind);
}

}  // namespace

EventFilter EventFilter::parse(const std::string& list) {
  EventFilter filter{0};
  std::size_t at = 0;
  while (at <= list.size()) {
    const std::size_t end = std::min(list.find(',', at), list.size());
    const std::string word = list.substr(at, end - at);
    if (word == "book") {
      filter.kinds |= bit(EventKind::Snapshot) | bit(EventKind::Delta);
    } else {
      std::uint32_t kind = 0;
      while (kind < std::size(kEventTexts) && kEventTexts[kind] != word) ++kind;
      if (kind == std::size(kEventTexts)) {
        throw std::invalid_argument{
            "--only: \"" + word + "\" is none of book, snapshot, delta, trade, liq, reset, timer"};
      }
      filter.kinds |= 1U << kind;
    }
    at = end + 1;
  }
  return filter;
}

std::vector<int> resolve_columns(const SignalSet& signals, std::vector<std::string>& names) {
  if (names.empty()) {
    names.assign(std::begin(kFixedColumns), std::end(kFixedColumns));
    for (const Column& column : signals.columns()) names.push_back(column.name);
  }
  std::vector<int> columns;
  for (const std::string& name : names) {
    int index = 0;
    const int fixed = static_cast<int>(std::size(kFixedColumns));
    while (index < fixed && kFixedColumns[index] != name) ++index;
    if (index < fixed) {
      columns.push_back(-1 - index);
    } else if (const auto found = signals.find(name)) {
      columns.push_back(static_cast<int>(*found));
    } else {
      throw std::invalid_argument{"--columns: there is no column \"" + name + "\""};
    }
  }
  return columns;
}

CsvWriter::CsvWriter(const std::string& path, const SignalSet& signals,
                     const std::vector<std::string>& columns, EventFilter filter)
    : file_{nullptr}, filter_{filter} {
  std::vector<std::string> names = columns;
  columns_ = resolve_columns(signals, names);
  for (const std::string& name : names) {
    if (!buffer_.empty()) buffer_ += ',';
    buffer_ += name;
  }
  buffer_ += '\n';
  file_ = path == "-" ? stdout : std::fopen(path.c_str(), "w");
  if (file_ == nullptr) throw std::runtime_error{path + ": " + std::strerror(errno)};
  buffer_.reserve(1U << 20);
}

CsvWriter::~CsvWriter() { close(); }

bool CsvWriter::close() noexcept {
  if (file_ == nullptr) return !failed_;
  drain();
  failed_ = std::fflush(file_) != 0 || failed_;
  if (file_ != stdout) failed_ = std::fclose(file_) != 0 || failed_;
  file_ = nullptr;
  return !failed_;
}

void CsvWriter::drain() noexcept {
  failed_ = std::fwrite(buffer_.data(), 1, buffer_.size(), file_) != buffer_.size() || failed_;
  buffer_.clear();
}

void CsvWriter::write(const PublishedRecord& record) noexcept {
  if (!filter_.passes(record.tick->event)) return;
  bool first = true;
  for (const int column : columns_) {
    if (!first) buffer_ += ',';
    first = false;
    if (column >= 0) {
      put_double(record.row[static_cast<std::size_t>(column)]);
    } else {
      put_field(-1 - column, record);
    }
  }
  buffer_ += '\n';
  if (buffer_.size() > (1U << 20) - 16'384) drain();
}

void CsvWriter::put_field(int column, const PublishedRecord& record) noexcept {
  const Tick& tick = *record.tick;
  switch (column) {
    case 0:
      return put_integer(static_cast<std::int64_t>(record.seq));
    case 1:
      return put_integer(tick.received.raw());
    case 2:
      return put(venue_registry()[record.instrument->venue]->name);
    case 3:
      return put(record.instrument->symbol);
    case 4:
      return put(kEventTexts[tick.event]);
    case 5:
      return put_integer(tick.status);
    case 6:
      if (tick.bid_qty.raw() != 0) put_decimal(tick.best_bid.raw(), tick.price_exponent);
      return;
    case 7:
      return put_qty(record, tick.best_bid, tick.bid_qty);
    case 8:
      if (tick.ask_qty.raw() != 0) put_decimal(tick.best_ask.raw(), tick.price_exponent);
      return;
    case 9:
      return put_qty(record, tick.best_ask, tick.ask_qty);
    default:
      return;
  }
}

// Base units: exact, but for inverse contracts, where base size is notional by price.
void CsvWriter::put_qty(const PublishedRecord& record, Price price, Qty qty) noexcept {
  if (qty.raw() == 0) return;
  const Scale& scale = record.instrument->scale;
  if (record.instrument->kind == ContractKind::Inverse) {
    put_double(to_double(qty.raw(), scale.qty_exponent) * scale.contract_size /
               to_double(price.raw(), scale.price_exponent));
  } else {
    put_decimal(qty.raw(), record.tick->qty_exponent);
  }
}

void CsvWriter::put_decimal(std::int64_t mantissa, int exponent) noexcept {
  char text[kMaxDecimalText];
  put(format_decimal(mantissa, exponent, text));
}

void CsvWriter::put_integer(std::int64_t value) noexcept {
  char text[24];
  const auto result = std::to_chars(text, text + sizeof text, value);
  put({text, static_cast<std::size_t>(result.ptr - text)});
}

void CsvWriter::put_double(double value) noexcept {
  if (std::isnan(value)) return;
  char text[32];
  const auto result = std::to_chars(text, text + sizeof text, value);
  put({text, static_cast<std::size_t>(result.ptr - text)});
}

}  // namespace steelyard
