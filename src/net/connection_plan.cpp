#include "net/connection_plan.hpp"

#include <algorithm>

namespace steelyard {

namespace {

[[nodiscard]] bool may_be_spared(const Venue& venue, StreamKind kind) noexcept {
  return kind == StreamKind::Book || kind == StreamKind::Bbo ||
         (kind == StreamKind::Trades && venue.numbers_trades);
}

// One connection after another for what one socket of a venue is to carry, or a spare of it.
void plan_socket(const Venue& venue, std::size_t socket, std::uint16_t copy,
                 std::span<const StreamWish> wishes, std::uint32_t& next_id,
                 std::vector<PlannedConnection>& plan) {
  std::size_t open = plan.size();  // the connection that still has room; none yet
  for (const StreamWish& wish : wishes) {
    if (venue_registry()[wish.instrument->venue] != &venue || wish.copies <= copy) continue;
    std::vector<Stream> streams;
    for (const StreamKind kind :
         {StreamKind::Book, StreamKind::Trades, StreamKind::Bbo, StreamKind::Liquidations}) {
      if ((wish.kinds & kind_bit(kind)) != 0 && (copy == 0 || may_be_spared(venue, kind)) &&
          carries(venue, venue.sockets[socket], kind, *wish.instrument)) {
        streams.push_back({kind, wish.instrument});
      }
    }
    if (streams.empty()) continue;
    if (open == plan.size() ||
        plan[open].streams.size() + streams.size() > venue.limits.streams_per_connection) {
      open = plan.size();
      PlannedConnection& connection = plan.emplace_back();
      connection.venue = &venue;
      connection.socket = socket;
      connection.io = wish.instrument->io;
      connection.copy = copy;
      connection.ids[0] = ConnectionId{next_id++};
      connection.ids[1] = ConnectionId{next_id++};
    }
    plan[open].streams.insert(plan[open].streams.end(), streams.begin(), streams.end());
  }
}

}  // namespace

std::vector<PlannedConnection> plan_connections(std::vector<StreamWish> wishes,
                                                std::uint32_t first_id) {
  std::vector<PlannedConnection> plan;
  std::uint32_t next_id = first_id;
  std::uint32_t copies = 1;
  for (const StreamWish& wish : wishes) copies = std::max(copies, wish.copies);
  for (const Venue* const venue : venue_registry()) {
    for (std::size_t socket = 0; socket < venue->sockets.size(); ++socket) {
      for (std::uint32_t copy = 0; copy < (venue->shares_ids ? copies : 1U); ++copy) {
        plan_socket(*venue, socket, static_cast<std::uint16_t>(copy), wishes, next_id, plan);
      }
    }
  }
  return plan;
}

}  // namespace steelyard
