// src/net/feed.hpp -- one io thread: its connections, its snapshot fetcher, its clock.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/resync.hpp"
#include "net/connection.hpp"
#include "net/https_get.hpp"
#include "net/weight_budget.hpp"

namespace steelyard {

struct FeedOptions {
  ConnectionOptions connection;
  std::string ca_file;                                // empty: the system's authorities
  std::map<std::string, EndpointOverride> endpoints;  // by venue name
  std::map<std::string, EndpointOverride> rest;
  std::chrono::milliseconds timer_every{100};
  std::chrono::milliseconds resync_interval{1000};  // one request an instrument in so long
  bool block_when_idle = true;                      // false: never sleeps in the kernel
  ConnectionId timer_connection;                    // whose Timer frames say that time moves on
};

// Belongs to one thread, which calls do_work.
class Feed {
 public:
  Feed(const FeedOptions& options, std::vector<PlannedConnection> plan,
       std::vector<ResyncQueue*> requests, std::span<const Instrument> instruments, FrameSink sink,
       NetEventSink events);
  ~Feed();

  // Connections of what the plan holds are opened one after another, at the venue's pace.
  void start();
  // Polls sockets and requests once; how much there was to do.
  int do_work();
  // Closes everything; do_work a little longer lets goodbyes out.
  void stop();

  // Whether a subscribed book has brought nothing yet: only then need saw_data be called.
  [[nodiscard]] bool awaits_data() const noexcept;
  // A frame of this instrument's book arrived.
  void saw_data(ConnectionId connection, InstrumentId instrument);

  [[nodiscard]] const NetCounters& counters() const noexcept { return counters_; }
  [[nodiscard]] std::uint32_t open_connections() const noexcept;

 private:
  struct Impl;
  struct Fetch {
    InstrumentId instrument;
    const Venue* venue;
    RestRequest request;
    std::chrono::steady_clock::time_point not_before;
    std::uint32_t failures;
  };
  void on_tick();
  void take_requests();
  void resync(const ResyncRequest& request, std::chrono::steady_clock::time_point asked,
              std::chrono::steady_clock::time_point now);
  [[nodiscard]] std::pair<Connection*, const Stream*> carrier_of(InstrumentId instrument) const;
  void fetch_due(std::chrono::steady_clock::time_point now);
  void fetch(const Fetch& due);

  FeedOptions options_;
  std::unique_ptr<Impl> impl_;
  std::vector<ResyncQueue*> requests_;
  std::span<const Instrument> instruments_;
  FrameSink sink_;
  NetEventSink events_;
  NetCounters counters_;
  std::vector<std::unique_ptr<Connection>> connections_;
  std::map<std::uint32_t, std::chrono::steady_clock::time_point> last_resync_;
  std::deque<std::pair<ResyncRequest, std::chrono::steady_clock::time_point>> delayed_;
  std::deque<Fetch> fetches_;
  std::map<std::uint32_t, bool> fetching_;
  std::map<const Venue*, WeightBudget> budgets_;
  std::map<const Venue*, Pacer> connect_pacers_;
  std::map<const Venue*, Pacer> request_pacers_;  // of venues that count an address's requests
  std::size_t first_to_tick_ = 0;                 // in turn, since they may share a pacer
  std::chrono::steady_clock::time_point next_timer_{};
  bool stopped_ = false;
};

}  // namespace steelyard
