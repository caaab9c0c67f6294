// src/capture/ndjson_source.cpp -- {"ts":ns,"dir":"in|out|connect","conn":..,"url":..,"msg":".."} a
// line.
#include <simdjson.h>

#include <cstring>

#include "capture/line_reader.hpp"
#include "capture/sources.hpp"

namespace steelyard {
namespace {

class NdjsonSource final : public FrameSource {
 public:
  NdjsonSource(std::string name, std::unique_ptr<ByteSource> bytes)
      : name_{std::move(name)}, lines_{std::move(bytes)} {}

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
    return read(line, frame);
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

  Next read(std::string_view line, RecordedFrame& frame) {
    frame = {};
    frame.line = lines_.line();
    simdjson::ondemand::document document;
    auto error =
        parser_.iterate(line.data(), line.size(), line.size() + kFramePadding).get(document);
    if (error) return fail(simdjson::error_message(error));
    simdjson::ondemand::object object;
    if ((error = document.get_object().get(object))) return fail(simdjson::error_message(error));
    std::string_view direction;
    bool has_time = false;
    bool has_message = false;
    bool binary = false;
    for (auto member : object) {
      std::string_view key;
      if ((error = member.unescaped_key().get(key))) return fail(simdjson::error_message(error));
      if (key == "ts") {
        std::int64_t time = 0;
        if (member.value().get_int64().get(time) || time < 0) return fail("ts: not a time in ns");
        frame.received = TimestampNs{time};
        has_time = true;
      } else if (key == "dir") {
        if (member.value().get_string().get(direction)) return fail("dir: not a string");
      } else if (key == "conn") {
        if (member.value().get_string().get(frame.connection)) return fail("conn: not a string");
      } else if (key == "url") {
        if (member.value().get_string().get(frame.url)) return fail("url: not a string");
      } else if (key == "msg") {
        std::string_view text;
        if (member.value().get_string().get(text)) return fail("msg: not a string");
        // Out of the parser's buffer, where no padding would follow it.
        if (message_.size() < text.size() + kFramePadding) {
          message_.resize(2 * text.size() + kFramePadding);
        }
        std::memcpy(message_.data(), text.data(), text.size());
        std::memset(message_.data() + text.size(), 0, kFramePadding);
        frame.payload = {message_.data(), text.size()};
        has_message = true;
      } else if (key == "bin") {
        binary = true;
      }
    }
    const char* at = nullptr;
    if (!document.current_location().get(at) && at < line.data() + line.size()) {
      return fail("something follows the object");
    }
    if (!has_time) return fail("ts is missing");
    if (direction == "connect") {
      frame.kind = FrameKind::LinkUp;
      return Next::Frame;
    }
    if (!has_message) return fail("msg is missing");
    if (direction == "out") {
      frame.kind = FrameKind::Sent;
    } else if (direction == "in") {
      frame.kind = frame.url.starts_with("http") ? FrameKind::Answer
                   : binary                      ? FrameKind::Binary
                                                 : FrameKind::Text;
    } else {
      return fail("dir: neither in, out nor connect");
    }
    return Next::Frame;
  }

  std::string name_;
  std::string error_;
  std::string header_;
  LineReader lines_;
  simdjson::ondemand::parser parser_;
  std::vector<char> message_;
};

}  // namespace

std::unique_ptr<FrameSource> make_ndjson_source(std::string name,
                                                std::unique_ptr<ByteSource> bytes) {
  return std::make_unique<NdjsonSource>(std::move(name), std::move(bytes));
}

}  // namespace steelyard
