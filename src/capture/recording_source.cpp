#include <cstring>
#include <map>
#include <optional>

#include "capture/block_reader.hpp"
#include "capture/sources.hpp"

namespace steelyard {
namespace {

struct Connection {
  std::string venue;
  std::string url;
  std::string label;
};

class RecordingSource final : public FrameSource {
 public:
  explicit RecordingSource(std::vector<RecordingPart> parts) {
    // Of a recording whose first part is not here, it starts where it starts.
    if (parts.front().number == 1) first_expected_ = 0;
    expected_ = first_expected_;
    for (RecordingPart& part : parts) {
      names_.push_back(part.name);
      readers_.push_back(std::make_unique<BlockReader>(std::move(part.bytes), part.header_bytes));
    }
    // Every part has the text; any whole one will do.
    bool found = false;
    for (auto& reader : readers_) {
      found =
          reader->next() == BlockReader::Result::Block && reader->header().kind == BlockKind::Text;
      if (found) header_ = reader->body();
      reader->rewind();
      if (found) return;
    }
    throw CaptureError{names_[0] +
                       ": its text block (instruments, configuration) is missing or damaged: "
                       "nothing can be read"};
  }

  Next next(RecordedFrame& frame) override {
    for (;;) {
      frame = {};
      if (missing_ != 0) return tell_missing(frame);
      if (records_.empty()) {
        if (part_ == readers_.size()) return Next::End;
        if (!load()) return Next::Malformed;
        continue;
      }
      RecordHeader record;
      std::string_view request;
      std::string_view payload;
      if (!take(record, request, payload)) {
        records_ = {};
        return fail("a block whose records do not fit: its last ones are lost");
      }
      if (record.kind == kConnectionRecord) {
        learn(record, request, payload);
      } else if (record.kind <= static_cast<std::uint8_t>(FrameKind::Lost)) {
        fill(frame, record, request, payload);
        return Next::Frame;
      } else {
        return fail("record of a kind that this version does not know: skipped");
      }
    }
  }

  void rewind() override {
    for (auto& reader : readers_) reader->rewind();
    part_ = 0;
    records_ = {};
    frame_ = missing_ = 0;
    expected_ = first_expected_;
    damage_ = {};
    connections_.clear();
    error_.clear();
  }
  const std::string& error() const override { return error_; }
  const std::string& name() const override {
    return names_[part_ < names_.size() ? part_ : names_.size() - 1];
  }
  const std::string& header() const override { return header_; }
  Damage damage() const override { return damage_; }

 private:
  Next fail(std::string_view what) {
    error_ = name() + ": after frame " + std::to_string(frame_) + ": " + std::string{what};
    return Next::Malformed;
  }

  // The next block or the next part. False: a damaged place, told in error_.
  bool load() {
    BlockReader& reader = *readers_[part_];
    switch (reader.next()) {
      case BlockReader::Result::End:
        ++part_;
        return true;
      case BlockReader::Result::Damage:
        ++damage_.places;
        damage_.bytes += reader.damage_bytes();
        error_ = name() + ": " + std::to_string(reader.damage_bytes()) + " bytes at offset " +
                 std::to_string(reader.damage_offset()) + " are lost: " + reader.damage_reason() +
                 (reader.damage_is_tail() ? "; all that precedes was read"
                                          : "; reading goes on with the next block");
        return false;
      case BlockReader::Result::Block:
        break;
    }
    const BlockHeader& header = reader.header();
    // The text is known; kinds that a later version adds are skipped.
    if (header.kind != BlockKind::Records) return true;
    records_ = reader.body();
    if (header.frames == 0) return true;
    if (expected_ && header.first_frame > *expected_) {
      missing_ = header.first_frame - *expected_;
      missing_before_ = header.first_received;
      damage_.records += missing_;
    }
    if (!expected_) frame_ = header.first_frame;
    expected_ = header.first_frame + header.frames;
    return true;
  }

  Next tell_missing(RecordedFrame& frame) {
    missing_text_ = std::to_string(missing_);
    const std::size_t size = missing_text_.size();
    missing_text_.append(kFramePadding, '\0');
    frame.kind = FrameKind::Lost;
    frame.received = TimestampNs{missing_before_};
    frame.payload = {missing_text_.data(), size};
    frame.connection_number = kNoConnection.raw();
    frame_ += missing_;
    frame.line = frame_;
    frame.derived = true;
    missing_ = 0;
    return Next::Frame;
  }

  bool take(RecordHeader& record, std::string_view& request, std::string_view& payload) {
    if (records_.size() < sizeof record) return false;
    std::memcpy(&record, records_.data(), sizeof record);
    const std::size_t body = std::size_t{record.request_bytes} + record.payload_bytes;
    if (records_.size() - sizeof record < body) return false;
    request = records_.substr(sizeof record, record.request_bytes);
    payload = records_.substr(sizeof record + record.request_bytes, record.payload_bytes);
    records_.remove_prefix(sizeof record + body);
    return true;
  }

  void learn(const RecordHeader& record, std::string_view url, std::string_view text) {
    const std::size_t line = text.find('\n');
    Connection& connection = connections_[record.connection];
    connection.url = url;
    connection.venue = text.substr(0, line);
    connection.label = line == std::string_view::npos ? std::string_view{} : text.substr(line + 1);
  }

  void fill(RecordedFrame& frame, const RecordHeader& record, std::string_view request,
            std::string_view payload) {
    frame.kind = static_cast<FrameKind>(record.kind);
    frame.received = TimestampNs{record.received};
    frame.payload = payload;
    frame.connection_number = record.connection;
    frame.line = ++frame_;
    frame.url = request;
    const auto known = connections_.find(record.connection);
    if (known == connections_.end()) return;
    frame.venue = known->second.venue;
    frame.connection = known->second.label;
    if (request.empty()) frame.url = known->second.url;
  }

  std::vector<std::string> names_;
  std::vector<std::unique_ptr<BlockReader>> readers_;
  std::size_t part_ = 0;
  std::string header_;
  std::string error_;
  std::string_view records_;  // of the present block, not yet given
  std::map<std::uint32_t, Connection> connections_;
  std::uint64_t frame_ = 0;  // number of the one given last
  std::optional<std::uint64_t> first_expected_;
  std::optional<std::uint64_t> expected_;  // the first frame of the next block
  std::uint64_t missing_ = 0;
  std::int64_t missing_before_ = 0;
  std::string missing_text_;
  Damage damage_;
};

}  // namespace

bool identify_part(RecordingPart& part) {
  FileHeader header;
  char* const into = reinterpret_cast<char*>(&header);
  const std::size_t have = read_up_to(*part.bytes, into, sizeof header);
  if (have < sizeof header.magic ||
      std::memcmp(header.magic, kRecordingMagic, sizeof header.magic - 1) != 0) {
    part.bytes->rewind();
    return false;
  }
  if (header.magic[7] != kRecordingMagic[7]) {
    throw CaptureError{part.name + ": of a format before " + std::to_string(kRecordingMajor) +
                       ".0, or damaged at its first bytes"};
  }
  if (have < sizeof header) throw CaptureError{part.name + ": its file header is cut off"};
  if (header.major != kRecordingMajor) {
    throw CaptureError{part.name + ": of format " + std::to_string(header.major) + '.' +
                       std::to_string(header.minor) + ", this program reads format " +
                       std::to_string(kRecordingMajor)};
  }
  if (header.crc != header_checksum(header) || header.header_bytes < sizeof header ||
      header.header_bytes > kLargestFileHeader) {
    throw CaptureError{part.name + ": its file header is damaged"};
  }
  // A later minor version may have put more into it.
  std::string rest(header.header_bytes - sizeof header, '\0');
  if (read_up_to(*part.bytes, rest.data(), rest.size()) < rest.size()) {
    throw CaptureError{part.name + ": its file header is cut off"};
  }
  part.header_bytes = header.header_bytes;
  part.session = header.session;
  part.number = header.part;
  return true;
}

std::unique_ptr<FrameSource> make_recording_source(std::vector<RecordingPart> parts) {
  return std::make_unique<RecordingSource>(std::move(parts));
}

}  // namespace steelyard
