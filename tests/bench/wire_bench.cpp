// From the wire to shared memory over loopback TLS: a bare client that only finds a frame's end,
// and then the daemon itself, fed by the same server at the same rate in the same run.
//   wire_bench [--quick] [--rates 1000,10000,50000] [--json FILE]
// Latency is from just before the server hands a frame to its TLS stream, to the frame's end being
// found (bare), or the record being complete in shared memory (daemon). Server on core 0, client
// on 1.
#include <arpa/inet.h>
#include <openssl/ssl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <thread>

#include "app/daemon.hpp"
#include "bench/bench_stats.hpp"
#include "core/clock.hpp"
#include "sim/server.hpp"
#include "steelyard/reader.hpp"

using namespace steelyard;
using namespace steelyard::bench;

namespace {

// What parent and children share.
struct Board {
  std::atomic<bool> subscribed{false};
  std::atomic<bool> over{false};
  std::atomic<std::uint64_t> count{0};
  std::atomic<double> cpu_s{0};
  std::int64_t samples[4'000'000];
};

// OKX's books channel, as far as a client of one instrument sees it: ten levels a frame, and the
// time of sending in its stamp.
class Feeder : public sim::Protocol {
 public:
  sim::HttpReply on_request(std::string_view target) override {
    sim::HttpReply reply;
    const bool spot = target.find("instType=SPOT") != std::string_view::npos;
    reply.body =
        std::string{"{\"code\":\"0\",\"data\":["} +
        (spot ? R"({"instType":"SPOT","instId":"BTC-USDT","tickSz":"0.1","lotSz":"0.00000001",)"
                R"("state":"live","ctType":"","ctVal":"","ctMult":"","ctValCcy":""})"
              : "") +
        "],\"msg\":\"\"}";
    return reply;
  }
  void on_open(sim::Session& session) override { session_ = &session; }
  void on_closed(sim::Session& session) override {
    if (session_ == &session) session_ = nullptr;
    ready = false;
  }
  void on_tick() override {}
  void on_text(sim::Session& session, std::string_view text) override {
    if (text.find("\"subscribe\"") == std::string_view::npos) return;
    session.send(R"({"event":"subscribe","arg":{"channel":"books","instId":"BTC-USDT"}})");
    std::string asks, bids;
    for (int i = 0; i < 400; ++i) {
      asks += (i == 0 ? "[\"" : ",[\"") + price(610'001 + i) + "\",\"1.5\",\"0\",\"1\"]";
      bids += (i == 0 ? "[\"" : ",[\"") + price(610'000 - i) + "\",\"1.5\",\"0\",\"1\"]";
    }
    session.send(frame("snapshot", asks, bids, -1));
    ready = true;
  }
  void feed() {
    if (session_ == nullptr) return;
    std::string asks, bids;
    for (int i = 0; i < 5; ++i) {
      const auto step = static_cast<int>((id_ * 7 + static_cast<std::uint64_t>(i) * 31) % 200);
      const std::string qty = std::to_string(1 + id_ % 9) + ".25" + std::to_string(1000 + step);
      asks += (i == 0 ? "[\"" : ",[\"") + price(610'001 + step) + "\",\"" + qty + "\",\"0\",\"3\"]";
      bids += (i == 0 ? "[\"" : ",[\"") + price(610'000 - step) + "\",\"" + qty + "\",\"0\",\"3\"]";
    }
    session_->send(frame("update", asks, bids, static_cast<std::int64_t>(id_ - 1)));
  }
  bool ready = false;

 private:
  static std::string price(int tenths) {
    return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10);
  }
  std::string frame(const char* action, const std::string& asks, const std::string& bids,
                    std::int64_t previous) {
    return std::string{R"({"arg":{"channel":"books","instId":"BTC-USDT"},"action":")"} + action +
           "\",\"data\":[{\"asks\":[" + asks + "],\"bids\":[" + bids + "],\"ts\":\"" +
           std::to_string(wall_clock().raw()) +
           "\",\"checksum\":0,\"prevSeqId\":" + std::to_string(previous) +
           ",\"seqId\":" + std::to_string(id_++) + "}]}";
  }
  sim::Session* session_ = nullptr;
  std::uint64_t id_ = 1'000;
};

// Serves until the child is done: `rate` frames a second for `seconds` once it has subscribed.
void serve(boost::asio::io_context& io, Feeder& feeder, Board& board, double rate, double seconds,
           pid_t child) {
  pin(0);
  const auto every = static_cast<std::int64_t>(1e9 / rate);
  auto left = static_cast<std::int64_t>(rate * seconds);
  std::int64_t next = 0;
  const std::int64_t give_up = now_ns() + 60'000'000'000;
  while (now_ns() < give_up) {
    io.poll();
    if (!feeder.ready) continue;
    if (next == 0) next = now_ns() + 500'000'000;
    if (left > 0 && now_ns() >= next) {
      next += every;
      --left;
      feeder.feed();
    }
    if (left == 0) {
      left = -1;
      next = now_ns() + 300'000'000;
    }
    if (left < 0 && now_ns() >= next) break;
  }
  board.over = true;
  const std::int64_t patience = now_ns() + 5'000'000'000;
  while (now_ns() < patience && waitpid(child, nullptr, WNOHANG) == 0) io.poll();
  kill(child, SIGKILL);
  waitpid(child, nullptr, WNOHANG);
}

[[nodiscard]] double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
         static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

// recv, OpenSSL, and the least that a WebSocket client can do.
[[noreturn]] void bare_client(std::uint16_t port, const std::string& ca_file, Board& board) {
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
      if (const std::size_t stamp = payload.find("\"update\""); stamp != std::string_view::npos) {
        const std::size_t ts = payload.find("\"ts\":\"", stamp);
        board.samples[count % std::size(board.samples)] =
            now - std::strtoll(payload.data() + ts + 6, nullptr, 10);
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

[[noreturn]] void daemon_client(std::uint16_t port, const std::string& directory,
                                const std::string& idle, Board& board) {
  pin(1);
  setenv("STEELYARD_SHM_DIR", directory.c_str(), 1);
  const std::string at = "localhost:" + std::to_string(port);
  const Config config = parse_config(
      "instance = \"wire\"\n[log]\npath = \"" + directory + "/log\"\n[segment]\ndirectory = \"" +
          directory + "\"\nring_slots = 262144\n[threads]\nidle = \"" + idle +
          "\"\n[network]\nca_file = \"" + directory +
          "/ca.pem\"\n[venues.okx]\nstreams = [\"book\"]\ninstruments = [\"BTC-USDT\"]\n"
          "websocket = \"" +
          at + "\"\nrest = \"" + at + "\"\n",
      "wire_bench");
  std::atomic<bool> stop{false};
  Daemon daemon{config, fetch_metadata(config, stop)};
  std::thread thread{[&] { daemon.run(stop); }};
  Reader reader;
  if (!reader.wait_for("wire", std::chrono::seconds{10})) _exit(1);
  std::uint64_t count = 0;
  const double before = cpu_seconds();
  Record record;
  while (!board.over.load(std::memory_order_relaxed)) {
    if (reader.poll(record) != Poll::Ok) {
      std::this_thread::sleep_for(std::chrono::milliseconds{5});
      continue;
    }
    if (record.event() != EventKind::Delta) continue;
    board.samples[count % std::size(board.samples)] =
        record.tick().published.raw() - record.tick().venue_time.raw();
    ++count;
  }
  board.cpu_s = cpu_seconds() - before;
  board.count = count;
  stop = true;
  thread.join();
  _exit(reader.lost() == 0 ? 0 : 1);
}

struct Outcome {
  std::vector<std::int64_t> sorted;
  double cpu_us = 0;  // of the client, a message
};

[[nodiscard]] Outcome run(const std::string& directory, double rate, double seconds,
                          const std::string& client) {
  void* const memory =
      mmap(nullptr, sizeof(Board), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  auto* const board = new (memory) Board;
  const sim::Certificate certificate = sim::make_certificate();
  std::ofstream{directory + "/ca.pem"} << certificate.authority_pem;
  boost::asio::io_context io{1};
  Feeder feeder;
  sim::Server server{io, 0, certificate, feeder};
  const pid_t child = fork();
  if (child == 0) {
    if (client == "bare") bare_client(server.port(), directory + "/ca.pem", *board);
    daemon_client(server.port(), directory, client, *board);
  }
  serve(io, feeder, *board, rate, seconds, child);
  Outcome outcome;
  const std::uint64_t count = std::min<std::uint64_t>(board->count, std::size(board->samples));
  outcome.sorted.assign(board->samples, board->samples + count);
  std::sort(outcome.sorted.begin(), outcome.sorted.end());
  outcome.cpu_us = count == 0 ? 0 : board->cpu_s.load() * 1e6 / static_cast<double>(count);
  munmap(memory, sizeof(Board));
  return outcome;
}

void print(const char* what, Outcome& of, double expected) {
  const auto us = [&of](double share) {
    return static_cast<double>(percentile(of.sorted, share)) / 1000.0;
  };
  std::printf(
      "  %-22s p50 %7.1f  p90 %7.1f  p99 %8.1f  p99.9 %9.1f us   CPU %5.1f us a message"
      "   %zu of %.0f frames\n",
      what, us(0.5), us(0.9), us(0.99), us(0.999), of.cpu_us, of.sorted.size(), expected);
  std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) {
  bool quick = false;
  std::string rates = "1000,10000,50000";
  std::FILE* json = nullptr;
  for (int i = 1; i < argc; ++i) {
    if (std::strcmp(argv[i], "--quick") == 0) quick = true;
    if (std::strcmp(argv[i], "--rates") == 0 && i + 1 < argc) rates = argv[++i];
    if (std::strcmp(argv[i], "--json") == 0 && i + 1 < argc) json = std::fopen(argv[++i], "a");
  }
  std::string directory = "/dev/shm/steelyard-wire-XXXXXX";
  if (mkdtemp(directory.data()) == nullptr) {
    std::perror("wire_bench");
    return 2;
  }
  const double seconds = quick ? 2 : 5;
  const int rounds = quick ? 1 : 3;
  std::printf("wire: frames of ten levels over loopback TLS to shared memory\n");
  std::istringstream list{rates};
  for (std::string word; std::getline(list, word, ',');) {
    const double rate = std::atof(word.c_str());
    std::vector<double> p50[2], p90[2];
    for (int round = 0; round < rounds; ++round) {
      std::printf(" %s frames/s\n", word.c_str());
      Outcome bare = run(directory, rate, seconds, "bare");
      print("bare TLS client, busy", bare, rate * seconds);
      const char* const kIdle[] = {"spin", "sleep"};
      for (std::size_t i = 0; i < 2; ++i) {
        Outcome ours = run(directory, rate, seconds, kIdle[i]);
        const std::string name = std::string{"daemon, idle = "} + kIdle[i];
        print(name.c_str(), ours, rate * seconds);
        if (bare.sorted.empty() || ours.sorted.empty()) continue;
        p50[i].push_back(static_cast<double>(percentile(ours.sorted, 0.5)) /
                         static_cast<double>(percentile(bare.sorted, 0.5)));
        p90[i].push_back(static_cast<double>(percentile(ours.sorted, 0.9)) /
                         static_cast<double>(percentile(bare.sorted, 0.9)));
      }
    }
    std::printf("  spin over bare: p50 x%.2f  p90 x%.2f;  sleep over bare: p50 x%.2f\n",
                spread(p50[0]).median, spread(p90[0]).median, spread(p50[1]).median);
    figure(json, "wire_over_rawtls." + word, spread(p50[0]));
    figure(json, "wire_over_rawtls_p90." + word, spread(p90[0]));
    figure(json, "wire_over_rawtls_sleep." + word, spread(p50[1]));
  }
  std::error_code ignored;
  std::filesystem::remove_all(directory, ignored);
  if (json != nullptr) std::fclose(json);
  return 0;
}
