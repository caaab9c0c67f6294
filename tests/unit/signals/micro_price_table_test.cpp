#include "signals/micro_price_table.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "support/signal_case.hpp"

namespace steelyard {
namespace {

using Real = long double;

MicroPriceCounts random_counts(const MicroPriceShape& shape, std::uint64_t seed) {
  MicroPriceCounts counts{shape};
  std::mt19937_64 random{seed};
  const auto states = shape.states();
  // Many transitions never happen; of few states that could leave a chain without an end.
  const double least = states < 10 ? 1 : 0;
  const auto few = [&] {
    return random() % 4 == 0 ? static_cast<double>(random() % 100) + least : least;
  };
  for (double& count : counts.stay) count = 10 * few();
  for (std::uint32_t from = 0; from < states; ++from) {
    for (std::uint32_t to = 0; to < states; ++to) {
      const double count = few();
      counts.next[from * states + to] = count;
      // Upwards more often where there are more bids.
      const bool up = random() % shape.buckets < from % shape.buckets;
      counts.moved[from * kMidMoves.size() + (up ? 2 + random() % 2 : random() % 2)] += count;
    }
  }
  return counts;
}

// The chain step by step: G* is the expected sum of all moves from here on, whatever stays are
// between. A sum of P^t r over single transitions: no inverse, no B.
std::vector<Real> expected_path(const MicroPriceCounts& counts) {
  const MicroPriceShape& shape = counts.shape;
  const std::uint32_t states = shape.states();
  std::vector<Real> p(states * states), r(states), sum(states);
  for (std::uint32_t from = 0; from < states; ++from) {
    Real whole = 0;
    // The middle of an odd number of buckets is its own mirror image.
    for (const bool mirrored : {false, true}) {
      const std::uint32_t of = mirrored ? shape.mirror(from) : from;
      for (std::uint32_t to = 0; to < states; ++to) {
        const std::uint32_t image = mirrored ? shape.mirror(to) : to;
        const Real count = counts.stay[of * states + to] + counts.next[of * states + to];
        p[from * states + image] += count;
        whole += count;
      }
      for (std::size_t move = 0; move < 4; ++move) {
        r[from] += (mirrored ? -1 : 1) * kMidMoves[move] * counts.moved[of * 4 + move];
      }
    }
    if (whole == 0) continue;
    for (std::uint32_t to = 0; to < states; ++to) p[from * states + to] /= whole;
    r[from] /= whole;
  }
  std::vector<Real> term = r;
  for (int t = 0; t < 100'000; ++t) {
    Real largest = 0;
    for (std::uint32_t i = 0; i < states; ++i) {
      sum[i] += term[i];
      largest = fmaxl(largest, fabsl(term[i]));
    }
    if (largest < 1e-15L) break;
    std::vector<Real> next(states);
    for (std::uint32_t i = 0; i < states; ++i) {
      for (std::uint32_t j = 0; j < states; ++j) next[i] += p[i * states + j] * term[j];
    }
    term = next;
  }
  return sum;
}

TEST(MicroPriceTable, IsTheExpectedSumOfAllMovesAndAntisymmetric) {
  for (const MicroPriceShape shape :
       {MicroPriceShape{10, 3}, MicroPriceShape{2, 1}, MicroPriceShape{5, 2}}) {
    double largest = 0.0;
    for (std::uint64_t seed = 1; seed <= 10; ++seed) {
      const MicroPriceCounts counts = random_counts(shape, seed);

      const auto table = estimate_micro_price(counts);

      ASSERT_TRUE(table.has_value());
      const std::vector<Real> expected = expected_path(counts);
      for (std::uint32_t i = 0; i < shape.states(); ++i) {
        ASSERT_NEAR((*table)[i], static_cast<double>(expected[i]), 1e-10) << "state " << i;
        ASSERT_EQ((*table)[i], -(*table)[shape.mirror(i)]) << "state " << i;
        largest = std::max(largest, std::abs((*table)[i]));
      }
    }
    EXPECT_GT(largest, 0.05) << "there is something to see";
  }
}

// Two states, one spread. From the bid-heavy one three of four times a tick up, and of these one
// ends ask-heavy; else it becomes ask-heavy without a move.
TEST(MicroPriceTable, IsWhatTwoStatesGiveByHand) {
  MicroPriceCounts counts{{.buckets = 2, .spreads = 1}};
  counts.stay[1 * 2 + 0] = 1;
  counts.next[1 * 2 + 1] = 2;
  counts.next[1 * 2 + 0] = 1;
  counts.moved[1 * 4 + 3] = 3;

  const auto table = estimate_micro_price(counts);

  // g = 3/4 + (1/4)(-g) + (2/4) g + (1/4)(-g): g = 3/4.
  ASSERT_TRUE(table.has_value());
  EXPECT_NEAR((*table)[1], 0.75, 1e-12);
  EXPECT_EQ((*table)[0], -(*table)[1]);
}

TEST(MicroPriceTable, CountsHalfTicksForHalf) {
  MicroPriceCounts counts{{.buckets = 2, .spreads = 1}};
  counts.next[1 * 2 + 0] = counts.next[1 * 2 + 1] = 2;
  counts.moved[1 * 4 + 2] = 3;
  counts.moved[1 * 4 + 0] = 1;

  // Where it goes next is even: only the first move counts.
  EXPECT_NEAR((*estimate_micro_price(counts))[1], (3 * 0.5 - 1.0) / 4, 1e-12);
}

TEST(MicroPriceTable, IsZeroWhereTheMidNeverMoves) {
  const MicroPriceShape shape{.buckets = 4, .spreads = 1};
  EXPECT_EQ(estimate_micro_price(MicroPriceCounts{shape}), std::vector<double>(4));

  // 0 and 3 move; 1 and 2 only go round among themselves.
  MicroPriceCounts counts{shape};
  counts.stay[1 * 4 + 2] = 7;
  counts.next[3 * 4 + 3] = counts.next[3 * 4 + 0] = 1;
  counts.moved[3 * 4 + 3] = 2;
  const auto table = estimate_micro_price(counts);

  ASSERT_TRUE(table.has_value());
  EXPECT_NEAR((*table)[3], 1.0, 1e-12);
  EXPECT_EQ((*table)[1], 0.0);
  EXPECT_EQ((*table)[2], 0.0);
}

TEST(MicroPriceTable, IsNotGivenWhereTheSeriesDoesNotConverge) {
  MicroPriceCounts counts{{.buckets = 2, .spreads = 1}};
  counts.next[1 * 2 + 1] = 5;
  counts.moved[1 * 4 + 3] = 5;
  EXPECT_FALSE(estimate_micro_price(counts).has_value()) << "up for ever";

  counts.next[1 * 2 + 1] = 0;
  counts.next[1 * 2 + 0] = 5;
  EXPECT_FALSE(estimate_micro_price(counts).has_value()) << "up and down for ever";
}

// A random walk whose next step the queues announce: what is learnt says so, and is looked up.
TEST(MicroPriceDesk, LearnsFromAShardWhatTheQueuesAnnounce) {
  SignalParams params;
  params.micro_price.shape = {.buckets = 4, .spreads = 1};
  params.micro_price.estimate = true;
  params.micro_price.estimate_every_ms = 60'000;
  MicroPriceDesk desk{std::vector{params.micro_price}};
  SignalSet set{params};
  set.attach(desk.exchanges());
  Instrument instrument;
  instrument.id = InstrumentId{0};
  instrument.tick = 1;
  SignalDriver driver{set, instrument};
  std::mt19937_64 random{11};
  std::int64_t price = 1'000'000;
  std::int64_t now = kStart;
  const auto quote = [&](std::int64_t size) {
    return Levels{bid(price, size), ask(price + 1, 100 - size)};
  };
  driver.on({EventKind::Snapshot, now, quote(50)});
  EXPECT_EQ(desk.work(now), 0U);

  for (int i = 0; i < 20'000; ++i) {
    const auto size = static_cast<std::int64_t>(1 + random() % 99);
    driver.on({EventKind::Delta, now += kMs, quote(size)});
    if (random() % 4 != 0) continue;
    // Up with the share of the bid.
    const bool up = random() % 100 < static_cast<std::uint64_t>(size);
    Levels move{bid(price, 0), ask(price + 1, 0)};
    price += up ? 1 : -1;
    const auto next = static_cast<std::int64_t>(1 + random() % 99);
    for (const NaiveEvent::Level& level : quote(next)) move.push_back(level);
    driver.on({EventKind::Delta, now += kMs, move});
  }
  EXPECT_EQ(driver["micro_src"], 0.0);
  EXPECT_EQ(desk.work(kStart + 59'999 * kMs), 0U) << "not due yet";
  EXPECT_EQ(desk.work(kStart + 60'000 * kMs), 1U);

  driver.on({EventKind::Delta, now, quote(99)});
  ASSERT_EQ(driver["micro_src"], 1.0);
  const double mid = driver["mid"];
  // Where the bid has 75 to 99, a move is up 87 of 100 times: 0.74 ticks. Of five quotes that show
  // such sizes one follows a move, and of the other four one is followed by the next move.
  const double expected_now = 0.2 * 0.74;
  EXPECT_NEAR(driver["micro"] - mid, expected_now, 0.02);
  driver.on({EventKind::Delta, now, quote(1)});
  EXPECT_NEAR(driver["micro"] - mid, -expected_now, 0.02);
  driver.on({EventKind::Delta, now, quote(60)});
  EXPECT_NEAR(driver["micro"] - mid, 0.2 * 0.24, 0.02);
}

TEST(MicroPriceDesk, ForgetsWithTimeAndWaitsForEnoughMoves) {
  MicroPriceParams params;
  params.shape = {.buckets = 2, .spreads = 1};
  params.estimate = true;
  params.estimate_every_ms = 1'000;
  params.estimate_memory_ms = 1'000;
  params.estimate_least_moves = 10;
  MicroPriceDesk desk{std::vector{params}};
  MicroPriceExchange& exchange = *desk.exchanges()[0];
  const auto move = [&](std::size_t to, std::size_t kind, int times) {
    for (int i = 0; i < times; ++i) exchange.count_move(1, static_cast<std::uint32_t>(to), kind);
  };
  (void)desk.work(1);
  move(0, 3, 4);
  move(1, 3, 5);
  EXPECT_EQ(desk.work(1'000 * kMs + 1), 0U) << "nine are not enough";

  // After another second nine count for 3.3: four tens of the other kind outweigh them.
  move(0, 2, 20);
  move(1, 2, 20);
  EXPECT_EQ(desk.work(2'000 * kMs + 1), 1U);
  const double old = std::exp(-1.0);
  MicroPriceCounts counts{params.shape};
  counts.next[2] = 20 + 4 * old;
  counts.next[3] = 20 + 5 * old;
  counts.moved[4 + 3] = 9 * old;
  counts.moved[4 + 2] = 40;
  EXPECT_NEAR(exchange.table()[1], (*estimate_micro_price(counts))[1], 1e-12);
}

}  // namespace
}  // namespace steelyard
