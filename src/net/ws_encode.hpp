// src/net/ws_encode.hpp -- what a WebSocket client says (RFC 6455): its key, its frames.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace steelyard {

enum class WsOpcode : std::uint8_t { Text = 1, Binary = 2, Close = 8, Ping = 9, Pong = 10 };

// 16 random bytes in base64, and what a server makes of such a key (4.2.2).
[[nodiscard]] std::string ws_key();
[[nodiscard]] std::string ws_accept(std::string_view key);

// One whole frame, masked with a key that cannot be foreseen (5.3). A control frame's payload has
// at most 125 bytes. Throws std::runtime_error where the system gives no random bytes.
[[nodiscard]] std::string ws_frame(WsOpcode opcode, std::string_view payload);
// Of a frame that `ws_frame` made.
[[nodiscard]] inline WsOpcode ws_opcode(std::string_view frame) noexcept {
  return static_cast<WsOpcode>(static_cast<unsigned char>(frame[0]) & 15U);
}
// Empty where there is no code.
[[nodiscard]] std::string ws_close_payload(std::uint16_t code);

// For a log: what is not printable ASCII becomes '?'.
[[nodiscard]] std::string printable(std::string_view text);

}  // namespace steelyard
