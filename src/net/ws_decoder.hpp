// src/net/ws_decoder.hpp -- messages out of the bytes that a WebSocket server sends (RFC 6455), in
// the buffer that they were read into.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

namespace steelyard {

// Why a connection ends. The numbers are those that a close frame carries.
enum class WsCloseCode : std::uint16_t {
  Normal = 1000,
  ProtocolError = 1002,
  TooBig = 1009,
};

struct WsEvent {
  enum class Kind : std::uint8_t {
    NeedBytes,  // nothing whole is left: read more
    Text,
    Binary,
    Ping,
    Pong,
    Close,   // the peer says goodbye: `code`, or 0 where it gives none
    Defect,  // the peer breaks the protocol: `why`, and `code` is what to close with
  };
  Kind kind = Kind::NeedBytes;
  std::uint16_t code = 0;
  // A message, what a ping carries, the reason of a close. In the buffer, followed by as many
  // readable bytes as was asked for, and valid until the next call.
  std::string_view payload;
  const char* why = "";
};

// The client's side of an established connection without extensions. Whoever reads puts bytes into
// `room` and says how many; a message that came in one frame is handed on where it lies, one of
// several fragments is moved together at the buffer's front. Nothing is allocated unless a message
// is larger than all before it. Text is not looked at: whether it is UTF-8 is for the decoder of
// its JSON to say, which refuses one message where the protocol would have the connection ended.
// One thread. After Close or Defect it must not be asked again.
class WsDecoder {
 public:
  static constexpr std::size_t kRead = 64U << 10;  // what `room` has at least
  // Bytes. A message of more than `max_message` is a defect as soon as its head says so.
  WsDecoder(std::size_t max_message, std::size_t initial, std::size_t padding);

  struct Room {
    char* data;
    std::size_t bytes;
  };
  // Where to read to, until the next call of `next`.
  [[nodiscard]] Room room();
  // `bytes` have been put there.
  void filled(std::size_t bytes) noexcept { end_ += bytes; }

  // HOT. The next event of the bytes read so far; control frames between fragments come first.
  [[nodiscard]] WsEvent next() noexcept;

 private:
  struct Head {
    std::size_t bytes = 0;  // 0: not all there
    std::uint64_t payload = 0;
    std::uint8_t opcode = 0;
    bool last = false;
  };
  [[nodiscard]] Head head() const noexcept;
  [[nodiscard]] const char* refusal(const Head& head) const noexcept;
  [[nodiscard]] WsEvent control(const Head& head, std::string_view payload) const noexcept;
  [[nodiscard]] WsEvent join(const Head& head, std::string_view payload) noexcept;

  std::size_t max_message_;
  std::size_t padding_;
  std::size_t capacity_;  // without the padding
  std::unique_ptr<char[]> bytes_;
  // [0, joined_) fragments so far; [at_, end_) read and not looked at. joined_ <= at_ <= end_.
  std::size_t joined_ = 0;
  std::size_t at_ = 0;
  std::size_t end_ = 0;
  std::size_t wanted_ = 0;       // bytes of the frame at at_, once its head is there
  std::uint8_t fragmented_ = 0;  // the opcode of the message that is not whole, or 0
};

}  // namespace steelyard
