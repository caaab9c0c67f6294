// src/capture/sources.hpp -- the formats behind open_source.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "capture/byte_source.hpp"
#include "capture/frame_source.hpp"

namespace steelyard {

[[nodiscard]] std::unique_ptr<FrameSource> make_ndjson_source(std::string name,
                                                              std::unique_ptr<ByteSource> bytes);
[[nodiscard]] std::unique_ptr<FrameSource> make_tardis_source(std::string name,
                                                              std::unique_ptr<ByteSource> bytes,
                                                              std::string venue);

// Which file of which recording.
struct RecordingPart {
  std::string name;
  std::unique_ptr<ByteSource> bytes;
  std::uint64_t session = 0;
  std::uint32_t number = 0;  // from 1
  std::uint32_t header_bytes = 0;
};

// Reads the file header; true if the bytes start like one of ours. Throws CaptureError if they do
// and yet cannot be read.
[[nodiscard]] bool identify_part(RecordingPart& part);
// Parts of one recording, in their order; at least one.
[[nodiscard]] std::unique_ptr<FrameSource> make_recording_source(std::vector<RecordingPart> parts);

// Bytes that need not be a file: as open_source does with a file's.
[[nodiscard]] std::unique_ptr<FrameSource> make_source(std::string name,
                                                       std::unique_ptr<ByteSource> bytes,
                                                       const SourceOptions& options);

// "2024-08-08T23:54:15.0303146Z" to ns; false if it is no such time.
[[nodiscard]] bool parse_iso_time(std::string_view text, std::int64_t& ns) noexcept;

}  // namespace steelyard
