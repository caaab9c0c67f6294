#include <algorithm>

#include "capture/frame_source.hpp"
#include "capture/sources.hpp"

namespace steelyard {
namespace {

// Raw lines start with a time, ndjson with an object: the first line that is not blank tells.
[[nodiscard]] std::unique_ptr<FrameSource> make_line_source(std::string name,
                                                            std::unique_ptr<ByteSource> bytes,
                                                            const SourceOptions& options) {
  char start[4096];
  std::size_t have = 0;
  try {
    while (const std::size_t got = bytes->read(start + have, sizeof start - have)) have += got;
  } catch (const CaptureError&) {  // NOLINT(bugprone-empty-catch): told when reading gets there
  }
  std::string_view text{start, have};
  bytes->rewind();
  text.remove_prefix(std::min(text.find_first_not_of(" \t\r\n"), text.size()));
  std::int64_t time = 0;
  if (parse_iso_time(text.substr(0, text.find_first_of(" \r\n")), time)) {
    if (options.venue.empty()) {
      throw CaptureError{name + ": raw lines name no venue: say which with --venue NAME"};
    }
    return make_tardis_source(std::move(name), std::move(bytes), options.venue);
  }
  // Content that tells nothing, such as a damaged first line: then the name does.
  if (text.empty() || text.front() == '{' || name.find(".ndjson") != std::string::npos ||
      name == display_name("-")) {
    return make_ndjson_source(std::move(name), std::move(bytes));
  }
  if (!options.venue.empty()) {
    return make_tardis_source(std::move(name), std::move(bytes), options.venue);
  }
  throw CaptureError{name +
                     ": of no known format: neither a recording of ours, nor ndjson (lines that "
                     "start with {), nor raw lines (that start with an ISO-8601 time)"};
}

}  // namespace

std::unique_ptr<FrameSource> make_source(std::string name, std::unique_ptr<ByteSource> bytes,
                                         const SourceOptions& options) {
  RecordingPart part{name, unpacked(name, std::move(bytes))};
  if (!identify_part(part)) {
    return make_line_source(std::move(name), std::move(part.bytes), options);
  }
  std::vector<RecordingPart> parts;
  parts.push_back(std::move(part));
  return make_recording_source(std::move(parts));
}

std::unique_ptr<FrameSource> open_source(const std::string& path, const SourceOptions& options) {
  return make_source(display_name(path), open_file(path), options);
}

std::vector<std::unique_ptr<FrameSource>> open_sources(const std::vector<std::string>& paths,
                                                       const SourceOptions& options) {
  // Either parts of a recording or another source, at the place of the first that was named.
  struct Input {
    std::vector<RecordingPart> parts;
    std::unique_ptr<FrameSource> source;
  };
  std::vector<Input> inputs;
  for (const std::string& path : paths) {
    RecordingPart part{display_name(path), unpacked(display_name(path), open_file(path))};
    if (!identify_part(part)) {
      inputs.push_back({{}, make_line_source(part.name, std::move(part.bytes), options)});
      continue;
    }
    const auto same = std::find_if(inputs.begin(), inputs.end(), [&](const Input& input) {
      return !input.parts.empty() && input.parts.front().session == part.session;
    });
    Input& input = same != inputs.end() ? *same : inputs.emplace_back();
    for (const RecordingPart& other : input.parts) {
      if (other.number == part.number) {
        throw CaptureError{part.name + ": the same part of the same recording as " + other.name};
      }
    }
    input.parts.push_back(std::move(part));
  }
  std::vector<std::unique_ptr<FrameSource>> sources;
  for (Input& input : inputs) {
    std::sort(input.parts.begin(), input.parts.end(),
              [](const RecordingPart& a, const RecordingPart& b) { return a.number < b.number; });
    sources.push_back(input.source != nullptr ? std::move(input.source)
                                              : make_recording_source(std::move(input.parts)));
  }
  return sources;
}

}  // namespace steelyard
