// What goes wrong on demand, once, and to whom.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/binance_sim.hpp"
#include "sim/fault.hpp"
#include "support/scripted_session.hpp"
#include "support/sim_answers.hpp"

namespace steelyard::sim {
namespace {

using namespace std::chrono_literals;
using testing::IsEmpty;

struct Spot {
  BinanceSim venue{binance_spot_instruments(), busy(), false};
  ScriptedSession client{"/stream"};
};

TEST(Faults, HappenOnceToTheStreamThatIsNamed) {
  Spot spot;
  spot.venue.on_open(spot.client);
  spot.venue.on_text(
      spot.client,
      R"({"method":"SUBSCRIBE","params":["btcusdt@depth@100ms","ethusdt@depth@100ms"],"id":1})");
  const auto tick = [&] {
    (void)spot.client.take();
    spot.venue.on_tick();
    return with(spot.client.take(), "btcusdt@depth");
  };

  ASSERT_TRUE(spot.venue.cause(Fault::DropDelta, "BTCUSDT"));
  EXPECT_EQ(tick().size(), 0U);
  EXPECT_EQ(tick().size(), 1U);

  ASSERT_TRUE(spot.venue.cause(Fault::DuplicateDelta, "BTCUSDT"));
  const auto twice = tick();
  ASSERT_EQ(twice.size(), 2U);
  EXPECT_EQ(twice[0], twice[1]);

  ASSERT_TRUE(spot.venue.cause(Fault::ReorderDeltas, "BTCUSDT"));
  EXPECT_EQ(tick().size(), 0U);
  const auto swapped = tick();
  ASSERT_EQ(swapped.size(), 2U);
  EXPECT_GT(Json{swapped[0]}.number("/data/U"), Json{swapped[1]}.number("/data/u"));

  ASSERT_TRUE(spot.venue.cause(Fault::TruncateFrame, "BTCUSDT"));
  simdjson::dom::parser parser;
  EXPECT_NE(parser.parse(tick().at(0)).error(), simdjson::SUCCESS);

  ASSERT_TRUE(spot.venue.cause(Fault::SlowDrip, "BTCUSDT"));
  EXPECT_THAT(tick().at(0), testing::StartsWith("slowly "));

  ASSERT_TRUE(spot.venue.cause(Fault::Garbage, "BTCUSDT"));
  spot.venue.on_tick();
  EXPECT_EQ(with(spot.client.take(), "garbage").size(), 1U);
}

TEST(Faults, OfAConnectionMeetThoseThatCarryTheBook) {
  Spot spot;
  ScriptedSession other{"/stream"};
  spot.venue.on_open(spot.client);
  spot.venue.on_open(other);
  spot.venue.on_text(spot.client,
                     R"({"method":"SUBSCRIBE","params":["btcusdt@depth@100ms"],"id":1})");
  spot.venue.on_text(other, R"({"method":"SUBSCRIBE","params":["ethusdt@depth@100ms"],"id":1})");

  ASSERT_TRUE(spot.venue.cause(Fault::Stall, "BTCUSDT"));
  (void)spot.client.take();
  spot.venue.on_tick();
  EXPECT_THAT(spot.client.take(), IsEmpty());
  EXPECT_THAT(other.take(), testing::Not(IsEmpty()));

  ASSERT_TRUE(spot.venue.cause(Fault::Reset, "BTCUSDT"));
  EXPECT_TRUE(spot.client.torn);
  ASSERT_TRUE(spot.venue.cause(Fault::AgeCut, "ETHUSDT"));
  EXPECT_TRUE(other.closed);
  EXPECT_FALSE(spot.client.closed);
  EXPECT_FALSE(spot.venue.cause(Fault::Reset, "SOLUSDT")) << "nobody carries it";
  EXPECT_FALSE(spot.venue.cause(Fault::DropDelta, "NONO"));
}

TEST(Faults, OfSnapshotsAndRefusals) {
  Spot spot;
  const std::string target = "/api/v3/depth?symbol=BTCUSDT&limit=100";
  const std::uint64_t id = spot.venue.market("BTCUSDT")->last_id();

  ASSERT_TRUE(spot.venue.cause(Fault::SnapshotOld, "BTCUSDT"));
  EXPECT_LT(Json{spot.venue.on_request(target).body}.number("/lastUpdateId"), id);
  ASSERT_TRUE(spot.venue.cause(Fault::SnapshotLate, "BTCUSDT"));
  EXPECT_EQ(spot.venue.on_request(target).delay, 2000ms);
  ASSERT_TRUE(spot.venue.cause(Fault::TooManyRequests, "BTCUSDT"));
  const HttpReply refused = spot.venue.on_request(target);
  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(header_of(refused, "Retry-After"), "1");
  EXPECT_EQ(spot.venue.impatient_requests(), 0U);
  EXPECT_EQ(spot.venue.on_request(target).status, 200);
  EXPECT_EQ(spot.venue.impatient_requests(), 1U) << "it was to wait";
}

TEST(Faults, ABanIsForAllRequestsUntilItIsOver) {
  Spot spot;
  ASSERT_TRUE(spot.venue.cause(Fault::Banned, ""));
  const HttpReply first = spot.venue.on_request("/api/v3/depth?symbol=BTCUSDT");
  const HttpReply second = spot.venue.on_request("/api/v3/exchangeInfo");

  EXPECT_EQ(first.status, 418);
  EXPECT_EQ(second.status, 418);
  EXPECT_EQ(header_of(first, "Retry-After"), "2");
}

TEST(Faults, HaveANameAndADescriptionEach) {
  EXPECT_EQ(std::size(kFaults), static_cast<std::size_t>(Fault::SequenceReset) + 1);
  for (const FaultName& fault : kFaults) {
    ASSERT_TRUE(fault_of(fault.name));
    EXPECT_EQ(to_text(*fault_of(fault.name)), fault.name);
    EXPECT_FALSE(fault.what.empty());
  }
  EXPECT_FALSE(fault_of("nonsense"));
}

}  // namespace
}  // namespace steelyard::sim
