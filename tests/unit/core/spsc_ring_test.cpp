#include "core/spsc_ring.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <random>
#include <thread>
#include <vector>

namespace steelyard {
namespace {

bool push(SpscByteRing& ring, std::uint64_t value, std::size_t bytes) {
  std::byte* const at = ring.reserve(bytes);
  if (at == nullptr) return false;
  std::memset(at, static_cast<int>(value & 0xff), bytes);
  std::memcpy(at, &value, sizeof value);
  ring.commit();
  return true;
}

std::uint64_t value_of(std::span<const std::byte> entry) {
  std::uint64_t value = 0;
  std::memcpy(&value, entry.data(), sizeof value);
  return value;
}

TEST(SpscByteRing, GivesBackWhatWasPutInInOrder) {
  SpscByteRing ring{4096};
  std::mt19937 random{1};
  std::uint64_t in = 0;
  std::uint64_t out = 0;

  for (int i = 0; i < 100'000; ++i) {
    if (random() % 2 == 0) {
      if (push(ring, in, 8 + random() % 700)) ++in;
    } else if (const auto entry = ring.front(); !entry.empty()) {
      ASSERT_EQ(value_of(entry), out);
      for (const std::byte b : entry.subspan(8)) ASSERT_EQ(b, static_cast<std::byte>(out & 0xff));
      ring.pop();
      ++out;
    }
  }

  EXPECT_GT(out, 10'000U);
}

TEST(SpscByteRing, StaysInItsFirstBytesWhereOneThreadRewindsItAndLosesNothing) {
  SpscByteRing ring{4096};
  std::mt19937 random{2};
  std::uint64_t in = 0;
  std::uint64_t out = 0;
  const std::byte* first = nullptr;

  for (int i = 0; i < 20'000; ++i) {
    const std::byte* at = ring.reserve(8);
    if (first == nullptr) first = at;
    if (in == out) ASSERT_EQ(at, first) << "an empty ring was rewound";
    for (auto left = random() % 5; left != 0; --left) {
      if (push(ring, in, 8 + random() % 700)) ++in;
    }
    for (auto left = random() % 6; left != 0 && out != in; --left) {
      ASSERT_EQ(value_of(ring.front()), out++);
      ring.pop();
    }
    ring.rewind();
  }

  EXPECT_GT(out, 10'000U);
}

TEST(SpscByteRing, RefusesWhatDoesNotFitAndLosesNothing) {
  SpscByteRing ring{4096};
  std::uint64_t in = 0;

  while (push(ring, in, 100)) ++in;

  EXPECT_EQ(ring.reserve(ring.largest_entry() + 1), nullptr);
  for (std::uint64_t i = 0; i < in; ++i) {
    ASSERT_EQ(value_of(ring.front()), i);
    ring.pop();
  }
  EXPECT_TRUE(ring.front().empty());
  EXPECT_TRUE(push(ring, 7, ring.largest_entry()));
}

TEST(SpscByteRing, CarriesEverythingBetweenTwoThreads) {
  SpscByteRing ring{1 << 16};
  constexpr std::uint64_t kEntries = 200'000;

  std::thread producer{[&] {
    for (std::uint64_t i = 0; i < kEntries;) {
      if (push(ring, i, 8 + i % 300))
        ++i;
      else
        std::this_thread::yield();
    }
  }};
  std::uint64_t next = 0;
  bool whole = true;
  while (next < kEntries) {
    const auto entry = ring.front();
    if (entry.empty()) {
      std::this_thread::yield();
      continue;
    }
    whole = whole && value_of(entry) == next && entry.size() == 8 + next % 300;
    ring.pop();
    ++next;
  }
  producer.join();

  EXPECT_TRUE(whole);
}

TEST(SpscQueue, SaysWhenItIsFull) {
  SpscQueue<int, 4> queue;

  for (int i = 0; i < 4; ++i) EXPECT_TRUE(queue.push(i));
  EXPECT_FALSE(queue.push(4));

  int value = -1;
  for (int i = 0; i < 4; ++i) {
    EXPECT_TRUE(queue.pop(value));
    EXPECT_EQ(value, i);
  }
  EXPECT_FALSE(queue.pop(value));
}

}  // namespace
}  // namespace steelyard
