// include/steelyard/segment_view.hpp -- a segment mapped read-only, and believed only after checks.
#pragma once

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>

#include "steelyard/shm_layout.hpp"

namespace steelyard {

// Where the segment of an instance lies. STEELYARD_SHM_DIR overrides the directory.
[[nodiscard]] inline std::string segment_path(std::string_view instance) {
  const char* const directory = std::getenv("STEELYARD_SHM_DIR");
  return std::string{directory != nullptr && *directory != '\0' ? directory : "/dev/shm"} +
         "/steelyard." + std::string{instance};
}

// Why a segment was not opened. What a name leads to changes: only the first three are cured by
// waiting.
enum class Refusal : std::uint8_t {
  None = 0,
  Missing = 1,   // nothing has that name: no daemon, another instance, another directory
  NotReady = 2,  // being filled by its publisher
  Dead = 3,      // whole, and its publisher is dead or has stopped; said by Reader::wait_for only
  NoPermission = 4,  // needs the group of the segment, or another mode
  OtherVersion = 5,  // of another layout than this reader's
  Damaged = 6,       // not a segment, cut off, or inconsistent
  System = 7,        // the system refused something else, e.g. memory
};

// One mapping. Every region was checked to lie within the file before it is handed out; strings are
// cut at the end of their field. Move-only; a view outlives the name it was opened by.
class SegmentView {
 public:
  SegmentView() = default;
  SegmentView(SegmentView&& other) noexcept
      : base_{std::exchange(other.base_, nullptr)}, bytes_{other.bytes_}, inode_{other.inode_} {}
  SegmentView& operator=(SegmentView&& other) noexcept {
    std::swap(base_, other.base_);
    std::swap(bytes_, other.bytes_);
    std::swap(inode_, other.inode_);
    return *this;
  }
  SegmentView(const SegmentView&) = delete;
  SegmentView& operator=(const SegmentView&) = delete;
  ~SegmentView() {
    if (base_ != nullptr) munmap(const_cast<std::byte*>(base_), bytes_);
  }

  // Maps the segment at `path`. Empty if all is well; else why it is refused, in words and, if
  // wanted, as a value.
  [[nodiscard]] std::string open(const std::string& path, Refusal* refusal = nullptr) {
    Refusal why = Refusal::None;
    const std::string reason = map(path, why);
    if (refusal != nullptr) *refusal = why;
    return reason.empty() ? reason : path + ": " + reason;
  }

  [[nodiscard]] bool is_open() const noexcept { return base_ != nullptr; }
  [[nodiscard]] const SegmentHeader& header() const noexcept {
    return *reinterpret_cast<const SegmentHeader*>(base_);
  }
  [[nodiscard]] ino_t inode() const noexcept { return inode_; }
  // How many elements; none while nothing is open.
  [[nodiscard]] std::uint32_t count(RegionKind kind) const noexcept {
    return is_open() ? region(kind).count : 0;
  }

  [[nodiscard]] const InstrumentEntry& instrument(std::uint32_t index) const noexcept {
    return at<InstrumentEntry>(RegionKind::Instruments, index);
  }
  [[nodiscard]] const ColumnEntry& column(std::uint32_t index) const noexcept {
    return at<ColumnEntry>(RegionKind::Columns, index);
  }
  [[nodiscard]] const CounterEntry& counter(std::uint32_t index) const noexcept {
    return at<CounterEntry>(RegionKind::Counters, index);
  }
  [[nodiscard]] const HistogramEntry& histogram(std::uint32_t index) const noexcept {
    return at<HistogramEntry>(RegionKind::Histograms, index);
  }
  // None in segments of layout 1.0.
  [[nodiscard]] const CompactHistogramEntry& compact_histogram(std::uint32_t index) const noexcept {
    return at<CompactHistogramEntry>(RegionKind::CompactHistograms, index);
  }
  [[nodiscard]] const std::atomic<std::uint64_t>* state_row(std::uint32_t index) const noexcept {
    return &at<std::atomic<std::uint64_t>>(RegionKind::States, index);
  }
  [[nodiscard]] const RingHeader& ring(std::uint32_t index) const noexcept {
    return at<RingHeader>(RegionKind::Rings, index);
  }
  [[nodiscard]] const std::atomic<std::uint64_t>* ring_words(std::uint32_t index) const noexcept {
    return reinterpret_cast<const std::atomic<std::uint64_t>*>(
        reinterpret_cast<const std::byte*>(&ring(index)) + sizeof(RingHeader));
  }

  // A text field of fixed size, whether or not it ends in a zero.
  template <std::size_t kBytes>
  [[nodiscard]] static std::string_view text(const char (&field)[kBytes]) noexcept {
    return {field, strnlen(field, kBytes)};
  }

 private:
  [[nodiscard]] const Region& region(RegionKind kind) const noexcept {
    if (kind == RegionKind::CompactHistograms) return header().compact_histograms;
    return header().regions[static_cast<std::uint32_t>(kind) - 1];
  }
  template <typename T>
  [[nodiscard]] const T& at(RegionKind kind, std::uint32_t index) const noexcept {
    const Region& of = region(kind);
    return *reinterpret_cast<const T*>(base_ + of.offset + std::uint64_t{index} * of.stride);
  }

  [[nodiscard]] std::string map(const std::string& path, Refusal& why) {
    const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (file < 0) {
      why = errno == ENOENT   ? Refusal::Missing
            : errno == EACCES ? Refusal::NoPermission
                              : Refusal::System;
      return std::strerror(errno);
    }
    struct stat status {};
    why = Refusal::System;
    if (fstat(file, &status) != 0 || status.st_size < 0) {
      ::close(file);
      return "cannot be examined";
    }
    const auto size = static_cast<std::size_t>(status.st_size);
    if (size < sizeof(SegmentHeader)) {
      ::close(file);
      why = Refusal::Damaged;
      return std::to_string(size) + " bytes, too short for a header";
    }
    void* const mapped = mmap(nullptr, size, PROT_READ, MAP_SHARED, file, 0);
    ::close(file);
    if (mapped == MAP_FAILED) return std::string{"cannot be mapped: "} + std::strerror(errno);
    SegmentView view;
    view.base_ = static_cast<const std::byte*>(mapped);
    view.bytes_ = size;
    view.inode_ = status.st_ino;
    why = Refusal::Damaged;
    if (std::string reason = view.check(why); !reason.empty()) return reason;
    why = Refusal::None;
    *this = std::move(view);
    return {};
  }

  [[nodiscard]] std::string check(Refusal& why) const {
    const SegmentHeader& head = header();
    if (head.magic != kSegmentMagic) return "not a steelyard segment";
    const std::uint32_t version = head.ready_version.load(std::memory_order_acquire);
    if (version == 0) {
      why = Refusal::NotReady;
      return "not ready yet";
    }
    if (version >> 16 != kLayoutMajor) {
      why = Refusal::OtherVersion;
      return "layout " + std::to_string(version >> 16) + ", this reader knows " +
             std::to_string(kLayoutMajor);
    }
    if (head.header_bytes < sizeof(SegmentHeader)) return "its header is too short";
    if (head.file_bytes > bytes_) {
      return "cut off: " + std::to_string(bytes_) + " of " + std::to_string(head.file_bytes) +
             " bytes";
    }
    constexpr std::uint64_t kLeast[kRegions + 1] = {
        sizeof(InstrumentEntry),      sizeof(ColumnEntry),    row_words(0) * 8,
        sizeof(CounterEntry),         sizeof(HistogramEntry), sizeof(RingHeader),
        sizeof(CompactHistogramEntry)};
    for (std::uint32_t i = 0; i < kRegions; ++i) {
      if (std::string reason = check_region(i + 1, head.regions[i], kLeast[i]); !reason.empty()) {
        return reason;
      }
    }
    // Layout 1.0 has zeros there, which are no region.
    if (const Region& of = head.compact_histograms; of.kind != RegionKind::None || of.count != 0) {
      if (std::string reason = check_region(kRegions + 1, of, kLeast[kRegions]); !reason.empty()) {
        return reason;
      }
    }
    return check_elements();
  }

  [[nodiscard]] std::string check_region(std::uint32_t kind, const Region& of,
                                         std::uint64_t least) const {
    const std::string name = "region " + std::to_string(kind);
    if (of.kind != static_cast<RegionKind>(kind)) return name + " is of another kind";
    if (of.offset % kShmLine != 0 || of.stride % kShmLine != 0) return name + " is not aligned";
    if (of.stride < least) return name + " has elements that are too small";
    if (of.offset < header().header_bytes || of.offset > bytes_) return name + " lies outside";
    if (of.count != 0 && of.stride > (bytes_ - of.offset) / of.count) return name + " lies outside";
    return {};
  }

  [[nodiscard]] std::string check_elements() const {
    const std::uint64_t columns = count(RegionKind::Columns);
    if (count(RegionKind::States) != count(RegionKind::Instruments)) {
      return "as many state rows as instruments are needed";
    }
    if (columns > 65'535 || region(RegionKind::States).stride < row_words(columns) * 8) {
      return "its state rows cannot hold its columns";
    }
    for (std::uint32_t i = 0; i < count(RegionKind::Rings); ++i) {
      const RingHeader& head = ring(i);
      const std::string name = "ring " + std::to_string(i);
      if (head.slot_count == 0 || (head.slot_count & (head.slot_count - 1)) != 0) {
        return name + " has a slot count that is no power of two";
      }
      if (head.values > columns || head.slot_words < slot_words(head.values)) {
        return name + " has slots that cannot hold its values";
      }
      if (head.values != ring(0).values) return name + " has other values than ring 0";
      const std::uint64_t room = (region(RegionKind::Rings).stride - sizeof(RingHeader)) / 8;
      if (head.slot_words > room / head.slot_count) return name + " lies outside";
    }
    for (std::uint32_t i = 0; i < columns; ++i) {
      const std::int32_t headline = column(i).headline;
      const std::uint32_t values = count(RegionKind::Rings) == 0 ? 0 : ring(0).values;
      if (headline >= static_cast<std::int64_t>(values)) return "a column has no place in the slot";
    }
    return {};
  }

  const std::byte* base_ = nullptr;
  std::size_t bytes_ = 0;
  ino_t inode_ = 0;
};

}  // namespace steelyard
