// src/net/connection.hpp -- the life of one planned connection: connect, subscribe, stream, back
// off.
#pragma once

#include <array>
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
  std::uint64_t silences = 0;  // connections given up since nothing came
  std::uint64_t no_data = 0;   // streams acknowledged that brought nothing in time
  std::uint64_t rotations = 0;
  std::uint64_t snapshots = 0;
  std::uint64_t snapshot_failures = 0;
  std::uint64_t throttled = 0;  // 429 and 418
  std::uint64_t resubscribes = 0;
};

// Timings that tests shorten; the rest is in the venue's row.
struct ConnectionOptions {
  Backoff::Options backoff;
  std::chrono::milliseconds data_deadline{30'000};  // from subscription to a book's first frame
  std::chrono::milliseconds silence_limit{0};       // 0: as the venue's row says
  std::chrono::milliseconds max_age{0};             // 0: as the venue's row says
  std::chrono::milliseconds rotation_margin{600'000};
  std::string proxy_host;
  std::string proxy_port;
  std::uint64_t seed = 1;
};

// Belongs to its io_context's thread. One or, while it is being replaced, two sockets.
class Connection {
 public:
  Connection(boost::asio::io_context& io, TlsContext& tls, PlannedConnection plan,
             const EndpointOverride& endpoint, const ConnectionOptions& options, FrameSink sink,
             NetEventSink events, NetCounters& counters);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  void start();
  // Says goodbye on every socket.
  void stop();

  // Every 100 ms or so: everything that depends on time is looked at here.
  void tick(std::chrono::steady_clock::time_point now);

  // Unsubscribes and subscribes one stream, so that the venue sends its snapshot again.
  void resubscribe(const Stream& stream);
  // Drops the connection and makes a new one.
  void reconnect(const std::string& reason);

  // A frame of the instrument's book came over this link: it is no longer waited for there.
  void saw_data(ConnectionId link, InstrumentId instrument);

  [[nodiscard]] const PlannedConnection& plan() const noexcept { return plan_; }
  [[nodiscard]] bool awaits_data() const noexcept { return !awaited_.empty(); }
  [[nodiscard]] bool is_open() const noexcept { return links_[current_].open; }

 private:
  using Clock = std::chrono::steady_clock;
  struct Link {
    std::unique_ptr<WsStream> stream;
    ConnectionId id;
    bool open = false;
    bool delivered = false;  // data came since it opened
    Clock::time_point opened{};
    Clock::time_point last_frame{};
    Clock::time_point last_sent{};
    std::vector<std::string> outbox;  // requests that wait for the pacer
  };

  void open(std::size_t link);
  void on_open(std::size_t link);
  void on_message(std::size_t link, std::string_view payload, bool binary, TimestampNs received);
  void on_closed(std::size_t link, const std::string& reason);
  void on_control(std::size_t link, std::string_view payload);
  void lose(std::size_t link, const std::string& reason);
  void emit(std::size_t link, FrameKind kind, std::string_view payload);
  void keep_alive(Link& link, Clock::time_point now);
  void drain(std::size_t link, Clock::time_point now);
  void rotate(const std::string& why);
  void finish_rotation();
  void tell(NetEvent::Kind kind, std::string text);
  [[nodiscard]] std::chrono::milliseconds age_limit() const;

  boost::asio::io_context& io_;
  TlsContext& tls_;
  PlannedConnection plan_;
  EndpointOverride endpoint_;
  ConnectionOptions options_;
  FrameSink sink_;
  NetEventSink events_;
  NetCounters& counters_;
  Backoff backoff_;
  Pacer pacer_;
  std::array<Link, 2> links_;
  std::array<std::unique_ptr<WsStream>, 2> leaving_;  // closed sockets, freed at the next tick
  std::size_t current_ = 0;
  bool rotating_ = false;
  bool stopped_ = false;
  Clock::time_point next_attempt_{};
  bool waiting_to_connect_ = false;
  std::uint64_t next_request_ = 1;
  std::map<std::uint32_t, Clock::time_point> awaited_;  // books subscribed that brought nothing yet
};

}  // namespace steelyard
