// src/core/frame.hpp -- a frame: bytes as received, and when.
#pragma once

#include <cstddef>
#include <string_view>

#include "steelyard/types.hpp"

namespace steelyard {

// Readable bytes that must follow every payload: the decoder reads whole vectors.
inline constexpr std::size_t kFramePadding = 64;

enum class FrameKind : std::uint8_t {
  Text,      // WebSocket text message
  Binary,    // WebSocket binary message
  Answer,    // answer to a REST request; `request` says to which
  Timer,     // silence: moves time on, carries nothing
  LinkUp,    // the connection is established and subscribed anew: what it carried before is void
  LinkDown,  // the connection is lost
  Sent,      // what we sent; recorded, never decoded
  Lost,      // the recorder could not keep up here; payload: how many frames, as decimal text
};

// One unit of input. Time enters the daemon here and nowhere else, which is why a replay is exact.
struct Frame {
  std::string_view payload;  // kFramePadding readable bytes follow it
  std::string_view request;  // Answer: the URL asked for. Otherwise empty
  TimestampNs received;
  ConnectionId connection;
  FrameKind kind = FrameKind::Text;
};

}  // namespace steelyard
