#include "app/npy_writer.hpp"

#include <algorithm>
#include <bit>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <limits>
#include <stdexcept>
#include <utility>

#include "core/decimal.hpp"
#include "venues/venue.hpp"

namespace steelyard {
namespace {

static_assert(std::endian::native == std::endian::little, "the header says '<'");

constexpr std::size_t kBufferBytes = 1U << 20;
constexpr std::size_t kRowDigits = 20;  // room for any number of rows

// Places in kFixedColumns.
enum Fixed { Seq, Ts, VenueName, Sym, Kind, Status, BidPx, BidQty, AskPx, AskQty };
static_assert(kFixedColumns[Status] == "status" && kFixedColumns[AskQty] == "ask_qty");

// The double nearest to the decimal: what its text reads as.
[[nodiscard]] double nearest_double(std::int64_t mantissa, int exponent) noexcept {
  char text[kMaxDecimalText];
  const std::string_view decimal = format_decimal(mantissa, exponent, text);
  double value = 0.0;
  (void)std::from_chars(decimal.data(), decimal.data() + decimal.size(), value);
  return value;
}

// The code point that `text` begins with, taken from it; U+FFFD for a byte that begins none.
[[nodiscard]] std::uint32_t take_code_point(std::string_view& text) noexcept {
  const auto lead = static_cast<unsigned char>(text[0]);
  const std::size_t bytes = lead < 0x80 ? 1 : lead >> 5 == 6 ? 2 : lead >> 4 == 14 ? 3 : 4;
  if (bytes > text.size() || (lead >= 0x80 && (lead < 0xc2 || lead > 0xf4))) {
    text.remove_prefix(1);
    return 0xfffd;
  }
  std::uint32_t point = bytes == 1 ? lead : lead & (0x7fU >> bytes);
  for (std::size_t i = 1; i < bytes; ++i) {
    point = point << 6 | (static_cast<unsigned char>(text[i]) & 0x3fU);
  }
  text.remove_prefix(bytes);
  return point;
}

// Base units, as the CSV has them.
[[nodiscard]] double base_qty(const PublishedRecord& record, Price price, Qty qty) noexcept {
  const Scale& scale = record.instrument->scale;
  if (record.instrument->kind != ContractKind::Inverse) {
    return nearest_double(qty.raw(), record.tick->qty_exponent);
  }
  return to_double(qty.raw(), scale.qty_exponent) * scale.contract_size /
         to_double(price.raw(), scale.price_exponent);
}

}  // namespace

NpyWriter::NpyWriter(const std::string& path, const SignalSet& signals,
                     const std::vector<std::string>& columns, EventFilter filter,
                     std::span<const Instrument> instruments)
    : filter_{filter} {
  std::vector<std::string> names = columns;
  const std::vector<int> resolved = resolve_columns(signals, names);
  lay_out(names, resolved, instruments);
  if (header().size() > 65'535) {
    throw std::invalid_argument{"--npy: too many columns; choose some with --columns"};
  }
  file_ = std::fopen(path.c_str(), "wb");
  if (file_ == nullptr) throw std::runtime_error{path + ": " + std::strerror(errno)};
  // The number of rows comes into the header at the end.
  if (std::fseek(file_, 0, SEEK_END) != 0 || std::fseek(file_, 0, SEEK_SET) != 0) {
    std::fclose(std::exchange(file_, nullptr));
    throw std::runtime_error{path + ": --npy needs a file, not a pipe"};
  }
  const std::string head = header();
  buffer_.reserve(kBufferBytes + row_bytes_);
  buffer_.assign(head.begin(), head.end());
}

NpyWriter::~NpyWriter() { close(); }

void NpyWriter::lay_out(const std::vector<std::string>& names, const std::vector<int>& columns,
                        std::span<const Instrument> instruments) {
  std::size_t venue_width = 1;
  std::size_t symbol_width = 1;
  for (const Instrument& instrument : instruments) {
    venue_width = std::max(venue_width, venue_registry()[instrument.venue]->name.size());
    symbol_width = std::max(symbol_width, instrument.symbol.size());
  }
  const auto pad = [this](std::size_t alignment) {
    const std::size_t gap = (alignment - row_bytes_ % alignment) % alignment;
    if (gap == 0) return;
    descr_ += "('', '|V" + std::to_string(gap) + "'), ";
    row_bytes_ += gap;
  };
  const auto text = [](std::size_t width) { return "<U" + std::to_string(width); };
  for (std::size_t i = 0; i < names.size(); ++i) {
    std::string type = "<f8";
    std::size_t bytes = 8;
    std::size_t width = 0;
    switch (-1 - columns[i]) {
      case Seq:
        type = "<u8";
        break;
      case Ts:
        type = "<i8";
        break;
      case VenueName:
        width = venue_width;
        break;
      case Sym:
        width = symbol_width;
        break;
      case Kind:
        width = 8;
        break;
      case Status:
        type = "|u1";
        bytes = 1;
        break;
      default:
        break;
    }
    if (width != 0) {
      type = text(width);
      bytes = 4 * width;
    }
    pad(bytes == 1 ? 1 : width != 0 ? 4 : 8);
    fields_.push_back({columns[i], row_bytes_, bytes});
    descr_ += "('" + names[i] + "', '" + type + "'), ";
    row_bytes_ += bytes;
  }
  pad(8);
  row_.resize(row_bytes_);
}

// Of the same size whatever the number of rows.
std::string NpyWriter::header() const {
  const std::string count = std::to_string(rows_);
  std::string text = "{'descr': [" + descr_ + "], 'fortran_order': False, 'shape': (" + count +
                     ",), }" + std::string(kRowDigits - count.size(), ' ');
  constexpr std::size_t kPreamble = 10;
  text.append(63 - (kPreamble + text.size()) % 64, ' ');
  text += '\n';
  std::string head{"\x93NUMPY\x01\x00", 8};
  head += static_cast<char>(text.size() & 0xff);
  head += static_cast<char>(text.size() >> 8 & 0xff);
  return head + text;
}

void NpyWriter::write(const PublishedRecord& record) noexcept {
  if (!filter_.passes(record.tick->event)) return;
  for (const Field& field : fields_) {
    if (field.column < 0) {
      put_fixed(field, record);
    } else {
      std::memcpy(&row_[field.at], &record.row[static_cast<std::size_t>(field.column)], 8);
    }
  }
  buffer_.insert(buffer_.end(), row_.begin(), row_.end());
  ++rows_;
  if (buffer_.size() >= kBufferBytes) drain();
}

void NpyWriter::put_fixed(const Field& field, const PublishedRecord& record) noexcept {
  const Tick& tick = *record.tick;
  const auto put = [&](const auto& value) { std::memcpy(&row_[field.at], &value, sizeof value); };
  const auto put_text = [&](std::string_view text) {
    std::memset(&row_[field.at], 0, field.bytes);
    for (std::size_t at = field.at; !text.empty() && at < field.at + field.bytes; at += 4) {
      const std::uint32_t point = take_code_point(text);
      std::memcpy(&row_[at], &point, sizeof point);
    }
  };
  constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
  switch (-1 - field.column) {
    case Seq:
      return put(record.seq);
    case Ts:
      return put(tick.received.raw());
    case VenueName:
      return put_text(venue_registry()[record.instrument->venue]->name);
    case Sym:
      return put_text(record.instrument->symbol);
    case Kind:
      return put_text(kEventTexts[tick.event]);
    case Status:
      return put(tick.status);
    case BidPx:
      return put(tick.bid_qty.raw() == 0
                     ? kNone
                     : nearest_double(tick.best_bid.raw(), tick.price_exponent));
    case BidQty:
      return put(tick.bid_qty.raw() == 0 ? kNone : base_qty(record, tick.best_bid, tick.bid_qty));
    case AskPx:
      return put(tick.ask_qty.raw() == 0
                     ? kNone
                     : nearest_double(tick.best_ask.raw(), tick.price_exponent));
    case AskQty:
      return put(tick.ask_qty.raw() == 0 ? kNone : base_qty(record, tick.best_ask, tick.ask_qty));
    default:
      return;
  }
}

bool NpyWriter::close() noexcept {
  if (file_ == nullptr) return !failed_;
  drain();
  const std::string head = header();
  failed_ = std::fseek(file_, 0, SEEK_SET) != 0 || failed_;
  failed_ = std::fwrite(head.data(), 1, head.size(), file_) != head.size() || failed_;
  failed_ = std::fclose(file_) != 0 || failed_;
  file_ = nullptr;
  return !failed_;
}

void NpyWriter::drain() noexcept {
  failed_ = std::fwrite(buffer_.data(), 1, buffer_.size(), file_) != buffer_.size() || failed_;
  buffer_.clear();
}

}  // namespace steelyard
