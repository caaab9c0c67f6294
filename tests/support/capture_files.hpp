// tests/support/capture_files.hpp -- recordings in memory and in temporary folders, and what is
// read from them.
#pragma once

#include <gtest/gtest.h>
#include <zlib.h>
#include <zstd.h>

#include <fstream>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "capture/recording.hpp"
#include "capture/sources.hpp"
#include "support/temporary_folder.hpp"

namespace steelyard {

[[nodiscard]] inline std::string bytes_of_file(const std::string& path) {
  std::ifstream file{path, std::ios::binary};
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

inline void write_file(const std::string& path, std::string_view bytes) {
  std::ofstream{path, std::ios::binary} << bytes;
}

[[nodiscard]] inline std::string as_zstd(std::string_view bytes) {
  std::string out(ZSTD_compressBound(bytes.size()), '\0');
  out.resize(ZSTD_compress(out.data(), out.size(), bytes.data(), bytes.size(), 3));
  return out;
}

[[nodiscard]] inline std::string as_gzip(std::string_view bytes) {
  z_stream stream{};
  deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
  std::string out(deflateBound(&stream, bytes.size()) + 64, '\0');
  std::string in{bytes};
  stream.next_in = reinterpret_cast<Bytef*>(in.data());
  stream.avail_in = static_cast<uInt>(in.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

// A frame to record; owns its texts.
struct Sample {
  FrameKind kind = FrameKind::Text;
  std::int64_t received = 0;
  std::string payload;
  std::string request = {};
  std::uint32_t connection = 0;

  [[nodiscard]] Frame frame() const {
    return {payload, request, TimestampNs{received}, ConnectionId{connection}, kind};
  }
};

// One answer of a source, copied.
struct Read {
  bool malformed = false;
  std::string error = {};
  FrameKind kind = FrameKind::Text;
  std::int64_t received = 0;
  std::string payload = {};
  std::string url = {};
  std::string connection = {};
  std::string venue = {};
  std::uint32_t connection_number = 0;
  std::uint64_t line = 0;
  bool derived = false;

  friend bool operator==(const Read&, const Read&) = default;
};

// The next answer; none at the end.
[[nodiscard]] inline std::optional<Read> read_one(FrameSource& source) {
  RecordedFrame frame;
  switch (source.next(frame)) {
    case Next::End:
      return {};
    case Next::Malformed:
      return Read{.malformed = true, .error = source.error()};
    case Next::Frame:
      break;
  }
  if (frame.payload.data() != nullptr) {
    // With the padding: address sanitizer tells if it is not there.
    const std::string padded{frame.payload.data(), frame.payload.size() + kFramePadding};
    EXPECT_EQ(padded.substr(0, frame.payload.size()), frame.payload);
  }
  return Read{.kind = frame.kind,
              .received = frame.received.raw(),
              .payload = std::string{frame.payload},
              .url = std::string{frame.url},
              .connection = std::string{frame.connection},
              .venue = std::string{frame.venue},
              .connection_number = frame.connection_number,
              .line = frame.line,
              .derived = frame.derived};
}

[[nodiscard]] inline std::vector<Read> read_all(FrameSource& source) {
  std::vector<Read> all;
  while (auto one = read_one(source)) all.push_back(std::move(*one));
  return all;
}

[[nodiscard]] inline std::unique_ptr<FrameSource> source_of(std::string bytes,
                                                            const SourceOptions& options = {}) {
  return make_source("test.in", memory_bytes(std::move(bytes)), options);
}

[[nodiscard]] inline std::vector<Read> read_all(std::string bytes,
                                                const SourceOptions& options = {}) {
  return read_all(*source_of(std::move(bytes), options));
}

// What a CaptureError says, or nothing.
template <typename Action>
[[nodiscard]] std::string refusal_of(const Action& action) {
  try {
    action();
  } catch (const CaptureError& error) {
    return error.what();
  }
  return {};
}

// A recording of these frames, `per_block` in each block. `ends` gets where its blocks end: of the
// text block first.
[[nodiscard]] inline std::string recording_of(const std::vector<Sample>& samples,
                                              std::size_t per_block = 1000,
                                              std::vector<std::size_t>* ends = nullptr) {
  const TemporaryFolder folder;
  const std::string path = folder / "test.sly";
  RecordingWriter writer{path, "title = \"a test\"\n", {.block_age_ns = 0}};
  if (ends != nullptr) ends->push_back(writer.bytes_written());
  for (std::size_t i = 0; i < samples.size(); ++i) {
    EXPECT_TRUE(writer.append(samples[i].frame()));
    if ((i + 1) % per_block != 0 && i + 1 != samples.size()) continue;
    EXPECT_TRUE(writer.flush());
    if (ends != nullptr) ends->push_back(writer.bytes_written());
  }
  EXPECT_TRUE(writer.close());
  return bytes_of_file(path);
}

[[nodiscard]] inline std::vector<Sample> numbered(std::size_t count) {
  std::vector<Sample> samples;
  for (std::size_t i = 1; i <= count; ++i) {
    samples.push_back({.received = static_cast<std::int64_t>(1000 * i),
                       .payload = "payload " + std::to_string(i),
                       .connection = static_cast<std::uint32_t>(i % 3)});
  }
  return samples;
}

// A block as any recorder may write it.
[[nodiscard]] inline std::string block_of(BlockHeader header, std::string_view raw) {
  const std::string packed = as_zstd(raw);
  header.compressed_bytes = static_cast<std::uint32_t>(packed.size());
  header.raw_bytes = static_cast<std::uint32_t>(raw.size());
  header.body_crc = checksum_of(packed.data(), packed.size());
  header.crc = header_checksum(header);
  return std::string{reinterpret_cast<const char*>(&header), sizeof header} + packed;
}

[[nodiscard]] inline std::string record_of(std::uint8_t kind, std::string_view payload,
                                           std::int64_t received = 1) {
  RecordHeader header;
  header.kind = kind;
  header.payload_bytes = static_cast<std::uint32_t>(payload.size());
  header.received = received;
  return std::string{reinterpret_cast<const char*>(&header), sizeof header}.append(payload);
}

}  // namespace steelyard
