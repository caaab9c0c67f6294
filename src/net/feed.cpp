#include "net/feed.hpp"

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <utility>

#include "core/clock.hpp"

namespace steelyard {

using Clock = std::chrono::steady_clock;

namespace {

// In one round of work. A frame takes a handful.
constexpr int kMostHandlers = 256;

// Before a fetch that failed so many times in a row is tried again.
[[nodiscard]] std::chrono::seconds retry_after(std::uint32_t failures) {
  return std::chrono::seconds{std::min(30U, 1U << std::min(failures, 5U))};
}

}  // namespace

struct Feed::Impl {
  explicit Impl(const std::string& ca_file) : tls{ca_file} {}
  boost::asio::io_context io{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> guard{io.get_executor()};
  TlsContext tls;
};

Feed::Feed(const FeedOptions& options, std::vector<PlannedConnection> plan,
           std::vector<ResyncQueue*> requests, std::span<const Instrument> instruments,
           FrameSink sink, NetEventSink events)
    : options_{options},
      impl_{std::make_unique<Impl>(options.ca_file)},
      requests_{std::move(requests)},
      instruments_{instruments},
      sink_{std::move(sink)},
      events_{std::move(events)} {
  for (PlannedConnection& planned : plan) {
    const auto endpoint = options_.endpoints.find(std::string{planned.venue->name});
    const auto rest = options_.rest.find(std::string{planned.venue->name});
    const Venue* const venue = planned.venue;
    budgets_.emplace(venue, WeightBudget{venue->limits.rest_weight_per_minute});
    connect_pacers_.emplace(venue, Pacer{venue->limits.connections_per_second});
    Pacer* shared = nullptr;
    if (venue->limits.requests_of_address) {
      shared =
          &request_pacers_.emplace(venue, Pacer{venue->limits.requests_per_second}).first->second;
    }
    connections_.push_back(std::make_unique<Connection>(
        impl_->io, impl_->tls, std::move(planned),
        endpoint == options_.endpoints.end() ? EndpointOverride{} : endpoint->second,
        rest == options_.rest.end() ? EndpointOverride{} : rest->second, options_.connection,
        connect_pacers_.at(venue), shared, sink_, events_, counters_));
  }
}

Feed::~Feed() {
  connections_.clear();
  impl_->io.stop();
}

void Feed::start() {
  for (const auto& connection : connections_) connection->start();
  next_timer_ = Clock::now() + options_.timer_every;
}

void Feed::stop() {
  stopped_ = true;
  fetches_.clear();
  for (const auto& connection : connections_) connection->stop();
}

std::uint32_t Feed::open_connections() const noexcept {
  std::uint32_t open = 0;
  for (const auto& connection : connections_) open += connection->is_open() ? 1 : 0;
  return open;
}

int Feed::do_work() {
  // Not all that is ready: on a busy feed that never ends, and requests and timers must have their
  // turn.
  int done = 0;
  while (done < kMostHandlers && impl_->io.poll_one() != 0) ++done;
  take_requests();
  const auto now = Clock::now();
  if (now >= next_timer_) on_tick();
  if (done == 0 && options_.block_when_idle) {
    done += static_cast<int>(impl_->io.run_one_for(std::chrono::milliseconds{1}));
  }
  return done;
}

void Feed::on_tick() {
  const auto now = Clock::now();
  next_timer_ = now + options_.timer_every;
  const std::size_t count = connections_.size();
  for (std::size_t i = 0; i < count; ++i) connections_[(first_to_tick_ + i) % count]->tick(now);
  ++first_to_tick_;
  for (std::size_t left = delayed_.size(); left != 0; --left) {
    const auto [request, asked] = delayed_.front();
    delayed_.pop_front();
    resync(request, asked, now);
  }
  fetch_due(now);
  if (stopped_) return;
  const char padding[kFramePadding] = {};
  Frame frame;
  frame.payload = {padding, 0};
  frame.received = wall_clock();
  frame.connection = options_.timer_connection;
  frame.kind = FrameKind::Timer;
  (void)sink_(frame);
}

void Feed::take_requests() {
  ResyncRequest request;
  for (ResyncQueue* const queue : requests_) {
    while (queue->pop(request)) {
      const auto now = Clock::now();
      resync(request, now, now);
    }
  }
}

void Feed::resync(const ResyncRequest& request, Clock::time_point asked, Clock::time_point now) {
  if (stopped_ || request.instrument.raw() >= instruments_.size()) return;
  // One in so long an instrument, however often it is asked for; the last one is not forgotten.
  const auto last = last_resync_.find(request.instrument.raw());
  if (last != last_resync_.end() && now - last->second < options_.resync_interval) {
    for (const auto& [held, since] : delayed_) {
      if (held.instrument == request.instrument) return;
    }
    delayed_.emplace_back(request, asked);
    return;
  }
  const Instrument& instrument = instruments_[request.instrument.raw()];
  const Venue& venue = *venue_registry()[instrument.venue];
  const BookChannel& row = venue.books[instrument.channel];
  // In band, a connection that has just come up brings the snapshot by itself.
  if (row.snapshot != SnapshotSource::OutOfBand && request.reason == ResyncReason::Start) return;
  last_resync_[request.instrument.raw()] = now;
  if (row.resync == ResyncBy::Fetch) {
    if (fetching_[request.instrument.raw()]) return;
    fetching_[request.instrument.raw()] = true;
    fetches_.push_back({instrument.id, &venue, venue.snapshot(instrument), now, 0});
    fetch_due(now);
    return;
  }
  const auto [connection, stream] = carrier_of(instrument.id);
  if (connection == nullptr) return;
  // A connection that was made since brings the snapshot by itself.
  if (row.resync != ResyncBy::Request && connection->opened_after(asked)) return;
  switch (row.resync) {
    case ResyncBy::Resubscribe:
      return connection->resubscribe(*stream);
    case ResyncBy::Request:
      return connection->ask_snapshot(instrument);
    case ResyncBy::Reconnect:
      return connection->reconnect("a book needs it");
    case ResyncBy::Fetch:
      return;
  }
}

// The first connection that is up and carries the instrument's book; if none is up, the first.
std::pair<Connection*, const Stream*> Feed::carrier_of(InstrumentId instrument) const {
  std::pair<Connection*, const Stream*> found{nullptr, nullptr};
  for (const auto& connection : connections_) {
    for (const Stream& stream : connection->plan().streams) {
      if (stream.kind != StreamKind::Book || stream.instrument->id != instrument) continue;
      if (connection->is_open()) return {connection.get(), &stream};
      if (found.first == nullptr) found = {connection.get(), &stream};
    }
  }
  return found;
}

namespace {

[[nodiscard]] std::optional<HttpPost> body_of(const RestRequest& request) {
  return request.post ? std::optional<HttpPost>{HttpPost{request.body}} : std::nullopt;
}

}  // namespace

void Feed::fetch_due(Clock::time_point now) {
  for (std::size_t left = fetches_.size(); left != 0; --left) {
    const Fetch due = fetches_.front();
    fetches_.pop_front();
    if (now < due.not_before) {
      fetches_.push_back(due);
      continue;
    }
    const auto wait = budgets_.at(due.venue).take(due.request.weight, now, wall_clock());
    if (wait.count() == 0) {
      fetch(due);
    } else {
      fetches_.push_back(due);
      fetches_.back().not_before =
          now + std::min<std::chrono::nanoseconds>(wait, std::chrono::milliseconds{1000});
    }
  }
}

void Feed::fetch(const Fetch& due) {
  WsTarget target;
  target.host = due.venue->rest.host;
  target.port = due.venue->rest.port;
  if (const auto rest = options_.rest.find(std::string{due.venue->name});
      rest != options_.rest.end()) {
    if (!rest->second.host.empty()) target.host = rest->second.host;
    if (!rest->second.port.empty()) target.port = rest->second.port;
  }
  target.path = due.request.target;
  target.proxy_host = options_.connection.proxy_host;
  target.proxy_port = options_.connection.proxy_port;
  const std::string url = "https://" + target.host +
                          (target.port == "443" ? std::string{} : ":" + target.port) + target.path;
  ++counters_.snapshots;
  const TimestampNs asked = wall_clock();
  https_get(
      impl_->io, impl_->tls, target,
      [this, due, url, asked](HttpAnswer answer) {
        if (stopped_) return;
        const auto now = Clock::now();
        WeightBudget& budget = budgets_.at(due.venue);
        budget.reported(answer.used_weight, asked);
        const bool refused = answer.status == 429 || answer.status == 418;
        if (refused) {
          ++counters_.throttled;
          budget.refused(answer.status, answer.retry_after_s, now);
          if (events_) {
            events_({NetEvent::Kind::Throttled, std::string{due.venue->name},
                     std::to_string(answer.status) + ", retry after " +
                         std::to_string(answer.retry_after_s) + " s"});
          }
        }
        if (!answer.error.empty() || answer.status != 200) {
          ++counters_.snapshot_failures;
          if (events_ && !refused) {
            events_({NetEvent::Kind::SnapshotFailed, std::string{due.venue->name},
                     url + ": " +
                         (answer.error.empty() ? "status " + std::to_string(answer.status)
                                               : answer.error)});
          }
          Fetch again = due;
          // Being refused is no failure of the request: the budget says when it may be made.
          again.not_before =
              now + (refused ? std::chrono::seconds{1} : retry_after(again.failures++));
          fetches_.push_back(std::move(again));
          return;
        }
        fetching_[due.instrument.raw()] = false;
        Frame frame;
        frame.payload = std::string_view{answer.body}.substr(0, answer.body_bytes);
        frame.request = url;
        frame.received = answer.received;
        // Of the venue, by way of any of its connections.
        for (const auto& connection : connections_) {
          if (connection->plan().venue == due.venue) frame.connection = connection->plan().ids[0];
        }
        frame.kind = FrameKind::Answer;
        (void)sink_(frame);
      },
      body_of(due.request));
}

bool Feed::awaits_data() const noexcept {
  for (const auto& connection : connections_) {
    if (connection->awaits_data()) return true;
  }
  return false;
}

void Feed::saw_data(ConnectionId id, InstrumentId instrument) {
  for (const auto& connection : connections_) {
    if (connection->plan().ids[0] == id || connection->plan().ids[1] == id) {
      connection->saw_data(id, instrument);
    }
  }
}

}  // namespace steelyard
