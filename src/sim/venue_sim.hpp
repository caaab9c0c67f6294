// src/sim/venue_sim.hpp -- what all simulated venues have: markets, clients, faults waiting to
// happen.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sim/fault.hpp"
#include "sim/market.hpp"
#include "sim/session.hpp"

namespace steelyard::sim {

struct VenueSimOptions {
  std::uint32_t changes_per_tick = 12;  // of a market of busy = 1
  std::chrono::milliseconds tick{100};
  // 0: as the venue's documents say.
  std::chrono::milliseconds ping_every{0};             // protocol pings, where the venue sends them
  std::chrono::milliseconds pong_limit{0};             // ... without an answer for so long: cut
  std::chrono::milliseconds silence_limit{30'000};     // OKX: nothing said and nothing pushed: cut
  std::chrono::milliseconds idle_frame_every{60'000};  // OKX: of a book that does not change
  std::uint64_t seed = 1;
};

class VenueSim : public Protocol {
 public:
  VenueSim(std::vector<InstrumentSpec> specs, const VenueSimOptions& options, bool ids_skip);

  void on_open(Session& session) override { sessions_.push_back(&session); }
  void on_closed(Session& session) override { std::erase(sessions_, &session); }
  void on_tick() override;

  // `symbol` empty: the first thing that it can happen to. False: it does not apply here.
  bool cause(Fault fault, const std::string& symbol);
  void pause(bool paused) { paused_ = paused; }
  // REST requests that came although their client had been told to wait.
  [[nodiscard]] std::uint64_t impatient_requests() const noexcept { return impatient_; }
  // Faults that were asked for and have not met anything yet.
  [[nodiscard]] std::size_t waiting_faults() const;
  [[nodiscard]] std::size_t client_count() const noexcept { return sessions_.size(); }
  [[nodiscard]] Market* market(const std::string& symbol);
  [[nodiscard]] const std::map<std::string, std::unique_ptr<Market>>& markets() const noexcept {
    return markets_;
  }

 protected:
  virtual void step(Market& market) = 0;
  // In place of a step, while markets are paused.
  virtual void idle(Market&, std::chrono::steady_clock::time_point) {}
  virtual void keep_alive(Session&, std::chrono::steady_clock::time_point) {}
  virtual void announce_shutdown(Session&) {}
  virtual void restart_ids(Market&) {}
  // Whether this can happen to this venue at all; here: what happens to any connection.
  [[nodiscard]] virtual bool knows(Fault fault) const;
  // Which stream of a session carries this market's deltas; empty: none. Here: the first whose name
  // is "book...|SYMBOL".
  [[nodiscard]] virtual std::string delta_stream(const Session& session,
                                                 const Market& market) const;
  // What becomes of a message on this venue's wire: it may be counted, packed, and be no text.
  [[nodiscard]] virtual WireFrame on_wire(Session&, std::string text) {
    return {std::move(text), false};
  }

  // To one client, whatever is wrong: acknowledgements, answers.
  void tell(Session& session, std::string text);
  // To one client, unless a fault keeps it.
  void send(Session& session, const std::string& stream, std::string text);
  void send_delta(Session& session, const std::string& stream, const std::string& symbol,
                  std::string text);
  // To all who have subscribed to the stream.
  void publish(const std::string& stream, const std::string& text);
  void publish_delta(const std::string& stream, const std::string& symbol, const std::string& text);
  // False: it is acknowledged, and that is all.
  bool add_book(Session& session, const std::string& stream, const std::string& symbol);
  void add(Session& session, const std::string& stream) {
    session.streams.insert(stream);
    session.silent.erase(stream);
  }
  static void remove(Session& session, const std::string& stream) {
    session.streams.erase(stream);
    session.silent.erase(stream);
  }
  [[nodiscard]] bool take(Fault fault, const std::string& symbol);
  // 429 or 418, if that is what this request is to be answered. The body is the venue's.
  [[nodiscard]] std::optional<HttpReply> refusal(const std::string& symbol);
  [[nodiscard]] std::uint32_t changes_of(const Market& market) const;
  // Counts a message of the client; true: too many in this second, or another length of time.
  [[nodiscard]] static bool is_too_fast(Session& session, std::uint32_t most,
                                        std::chrono::seconds in = std::chrono::seconds{1});

  VenueSimOptions options_;
  std::vector<Session*> sessions_;
  std::map<std::string, std::unique_ptr<Market>> markets_;

 private:
  std::map<std::string, std::vector<Fault>> faults_;  // by symbol; "" is any
  bool paused_ = false;
  std::chrono::steady_clock::time_point wait_until_{};
  bool banned_ = false;
  std::uint64_t impatient_ = 0;
};

}  // namespace steelyard::sim
