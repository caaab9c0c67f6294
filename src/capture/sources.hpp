// src/capture/sources.hpp -- the formats behind open_source.
#pragma once

#include <memory>
#include <string>

#include "capture/byte_source.hpp"
#include "capture/frame_source.hpp"

namespace steelyard {

[[nodiscard]] std::unique_ptr<FrameSource> make_ndjson_source(std::string name,
                                                              std::unique_ptr<ByteSource> bytes);
[[nodiscard]] std::unique_ptr<FrameSource> make_tardis_source(std::string name,
                                                              std::unique_ptr<ByteSource> bytes,
                                                              std::string venue);
[[nodiscard]] std::unique_ptr<FrameSource> make_recording_source(std::string path);

// "2024-08-08T23:54:15.0303146Z" to ns; false if it is no such time.
[[nodiscard]] bool parse_iso_time(std::string_view text, std::int64_t& ns) noexcept;

}  // namespace steelyard
