// src/capture/tardis_source.cpp -- tardis.dev raw daily files: "<ISO time, 100 ns> <message>" a
// line.
#include <chrono>

#include "capture/line_reader.hpp"
#include "capture/sources.hpp"

namespace steelyard {
namespace {

[[nodiscard]] bool digits(std::string_view text, std::size_t at, std::size_t count, int& value) {
  value = 0;
  if (at + count > text.size()) return false;
  for (std::size_t i = at; i < at + count; ++i) {
    if (text[i] < '0' || text[i] > '9') return false;
    value = value * 10 + (text[i] - '0');
  }
  return true;
}

class TardisSource final : public FrameSource {
 public:
  TardisSource(std::string name, std::unique_ptr<ByteSource> bytes, std::string venue)
      : name_{std::move(name)}, venue_{std::move(venue)}, lines_{std::move(bytes)} {}

  Next next(RecordedFrame& frame) override {
    std::string_view line;
    do {
      switch (lines_.next(line)) {
        case LineReader::Result::End:
          return Next::End;
        case LineReader::Result::TooLong:
          return fail("longer than 64 MiB");
        case LineReader::Result::Line:
          break;
      }
    } while (is_blank(line));
    frame = {};
    frame.line = lines_.line();
    frame.venue = venue_;
    frame.connection = "raw";
    const std::size_t space = line.find(' ');
    const std::string_view time = line.substr(0, space);
    std::int64_t ns = 0;
    if (!parse_iso_time(time, ns)) return fail("does not start with a time (ISO-8601)");
    frame.received = TimestampNs{ns};
    frame.payload = space == std::string_view::npos ? std::string_view{} : line.substr(space + 1);
    // The recorder writes a time alone where it lost the connection.
    if (frame.payload.empty()) frame.kind = FrameKind::LinkDown;
    return Next::Frame;
  }
  void rewind() override { lines_.rewind(); }
  const std::string& error() const override { return error_; }
  const std::string& name() const override { return name_; }
  const std::string& header() const override { return header_; }

 private:
  Next fail(std::string_view what) {
    error_ = name_ + ":" + std::to_string(lines_.line()) + ": " + std::string{what};
    return Next::Malformed;
  }

  std::string name_;
  std::string venue_;
  std::string error_;
  std::string header_;
  LineReader lines_;
};

}  // namespace

bool parse_iso_time(std::string_view text, std::int64_t& ns) noexcept {
  int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0;
  if (text.size() < 20 || text.back() != 'Z' || text[4] != '-' || text[7] != '-' ||
      text[10] != 'T' || text[13] != ':' || text[16] != ':') {
    return false;
  }
  if (!digits(text, 0, 4, year) || !digits(text, 5, 2, month) || !digits(text, 8, 2, day) ||
      !digits(text, 11, 2, hour) || !digits(text, 14, 2, minute) || !digits(text, 17, 2, second)) {
    return false;
  }
  const std::chrono::year_month_day date{std::chrono::year{year},
                                         std::chrono::month{static_cast<unsigned>(month)},
                                         std::chrono::day{static_cast<unsigned>(day)}};
  if (!date.ok() || hour > 23 || minute > 59 || second > 60) return false;
  std::int64_t fraction = 0;
  if (text.size() > 20) {
    if (text[19] != '.' || text.size() > 30) return false;
    std::int64_t unit = 100'000'000;
    for (std::size_t i = 20; i + 1 < text.size(); ++i, unit /= 10) {
      if (text[i] < '0' || text[i] > '9') return false;
      fraction += (text[i] - '0') * unit;
    }
  }
  const std::int64_t days = std::chrono::sys_days{date}.time_since_epoch().count();
  ns = (((days * 24 + hour) * 60 + minute) * 60 + second) * 1'000'000'000 + fraction;
  return true;
}

std::unique_ptr<FrameSource> make_tardis_source(std::string name, std::unique_ptr<ByteSource> bytes,
                                                std::string venue) {
  return std::make_unique<TardisSource>(std::move(name), std::move(bytes), std::move(venue));
}

}  // namespace steelyard
