#include "net/connection_plan.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <set>

namespace steelyard {
namespace {

constexpr std::uint8_t kAllKinds = kind_bit(StreamKind::Book) | kind_bit(StreamKind::Trades) |
                                   kind_bit(StreamKind::Bbo) | kind_bit(StreamKind::Liquidations);

class ConnectionPlan : public testing::Test {
 protected:
  void wish(const Venue& venue, int count, std::uint8_t kinds = kAllKinds, std::uint16_t io = 0) {
    for (int i = 0; i < count; ++i) {
      Instrument& instrument = instruments_.emplace_back();
      instrument.id = InstrumentId{static_cast<std::uint32_t>(instruments_.size() - 1)};
      instrument.venue = venue_index(venue);
      instrument.symbol = "S" + std::to_string(instruments_.size());
      instrument.io = io;
      wishes_.push_back({&instrument, kinds});
    }
  }
  // Kinds that one instrument of this wish has on this socket.
  [[nodiscard]] static std::size_t kinds_on(const Socket& socket, std::uint8_t kinds) {
    std::size_t count = 0;
    for (unsigned kind = 0; kind < 4; ++kind) {
      count += ((kinds & socket.kinds) >> kind) & 1U;
    }
    return count;
  }

  std::deque<Instrument> instruments_;
  std::vector<StreamWish> wishes_;
};

TEST_F(ConnectionPlan, SubscribesEveryWishOnceOnASocketThatServesItWithinTheLimitsOfTheVenue) {
  for (const Venue* const venue : venue_registry()) {
    wish(*venue, static_cast<int>(venue->limits.streams_per_connection) + 3);
  }

  const std::vector<PlannedConnection> plan = plan_connections(wishes_, 1);

  std::set<std::pair<std::uint32_t, StreamKind>> seen;
  for (const PlannedConnection& connection : plan) {
    ASSERT_FALSE(connection.streams.empty());
    EXPECT_LE(connection.streams.size(), connection.venue->limits.streams_per_connection)
        << connection.name();
    const Socket& socket = connection.venue->sockets[connection.socket];
    for (const Stream& stream : connection.streams) {
      EXPECT_TRUE(socket.serves(stream.kind)) << connection.name();
      EXPECT_EQ(venue_registry()[stream.instrument->venue], connection.venue);
      EXPECT_TRUE(seen.insert({stream.instrument->id.raw(), stream.kind}).second) << "twice";
    }
  }
  std::size_t expected = 0;
  for (const Venue* const venue : venue_registry()) {
    for (const Socket& socket : venue->sockets) {
      expected += kinds_on(socket, kAllKinds) * (venue->limits.streams_per_connection + 3);
    }
  }
  EXPECT_EQ(seen.size(), expected);
}

TEST_F(ConnectionPlan, KeepsAnInstrumentsStreamsOfOneSocketTogether) {
  for (const Venue* const venue : venue_registry()) {
    wish(*venue, static_cast<int>(venue->limits.streams_per_connection) + 3);
  }
  std::set<std::tuple<std::uint32_t, std::size_t, std::uint32_t>> places;
  std::set<std::pair<std::uint32_t, std::size_t>> instruments;
  for (const PlannedConnection& connection : plan_connections(wishes_, 1)) {
    for (const Stream& stream : connection.streams) {
      places.insert({stream.instrument->id.raw(), connection.socket, connection.ids[0].raw()});
      instruments.insert({stream.instrument->id.raw(), connection.socket});
    }
  }
  EXPECT_EQ(places.size(), instruments.size());
}

TEST_F(ConnectionPlan, NumbersConnectionsDenselyInPairs) {
  for (const Venue* const venue : venue_registry()) wish(*venue, 400);

  const std::vector<PlannedConnection> plan = plan_connections(wishes_, 5);

  std::uint32_t next = 5;
  for (const PlannedConnection& connection : plan) {
    EXPECT_EQ(connection.ids[0].raw(), next++);
    EXPECT_EQ(connection.ids[1].raw(), next++);
  }
  EXPECT_GT(plan.size(), venue_registry().size());
}

TEST_F(ConnectionPlan, OpensNoSocketThatNothingIsWantedOf) {
  for (const Venue* const venue : venue_registry()) {
    wishes_.clear();
    wish(*venue, 3, kind_bit(StreamKind::Book));

    for (const PlannedConnection& connection : plan_connections(wishes_, 1)) {
      EXPECT_TRUE(venue->sockets[connection.socket].serves(StreamKind::Book)) << venue->name;
      for (const Stream& stream : connection.streams) EXPECT_EQ(stream.kind, StreamKind::Book);
    }
  }
  EXPECT_TRUE(plan_connections({}, 1).empty());
}

TEST_F(ConnectionPlan, IsOnTheThreadOfItsInstruments) {
  std::uint16_t io = 0;
  for (const Venue* const venue : venue_registry()) wish(*venue, 2, kAllKinds, io++);

  for (const PlannedConnection& connection : plan_connections(wishes_, 1)) {
    EXPECT_EQ(connection.io, venue_index(*connection.venue));
  }
}

}  // namespace
}  // namespace steelyard
