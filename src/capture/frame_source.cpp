#include "capture/frame_source.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cstring>

#include "capture/recording.hpp"
#include "capture/sources.hpp"

namespace steelyard {
namespace {

[[nodiscard]] bool is_own(const std::string& path) {
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return false;
  char magic[sizeof kRecordingMagic] = {};
  const bool own = read(file, magic, sizeof magic) == sizeof magic &&
                   std::memcmp(magic, kRecordingMagic, sizeof magic) == 0;
  close(file);
  return own;
}

}  // namespace

std::unique_ptr<FrameSource> open_source(const std::string& path, const SourceOptions& options) {
  if (path != "-" && is_own(path)) return make_recording_source(path);
  std::string name = path == "-" ? "standard input" : path;
  // Raw lines start with a time, ndjson with an object: the first line that is not blank tells.
  std::unique_ptr<ByteSource> bytes = open_bytes(path);
  char start[256];
  std::size_t have = 0;
  while (have < sizeof start) {
    const std::size_t got = bytes->read(start + have, sizeof start - have);
    if (got == 0) break;
    have += got;
  }
  bytes->rewind();
  std::string_view text{start, have};
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  text = first == std::string_view::npos ? std::string_view{} : text.substr(first);
  std::int64_t time = 0;
  if (parse_iso_time(text.substr(0, text.find_first_of(" \r\n")), time)) {
    if (options.venue.empty()) {
      throw CaptureError{name + ": raw lines name no venue: say which with --venue NAME"};
    }
    return make_tardis_source(std::move(name), std::move(bytes), options.venue);
  }
  return make_ndjson_source(std::move(name), std::move(bytes));
}

MergedSource::MergedSource(std::vector<std::unique_ptr<FrameSource>> sources) {
  for (auto& source : sources) {
    Input input;
    input.source = std::move(source);
    sources_.push_back(std::move(input));
  }
}

void MergedSource::advance(Input& input) {
  input.state = input.source->next(input.frame);
  input.ahead = true;
  if (input.state == Next::Frame) {
    input.newest = std::max(input.newest, input.frame.received.raw());
  }
}

Next MergedSource::next(RecordedFrame& frame, std::size_t& from) {
  Input* earliest = nullptr;
  for (Input& input : sources_) {
    if (!input.ahead) advance(input);
    if (input.state == Next::End) continue;
    // A malformed line is told where it stands.
    if (earliest == nullptr || input.newest < earliest->newest) earliest = &input;
  }
  if (earliest == nullptr) return Next::End;
  from = static_cast<std::size_t>(earliest - sources_.data());
  frame = earliest->frame;
  earliest->ahead = false;
  return earliest->state;
}

void MergedSource::rewind() {
  for (Input& input : sources_) {
    input.source->rewind();
    input.ahead = false;
    input.newest = INT64_MIN;
  }
}

}  // namespace steelyard
