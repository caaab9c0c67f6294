#include <sys/random.h>
#include <zstd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include "capture/recording.hpp"

namespace steelyard {
namespace {

// "night.sly", 3 -> "night-0003.sly"
[[nodiscard]] std::string part_name(const std::string& path, std::uint32_t part) {
  const std::size_t name = path.find_last_of('/') + 1;
  std::size_t dot = path.find_last_of('.');
  if (dot == std::string::npos || dot <= name) dot = path.size();
  char number[16];
  std::snprintf(number, sizeof number, "-%04u", part);
  return path.substr(0, dot) + number + path.substr(dot);
}

template <typename Header>
[[nodiscard]] std::string_view bytes_of(const Header& header) noexcept {
  return {reinterpret_cast<const char*>(&header), sizeof header};
}

}  // namespace

void RecordingWriter::FreeZstd::operator()(ZSTD_CCtx_s* zstd) const noexcept {
  ZSTD_freeCCtx(zstd);
}

RecordingWriter::RecordingWriter(std::string path, std::string_view header, const Options& options)
    : path_{std::move(path)}, header_{header}, options_{options}, zstd_{ZSTD_createCCtx()} {
  options_.block_bytes = std::min<std::size_t>(options_.block_bytes, kLargestBlockTarget);
  if (header_.size() > kLargestRecord) throw CaptureError{path_ + ": its header is too large"};
  if (zstd_ == nullptr || ZSTD_isError(ZSTD_CCtx_setParameter(zstd_.get(), ZSTD_c_compressionLevel,
                                                              options_.level)) != 0) {
    throw CaptureError{path_ + ": no memory for zstd"};
  }
  if (getrandom(&session_, sizeof session_, 0) != sizeof session_) {
    throw CaptureError{path_ + ": no random number: " + std::strerror(errno)};
  }
  raw_.reserve(2 * options_.block_bytes);
  begin_file();
}

RecordingWriter::~RecordingWriter() { close(); }

// Throws CaptureError; the present file is then still the present one.
void RecordingWriter::begin_file() {
  const bool several = options_.rotate_bytes != 0 || options_.rotate_ns != 0;
  std::string name = several ? part_name(path_, parts_ + 1) : path_;
  auto file = std::make_unique<RecordingFile>(name, options_.mode);
  FileHeader header;
  std::memcpy(header.magic, kRecordingMagic, sizeof header.magic);
  header.header_bytes = sizeof header;
  header.session = session_;
  header.part = parts_ + 1;
  header.crc = header_checksum(header);
  BlockHeader text;
  text.kind = BlockKind::Text;
  if (const int reason = file->append(bytes_of(header)); reason != 0) {
    fail(file.get(), std::strerror(reason), 0);
    file->remove();
    throw CaptureError{error_};
  }
  if (!write_block(*file, text, header_)) {
    file->remove();
    throw CaptureError{error_};
  }
  written_ += sizeof header;
  if (options_.sync != Sync::Never) file->sync_folder();
  file_ = std::move(file);
  name_ = std::move(name);
  ++parts_;
  file_has_frames_ = false;
  for (const auto& [id, connection] : connections_) {
    RecordHeader record;
    record.kind = kConnectionRecord;
    record.connection = id;
    add(record, connection.url, connection.text);
  }
}

bool RecordingWriter::append(const Frame& frame) noexcept {
  RecordHeader record;
  record.kind = static_cast<std::uint8_t>(frame.kind);
  record.connection = frame.connection.raw();
  record.received = frame.received.raw();
  const std::uint64_t number = frames_++;
  if (file_ == nullptr) return fail(nullptr, "is closed", 1);
  if (frame.request.size() + frame.payload.size() > kLargestRecord) {
    return skip("a frame is larger than 128 MiB");
  }
  try {
    bool ok = true;
    if (block_.frames != 0 && options_.block_age_ns > 0 &&
        record.received - block_.first_received >= options_.block_age_ns) {
      ok = flush();
    }
    ok = rotate_if_due(record.received) && ok;
    add(record, frame.request, frame.payload);
    if (block_.frames == 0) block_.first_frame = number;
    block_.first_received =
        block_.frames == 0 ? record.received : std::min(block_.first_received, record.received);
    block_.last_received =
        block_.frames == 0 ? record.received : std::max(block_.last_received, record.received);
    ++block_.frames;
    if (!file_has_frames_) file_since_ = record.received;
    file_has_frames_ = true;
    if (raw_.size() >= options_.block_bytes) ok = flush() && ok;
    return ok;
  } catch (const std::bad_alloc&) {
    return skip("no memory");
  }
}

// A block holds frames that follow each other: the one that is left out ends it, so that readers
// are told where.
bool RecordingWriter::skip(std::string_view what) noexcept {
  flush();
  return fail(file_.get(), what, 1);
}

bool RecordingWriter::add_connection(ConnectionId id, std::string_view venue, std::string_view url,
                                     std::string_view label) noexcept {
  if (file_ == nullptr) return fail(nullptr, "is closed", 0);
  if (venue.size() + url.size() + label.size() >= kLargestRecord) {
    return fail(file_.get(), "the text of a connection is larger than 128 MiB", 0);
  }
  try {
    Connection& connection = connections_[id.raw()];
    connection.url = url;
    connection.text.assign(venue).append(1, '\n').append(label);
    RecordHeader record;
    record.kind = kConnectionRecord;
    record.connection = id.raw();
    add(record, connection.url, connection.text);
    if (block_.frames == 0) block_.first_frame = frames_;
    return true;
  } catch (const std::bad_alloc&) {
    return fail(file_.get(), "no memory", 0);
  }
}

bool RecordingWriter::rotate_if_due(std::int64_t received) {
  if (!file_has_frames_) return true;
  const bool full = options_.rotate_bytes != 0 && file_->size() >= options_.rotate_bytes;
  const bool old = options_.rotate_ns != 0 && received - file_since_ >= options_.rotate_ns;
  if (!full && !old) return true;
  bool ok = flush();
  const std::unique_ptr<RecordingFile>& done = file_;
  if (options_.sync == Sync::Close) {
    const int reason = done->sync();
    if (reason != 0) ok = fail(done.get(), std::strerror(reason), 0);
  }
  try {
    begin_file();
  } catch (const CaptureError& error) {
    // Better one file too long than none; the next frame that is due asks again.
    ++failures_;
    error_ = error.what();
    file_since_ = received;
    return false;
  }
  return ok;
}

// All or nothing: a record that does not fit into memory leaves no half of it.
void RecordingWriter::add(RecordHeader header, std::string_view request, std::string_view payload) {
  header.payload_bytes = static_cast<std::uint32_t>(payload.size());
  header.request_bytes = static_cast<std::uint32_t>(request.size());
  raw_.reserve(raw_.size() + sizeof header + request.size() + payload.size());
  for (const std::string_view piece : {bytes_of(header), request, payload}) {
    raw_.insert(raw_.end(), piece.begin(), piece.end());
  }
}

bool RecordingWriter::flush() noexcept {
  if (raw_.empty()) return true;
  bool ok = false;
  try {
    ok = write_block(*file_, block_, {raw_.data(), raw_.size()});
  } catch (const std::bad_alloc&) {
    ok = fail(file_.get(), "no memory", block_.frames);
  }
  raw_.clear();
  block_ = {};
  return ok;
}

bool RecordingWriter::write_block(RecordingFile& file, BlockHeader header, std::string_view raw) {
  packed_.resize(sizeof header + ZSTD_compressBound(raw.size()));
  const std::size_t size = ZSTD_compress2(zstd_.get(), packed_.data() + sizeof header,
                                          packed_.size() - sizeof header, raw.data(), raw.size());
  if (ZSTD_isError(size) != 0) {
    return fail(&file, std::string{"zstd: "} + ZSTD_getErrorName(size), header.frames);
  }
  header.compressed_bytes = static_cast<std::uint32_t>(size);
  header.raw_bytes = static_cast<std::uint32_t>(raw.size());
  header.body_crc = checksum_of(packed_.data() + sizeof header, size);
  header.crc = header_checksum(header);
  std::memcpy(packed_.data(), &header, sizeof header);
  int reason = file.append({packed_.data(), sizeof header + size});
  if (reason != 0) return fail(&file, std::strerror(reason), header.frames);
  written_ += sizeof header + size;
  if (options_.sync == Sync::Block && (reason = file.sync()) != 0) {
    return fail(&file, std::strerror(reason), 0);
  }
  return true;
}

bool RecordingWriter::close() noexcept {
  if (file_ == nullptr) return true;
  bool ok = flush();
  if (options_.sync != Sync::Never) {
    const int reason = file_->sync();
    if (reason != 0) ok = fail(file_.get(), std::strerror(reason), 0);
  }
  file_.reset();
  return ok;
}

bool RecordingWriter::fail(const RecordingFile* file, std::string_view what,
                           std::uint64_t frames) noexcept {
  ++failures_;
  lost_ += frames;
  try {
    error_ = (file != nullptr ? file->name() : path_) + ": cannot be written: " + std::string{what};
  } catch (const std::bad_alloc&) {
    error_.clear();  // the counts tell
  }
  return false;
}

}  // namespace steelyard
