// tests/bench/sim_frames.hpp -- what a simulated venue sends to a client that follows all its
// books.
#pragma once

#include <chrono>
#include <stdexcept>

#include "bench/made_frame.hpp"
#include "sim/registry.hpp"
#include "sim/sim_clock.hpp"
#include "venues/inflate.hpp"

namespace steelyard::bench {

class KeptSession final : public sim::Session {
 public:
  using Session::send;
  void send(std::string text) override { received.push_back({std::move(text), false}); }
  void send_binary(std::string bytes) override { received.push_back({std::move(bytes), true}); }
  void send_slowly(sim::WireFrame frame) override { received.push_back(std::move(frame)); }
  void ping() override { last_pong = sim::steady_now(); }
  void close() override { ended = true; }
  void tear() override { ended = true; }
  [[nodiscard]] std::size_t queued() const override { return 0; }

  std::vector<sim::WireFrame> received;
  bool ended = false;
};

// A client without a socket, who does as the daemon does: asks for the list of instruments, greets,
// subscribes, answers probes, keeps alive, and has books fetched once changes have come.
class SimClient {
 public:
  SimClient(const Venue& venue, const sim::SimulatedVenue& of, std::size_t wanted)
      : venue_{venue}, sim_{of.make({})} {
    if (venue.ticket_request != nullptr) {
      session_.path = venue.ticket(asked(venue.ticket_request())).path;
    }
    list_instruments();
    if (session_.path.empty()) session_.path = socket().endpoint.path;
    frames_.push_back({FrameKind::LinkUp, now()});
    sim_->on_open(session_);
    take();
    if (venue.greeting != nullptr) say(venue.greeting());
    say(venue.subscribe(streams_, 1));
    for (std::size_t tick = 0; streamed_ < wanted && !session_.ended; ++tick) {
      if (tick > 100 * wanted) {
        throw std::runtime_error{std::string{venue.name} + ": the simulator says nothing"};
      }
      clock_.advance(std::chrono::milliseconds{100});
      keep_alive();
      sim_->on_tick();
      take();
      if (tick == 2) have_books();
    }
    sim_->on_closed(session_);
    if (session_.ended) {
      throw std::runtime_error{std::string{venue.name} + ": the simulator ended the connection"};
    }
  }

  [[nodiscard]] std::vector<MadeFrame> frames() { return std::move(frames_); }

 private:
  [[nodiscard]] std::int64_t now() {
    clock_.advance(std::chrono::microseconds{1});
    return clock_.now().count();
  }
  [[nodiscard]] const Socket& socket() const {
    for (const Socket& socket : venue_.sockets) {
      if (carries(venue_, socket, StreamKind::Book, instruments_.front())) return socket;
    }
    throw std::runtime_error{std::string{venue_.name} + ": no socket carries books"};
  }
  [[nodiscard]] std::string asked(const RestRequest& request) {
    return (request.post ? sim_->on_post(request.target, request.body)
                         : sim_->on_request(request.target))
        .body;
  }
  void fetch(const RestRequest& request) {
    frames_.push_back({FrameKind::Answer, now(), asked(request),
                       "https://" + std::string{venue_.rest.host} + request.target});
  }
  void list_instruments() {
    for (const RestRequest& request : venue_.instrument_lists()) {
      fetch(request);
      for (const InstrumentInfo& info : venue_.instruments(frames_.back().payload)) {
        if (sim_->market(info.symbol) == nullptr) continue;
        Instrument& instrument = instruments_.emplace_back();
        instrument.symbol = info.symbol;
        instrument.id = InstrumentId{static_cast<std::uint32_t>(instruments_.size() - 1)};
      }
    }
    if (instruments_.empty()) throw std::runtime_error{std::string{venue_.name} + ": no markets"};
    for (const Instrument& each : instruments_) streams_.push_back({StreamKind::Book, &each});
  }
  void say(const std::vector<std::string>& texts) {
    for (const std::string& text : texts) {
      clock_.advance(std::chrono::seconds{1});  // no faster than any of them allows
      hear(text);
      take();
    }
  }
  void hear(std::string_view text) {
    session_.last_heard = sim::steady_now();
    sim_->on_text(session_, text);
  }
  // At each interval, data or not.
  void keep_alive() {
    const Keepalive& duty = venue_.keepalive;
    if (duty.interval.count() == 0 || sim::steady_now() - kept_alive_ < duty.interval) return;
    kept_alive_ = sim::steady_now();
    session_.last_heard = kept_alive_;
    if (!duty.client_text.empty()) hear(duty.client_text);
  }
  void have_books() {
    const BookChannel& channel = venue_.books[0];
    for (const Instrument& instrument : instruments_) {
      if (channel.snapshot == SnapshotSource::OutOfBand && channel.resync == ResyncBy::Fetch) {
        fetch(venue_.snapshot(instrument));
      } else if (channel.resync == ResyncBy::Request) {
        say({venue_.snapshot_message(instrument, 100 + instrument.id.raw())});
      }
    }
  }
  // Keeps what has come, and answers what wants an answer.
  void take() {
    while (!session_.received.empty()) {
      std::vector<sim::WireFrame> received = std::move(session_.received);
      session_.received.clear();
      for (sim::WireFrame& frame : received) {
        const Control control = venue_.control(plain_text(frame.bytes));
        frames_.push_back(
            {frame.binary ? FrameKind::Binary : FrameKind::Text, now(), std::move(frame.bytes)});
        if (control.kind == Control::Kind::Probe) hear(control.answer);
        if (control.kind == Control::Kind::Rejected) {
          throw std::runtime_error{std::string{venue_.name} + ": refused: " + control.text};
        }
        if (control.kind == Control::Kind::Unknown || control.kind == Control::Kind::Other) {
          ++streamed_;
        }
      }
    }
  }

  const Venue& venue_;
  sim::HeldClock clock_{std::chrono::seconds{1'789'000'000}};
  std::unique_ptr<sim::VenueSim> sim_;
  KeptSession session_;
  std::vector<Instrument> instruments_;
  std::vector<Stream> streams_;
  std::vector<MadeFrame> frames_;
  std::size_t streamed_ = 0;
  std::chrono::steady_clock::time_point kept_alive_ = sim::steady_now();
};

}  // namespace steelyard::bench
