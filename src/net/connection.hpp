// src/net/connection.hpp -- the life of one planned connection: connect, subscribe, stream, back
// off.
#pragma once

#include <array>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "core/frame.hpp"
#include "net/backoff.hpp"
#include "net/connection_plan.hpp"
#include "net/pacer.hpp"
#include "net/ws_stream.hpp"

namespace steelyard {

// What the receiver of frames made of one.
enum class FrameVerdict : std::uint8_t { Data, Control, Defect, Ignored };
using FrameSink = std::function<FrameVerdict(const Frame&)>;

// What happened, for the log; rare.
struct NetEvent {
  enum class Kind : std::uint8_t {
    Connected,
    Disconnected,
    Rejected,
    NoData,
    Rotating,
    Rotated,
    PleaseReconnect,
    SnapshotFailed,
    Throttled,
  };
  Kind kind;
  std::string connection;
  std::string text;
};
using NetEventSink = std::function<void(const NetEvent&)>;

struct NetCounters {
  std::uint64_t connects = 0;
  std::uint64_t disconnects = 0;
  std::uint64_t frames = 0;
  std::uint64_t bytes = 0;
  std::uint64_t pings = 0;
  std::uint64_t acknowledged = 0;
  std::uint64_t rejected = 0;
  std::uint64_t silences = 0;  // connections given up since nothing came, or no data
  std::uint64_t no_data = 0;   // streams acknowledged that brought nothing in time
  std::uint64_t rotations = 0;
  std::uint64_t snapshots = 0;
  std::uint64_t snapshot_failures = 0;
  std::uint64_t throttled = 0;  // 429 and 418
  std::uint64_t resubscribes = 0;
};

// Timings that tests shorten, and a clock that they set; the rest is in the venue's row.
struct ConnectionOptions {
  Backoff::Options backoff;
  std::chrono::milliseconds data_deadline{30'000};  // from subscription to a book's first frame
  std::chrono::milliseconds silence_limit{0};       // 0: as the venue's row says
  std::chrono::milliseconds max_age{0};             // 0: as the venue's row says
  std::chrono::milliseconds rotation_margin{600'000};
  std::string proxy_host;
  std::string proxy_port;
  std::uint64_t seed = 1;
  bool poll_socket = false;  // reads without waiting to be told that there is something
  std::chrono::steady_clock::time_point (*clock)() = std::chrono::steady_clock::now;
};

// Belongs to its io_context's thread. One or, while it is being replaced, two sockets.
class Connection {
 public:
  // `connects`: of all connections to the venue; every attempt takes from it. `requests`: the same
  // of text frames, where the venue counts those of an address; null: this connection's are
  // counted.
  Connection(boost::asio::io_context& io, TlsContext& tls, PlannedConnection plan,
             const EndpointOverride& endpoint, const EndpointOverride& rest,
             const ConnectionOptions& options, Pacer& connects, Pacer* requests, FrameSink sink,
             NetEventSink events, NetCounters& counters);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  void start();
  // Says goodbye on every socket.
  void stop();

  // Every 100 ms or so: everything that depends on time is looked at here.
  void tick(std::chrono::steady_clock::time_point now);

  // Unsubscribes and subscribes one stream, so that the venue sends its snapshot again. What is
  // asked for while the pacer holds requests back goes with the next ones.
  void resubscribe(const Stream& stream);
  // Asks for a snapshot of one book on the connection itself.
  void ask_snapshot(const Instrument& instrument);
  // Drops the connection and makes a new one. One that is being made is new already.
  void reconnect(const std::string& reason);

  // A frame of the instrument's book came over this link: it is no longer waited for there.
  void saw_data(ConnectionId link, InstrumentId instrument);

  [[nodiscard]] const PlannedConnection& plan() const noexcept { return plan_; }
  [[nodiscard]] bool awaits_data() const noexcept {
    return !links_[0].awaited.empty() || !links_[1].awaited.empty();
  }
  [[nodiscard]] bool is_open() const noexcept { return links_[current_].open; }
  // Whether the connection was made after this moment, so that what was asked of an earlier one is
  // answered by it.
  [[nodiscard]] bool opened_after(std::chrono::steady_clock::time_point moment) const noexcept {
    return links_[current_].open && links_[current_].opened > moment;
  }

 private:
  using Clock = std::chrono::steady_clock;
  // A book that was subscribed and has brought nothing yet.
  struct Awaited {
    Clock::time_point until;
    std::chrono::milliseconds patience;
  };
  struct Link {
    std::unique_ptr<WsStream> stream;
    ConnectionId id;
    bool open = false;
    bool welcome = false;  // subscriptions were sent, or may be
    Clock::time_point opened{};
    Clock::time_point last_frame{};  // when it was read; of any kind, pings too
    Clock::time_point last_data{};
    Clock::time_point last_sent{};
    Clock::time_point last_keepalive{};
    std::deque<std::string> outbox;            // requests that wait for the pacer
    std::vector<Stream> renewals;              // to be unsubscribed and subscribed after those
    std::map<std::uint32_t, Awaited> awaited;  // by instrument
  };

  void open(std::size_t link);
  void ask_ticket(std::size_t link);
  void connect(std::size_t link, const Ticket& to);
  void subscribe(std::size_t link);
  void on_open(std::size_t link);
  void on_message(std::size_t link, std::string_view payload, bool binary, TimestampNs received);
  void on_closed(std::size_t link, const std::string& reason);
  void on_control(std::size_t link, std::string_view payload);
  void lose(std::size_t link, const std::string& reason);
  void forget(Link& link);
  void emit(std::size_t link, FrameKind kind, std::string_view payload);
  void keep_alive(Link& link, Clock::time_point now);
  void drain(std::size_t link, Clock::time_point now);
  void say(std::size_t link, std::string_view text, Clock::time_point now);
  void renew(Link& link);
  void resubscribe(Link& link, const Stream& stream);
  void watch(std::size_t link, Clock::time_point now);
  void watch_awaited(Link& link, Clock::time_point now);
  void rotate(const std::string& why);
  void tend_rotation(Clock::time_point now);
  void finish_rotation(const char* why);
  void tell(NetEvent::Kind kind, std::string text);
  [[nodiscard]] std::chrono::milliseconds age_limit() const;
  [[nodiscard]] std::chrono::milliseconds silence_limit() const;

  boost::asio::io_context& io_;
  TlsContext& tls_;
  PlannedConnection plan_;
  EndpointOverride endpoint_;
  EndpointOverride rest_;
  std::shared_ptr<bool> here_ = std::make_shared<bool>(true);  // gone with us: for late answers
  ConnectionOptions options_;
  FrameSink sink_;
  NetEventSink events_;
  NetCounters& counters_;
  Backoff backoff_;
  Pacer& connects_;
  Pacer own_pacer_;
  Pacer& pacer_;
  bool has_books_;
  std::array<Link, 2> links_;
  std::array<std::unique_ptr<WsStream>, 2> leaving_;  // closed sockets, freed at the next tick
  std::size_t current_ = 0;
  bool stopped_ = false;
  bool waiting_to_connect_ = false;
  Clock::time_point next_attempt_{};
  // Replacing the current link by the other: why it is wanted, and not before when.
  std::string rotation_wanted_;
  Clock::time_point next_rotation_{};
  bool rotating_ = false;
  std::uint64_t next_request_ = 1;
};

}  // namespace steelyard
