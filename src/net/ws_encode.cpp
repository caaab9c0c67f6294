#include "net/ws_encode.hpp"

#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/sha.h>

#include <stdexcept>

namespace steelyard {
namespace {

void fill_randomly(unsigned char* bytes, int count) {
  if (RAND_bytes(bytes, count) != 1) throw std::runtime_error{"the system gives no random bytes"};
}

[[nodiscard]] std::string base64(const unsigned char* bytes, int count) {
  std::string text(static_cast<std::size_t>(count + 2) / 3 * 4 + 1, '\0');
  text.resize(static_cast<std::size_t>(
      EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()), bytes, count)));
  return text;
}

}  // namespace

std::string ws_key() {
  unsigned char bytes[16];
  fill_randomly(bytes, sizeof bytes);
  return base64(bytes, sizeof bytes);
}

std::string ws_accept(std::string_view key) {
  const std::string text = std::string{key} + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  unsigned char hash[SHA_DIGEST_LENGTH];
  SHA1(reinterpret_cast<const unsigned char*>(text.data()), text.size(), hash);
  return base64(hash, sizeof hash);
}

std::string ws_frame(WsOpcode opcode, std::string_view payload) {
  std::string frame;
  frame.reserve(payload.size() + 14);
  frame += static_cast<char>(0x80U | static_cast<unsigned>(opcode));
  const auto length = static_cast<std::uint64_t>(payload.size());
  const int more = length < 126 ? 0 : length <= 0xffff ? 2 : 8;
  frame += static_cast<char>(0x80U | (more == 0 ? length : more == 2 ? 126U : 127U));
  for (int i = more - 1; i >= 0; --i) frame += static_cast<char>(length >> (8 * i) & 0xffU);
  unsigned char mask[4];
  fill_randomly(mask, sizeof mask);
  frame.append(reinterpret_cast<const char*>(mask), sizeof mask);
  for (std::size_t i = 0; i < payload.size(); ++i) {
    frame += static_cast<char>(static_cast<unsigned char>(payload[i]) ^ mask[i % 4]);
  }
  return frame;
}

std::string ws_close_payload(std::uint16_t code) {
  if (code == 0) return {};
  return {static_cast<char>(code >> 8), static_cast<char>(code & 0xff)};
}

std::string printable(std::string_view text) {
  std::string out{text};
  for (char& c : out) {
    if (c < ' ' || c > '~') c = '?';
  }
  return out;
}

}  // namespace steelyard
