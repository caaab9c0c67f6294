// src/net/connection_plan.hpp -- which streams go over which connections: pure, deterministic,
// printable.
#pragma once

#include <string>
#include <vector>

#include "venues/venue.hpp"

namespace steelyard {

// Where a venue's sockets and REST are, when not where its row says (a test net, a simulator).
struct EndpointOverride {
  std::string host;  // empty: as the row says
  std::string port;
};

struct PlannedConnection {
  const Venue* venue = nullptr;
  std::size_t socket = 0;  // index into the venue's sockets
  std::vector<Stream> streams;
  ConnectionId ids[2];  // the second while one connection replaces the other
  std::uint16_t io = 0;
  std::uint16_t copy = 0;  // 0: the first that carries these streams; 1, ...: a spare of it
  [[nodiscard]] std::string name() const {
    return std::string{venue->name} + "/" + std::string{venue->sockets[socket].name} + "/" +
           std::to_string(ids[0].raw());
  }
};

struct StreamWish {
  const Instrument* instrument = nullptr;
  std::uint8_t kinds = 0;    // kind_bit()s
  std::uint32_t copies = 1;  // connections that carry it, each on its own; more than 1 only where
                             // ids are the same on all of them (Venue::shares_ids)
};

// Spares carry what can be told apart by its id, and nothing else: books, best bids and offers, and
// trades where the venue numbers them. Instruments in their order; all streams of one instrument on
// one socket share a connection, and no connection carries more than the venue allows. Ids are
// dense from `first_id` on.
[[nodiscard]] std::vector<PlannedConnection> plan_connections(std::vector<StreamWish> wishes,
                                                              std::uint32_t first_id);

}  // namespace steelyard
