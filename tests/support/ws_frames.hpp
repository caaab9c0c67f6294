// tests/support/ws_frames.hpp -- frames as a WebSocket server writes them, proper or not, and what
// a decoder makes of them.
#pragma once

#include <algorithm>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "net/ws_decoder.hpp"

namespace steelyard {

struct WsFrameShape {
  unsigned opcode = 1;
  bool last = true;
  unsigned reserved = 0;  // three bits
  bool masked = false;
  int length_bytes = -1;  // 0, 2 or 8; -1: the fewest
};

[[nodiscard]] inline std::string server_frame(std::string_view payload, WsFrameShape shape = {}) {
  int more = shape.length_bytes;
  if (more < 0) more = payload.size() < 126 ? 0 : payload.size() <= 0xffff ? 2 : 8;
  std::string frame;
  frame += static_cast<char>((shape.last ? 0x80U : 0U) | shape.reserved << 4 | shape.opcode);
  frame += static_cast<char>((shape.masked ? 0x80U : 0U) | (more == 0   ? payload.size() & 127U
                                                            : more == 2 ? 126U
                                                                        : 127U));
  for (int i = more - 1; i >= 0; --i) {
    frame += static_cast<char>(static_cast<std::uint64_t>(payload.size()) >> (8 * i) & 0xffU);
  }
  if (shape.masked) frame.append(4, '\0');
  frame += payload;
  return frame;
}

// One line an event, until nothing is left or the connection would end.
struct WsHeard {
  std::vector<std::string> messages;  // "text ..." or "binary ..."
  std::vector<std::string> pings;
  std::vector<std::string> pongs;
  std::string end;  // "close CODE REASON", "defect CODE WHY", or empty
};

// The bytes come in pieces of `piece` at most.
[[nodiscard]] inline WsHeard hear(WsDecoder& decoder, std::string_view bytes, std::size_t piece) {
  WsHeard heard;
  while (!bytes.empty() && heard.end.empty()) {
    const WsDecoder::Room room = decoder.room();
    const std::size_t count = std::min({piece, bytes.size(), room.bytes});
    std::memcpy(room.data, bytes.data(), count);
    bytes.remove_prefix(count);
    decoder.filled(count);
    for (;;) {
      const WsEvent event = decoder.next();
      const std::string payload{event.payload};
      if (event.kind == WsEvent::Kind::NeedBytes) break;
      if (event.kind == WsEvent::Kind::Text) heard.messages.push_back("text " + payload);
      if (event.kind == WsEvent::Kind::Binary) heard.messages.push_back("binary " + payload);
      if (event.kind == WsEvent::Kind::Ping) heard.pings.push_back(payload);
      if (event.kind == WsEvent::Kind::Pong) heard.pongs.push_back(payload);
      if (event.kind == WsEvent::Kind::Close) {
        heard.end = "close " + std::to_string(event.code) + ' ' + payload;
        break;
      }
      if (event.kind == WsEvent::Kind::Defect) {
        heard.end = "defect " + std::to_string(event.code) + ' ' + event.why;
        break;
      }
    }
  }
  return heard;
}

}  // namespace steelyard
