// tests/fuzz/config_fuzz.cpp -- a configuration of any text: accepted, or refused with one line.
#include <cstdlib>
#include <string>

#include "app/config.hpp"

using namespace steelyard;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    (void)parse_config({reinterpret_cast<const char*>(data), size}, "fuzz");
  } catch (const ConfigError& error) {
    if (std::string{error.what()}.empty()) std::abort();
  }
  return 0;
}
