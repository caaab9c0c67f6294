#include "shm/segment.hpp"

#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <charconv>
#include <cstring>

#include "core/clock.hpp"
#include "steelyard/reader.hpp"

namespace steelyard {
namespace {

[[nodiscard]] std::string reason() { return std::strerror(errno); }

void check_name(const std::string& instance) {
  // Beside a segment lie <name>.lock and, for a moment, <name>.<pid>.new.
  const bool legal = !instance.empty() && instance.size() <= 64 && instance[0] != '.' &&
                     !instance.ends_with(".lock") && !instance.ends_with(".new") &&
                     std::all_of(instance.begin(), instance.end(), [](char c) {
                       return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                              (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.';
                     });
  if (!legal) {
    throw SegmentError{
        "segment instance = \"" + instance +
        "\": 1 to 64 letters, digits, '_', '-' or '.', with no '.' at the start and no "
        ".lock or .new at the end"};
  }
}

// -1, which changes nothing, for the empty name.
[[nodiscard]] std::uint32_t numeric_id(const std::string& name, const char* what) {
  constexpr std::uint32_t kUnchanged = 0xffff'ffffU;
  if (name.empty()) return kUnchanged;
  std::uint32_t id = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), id);
  if (error != std::errc{} || end != name.data() + name.size() || id == kUnchanged) {
    throw SegmentError{std::string{"segment "} + what + " = \"" + name + "\": there is none"};
  }
  return id;
}

[[nodiscard]] uid_t user_id(const std::string& name) {
  const passwd* const user = name.empty() ? nullptr : getpwnam(name.c_str());
  return user != nullptr ? user->pw_uid : numeric_id(name, "owner");
}

[[nodiscard]] gid_t group_id(const std::string& name) {
  const group* const found = name.empty() ? nullptr : getgrnam(name.c_str());
  return found != nullptr ? found->gr_gid : numeric_id(name, "group");
}

template <std::size_t kBytes>
void put(char (&field)[kBytes], std::string_view text) {
  std::memset(field, 0, kBytes);
  std::memcpy(field, text.data(), std::min(text.size(), kBytes - 1));
}

[[nodiscard]] std::uint64_t records_in(const SegmentView& view) {
  std::uint64_t records = 0;
  for (std::uint32_t i = 0; i < view.count(RegionKind::Rings); ++i) {
    const RingHeader& ring = view.ring(i);
    const std::uint64_t published = ring.published.load(std::memory_order_acquire);
    const std::uint64_t at = (published & (ring.slot_count - 1U)) * ring.slot_words;
    // A publisher that was killed may have completed a record and not counted it: readers have it.
    const bool one_more =
        view.ring_words(i)[at].load(std::memory_order_acquire) == 2 * published + 2;
    records += published + (one_more ? 1 : 0);
  }
  return records;
}

// What the segment under this name, if there is one, and the lock say of those before us. Throws
// SegmentError if its publisher lives although nobody holds the lock: somebody removed that file.
[[nodiscard]] PublishHistory history_of(const std::string& path, const InstanceLock& lock) {
  SegmentView view;
  if (!view.open(path).empty()) return lock.history();
  const SegmentHeader& head = view.header();
  const std::int64_t beat = head.heartbeat_ns.load(std::memory_order_acquire);
  if (head.state.load(std::memory_order_acquire) == SegmentState::Running &&
      beat > monotonic_ns() - 1'000'000'000 && head.pid_start != 0 &&
      process_start(head.publisher_pid) == head.pid_start) {
    throw SegmentError{path + ": in use by a living publisher, process " +
                       std::to_string(head.publisher_pid) +
                       ", whose lock file is gone; stop it or choose another instance name"};
  }
  return {head.generation, head.records_before + records_in(view)};
}

// A dead publisher's readers are told that it is over: their heartbeat check does it too, a little
// later.
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
  Region regions[kRegions + 1];
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
  } wanted[kRegions + 1] = {
      {RegionKind::Instruments, instruments, sizeof(InstrumentEntry)},
      {RegionKind::Columns, static_cast<std::uint32_t>(plan.columns.size()), sizeof(ColumnEntry)},
      {RegionKind::States, instruments, row_words(plan.columns.size()) * 8},
      {RegionKind::Counters, static_cast<std::uint32_t>(plan.counters.size()),
       sizeof(CounterEntry)},
      {RegionKind::Histograms, static_cast<std::uint32_t>(plan.histograms.size()),
       sizeof(HistogramEntry)},
      {RegionKind::Rings, plan.shards, ring},
      {RegionKind::CompactHistograms, static_cast<std::uint32_t>(plan.compact_histograms.size()),
       sizeof(CompactHistogramEntry)},
  };
  Offsets offsets;
  offsets.bytes = shm_lines(sizeof(SegmentHeader));
  for (std::uint32_t i = 0; i <= kRegions; ++i) {
    // A page each: what different threads write shares no line, and a ring starts on a page.
    offsets.bytes = (offsets.bytes + 4095) / 4096 * 4096;
    offsets.regions[i] = {wanted[i].kind, wanted[i].count, offsets.bytes, wanted[i].stride};
    offsets.bytes += wanted[i].count * wanted[i].stride;
  }
  return offsets;
}

}  // namespace

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
  segment.lock_.emplace(segment.path_);
  const PublishHistory before = history_of(segment.path_, *segment.lock_);
  (void)segment.lock_->keep(before);
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
  std::string note;
  if (plan.huge_pages) {
    segment.huge_pages_ = madvise(segment.base_, segment.bytes_, MADV_HUGEPAGE) == 0;
    note = segment.huge_pages_ ? "huge pages: asked for; the host decides"
                               : "huge pages: refused: " + reason();
  }
  std::memset(segment.base_, 0, segment.bytes_);  // pre-fault
  std::copy_n(std::begin(offsets.regions), kRegions, segment.header().regions);
  segment.header().compact_histograms = offsets.regions[kRegions];
  put(segment.header().note, note);
  segment.fill(plan, before);
  mark_stopped(segment.path_);
  if (rename(temporary.c_str(), segment.path_.c_str()) != 0) {
    fail("cannot be renamed to " + segment.path_, reason());
  }
  ::close(file);
  segment.closed_ = false;
  return segment;
}

void Segment::fill(const SegmentPlan& plan, const PublishHistory& before) {
  headline_ = plan.headline;
  SegmentHeader& head = header();
  head.magic = kSegmentMagic;
  head.header_bytes = sizeof(SegmentHeader);
  head.generation = new_generation();
  head.file_bytes = bytes_;
  head.publisher_pid = getpid();
  head.pid_start = process_start(getpid());
  head.predecessor = before.generation;
  head.records_before = before.records;
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
    entry.proof = row.proof;
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
  for (std::size_t i = 0; i < plan.compact_histograms.size(); ++i) {
    put(at<CompactHistogramEntry>(RegionKind::CompactHistograms, i).label,
        plan.compact_histograms[i]);
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
      lock_{std::move(other.lock_)},
      huge_pages_{other.huge_pages_},
      closed_{std::exchange(other.closed_, true)},
      headline_{std::move(other.headline_)} {}

Segment::~Segment() {
  close();
  if (base_ != nullptr) munmap(base_, bytes_);
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

CompactHistogram Segment::compact_histogram(std::size_t index) const noexcept {
  return CompactHistogram{&at<CompactHistogramEntry>(RegionKind::CompactHistograms, index)};
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
  // Somebody may have removed the name, and a successor may have it by now.
  if (!is_reachable()) return;
  if (lock_) (void)lock_->keep({generation(), header().records_before + records()});
  unlink(path_.c_str());
}

std::uint64_t Segment::records() const noexcept {
  std::uint64_t records = 0;
  for (std::uint32_t i = 0; i < header().shards; ++i) {
    records += at<RingHeader>(RegionKind::Rings, i).published.load(std::memory_order_acquire);
  }
  return records;
}

}  // namespace steelyard
