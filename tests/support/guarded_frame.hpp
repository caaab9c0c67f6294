// tests/support/guarded_frame.hpp -- a frame behind whose padding no byte can be read.
#pragma once

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <string>
#include <string_view>

#include "core/frame.hpp"

namespace steelyard {

// Memory that ends with a page that faults when it is read. What stands in the padding behind a
// payload is up to the caller: a feed's buffer holds older frames there.
class GuardedFrame {
 public:
  GuardedFrame(std::size_t most_bytes, std::string request, bool binary)
      : request_{std::move(request)} {
    frame_.kind = !request_.empty() ? FrameKind::Answer
                  : binary          ? FrameKind::Binary
                                    : FrameKind::Text;
    frame_.request = request_;
    frame_.received = TimestampNs{1};
    frame_.connection = ConnectionId{0};
    const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
    readable_ = (most_bytes + kFramePadding + page - 1) / page * page;
    mapped_ = readable_ + page;
    void* const memory =
        mmap(nullptr, mapped_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED || mprotect(static_cast<char*>(memory) + readable_, page, PROT_NONE)) {
      ADD_FAILURE() << "no memory with a guard behind it";
      std::abort();
    }
    memory_ = static_cast<char*>(memory);
  }
  ~GuardedFrame() { munmap(memory_, mapped_); }
  GuardedFrame(const GuardedFrame&) = delete;
  GuardedFrame& operator=(const GuardedFrame&) = delete;

  // `padding`: kFramePadding bytes. Valid until the next call.
  [[nodiscard]] const Frame& operator()(std::string_view payload, std::string_view padding) {
    char* const behind = memory_ + readable_ - kFramePadding;
    padding.copy(behind, kFramePadding);
    payload.copy(behind - payload.size(), payload.size());
    frame_.payload = {behind - payload.size(), payload.size()};
    return frame_;
  }

 private:
  std::string request_;
  std::size_t readable_ = 0;
  std::size_t mapped_ = 0;
  char* memory_ = nullptr;
  Frame frame_;
};

}  // namespace steelyard
