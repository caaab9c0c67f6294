// tests/bench/wire_clients.hpp -- who receives: a bare TLS client that only finds a frame's end,
// and the daemon itself. Each is a process of its own.
#pragma once

#include <arpa/inet.h>
#include <fcntl.h>
#include <openssl/ssl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cstring>
#include <string>
#include <thread>
#include <vector>

#include "app/daemon.hpp"
#include "bench/bench_stats.hpp"
#include "core/clock.hpp"
#include "steelyard/reader.hpp"

namespace steelyard::bench {

// What parent and children share.
struct Board {
  std::atomic<bool> subscribed{false};
  std::atomic<bool> over{false};
  std::atomic<std::uint64_t> count{0};
  std::int64_t base = wall_clock().raw();  // what the numbers of frames count from, in ns
  std::atomic<double> cpu_s{0};
  std::atomic<std::int64_t> span_ns{0};  // from the first record to the last
  std::int64_t samples[4'000'000];
};

[[nodiscard]] inline double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
         static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

// recv, OpenSSL, and the least that a WebSocket client can do.
[[noreturn]] inline void bare_client(std::uint16_t port, const std::string& ca_file, Board& board) {
  pin(1);
  SSL_CTX* const context = SSL_CTX_new(TLS_client_method());
  SSL_CTX_load_verify_locations(context, ca_file.c_str(), nullptr);
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
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
  std::vector<char> buffer(1U << 20);
  std::size_t have = 0;
  for (;;) {
    const int got = SSL_read(tls, buffer.data() + have, static_cast<int>(buffer.size() - have));
    if (got <= 0) _exit(1);
    have += static_cast<std::size_t>(got);
    if (std::string_view{buffer.data(), have}.find("\r\n\r\n") != std::string_view::npos) break;
  }
  have = 0;
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
  std::uint64_t count = 0;
  const double before = cpu_seconds();
  while (!board.over.load(std::memory_order_relaxed)) {
    const int got = SSL_read(tls, buffer.data() + have, static_cast<int>(buffer.size() - have));
    if (got <= 0) continue;
    have += static_cast<std::size_t>(got);
    std::size_t at_byte = 0;
    while (have - at_byte >= 2) {
      const auto* const head = reinterpret_cast<const unsigned char*>(buffer.data() + at_byte);
      std::size_t length = head[1] & 127U;
      std::size_t header = 2;
      if (length == 126) {
        if (have - at_byte < 4) break;
        length = static_cast<std::size_t>(head[2]) << 8 | head[3];
        header = 4;
      } else if (length == 127) {
        if (have - at_byte < 10) break;
        length = 0;
        for (int i = 0; i < 8; ++i) length = length << 8 | head[2 + i];
        header = 10;
      }
      if (have - at_byte < header + length) break;
      const std::int64_t now = wall_clock().raw();
      const std::string_view payload{buffer.data() + at_byte + header, length};
      if (payload.find("\"update\"") != std::string_view::npos) {
        const std::size_t id = payload.rfind(",\"seqId\":");
        board.samples[count % std::size(board.samples)] =
            now - board.base - std::strtoll(payload.data() + id + 9, nullptr, 10);
        ++count;
      }
      at_byte += header + length;
    }
    std::memmove(buffer.data(), buffer.data() + at_byte, have - at_byte);
    have -= at_byte;
  }
  board.cpu_s = cpu_seconds() - before;
  board.count = count;
  _exit(0);
}

[[noreturn]] inline void daemon_client(std::uint16_t port, std::uint16_t websocket_port,
                                       const std::string& directory, const std::string& mode,
                                       Board& board) {
  pin(1);
  setenv("STEELYARD_SHM_DIR", directory.c_str(), 1);
  const std::string at = "localhost:" + std::to_string(port);
  const Config config = parse_config(
      "instance = \"wire\"\n[log]\npath = \"" + directory + "/log\"\n[segment]\ndirectory = \"" +
          directory + "\"\nring_slots = 262144\n[threads]\n" + mode + "\n[network]\nca_file = \"" +
          directory +
          "/ca.pem\"\n[venues.okx]\nstreams = [\"book\"]\ninstruments = [\"BTC-USDT\"]\n"
          "websocket = \"localhost:" +
          std::to_string(websocket_port) + "\"\nrest = \"" + at + "\"\n",
      "wire_bench");
  std::atomic<bool> stop{false};
  Daemon daemon{config, fetch_metadata(config, stop)};
  std::thread thread{[&] { daemon.run(stop); }};
  Reader reader;
  if (!reader.wait_for("wire", std::chrono::seconds{10})) _exit(1);
  std::uint64_t count = 0;
  const double before = cpu_seconds();
  std::int64_t first = 0, last = 0;
  Record record;
  // Read at the end, so that the daemon has the core to itself: the ring holds it all.
  while (!board.over.load(std::memory_order_relaxed)) {
    std::this_thread::sleep_for(std::chrono::milliseconds{50});
  }
  board.cpu_s = cpu_seconds() - before;
  for (Poll polled; (polled = reader.poll(record)) != Poll::Empty && polled != Poll::Dead;) {
    if (polled != Poll::Ok || record.event() != EventKind::Delta) continue;
    board.samples[count % std::size(board.samples)] =
        record.tick().published.raw() - board.base -
        static_cast<std::int64_t>(record.tick().book_sequence.raw());
    ++count;
    last = record.tick().published.raw();
    if (first == 0) first = last;
  }
  board.count = count;
  board.span_ns = last - first;
  stop = true;
  thread.join();
  _exit(reader.lost() == 0 ? 0 : 1);
}

}  // namespace steelyard::bench
