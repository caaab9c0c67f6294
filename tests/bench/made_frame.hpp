// tests/bench/made_frame.hpp -- frames that no venue has sent, in memory, read as a recording is.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "capture/frame_source.hpp"
#include "venues/venue.hpp"

namespace steelyard::bench {

struct MadeFrame {
  FrameKind kind = FrameKind::Text;
  std::int64_t received = 0;
  std::string payload = {};
  std::string url = {};  // asked for: of an answer
};

class MadeSource final : public FrameSource {
 public:
  MadeSource(const Venue& venue, std::vector<MadeFrame> frames)
      : venue_{venue}, frames_{std::move(frames)}, name_{venue.name} {
    for (MadeFrame& frame : frames_) frame.payload.append(kFramePadding, '\0');
  }

  Next next(RecordedFrame& frame) override {
    if (at_ == frames_.size()) return Next::End;
    const MadeFrame& made = frames_[at_++];
    frame = {};
    frame.kind = made.kind;
    frame.received = TimestampNs{made.received};
    frame.payload = std::string_view{made.payload}.substr(0, made.payload.size() - kFramePadding);
    frame.url = made.url;
    frame.connection = made.kind == FrameKind::Answer ? "rest" : "stream";
    frame.venue = venue_.name;
    frame.line = at_;
    return Next::Frame;
  }
  void rewind() override { at_ = 0; }
  [[nodiscard]] const std::string& error() const override { return none_; }
  [[nodiscard]] const std::string& name() const override { return name_; }
  [[nodiscard]] const std::string& header() const override { return none_; }

 private:
  const Venue& venue_;
  std::vector<MadeFrame> frames_;
  std::string name_;
  std::string none_;
  std::size_t at_ = 0;
};

}  // namespace steelyard::bench
