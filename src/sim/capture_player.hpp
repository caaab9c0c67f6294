// src/sim/capture_player.hpp -- plays the recorded connections of one venue to whoever connects.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "sim/recorded_answers.hpp"
#include "sim/recorded_venue.hpp"
#include "sim/session.hpp"

namespace steelyard::sim {

// A client is given a recorded connection of the path and query that it connects to, else one of
// that path, else (the venue may have moved since) any; among those the one whose recorded requests
// begin as the client's own do, else the first that is left. What was received on it follows at the
// recording's pace from the moment the client has subscribed: with its first message, by the query
// of a path that was recorded with that query, or by having been silent for two seconds.
//
// A connection that was lost is lost here too, and whoever comes back gets its next life. One whose
// client leaves midway starts over. Each is played to one client, and once; a client for whom none
// is left is accepted, and hears nothing but pings.
class CapturePlayer final : public Protocol {
 public:
  using Clock = std::chrono::steady_clock;

  // Speed 0: as fast as clients read.
  CapturePlayer(RecordedVenue recorded, double speed);

  HttpReply on_request(std::string_view target) override { return answers_.answer(target); }
  [[nodiscard]] bool accepts(std::string_view) const override { return !connections_.empty(); }
  void on_open(Session& session) override;
  void on_text(Session& session, std::string_view text) override;
  void on_closed(Session& session) override;
  void on_tick() override { play(Clock::now()); }

  // Sends all that is due by now.
  void play(Clock::time_point now);
  // Everything was played, and has left for the clients.
  [[nodiscard]] bool is_finished() const;
  // Closes all connections and begins with the first answers and lives again.
  void restart();
  void close_clients();

  [[nodiscard]] std::size_t client_count() const noexcept { return clients_.size(); }
  [[nodiscard]] std::uint64_t played() const noexcept { return played_; }
  [[nodiscard]] std::uint64_t messages() const noexcept { return messages_; }
  // Recorded connections that have not been played to their end.
  [[nodiscard]] std::size_t left() const;

 private:
  struct Message {
    std::int64_t ts_ns;
    bool binary;
    std::string payload;
  };
  // From being made to being lost, or to the end of the recording.
  struct Life {
    std::int64_t since_ns = 0;  // when it was subscribed
    std::string subscribed;     // its client's first request, if it was recorded
    bool has_start = false;
    bool is_lost = false;
    std::vector<Message> messages;
  };
  struct Connection {
    std::string target;
    std::vector<Life> lives;
    std::size_t next = 0;  // the life that is played at present, or next
    bool taken = false;
    [[nodiscard]] bool is_free() const noexcept { return !taken && next < lives.size(); }
  };
  struct Client {
    std::string request;  // its first message
    Clock::time_point since;
    bool subscribed = false;
    bool done = false;  // its connection was played to the end
    Connection* connection = nullptr;
    std::size_t at = 0;
    Clock::time_point last_sent;
  };

  void attach(Client& client, const std::string& path, Clock::time_point now);
  void play(Session& session, Client& client, Clock::time_point now);

  double speed_;
  std::vector<Connection> connections_;
  RecordedAnswers answers_;
  std::map<Session*, Client> clients_;
  std::uint64_t played_ = 0;
  std::uint64_t messages_ = 0;
};

}  // namespace steelyard::sim
