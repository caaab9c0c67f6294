#include "net/connection_plan.hpp"

namespace steelyard {

std::vector<PlannedConnection> plan_connections(std::vector<StreamWish> wishes,
                                                std::uint32_t first_id) {
  std::vector<PlannedConnection> plan;
  std::uint32_t next_id = first_id;
  for (const Venue* const venue : venue_registry()) {
    for (std::size_t socket = 0; socket < venue->sockets.size(); ++socket) {
      std::size_t open = plan.size();  // the connection that still has room; none yet
      for (const StreamWish& wish : wishes) {
        if (venue_registry()[wish.instrument->venue] != venue) continue;
        std::vector<Stream> streams;
        for (const StreamKind kind :
             {StreamKind::Book, StreamKind::Trades, StreamKind::Bbo, StreamKind::Liquidations}) {
          if ((wish.kinds & kind_bit(kind)) != 0 &&
              carries(*venue, venue->sockets[socket], kind, *wish.instrument)) {
            streams.push_back({kind, wish.instrument});
          }
        }
        if (streams.empty()) continue;
        if (open == plan.size() ||
            plan[open].streams.size() + streams.size() > venue->limits.streams_per_connection) {
          open = plan.size();
          PlannedConnection& connection = plan.emplace_back();
          connection.venue = venue;
          connection.socket = socket;
          connection.io = wish.instrument->io;
          connection.ids[0] = ConnectionId{next_id++};
          connection.ids[1] = ConnectionId{next_id++};
        }
        plan[open].streams.insert(plan[open].streams.end(), streams.begin(), streams.end());
      }
    }
  }
  return plan;
}

}  // namespace steelyard
