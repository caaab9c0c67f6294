// tests/fuzz/websocket_fuzz.cpp -- a server's bytes, in pieces of any size: our decoder hears what
// Boost.Beast hears.
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "support/beast/beast_reader.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::size_t piece = 1U + data[0];
  const std::string difference =
      steelyard::difference_from_beast({reinterpret_cast<const char*>(data + 1), size - 1}, piece);
  if (!difference.empty()) {
    std::fprintf(stderr, "they differ: %s\n", difference.c_str());
    std::abort();
  }
  return 0;
}
