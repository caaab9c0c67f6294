// src/core/huge_block.hpp -- memory taken once, in huge pages where the kernel gives them.
#pragma once

#include <sys/mman.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <span>

namespace steelyard {

// Cold. What of this memory covers whole huge pages may lie in them from its first touch on.
inline void ask_for_huge_pages(void* data, std::size_t bytes) noexcept {
  constexpr std::uintptr_t kPage = 4096;
  const std::uintptr_t first = (reinterpret_cast<std::uintptr_t>(data) + kPage - 1) / kPage * kPage;
  const std::uintptr_t end = (reinterpret_cast<std::uintptr_t>(data) + bytes) / kPage * kPage;
  if (first < end) (void)madvise(reinterpret_cast<void*>(first), end - first, MADV_HUGEPAGE);
}

// Zeroed, aligned to a cache line at least. What many instruments touch in turn lies scattered over
// more pages than a processor keeps addresses of: a huge page counts as one. Asking for them is a
// hint; without them everything works, a little slower. Cold: at the start only.
class HugeBlock {
 public:
  HugeBlock() = default;
  explicit HugeBlock(std::size_t bytes) {
    if (bytes == 0) return;
    const std::size_t page = bytes >= kHugePage ? kHugePage : kLine;
    bytes_ = (bytes + page - 1) / page * page;
    data_.reset(static_cast<std::byte*>(std::aligned_alloc(page, bytes_)));
    if (data_ == nullptr) std::abort();
    if (page == kHugePage) ask_for_huge_pages(data_.get(), bytes_);
    std::fill_n(data_.get(), bytes_, std::byte{0});
  }

  // The next so many of them, on a cache line of their own. They must be there.
  [[nodiscard]] std::span<std::byte> take(std::size_t bytes) noexcept {
    const std::span<std::byte> taken{data_.get() + taken_, bytes};
    taken_ += lines(bytes);
    return taken;
  }
  // What a `take` of so many takes.
  [[nodiscard]] static constexpr std::size_t lines(std::size_t bytes) noexcept {
    return (bytes + kLine - 1) / kLine * kLine;
  }

 private:
  static constexpr std::size_t kLine = 64;
  static constexpr std::size_t kHugePage = std::size_t{2} << 20;

  struct Free {
    void operator()(std::byte* data) const noexcept { std::free(data); }
  };
  std::unique_ptr<std::byte[], Free> data_;
  std::size_t bytes_ = 0;
  std::size_t taken_ = 0;
};

}  // namespace steelyard
