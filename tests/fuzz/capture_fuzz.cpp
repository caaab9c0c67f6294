// tests/fuzz/capture_fuzz.cpp -- a recording of any bytes: frames, a told defect, or a clear
// refusal.
#include <unistd.h>

#include <cstdint>
#include <cstdlib>

#include "capture/frame_source.hpp"

using namespace steelyard;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  char path[] = "/tmp/steelyard-fuzz-XXXXXX";
  const int file = mkstemp(path);
  if (file < 0) std::abort();
  const bool written = write(file, data, size) == static_cast<ssize_t>(size);
  close(file);
  if (written) {
    try {
      const auto source = open_source(path, {"okx"});
      RecordedFrame frame;
      std::uint64_t bytes = 0;
      for (int i = 0; i < 10'000; ++i) {
        const Next next = source->next(frame);
        if (next == Next::End) break;
        if (next == Next::Malformed && source->error().empty()) std::abort();
        if (next == Next::Frame) bytes += frame.payload.size() + frame.url.size();
      }
      if (bytes > 1U << 30) std::abort();
    } catch (const CaptureError&) {
      // Refused, with a reason.
    }
  }
  unlink(path);
  return 0;
}
