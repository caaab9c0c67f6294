#include "net/ws_decoder.hpp"

#include <algorithm>
#include <cassert>
#include <cstring>

namespace steelyard {
namespace {

// RFC 6455, 5.2.
constexpr std::uint8_t kContinuation = 0;
constexpr std::uint8_t kText = 1;
constexpr std::uint8_t kBinary = 2;
constexpr std::uint8_t kClose = 8;
constexpr std::uint8_t kPing = 9;
constexpr std::uint8_t kPong = 10;
constexpr std::size_t kMaxControl = 125;
constexpr std::size_t kMaxHead = 10;  // a server does not mask

// 7.4: what may stand in a close frame. Kept for later, or for programs never to send: not.
[[nodiscard]] constexpr bool is_close_code(unsigned code) noexcept {
  if (code >= 3000) return code < 5000;
  return code >= 1000 && code <= 1014 && code != 1004 && code != 1005 && code != 1006;
}

[[nodiscard]] WsEvent defect(const char* why,
                             WsCloseCode code = WsCloseCode::ProtocolError) noexcept {
  WsEvent event;
  event.kind = WsEvent::Kind::Defect;
  event.code = static_cast<std::uint16_t>(code);
  event.why = why;
  return event;
}

[[nodiscard]] WsEvent message(std::uint8_t opcode, std::string_view payload) noexcept {
  WsEvent event;
  event.kind = opcode == kText ? WsEvent::Kind::Text : WsEvent::Kind::Binary;
  event.payload = payload;
  return event;
}

}  // namespace

WsDecoder::WsDecoder(std::size_t max_message, std::size_t initial, std::size_t padding)
    : max_message_{max_message},
      padding_{padding},
      capacity_{std::max(initial, 2 * kRead)},
      // Not zeroed: a page that is never read to is never touched.
      bytes_{new char[capacity_ + padding]} {}

WsDecoder::Room WsDecoder::room() {
  // The rest of a frame goes to the front, once: what is read stays in the cache that way.
  if (at_ != joined_) {
    std::memmove(bytes_.get() + joined_, bytes_.get() + at_, end_ - at_);
    end_ -= at_ - joined_;
    at_ = joined_;
  }
  const std::size_t need = std::max(at_ + wanted_, end_ + kRead);
  if (need > capacity_) {
    // Doubled, so that many fragments do not move all bytes each time.
    const std::size_t larger = std::max(need, 2 * capacity_);
    std::unique_ptr<char[]> bytes{new char[larger + padding_]};
    std::memcpy(bytes.get(), bytes_.get(), end_);
    bytes_ = std::move(bytes);
    capacity_ = larger;
  }
  return {bytes_.get() + end_, capacity_ - end_};
}

WsDecoder::Head WsDecoder::head() const noexcept {
  Head head;
  const std::size_t have = end_ - at_;
  if (have < 2) return head;
  const auto* const at = reinterpret_cast<const unsigned char*>(bytes_.get() + at_);
  head.opcode = at[0] & 15U;
  head.last = (at[0] & 0x80U) != 0;
  head.payload = at[1] & 127U;
  const std::size_t more = head.payload < 126 ? 0 : head.payload == 126 ? 2 : 8;
  if (have < 2 + more) return head;
  if (more != 0) {
    head.payload = 0;
    for (std::size_t i = 0; i < more; ++i) head.payload = head.payload << 8 | at[2 + i];
  }
  head.bytes = 2 + more;
  return head;
}

// What the first two bytes give away, so that nothing more is waited for. Null: nothing.
const char* WsDecoder::refusal(const Head& head) const noexcept {
  const auto* const at = reinterpret_cast<const unsigned char*>(bytes_.get() + at_);
  if ((at[0] & 0x70U) != 0) return "reserved bits are set, and no extension was agreed on";
  if ((at[1] & 0x80U) != 0) return "a server's frame is masked";
  switch (head.opcode) {
    case kContinuation:
      return fragmented_ == 0 ? "a fragment goes on with no message" : nullptr;
    case kText:
    case kBinary:
      return fragmented_ != 0 ? "a message begins inside another" : nullptr;
    case kClose:
    case kPing:
    case kPong:
      if (!head.last) return "a control frame is fragmented";
      return (at[1] & 127U) > kMaxControl ? "a control frame has more than 125 bytes" : nullptr;
    default:
      return "an unknown kind of frame";
  }
}

WsEvent WsDecoder::next() noexcept {
  for (;;) {
    wanted_ = 0;
    if (end_ - at_ < 2) return {};
    const Head frame = head();
    if (const char* const why = refusal(frame); why != nullptr) return defect(why);
    if (frame.bytes == 0) {
      wanted_ = kMaxHead;
      return {};
    }
    const auto* const second = reinterpret_cast<const unsigned char*>(bytes_.get() + at_ + 1);
    // 5.2: the least number of bytes, and no length above 2^63.
    if ((frame.bytes == 4 && frame.payload < 126) ||
        (frame.bytes == 10 && frame.payload <= 0xffff)) {
      return defect("a length is written longer than it must be");
    }
    if (frame.bytes == 10 && (second[1] & 0x80U) != 0) return defect("a length is negative");
    if (frame.opcode < kClose && frame.payload > max_message_ - joined_) {
      return defect("a message is too big", WsCloseCode::TooBig);
    }
    const auto length = static_cast<std::size_t>(frame.payload);
    if (end_ - at_ - frame.bytes < length) {
      wanted_ = frame.bytes + length;
      return {};
    }
    const std::string_view payload{bytes_.get() + at_ + frame.bytes, length};
    at_ += frame.bytes + length;
    if (frame.opcode >= kClose) return control(frame, payload);
    if (frame.opcode != kContinuation && frame.last) return message(frame.opcode, payload);
    const WsEvent joined = join(frame, payload);
    if (joined.kind != WsEvent::Kind::NeedBytes) return joined;
  }
}

WsEvent WsDecoder::control(const Head& head, std::string_view payload) const noexcept {
  WsEvent event;
  event.kind = head.opcode == kPing   ? WsEvent::Kind::Ping
               : head.opcode == kPong ? WsEvent::Kind::Pong
                                      : WsEvent::Kind::Close;
  event.payload = payload;
  if (head.opcode != kClose || payload.empty()) return event;
  if (payload.size() == 1) return defect("a close frame has half a code");
  const auto* const bytes = reinterpret_cast<const unsigned char*>(payload.data());
  const unsigned code = static_cast<unsigned>(bytes[0]) << 8 | bytes[1];
  if (!is_close_code(code)) return defect("a close frame has a code that is none");
  event.code = static_cast<std::uint16_t>(code);
  event.payload.remove_prefix(2);
  return event;
}

// A fragment moves to those before it, over heads that have been read.
WsEvent WsDecoder::join(const Head& head, std::string_view payload) noexcept {
  if (head.opcode != kContinuation) fragmented_ = head.opcode;
  assert(joined_ + payload.size() <= at_);
  std::memmove(bytes_.get() + joined_, payload.data(), payload.size());
  joined_ += payload.size();
  if (!head.last) return {};
  const WsEvent whole = message(fragmented_, {bytes_.get(), joined_});
  joined_ = 0;
  fragmented_ = 0;
  return whole;
}

}  // namespace steelyard
