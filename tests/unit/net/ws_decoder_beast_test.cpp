// Frames at random, whole and spoilt: our decoder hears what Boost.Beast hears.
#include <gtest/gtest.h>

#include <random>

#include "support/beast/beast_reader.hpp"

namespace steelyard {
namespace {

class Frames {
 public:
  explicit Frames(std::uint64_t seed) : random_{seed} {}

  // Mostly proper: messages in one to four fragments, control frames between them.
  [[nodiscard]] std::string some() {
    std::string bytes;
    for (unsigned left = 1 + below(6); left != 0; --left) {
      const unsigned fragments = below(3) == 0 ? 2 + below(3) : 1;
      for (unsigned i = 0; i < fragments; ++i) {
        while (below(4) == 0) bytes += server_frame(text(below(126)), {.opcode = 9 + below(2)});
        bytes += server_frame(text(length()),
                              {.opcode = i == 0 ? 1 + below(2) : 0, .last = i + 1 == fragments});
      }
    }
    if (below(4) == 0) bytes += server_frame(std::string{"\x03\xe8 bye", 6}, {.opcode = 8});
    return bytes;
  }
  void spoil(std::string& bytes) {
    // Heads are where it hurts: the first bytes more often than the rest.
    const unsigned range = below(2) == 0 ? 16 : static_cast<unsigned>(bytes.size());
    for (unsigned times = 1 + below(3); times != 0; --times) {
      const std::size_t at = below(std::min(range, static_cast<unsigned>(bytes.size())));
      bytes[at] = static_cast<char>(below(2) == 0 ? below(256) : bytes[at] ^ 1 << below(8));
    }
    if (below(4) == 0) bytes.resize(below(static_cast<unsigned>(bytes.size())) + 1);
  }
  [[nodiscard]] unsigned below(unsigned limit) { return static_cast<unsigned>(random_() % limit); }

 private:
  [[nodiscard]] unsigned length() {
    constexpr unsigned kEdges[] = {0, 1, 125, 126, 127, 65'535, 65'536};
    return below(4) == 0 ? kEdges[below(7)] : below(400);
  }
  [[nodiscard]] std::string text(unsigned bytes) {
    return std::string(bytes, static_cast<char>('a' + below(26)));
  }
  std::mt19937_64 random_;
};

TEST(WsDecoderAndBeast, HearTheSameOfProperFrames) {
  Frames frames{1};
  for (int i = 0; i < 1'000; ++i) {
    const std::string bytes = frames.some();
    ASSERT_EQ(difference_from_beast(bytes, 1 + frames.below(3000)), "") << i;
  }
}

TEST(WsDecoderAndBeast, HearTheSameOfSpoiltFrames) {
  Frames frames{2};
  for (int i = 0; i < 3'000; ++i) {
    std::string bytes = frames.some();
    frames.spoil(bytes);
    ASSERT_EQ(difference_from_beast(bytes, 1 + frames.below(3000)), "") << i;
  }
}

}  // namespace
}  // namespace steelyard
