// src/measure/measure.hpp -- what this host does: publish to read, frame to record, wire to record.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "measure/latencies.hpp"

namespace steelyard::measure {

// From just before a record is published to just after Reader::poll returned it: two processes,
// each on a core of its own, a record every `every_ns`. Needs two cores; throws std::runtime_error
// if there are fewer, or no segment can be made.
[[nodiscard]] Latencies publish_to_read(std::uint32_t records, std::int64_t every_ns);

// What a frame of ten levels costs one thread, stage by stage, each including those before it.
struct FrameCost {
  std::string stage;
  Spread ns;  // a frame, over the rounds
};
[[nodiscard]] std::vector<FrameCost> frame_cost(std::uint32_t frames, int rounds);

// From just before a frame is handed to TLS at one end of a loopback connection, to the record's
// being complete in shared memory: the daemon as it is, on another core. `idle`: spin or sleep.
struct WireLatency {
  Latencies latencies;
  std::uint64_t sent = 0;
};
[[nodiscard]] WireLatency wire_to_record(double frames_per_second, double seconds,
                                         const std::string& idle);

}  // namespace steelyard::measure
