// tests/support/connection_fixture.hpp -- a Connection to a scripted server, with time in hand.
#pragma once

#include <algorithm>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "net/connection.hpp"
#include "support/loopback.hpp"
#include "support/scripted_venue.hpp"

namespace steelyard {

// The clock that the connection goes by is ahead of the real one by `ahead_`.
class ConnectionFixture : public Loopback {
 protected:
  using Clock = std::chrono::steady_clock;

  ConnectionFixture() {
    serve();
    ahead_ = std::chrono::milliseconds{0};
    options_.clock = now;
    options_.backoff = {.base = std::chrono::milliseconds{20},
                        .cap = std::chrono::milliseconds{200}};
    each_round_ = [this] { tick(); };
  }

  void add(const std::string& symbol, StreamKind kind = StreamKind::Book) {
    streams_.push_back({kind, venue_.instrument(symbol)});
  }
  // Connects, and waits until the subscriptions have arrived.
  void connect() {
    make();
    ASSERT_TRUE(run_until([this] {
      return !protocol_.clients.empty() && protocol_.clients.back().said.size() >= requests_;
    }));
  }
  void make() {
    PlannedConnection plan;
    plan.venue = &venue_.venue;
    plan.streams = streams_;
    plan.ids[0] = ConnectionId{10};
    plan.ids[1] = ConnectionId{11};
    requests_ = venue_.venue.subscribe(streams_, 1).size();
    connection_ = std::make_unique<Connection>(
        io_, *tls_, plan, EndpointOverride{"localhost", std::to_string(server_->port())},
        EndpointOverride{"localhost", std::to_string(server_->port())}, options_, connects_,
        nullptr, [this](const Frame& frame) { return on_frame(frame); },
        [this](const NetEvent& event) { events_.push_back(event); }, counters_);
    connection_->start();
  }

  void tick() {
    if (connection_ != nullptr) connection_->tick(now());
  }
  [[nodiscard]] static Clock::time_point now() { return Clock::now() + ahead_; }
  void advance(std::chrono::milliseconds by) {
    ahead_ += by;
    tick();
  }

  // "data A": of instrument A's book. The rest is control, or of no use ("other").
  FrameVerdict on_frame(const Frame& frame) {
    const std::string text{frame.payload};
    switch (frame.kind) {
      case FrameKind::LinkUp:
        frames_.push_back("up " + std::to_string(frame.connection.raw()));
        return FrameVerdict::Ignored;
      case FrameKind::LinkDown:
        frames_.push_back("down " + std::to_string(frame.connection.raw()) +
                          (text == "planned" ? " planned" : ""));
        return FrameVerdict::Ignored;
      case FrameKind::Sent:
        sent_.push_back(text);
        return FrameVerdict::Ignored;
      default:
        frames_.push_back(std::to_string(frame.connection.raw()) + ' ' + text);
        last_kind_ = frame.kind;
        last_received_ = frame.received;
    }
    if (on_text_) on_text_(text);
    if (text.starts_with("other")) return FrameVerdict::Ignored;
    if (!text.starts_with("data ")) return FrameVerdict::Control;
    for (const Instrument& instrument : venue_.instruments) {
      if (instrument.symbol == text.substr(5)) {
        connection_->saw_data(frame.connection, instrument.id);
      }
    }
    return FrameVerdict::Data;
  }

  [[nodiscard]] sim::Session& session(std::size_t index) {
    return *protocol_.clients.at(index).session;
  }
  [[nodiscard]] const std::vector<std::string>& said(std::size_t index) const {
    return protocol_.clients.at(index).said;
  }
  [[nodiscard]] bool has_frame(const std::string& text) const {
    return std::find(frames_.begin(), frames_.end(), text) != frames_.end();
  }
  [[nodiscard]] std::size_t count_events(NetEvent::Kind kind) const {
    return static_cast<std::size_t>(
        std::count_if(events_.begin(), events_.end(),
                      [kind](const NetEvent& event) { return event.kind == kind; }));
  }
  // Sends it, and waits until the connection has it.
  void deliver(std::size_t client, const std::string& text) {
    const std::uint64_t frames = counters_.frames;
    session(client).send(text);
    ASSERT_TRUE(run_until([&] { return counters_.frames > frames; }));
  }

  ScriptedVenue venue_;
  std::vector<Stream> streams_;
  std::size_t requests_ = 0;
  ConnectionOptions options_;
  Pacer connects_{1000.0, 10.0};
  NetCounters counters_;
  std::vector<std::string> frames_;
  FrameKind last_kind_ = FrameKind::Text;
  TimestampNs last_received_;
  std::function<void(const std::string&)> on_text_;
  std::vector<std::string> sent_;
  std::vector<NetEvent> events_;
  static inline std::chrono::milliseconds ahead_{0};
  std::unique_ptr<Connection> connection_;
};

}  // namespace steelyard
