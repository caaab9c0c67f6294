#include "shm/segment.hpp"

#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "core/clock.hpp"
#include "steelyard/reader.hpp"

namespace steelyard {
namespace {

[[nodiscard]] std::string reason() { return std::strerror(errno); }

void check_name(const std::string& instance) {
  const bool legal = !instance.empty() && instance.size() <= 64 && instance[0] != '.' &&
                     std::all_of(instance.begin(), instance.end(), [](char c) {
                       return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                              (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.';
                     });
  if (!legal) {
    throw SegmentError{"segment instance = \"" + instance +
                       "\": 1 to 64 letters, digits, '_', '-' or '.', and no '.' at the start"};
  }
}

// Held for as long as the publisher lives; the kernel lets go of it however the process ends.
[[nodiscard]] int take_lock(const std::string& path) {
  const std::string lock_path = path + ".lock";
  const int lock = open(lock_path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0640);
  if (lock < 0) throw SegmentError{lock_path + ": cannot be opened: " + reason()};
  if (flock(lock, LOCK_EX | LOCK_NB) != 0) {
    char pid[32] = {};
    const ssize_t got = pread(lock, pid, sizeof pid - 1, 0);
    close(lock);
    throw SegmentError{path + ": in use by a living publisher, process " +
                       (got > 0 ? std::string{pid} : std::string{"unknown"}) +
                       "; stop it or choose another instance name"};
  }
  const std::string pid = std::to_string(getpid());
  if (ftruncate(lock, 0) != 0 ||
      pwrite(lock, pid.data(), pid.size(), 0) != static_cast<ssize_t>(pid.size())) {
    close(lock);
    throw SegmentError{lock_path + ": cannot be written: " + reason()};
  }
  return lock;
}

[[nodiscard]] uid_t user_id(const std::string& name) {
  if (name.empty()) return static_cast<uid_t>(-1);
  if (const passwd* const user = getpwnam(name.c_str())) return user->pw_uid;
  char* end = nullptr;
  const unsigned long id = std::strtoul(name.c_str(), &end, 10);
  if (*end != '\0') throw SegmentError{"segment owner = \"" + name + "\": no such user"};
  return static_cast<uid_t>(id);
}

[[nodiscard]] gid_t group_id(const std::string& name) {
  if (name.empty()) return static_cast<gid_t>(-1);
  if (const group* const found = getgrnam(name.c_str())) return found->gr_gid;
  char* end = nullptr;
  const unsigned long id = std::strtoul(name.c_str(), &end, 10);
  if (*end != '\0') throw SegmentError{"segment group = \"" + name + "\": no such group"};
  return static_cast<gid_t>(id);
}

template <std::size_t kBytes>
void put(char (&field)[kBytes], std::string_view text) {
  std::memset(field, 0, kBytes);
  std::memcpy(field, text.data(), std::min(text.size(), kBytes - 1));
}

// A dead publisher's readers are told that a new one has come: their heartbeat check does it too, a
// little later.
void mark_stopped(const std::string& path) {
  const int file = open(path.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW);
  if (file < 0) return;
  struct stat status{};
  if (fstat(file, &status) == 0 &&
      static_cast<std::size_t>(status.st_size) >= sizeof(SegmentHeader)) {
    void* const mapped =
        mmap(nullptr, sizeof(SegmentHeader), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (mapped != MAP_FAILED) {
      auto* const header = static_cast<SegmentHeader*>(mapped);
      if (header->magic == kSegmentMagic) {
        header->state.store(SegmentState::Stopped, std::memory_order_release);
      }
      munmap(mapped, sizeof(SegmentHeader));
    }
  }
  close(file);
}

[[nodiscard]] std::uint64_t new_generation() {
  const auto now = static_cast<std::uint64_t>(wall_clock().raw());
  return (now ^ static_cast<std::uint64_t>(getpid()) << 48) | 1U;
}

struct Offsets {
  Region regions[kRegions];
  std::uint64_t bytes = 0;
};

[[nodiscard]] Offsets lay_out(const SegmentPlan& plan) {
  const auto instruments = static_cast<std::uint32_t>(plan.instruments.size());
  const std::uint64_t ring =
      sizeof(RingHeader) + std::uint64_t{plan.ring_slots} * slot_words(plan.headline.size()) * 8;
  const struct {
    RegionKind kind;
    std::uint32_t count;
    std::uint64_t stride;
  } wanted[kRegions] = {
      {RegionKind::Instruments, instruments, sizeof(InstrumentEntry)},
      {RegionKind::Columns, static_cast<std::uint32_t>(plan.columns.size()), sizeof(ColumnEntry)},
      {RegionKind::States, instruments, row_words(plan.columns.size()) * 8},
      {RegionKind::Counters, static_cast<std::uint32_t>(plan.counters.size()),
       sizeof(CounterEntry)},
      {RegionKind::Histograms, static_cast<std::uint32_t>(plan.histograms.size()),
       sizeof(HistogramEntry)},
      {RegionKind::Rings, plan.shards, ring},
  };
  Offsets offsets;
  offsets.bytes = shm_lines(sizeof(SegmentHeader));
  for (std::uint32_t i = 0; i < kRegions; ++i) {
    // A page each: what different threads write shares no line, and a ring starts on a page.
    offsets.bytes = (offsets.bytes + 4095) / 4096 * 4096;
    offsets.regions[i] = {wanted[i].kind, wanted[i].count, offsets.bytes, wanted[i].stride};
    offsets.bytes += wanted[i].count * wanted[i].stride;
  }
  return offsets;
}

}  // namespace

void Histogram::record(std::int64_t ns) noexcept {
  const std::uint64_t value = ns < 0 ? 0 : static_cast<std::uint64_t>(ns);
  // Values below 16 have a bucket each; above, 16 buckets an octave.
  std::uint32_t bucket = static_cast<std::uint32_t>(value);
  if (value >= 16) {
    const auto octave = static_cast<std::uint32_t>(std::bit_width(value)) - 5;
    bucket = (octave + 1) * 16 + (static_cast<std::uint32_t>(value >> octave) & 15);
    bucket = std::min(bucket, kHistogramBuckets - 1);
  }
  constexpr auto kRelaxed = std::memory_order_relaxed;
  const auto add = [](std::atomic<std::uint64_t>& to, std::uint64_t by) noexcept {
    to.store(to.load(kRelaxed) + by, kRelaxed);
  };
  add(entry_->buckets[bucket], 1);
  add(entry_->sum, value);
  if (value > entry_->max.load(kRelaxed)) entry_->max.store(value, kRelaxed);
  add(entry_->count, 1);
}

Segment Segment::create(const SegmentPlan& plan) {
  check_name(plan.instance);
  if (!std::has_single_bit(plan.ring_slots) || plan.ring_slots < 64) {
    throw SegmentError{"ring_slots = " + std::to_string(plan.ring_slots) +
                       ": a power of two, at least 64"};
  }
  const uid_t owner = user_id(plan.owner);
  const gid_t group = group_id(plan.group);
  Segment segment;
  segment.closed_ = true;  // until the name leads to it
  segment.path_ = plan.directory.empty() ? segment_path(plan.instance)
                                         : plan.directory + "/steelyard." + plan.instance;
  segment.lock_ = take_lock(segment.path_);
  const std::string temporary = segment.path_ + "." + std::to_string(getpid()) + ".new";
  unlink(temporary.c_str());
  const int file =
      open(temporary.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (file < 0) throw SegmentError{temporary + ": cannot be created: " + reason()};
  const auto fail = [&](const std::string& what, const std::string& why) {
    ::close(file);
    unlink(temporary.c_str());
    throw SegmentError{temporary + ": " + what + ": " + why};
  };
  const Offsets offsets = lay_out(plan);
  // Now rather than a bus error when the first record finds no memory.
  if (const int error = posix_fallocate(file, 0, static_cast<off_t>(offsets.bytes)); error != 0) {
    fail("no room for " + std::to_string(offsets.bytes) + " bytes", std::strerror(error));
  }
  if (fchown(file, owner, group) != 0) fail("cannot be given to its owner and group", reason());
  if (fchmod(file, plan.mode) != 0) fail("cannot be given its mode", reason());
  void* const mapped = mmap(nullptr, offsets.bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  if (mapped == MAP_FAILED) fail("cannot be mapped", reason());
  segment.base_ = static_cast<std::byte*>(mapped);
  segment.bytes_ = offsets.bytes;
  // Huge pages where the host gives them to shared memory. Before the first touch, or it is too
  // late.
  segment.huge_pages_ =
      plan.huge_pages && madvise(segment.base_, segment.bytes_, MADV_HUGEPAGE) == 0;
  std::memset(segment.base_, 0, segment.bytes_);  // pre-fault
  std::copy(std::begin(offsets.regions), std::end(offsets.regions), segment.header().regions);
  segment.fill(plan);
  mark_stopped(segment.path_);
  if (rename(temporary.c_str(), segment.path_.c_str()) != 0) {
    fail("cannot be renamed to " + segment.path_, reason());
  }
  ::close(file);
  segment.closed_ = false;
  return segment;
}

void Segment::fill(const SegmentPlan& plan) {
  headline_ = plan.headline;
  SegmentHeader& head = header();
  head.magic = kSegmentMagic;
  head.header_bytes = sizeof(SegmentHeader);
  head.generation = new_generation();
  head.file_bytes = bytes_;
  head.publisher_pid = getpid();
  head.started = wall_clock();
  head.shards = plan.shards;
  put(head.version, STEELYARD_VERSION);
  for (std::size_t i = 0; i < plan.instruments.size(); ++i) {
    const SegmentPlan::InstrumentRow& row = plan.instruments[i];
    auto& entry = at<InstrumentEntry>(RegionKind::Instruments, i);
    put(entry.venue, row.venue);
    put(entry.symbol, row.instrument.symbol);
    put(entry.name, row.instrument.name);
    put(entry.channel, row.channel);
    entry.contract_size = row.instrument.scale.contract_size;
    entry.shard = row.instrument.shard;
    entry.kind = static_cast<std::uint8_t>(row.instrument.kind);
    entry.price_exponent = row.instrument.scale.price_exponent;
    entry.qty_exponent = row.instrument.scale.qty_exponent;
  }
  for (std::size_t i = 0; i < plan.columns.size(); ++i) {
    auto& entry = at<ColumnEntry>(RegionKind::Columns, i);
    put(entry.name, plan.columns[i].name);
    put(entry.unit, plan.columns[i].unit);
    put(entry.description, plan.columns[i].description);
    entry.low = plan.columns[i].low;
    entry.high = plan.columns[i].high;
    const auto place = std::find(plan.headline.begin(), plan.headline.end(), i);
    entry.headline = place == plan.headline.end()
                         ? -1
                         : static_cast<std::int32_t>(place - plan.headline.begin());
  }
  for (std::size_t i = 0; i < plan.counters.size(); ++i) {
    put(at<CounterEntry>(RegionKind::Counters, i).label, plan.counters[i]);
  }
  for (std::size_t i = 0; i < plan.histograms.size(); ++i) {
    put(at<HistogramEntry>(RegionKind::Histograms, i).label, plan.histograms[i]);
  }
  for (std::uint32_t i = 0; i < plan.shards; ++i) {
    auto& ring = at<RingHeader>(RegionKind::Rings, i);
    ring.slot_words = static_cast<std::uint32_t>(slot_words(plan.headline.size()));
    ring.slot_count = plan.ring_slots;
    ring.values = static_cast<std::uint32_t>(plan.headline.size());
  }
  heartbeat();
  head.state.store(SegmentState::Running, std::memory_order_release);
  head.ready_version.store(kLayoutMajor << 16 | kLayoutMinor, std::memory_order_release);
}

Segment::Segment(Segment&& other) noexcept
    : path_{std::move(other.path_)},
      base_{std::exchange(other.base_, nullptr)},
      bytes_{other.bytes_},
      lock_{std::exchange(other.lock_, -1)},
      huge_pages_{other.huge_pages_},
      closed_{std::exchange(other.closed_, true)},
      headline_{std::move(other.headline_)} {}

Segment::~Segment() {
  close();
  if (base_ != nullptr) munmap(base_, bytes_);
  if (lock_ >= 0) ::close(lock_);
}

ShardPublisher Segment::shard(std::uint32_t index) const {
  auto& ring = at<RingHeader>(RegionKind::Rings, index);
  auto* const words = reinterpret_cast<std::atomic<std::uint64_t>*>(
      reinterpret_cast<std::byte*>(&ring) + sizeof(RingHeader));
  std::vector<StateRowWriter> rows;
  for (std::uint32_t i = 0; i < header().regions[2].count; ++i) {
    rows.emplace_back(&at<std::atomic<std::uint64_t>>(RegionKind::States, i));
  }
  return ShardPublisher{RingPublisher{&ring, words}, std::move(rows), headline_};
}

std::atomic<std::uint64_t>& Segment::counter(std::size_t index) const noexcept {
  return at<CounterEntry>(RegionKind::Counters, index).value;
}

Histogram Segment::histogram(std::size_t index) const noexcept {
  return Histogram{&at<HistogramEntry>(RegionKind::Histograms, index)};
}

void Segment::heartbeat() noexcept {
  header().heartbeat_ns.store(monotonic_ns(), std::memory_order_release);
}

bool Segment::is_reachable() const noexcept {
  struct stat status{};
  SegmentView view;
  if (stat(path_.c_str(), &status) != 0) return false;
  return view.open(path_).empty() && view.header().generation == generation();
}

void Segment::close() noexcept {
  if (closed_ || base_ == nullptr) return;
  closed_ = true;
  header().state.store(SegmentState::Stopped, std::memory_order_release);
  unlink(path_.c_str());
}

}  // namespace steelyard
