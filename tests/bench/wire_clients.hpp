// tests/bench/wire_clients.hpp -- who receives: a bare TLS client that only finds a frame's end,
// and the daemon itself. Each is a process of its own.
#pragma once

#include <arpa/inet.h>
#include <fcntl.h>
#include <openssl/ssl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cstring>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "app/daemon.hpp"
#include "bench/bench_stats.hpp"
#include "bench/wire_stages.hpp"
#include "core/clock.hpp"
#include "steelyard/reader.hpp"

namespace steelyard::bench {

// What parent and children share.
struct Board {
  std::atomic<bool> reading{false};  // what comes from now on is counted
  std::atomic<bool> over{false};
  std::atomic<std::uint64_t> count{0};
  std::int64_t base = wall_clock().raw();  // what the numbers of frames count from, in ns
  std::atomic<bool> flooding{false};
  std::atomic<std::uint64_t> doubtful{0};  // of the records counted, those of no live book
  std::atomic<double> cpu_s{0};
  std::atomic<std::int64_t> span_ns{0};   // from the first record to the last
  StageTimes stages[kStagesOfFrame];      // once the client has ended
  std::atomic<std::int64_t> first_ns{0};  // received to published, of the first change
  std::atomic<std::uint64_t> faults{0};   // minor ones, from the first frame on
  std::int64_t samples[4'000'000];
};

// What the daemon follows, and how much of it counts.
struct Followed {
  std::string venue = "okx]\ninstruments = [\"BTC-USDT\"]\n";  // its table but for addresses
  SignalParams params{};
  std::span<const SignalRow> signals = signal_registry();
  std::uint64_t after = 0;  // changes up to this number are not counted
  bool huge_pages = false;  // segment.huge_pages
  bool locked = false;      // all its memory, before the daemon begins
};

[[nodiscard]] inline double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
         static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

// Connected, upgraded and having asked, so that frames come; the socket does not block.
[[nodiscard]] inline SSL* open_bare(std::uint16_t port, const std::string& ca_file) {
  SSL_CTX* const context = SSL_CTX_new(TLS_client_method());
  SSL_CTX_load_verify_locations(context, ca_file.c_str(), nullptr);
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  // As the daemon asks for, so that both decrypt the same.
  SSL_CTX_set_ciphersuites(context, "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384");
  const int socket_fd = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_port = htons(port);
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (connect(socket_fd, reinterpret_cast<sockaddr*>(&at), sizeof at) != 0) _exit(1);
  SSL* const tls = SSL_new(context);
  SSL_set_fd(tls, socket_fd);
  SSL_set_tlsext_host_name(tls, "localhost");
  if (SSL_connect(tls) != 1) _exit(1);
  const std::string upgrade =
      "GET /ws/v5/public HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: "
      "Upgrade\r\n"
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";
  SSL_write(tls, upgrade.data(), static_cast<int>(upgrade.size()));
  std::string answer;
  for (char byte; answer.find("\r\n\r\n") == std::string::npos; answer += byte) {
    if (SSL_read(tls, &byte, 1) <= 0) _exit(1);
  }
  const std::string ask = R"({"op":"subscribe","args":[{"channel":"books","instId":"BTC-USDT"}]})";
  std::string framed{"\x81", 1};
  framed += static_cast<char>(0x80 | ask.size());
  framed.append(4, '\0');  // a mask of zeros masks nothing
  framed += ask;
  SSL_write(tls, framed.data(), static_cast<int>(framed.size()));
  timeval instant{0, 1};
  setsockopt(socket_fd, SOL_SOCKET, SO_RCVTIMEO, &instant, sizeof instant);
  const int flags = fcntl(socket_fd, F_GETFL);
  fcntl(socket_fd, F_SETFL, flags | O_NONBLOCK);
  return tls;
}

// The frame that begins here, if all of it is there; empty: read more. `taken`: with its head.
[[nodiscard]] inline std::string_view bare_frame(std::string_view bytes,
                                                 std::size_t& taken) noexcept {
  taken = 0;
  if (bytes.size() < 2) return {};
  const auto* const head = reinterpret_cast<const unsigned char*>(bytes.data());
  std::size_t length = head[1] & 127U;
  std::size_t header = 2;
  if (length == 126) {
    if (bytes.size() < 4) return {};
    length = static_cast<std::size_t>(head[2]) << 8 | head[3];
    header = 4;
  } else if (length == 127) {
    if (bytes.size() < 10) return {};
    length = 0;
    for (int i = 0; i < 8; ++i) length = length << 8 | head[2 + i];
    header = 10;
  }
  if (bytes.size() < header + length) return {};
  taken = header + length;
  return bytes.substr(header, length);
}

// recv, OpenSSL, and the least that a WebSocket client can do.
[[noreturn]] inline void bare_client(std::uint16_t port, const std::string& ca_file, Board& board) {
  pin(1);
  SSL* const tls = open_bare(port, ca_file);
  board.reading = true;
  std::vector<char> buffer(1U << 20);
  std::size_t have = 0;
  std::uint64_t count = 0;
  const double before = cpu_seconds();
  while (!board.over.load(std::memory_order_relaxed)) {
    const int got = SSL_read(tls, buffer.data() + have, static_cast<int>(buffer.size() - have));
    if (got <= 0) continue;
    have += static_cast<std::size_t>(got);
    std::size_t at_byte = 0;
    for (std::size_t taken;; at_byte += taken) {
      const std::string_view payload = bare_frame({buffer.data() + at_byte, have - at_byte}, taken);
      if (taken == 0) break;
      const std::int64_t now = wall_clock().raw();
      if (payload.find("\"update\"") == std::string_view::npos) continue;
      const std::size_t id = payload.rfind(",\"seqId\":");
      board.samples[count % std::size(board.samples)] =
          now - board.base - std::strtoll(payload.data() + id + 9, nullptr, 10);
      ++count;
    }
    std::memmove(buffer.data(), buffer.data() + at_byte, have - at_byte);
    have -= at_byte;
  }
  board.cpu_s = cpu_seconds() - before;
  board.count = count;
  _exit(0);
}

// The same of a flood: only how many frames there are, and in what time. Those of the head, which
// come well before, are not timed.
[[noreturn]] inline void bare_flood_client(std::uint16_t port, const std::string& ca_file,
                                           Board& board) {
  pin(1);
  SSL* const tls = open_bare(port, ca_file);
  board.reading = true;
  std::vector<char> buffer(1U << 20);
  std::size_t have = 0;
  std::uint64_t count = 0;
  std::int64_t first = 0, last = 0;
  while (!board.over.load(std::memory_order_relaxed)) {
    const int got = SSL_read(tls, buffer.data() + have, static_cast<int>(buffer.size() - have));
    if (got <= 0) continue;
    have += static_cast<std::size_t>(got);
    const bool timed = board.flooding.load(std::memory_order_relaxed);
    if (timed && first == 0) first = now_ns();
    std::size_t at_byte = 0;
    for (std::size_t taken;; at_byte += taken) {
      (void)bare_frame({buffer.data() + at_byte, have - at_byte}, taken);
      if (taken == 0) break;
      if (timed) ++count;
    }
    std::memmove(buffer.data(), buffer.data() + at_byte, have - at_byte);
    have -= at_byte;
    if (timed) last = now_ns();
  }
  board.count = count;
  board.span_ns = last - first;
  _exit(0);
}

[[noreturn]] inline void daemon_client(std::uint16_t port, std::uint16_t websocket_port,
                                       const std::string& directory, const std::string& mode,
                                       Board& board, const Followed& what = {}) {
  pin(1);
  if (what.locked && mlockall(MCL_CURRENT | MCL_FUTURE) != 0) std::perror("mlockall");
  setenv("STEELYARD_SHM_DIR", directory.c_str(), 1);
  const std::string at = "localhost:" + std::to_string(port);
  Config config = parse_config(
      "instance = \"wire\"\n[log]\npath = \"" + directory + "/log\"\n[segment]\ndirectory = \"" +
          directory + "\"\nring_slots = 262144\n" + (what.huge_pages ? "huge_pages = true\n" : "") +
          "[threads]\n" + mode + "\n[network]\nca_file = \"" + directory + "/ca.pem\"\n[venues." +
          what.venue + "connections = 1\nstreams = [\"book\"]\nwebsocket = \"localhost:" +
          std::to_string(websocket_port) + "\"\nrest = \"" + at + "\"\n",
      "wire_bench");
  config.signals = what.params;
  std::atomic<bool> stop{false};
  Daemon daemon{config, fetch_metadata(config, stop), what.signals};
  std::thread thread{[&] { daemon.run(stop); }};
  Reader reader;
  if (!reader.wait_for("wire", std::chrono::seconds{30})) _exit(1);
  board.reading = true;
  std::uint64_t count = 0;
  const double before = cpu_seconds();
  rusage begun{}, ended{};
  getrusage(RUSAGE_SELF, &begun);
  std::int64_t first = 0, last = 0;
  Record record;
  // Read at the end, so that the daemon has the core to itself: the ring holds it all.
  while (!board.over.load(std::memory_order_relaxed)) {
    std::this_thread::sleep_for(std::chrono::milliseconds{50});
  }
  board.cpu_s = cpu_seconds() - before;
  getrusage(RUSAGE_SELF, &ended);
  board.faults = static_cast<std::uint64_t>(ended.ru_minflt - begun.ru_minflt);
  for (const std::size_t stage : {kReceivedToDecoded, kDecodedToPublished}) {
    board.stages[stage] = stage_of_segment(reader.segment(), kFrameStageNames[stage]);
  }
  for (Poll polled; (polled = reader.poll(record)) != Poll::Empty && polled != Poll::Dead;) {
    if (polled != Poll::Ok || record.event() != EventKind::Delta) continue;
    if (record.tick().book_sequence.raw() <= what.after) continue;
    board.doubtful += record.is_live() ? 0 : 1;
    board.samples[count % std::size(board.samples)] =
        record.tick().published.raw() - board.base -
        static_cast<std::int64_t>(record.tick().book_sequence.raw());
    ++count;
    last = record.tick().published.raw();
    if (first == 0) {
      first = last;
      board.first_ns = last - record.tick().received.raw();
    }
  }
  board.count = count;
  board.span_ns = last - first;
  stop = true;
  thread.join();
  _exit(reader.lost() == 0 ? 0 : 1);
}

}  // namespace steelyard::bench
