// tests/support/scripted_venue.hpp -- a venue whose words are plain: what net does can be read off
// them.
#pragma once

#include <deque>
#include <string>
#include <vector>

#include "venues/venue.hpp"

namespace steelyard {

// Requests are "sub BOOK-A 1" and "unsub BOOK-A 2", one a stream; with `joined_requests`, one for
// all: "sub BOOK-A BOOK-B 1". Control frames are "ack", "no: REASON", "probe: ANSWER", "bye".
struct ScriptedVenue {
  explicit ScriptedVenue(bool joined_requests = false) {
    venue.name = "scripted";
    venue.sockets = sockets;
    venue.limits.requests_per_second = 1000.0;
    venue.limits.connections_per_second = 1000.0;
    venue.keepalive.silence_limit = std::chrono::seconds{60};
    venue.control = control;
    venue.subscribe = joined_requests ? joined<true> : single<true>;
    venue.unsubscribe = joined_requests ? joined<false> : single<false>;
  }
  ScriptedVenue(const ScriptedVenue&) = delete;
  ScriptedVenue& operator=(const ScriptedVenue&) = delete;

  [[nodiscard]] static std::string name_of(const Stream& stream) {
    constexpr const char* kKinds[] = {"BOOK-", "TRADES-", "BBO-", "LIQ-"};
    return kKinds[static_cast<std::size_t>(stream.kind)] + stream.instrument->symbol;
  }
  template <bool kOn>
  [[nodiscard]] static std::vector<std::string> single(std::span<const Stream> streams,
                                                       std::uint64_t id) {
    std::vector<std::string> out;
    for (const Stream& stream : streams) {
      out.push_back((kOn ? "sub " : "unsub ") + name_of(stream) + ' ' + std::to_string(id++));
    }
    return out;
  }
  template <bool kOn>
  [[nodiscard]] static std::vector<std::string> joined(std::span<const Stream> streams,
                                                       std::uint64_t id) {
    std::string text = kOn ? "sub" : "unsub";
    for (const Stream& stream : streams) text += ' ' + name_of(stream);
    return {text + ' ' + std::to_string(id)};
  }
  [[nodiscard]] static Control control(std::string_view payload) {
    Control said;
    said.text = payload;
    if (payload == "ack") said.kind = Control::Kind::Acknowledged;
    if (payload == "pong") said.kind = Control::Kind::Pong;
    if (payload == "welcome") said.kind = Control::Kind::Welcome;
    if (payload == "bye") said.kind = Control::Kind::PleaseReconnect;
    if (payload.starts_with("no: ")) said.kind = Control::Kind::Rejected;
    if (payload.starts_with("probe: ")) {
      said.kind = Control::Kind::Probe;
      said.answer = payload.substr(7);
    }
    return said;
  }

  // Adds an instrument and says where it is.
  [[nodiscard]] const Instrument* instrument(const std::string& symbol) {
    Instrument& made = instruments.emplace_back();
    made.id = InstrumentId{static_cast<std::uint32_t>(instruments.size() - 1)};
    made.symbol = symbol;
    return &made;
  }

  Socket sockets[1] = {
      {.name = "public", .endpoint = {.host = "unset", .path = "/ws"}, .kinds = 15}};
  Venue venue;
  std::deque<Instrument> instruments;
};

}  // namespace steelyard
