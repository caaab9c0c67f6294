// A reader believes nothing that it did not check: damaged, foreign and hostile segments.
#include "steelyard/segment_view.hpp"

#include <gmock/gmock.h>

#include <fstream>
#include <functional>
#include <random>

#include "support/test_segment.hpp"

namespace steelyard {
namespace {

using testing::HasSubstr;

constexpr std::uint32_t kShards = 2;

class SegmentViewOf : public SharedMemoryTest {
 protected:
  SegmentViewOf() {
    const Segment segment = Segment::create(test_plan(kShards));
    for (std::uint32_t i = 0; i < kShards; ++i) {
      ShardPublisher shard = segment.shard(i);
      for (std::uint64_t n = 0; n < kTestSlots + 10; ++n) publish(shard, n);
    }
    std::ifstream file{segment_path("test"), std::ios::binary};
    good_.assign(std::istreambuf_iterator<char>{file}, {});
  }
  [[nodiscard]] std::string written(const std::string& bytes) const {
    std::ofstream{folder_ / "steelyard.other", std::ios::binary} << bytes;
    return folder_ / "steelyard.other";
  }
  [[nodiscard]] std::string refusal_of(const std::string& bytes) const {
    SegmentView view;
    const std::string reason = view.open(written(bytes));
    EXPECT_EQ(view.is_open(), reason.empty());
    return reason.empty() ? "accepted" : reason;
  }
  // Where in the file a field of the first, or of a later, element lies.
  [[nodiscard]] const Region& region(RegionKind kind) const {
    return header().regions[static_cast<std::uint32_t>(kind) - 1];
  }
  [[nodiscard]] const SegmentHeader& header() const {
    return *reinterpret_cast<const SegmentHeader*>(good_.data());
  }
  static constexpr std::size_t kCompactAt = offsetof(SegmentHeader, compact_histograms);
  [[nodiscard]] std::size_t at(RegionKind kind, std::size_t index, std::size_t field) const {
    return region(kind).offset + index * region(kind).stride + field;
  }
  static std::size_t region_field(RegionKind kind, std::size_t field) {
    return offsetof(SegmentHeader, regions) +
           (static_cast<std::size_t>(kind) - 1) * sizeof(Region) + field;
  }

  std::string good_;
};

TEST_F(SegmentViewOf, AGoodSegmentIsOpened) { EXPECT_EQ(refusal_of(good_), "accepted"); }

TEST_F(SegmentViewOf, ANameThatLeadsNowhereIsRefusedWithTheReason) {
  SegmentView view;
  EXPECT_EQ(view.open(folder_ / "none"), folder_ / "none" + ": No such file or directory");
  EXPECT_THAT(view.open(folder_ / ""), HasSubstr("cannot be mapped: "));
}

TEST_F(SegmentViewOf, AViewStaysWhatItWasWhenAnotherSegmentIsRefused) {
  SegmentView view;
  ASSERT_EQ(view.open(written(good_)), "");
  const std::uint64_t generation = view.header().generation;

  std::ofstream{folder_ / "bad"} << "bad";
  EXPECT_NE(view.open(folder_ / "bad"), "");

  EXPECT_EQ(view.header().generation, generation);
  EXPECT_EQ(view.count(RegionKind::Instruments), 2U);
}

TEST_F(SegmentViewOf, ASegmentCutOffAnywhereIsRefused) {
  for (std::size_t size = 0; size < good_.size(); size += size < 1024 ? 1 : 997) {
    EXPECT_NE(refusal_of(good_.substr(0, size)), "accepted") << size << " bytes";
  }
  EXPECT_THAT(refusal_of(good_.substr(0, good_.size() - 1)),
              HasSubstr(": cut off: " + std::to_string(good_.size() - 1) + " of "));
  EXPECT_THAT(refusal_of(good_.substr(0, 100)), HasSubstr(": 100 bytes, too short for a header"));
}

struct Mutation {
  const char* what;
  std::size_t at;
  std::size_t bytes;
  std::uint64_t value;
  const char* reason;
};

TEST_F(SegmentViewOf, AMutatedSegmentIsRefusedAndTheReasonSaysWhy) {
  constexpr auto kU32 = sizeof(std::uint32_t);
  constexpr auto kU64 = sizeof(std::uint64_t);
  using enum RegionKind;
  const auto count = [](RegionKind kind) { return region_field(kind, offsetof(Region, count)); };
  const auto offset = [](RegionKind kind) { return region_field(kind, offsetof(Region, offset)); };
  const auto stride = [](RegionKind kind) { return region_field(kind, offsetof(Region, stride)); };
  const auto kind_of = [](RegionKind kind) { return region_field(kind, offsetof(Region, kind)); };
  const std::uint64_t size = good_.size();
  const std::vector<Mutation> mutations{
      {"magic", 0, kU64, 1, "not a steelyard segment"},
      {"unready", offsetof(SegmentHeader, ready_version), kU32, 0, "not ready yet"},
      {"older layout", offsetof(SegmentHeader, ready_version), kU32, 7, "layout 0, this reader"},
      {"newer layout", offsetof(SegmentHeader, ready_version), kU32, 2U << 16, "layout 2, this"},
      {"any layout", offsetof(SegmentHeader, ready_version), kU32, 0xffff'ffff, "layout 65535, "},
      {"short header", offsetof(SegmentHeader, header_bytes), kU32, 447, "its header is too short"},
      {"endless header", offsetof(SegmentHeader, header_bytes), kU32, 0xffff'ffff,
       "region 1 lies outside"},
      {"greater file", offsetof(SegmentHeader, file_bytes), kU64, size + 1, "cut off: "},
      {"huge file", offsetof(SegmentHeader, file_bytes), kU64, ~0ULL, "cut off: "},
      {"kind", kind_of(States), kU32, 9, "region 3 is of another kind"},
      {"unaligned", offset(Counters), kU64, 4100, "region 4 is not aligned"},
      {"unaligned stride", stride(Counters), kU64, 136, "region 4 is not aligned"},
      {"small elements", stride(Histograms), kU64, 64, "region 5 has elements that are too small"},
      {"no stride", stride(Instruments), kU64, 0, "region 1 has elements that are too small"},
      {"in the header", offset(Instruments), kU64, 0, "region 1 lies outside"},
      {"behind the end", offset(Rings), kU64, 1ULL << 40, "region 6 lies outside"},
      {"at the end", offset(Columns), kU64, size / 64 * 64, "region 2 lies outside"},
      {"wrapping offset", offset(Rings), kU64, ~0ULL - 63, "region 6 lies outside"},
      {"one too many", count(Rings), kU32, kShards + 1, "region 6 lies outside"},
      {"far too many", count(Counters), kU32, 0xffff'ffff, "region 4 lies outside"},
      {"compact kind", kCompactAt, kU32, 5, "region 7 is of another kind"},
      {"compact without kind", kCompactAt, kU32, 0, "region 7 is of another kind"},
      {"compact count", kCompactAt + offsetof(Region, count), kU32, 0xffff'ffff,
       "region 7 lies outside"},
      {"compact offset", kCompactAt + offsetof(Region, offset), kU64, ~0ULL - 63,
       "region 7 lies outside"},
      {"compact stride", kCompactAt + offsetof(Region, stride), kU64, 1344,
       "region 7 has elements that are too small"},
      {"wrapping stride", stride(Columns), kU64, 1ULL << 63, "region 2 lies outside"},
      {"rows missing", count(States), kU32, 1, "as many state rows as instruments"},
      {"no rows", count(States), kU32, 0, "as many state rows as instruments"},
      {"small rows", stride(States), kU64, row_words(0) * 8 - 64,
       "region 3 has elements that are too small"},
      {"no slots", at(Rings, 0, offsetof(RingHeader, slot_count)), kU32, 0,
       "ring 0 has a slot count that is no power of two"},
      {"odd slots", at(Rings, 1, offsetof(RingHeader, slot_count)), kU32, 63,
       "ring 1 has a slot count that is no power of two"},
      {"more slots", at(Rings, 1, offsetof(RingHeader, slot_count)), kU32, 128,
       "ring 1 lies outside"},
      {"most slots", at(Rings, 0, offsetof(RingHeader, slot_count)), kU32, 1U << 31,
       "ring 0 lies outside"},
      {"small slots", at(Rings, 0, offsetof(RingHeader, slot_words)), kU32, 8,
       "ring 0 has slots that cannot hold its values"},
      {"no words", at(Rings, 0, offsetof(RingHeader, slot_words)), kU32, 0,
       "ring 0 has slots that cannot hold its values"},
      {"great slots", at(Rings, 1, offsetof(RingHeader, slot_words)), kU32, 24,
       "ring 1 lies outside"},
      {"huge slots", at(Rings, 0, offsetof(RingHeader, slot_words)), kU32, 0xffff'fff8,
       "ring 0 lies outside"},
      {"many values", at(Rings, 0, offsetof(RingHeader, values)), kU32, 4,
       "ring 0 has slots that cannot hold its values"},
      {"endless values", at(Rings, 1, offsetof(RingHeader, values)), kU32, 0xffff'ffff,
       "ring 1 has slots that cannot hold its values"},
      {"other values", at(Rings, 1, offsetof(RingHeader, values)), kU32, 1,
       "ring 1 has other values than ring 0"},
      {"headline", at(Columns, 0, offsetof(ColumnEntry, headline)), kU32, 2,
       "a column has no place in the slot"},
      {"last headline", at(Columns, 2, offsetof(ColumnEntry, headline)), kU32, 0x7fff'ffff,
       "a column has no place in the slot"},
  };
  for (const Mutation& mutation : mutations) {
    std::string bytes = good_;
    std::memcpy(bytes.data() + mutation.at, &mutation.value, mutation.bytes);
    EXPECT_THAT(refusal_of(bytes), HasSubstr(std::string{": "} + mutation.reason)) << mutation.what;
  }
}

TEST_F(SegmentViewOf, MoreColumnsThanStateRowsHaveRoomForAreRefused) {
  std::string bytes = good_;
  // A later region's memory, which is there, taken for columns.
  const std::uint32_t many = 8;
  std::memcpy(bytes.data() + region_field(RegionKind::Columns, offsetof(Region, count)), &many, 4);

  EXPECT_THAT(refusal_of(bytes), HasSubstr("its state rows cannot hold its columns"));
}

TEST_F(SegmentViewOf, ALaterMinorVersionWithLongerElementsIsRead) {
  std::string bytes = good_;
  const std::uint32_t version = kLayoutMajor << 16 | (kLayoutMinor + 7);
  std::memcpy(bytes.data() + offsetof(SegmentHeader, ready_version), &version, sizeof version);

  EXPECT_EQ(refusal_of(bytes), "accepted");
}

TEST_F(SegmentViewOf, ASegmentOfTheFirstLayoutIsReadAndHasNoCompactHistograms) {
  std::string bytes = good_;
  const std::uint32_t version = kLayoutMajor << 16;
  std::memcpy(bytes.data() + offsetof(SegmentHeader, ready_version), &version, sizeof version);
  std::memset(bytes.data() + kCompactAt, 0, sizeof(Region));
  SegmentView view;
  ASSERT_EQ(view.open(written(bytes)), "");

  EXPECT_EQ(view.count(RegionKind::CompactHistograms), 0U);
  EXPECT_EQ(view.count(RegionKind::Histograms), 1U);
}

TEST_F(SegmentViewOf, TextThatDoesNotEndIsCutAtTheEndOfItsField) {
  std::string bytes = good_;
  std::fill_n(bytes.begin() + static_cast<std::ptrdiff_t>(at(RegionKind::Instruments, 1, 0)),
              sizeof(InstrumentEntry::venue), 'x');
  SegmentView view;
  ASSERT_EQ(view.open(written(bytes)), "");

  EXPECT_EQ(SegmentView::text(view.instrument(1).venue), std::string(24, 'x'));
}

// Looks at everything that an accepted segment offers, as a strategy would.
class Everything {
 public:
  Everything(const Reader& reader, std::size_t bytes)
      : begin_{reinterpret_cast<const char*>(&reader.segment().header())}, end_{begin_ + bytes} {
    const SegmentView& view = reader.segment();
    for (std::uint32_t i = 0; i < view.count(RegionKind::Instruments); ++i) {
      within(&view.instrument(i), sizeof(InstrumentEntry));
      look(SegmentView::text(view.instrument(i).symbol));
      within(view.state_row(i), row_words(view.count(RegionKind::Columns)) * 8);
      StateView state{};
      std::vector<double> row(view.count(RegionKind::Columns));
      (void)reader.latest(InstrumentId{i}, state, row);
    }
    for (std::uint32_t i = 0; i < view.count(RegionKind::Columns); ++i) {
      within(&view.column(i), sizeof(ColumnEntry));
      look(SegmentView::text(view.column(i).description));
    }
    for (std::uint32_t i = 0; i < view.count(RegionKind::Counters); ++i) {
      within(&view.counter(i), sizeof(CounterEntry));
      look(SegmentView::text(view.counter(i).label));
    }
    for (std::uint32_t i = 0; i < view.count(RegionKind::Histograms); ++i) {
      within(&view.histogram(i), sizeof(HistogramEntry));
      look(SegmentView::text(view.histogram(i).label));
    }
    for (std::uint32_t i = 0; i < view.count(RegionKind::CompactHistograms); ++i) {
      within(&view.compact_histogram(i), sizeof(CompactHistogramEntry));
      look(SegmentView::text(view.compact_histogram(i).label));
    }
    for (std::uint32_t i = 0; i < view.count(RegionKind::Rings); ++i) {
      within(&view.ring(i), sizeof(RingHeader));
      within(view.ring_words(i),
             std::size_t{view.ring(i).slot_count} * view.ring(i).slot_words * 8);
    }
  }
  [[nodiscard]] bool is_inside() const { return inside_; }

 private:
  void within(const void* at, std::size_t bytes) {
    const char* const from = static_cast<const char*>(at);
    inside_ =
        inside_ && from >= begin_ && from <= end_ && bytes <= static_cast<std::size_t>(end_ - from);
  }
  void look(std::string_view text) {
    for (const char c : text) sum_ += static_cast<unsigned char>(c);
  }
  const char* begin_;
  const char* end_;
  bool inside_ = true;
  unsigned sum_ = 0;
};

TEST_F(SegmentViewOf, ARandomlyMutatedSegmentIsRefusedOrReadWithinItsBounds) {
  // Mutated in place: a file written anew each time takes most of the time.
  const int file = ::open(written(good_).c_str(), O_RDWR | O_CLOEXEC);
  void* const mapped = mmap(nullptr, good_.size(), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  ASSERT_NE(mapped, MAP_FAILED);
  ::close(file);
  std::mt19937_64 random{3};
  std::size_t accepted = 0, refused = 0;
  for (int run = 0; run < 4000; ++run) {
    std::string bytes = good_;
    const std::size_t hits = 1 + random() % 4;
    for (std::size_t hit = 0; hit < hits; ++hit) {
      // Mostly where the structure is told; by whole words as often as by bits.
      std::size_t where = random() % bytes.size();
      if (random() % 4 != 0) where = random() % sizeof(SegmentHeader);
      if (random() % 4 == 0) where = at(RegionKind::Rings, random() % kShards, random() % 128);
      if (random() % 2 == 0) {
        bytes[where] = static_cast<char>(bytes[where] ^ (1 << random() % 8));
      } else {
        const std::uint64_t values[] = {0, 1, ~0ULL, 1ULL << 63, 64, bytes.size(), random()};
        const std::uint64_t value = values[random() % std::size(values)];
        where = where / 8 * 8;
        std::memcpy(bytes.data() + where, &value, std::min<std::size_t>(8, bytes.size() - where));
      }
    }
    std::memcpy(mapped, bytes.data(), bytes.size());
    Reader reader{{.from_start = true}};
    if (!reader.attach("other").empty()) {
      ++refused;
      continue;
    }
    ++accepted;
    EXPECT_TRUE((Everything{reader, bytes.size()}.is_inside()));
    Record record;
    for (int i = 0; i < 300; ++i) {
      if (reader.poll(record) != Poll::Ok) continue;
      (void)record.symbol();
      (void)record["mid"];
      (void)record.bid();
    }
  }
  munmap(mapped, good_.size());
  EXPECT_GT(accepted, 500U);
  EXPECT_GT(refused, 500U);
}

}  // namespace
}  // namespace steelyard
