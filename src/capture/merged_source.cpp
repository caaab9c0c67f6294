#include <algorithm>

#include "capture/frame_source.hpp"

namespace steelyard {

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
    // A malformed line has no time of its own and comes where it stands.
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
