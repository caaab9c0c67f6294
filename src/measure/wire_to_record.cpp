#include <sys/wait.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <csignal>
#include <fstream>
#include <memory>
#include <stdexcept>
#include <thread>

#include "app/daemon.hpp"
#include "core/clock.hpp"
#include "measure/book_frames.hpp"
#include "measure/measure.hpp"
#include "measure/scratch.hpp"
#include "sim/server.hpp"
#include "steelyard/reader.hpp"

namespace steelyard::measure {
namespace {

// A busy host may keep the daemon, or who reads, waiting for its turn for so long.
constexpr std::int64_t kPatience = 10'000'000'000;

struct Board {
  std::atomic<bool> reading{false};  // what is published from now on is seen
  std::atomic<bool> over{false};
  std::atomic<std::uint64_t> count{0};
};

// One book channel, for a client of one instrument.
class Feeder final : public sim::Protocol {
 public:
  sim::HttpReply on_request(std::string_view target) override {
    sim::HttpReply reply;
    reply.body = BookFrames::instruments(target.find("instType=SPOT") != std::string_view::npos);
    return reply;
  }
  void on_open(sim::Session&) override {}
  void on_closed(sim::Session& session) override {
    if (session_ == &session) session_ = nullptr;
  }
  void on_tick() override {}
  void on_text(sim::Session& session, std::string_view text) override {
    if (text.find("\"subscribe\"") == std::string_view::npos) return;
    session.send(R"({"event":"subscribe","arg":{"channel":"books","instId":"BTC-USDT"}})");
    session.send(frames_.snapshot(wall_clock().raw()));
    session_ = &session;
  }
  void feed() { session_->send(frames_.update(wall_clock().raw())); }
  // A client has subscribed, and was sent the book.
  [[nodiscard]] bool is_ready() const noexcept { return session_ != nullptr; }

 private:
  sim::Session* session_ = nullptr;
  BookFrames frames_;
};

[[noreturn]] void follow(const std::vector<int>& cores, std::uint16_t port,
                         const std::string& directory, const std::string& idle, Board& board,
                         std::int64_t* samples, std::uint64_t room) {
  // All but the server's: threads that spin on one core would wait for each other's time slices.
  cpu_set_t others;
  CPU_ZERO(&others);
  for (std::size_t i = 1; i < cores.size(); ++i) CPU_SET(cores[i], &others);
  (void)sched_setaffinity(0, sizeof others, &others);
  setenv("STEELYARD_SHM_DIR", directory.c_str(), 1);
  try {
    const std::string at = "localhost:" + std::to_string(port);
    const Config config = parse_config("instance = \"wire\"\n[log]\npath = \"" + directory +
                                           "/log\"\n[segment]\ndirectory = \"" + directory +
                                           "\"\nring_slots = 262144\n[threads]\nidle = \"" + idle +
                                           "\"\n[network]\nca_file = \"" + directory +
                                           "/ca.pem\"\n[venues.okx]\nconnections = 1\nstreams = "
                                           "[\"book\"]\ninstruments = [\"BTC-USDT\"]\n"
                                           "websocket = \"" +
                                           at + "\"\nrest = \"" + at + "\"\n",
                                       "bench");
    std::atomic<bool> stop{false};
    Daemon daemon{config, fetch_metadata(config, stop)};
    std::thread thread{[&] { daemon.run(stop); }};
    Reader reader;
    if (!reader.wait_for("wire", std::chrono::seconds{30})) _exit(1);
    board.reading = true;
    Record record;
    std::uint64_t count = 0;
    while (!board.over.load(std::memory_order_relaxed)) {
      if (reader.poll(record) != Poll::Ok) {
        std::this_thread::sleep_for(std::chrono::milliseconds{5});
        continue;
      }
      if (record.event() != EventKind::Delta || count >= room) continue;
      samples[count++] = record.tick().published.raw() - record.tick().venue_time.raw();
      board.count.store(count, std::memory_order_relaxed);
    }
    stop = true;
    thread.join();
  } catch (const std::exception&) {
    _exit(1);
  }
  _exit(0);
}

}  // namespace

WireLatency wire_to_record(double frames_per_second, double seconds, const std::string& idle) {
  const std::vector<int> cores = allowed_cores();
  if (cores.size() < 2) throw std::runtime_error{"two cores are needed, this process may use one"};
  const ScratchDirectory directory;
  const auto wanted = static_cast<std::uint64_t>(frames_per_second * seconds);
  const SharedMemory memory{sizeof(Board) + wanted * sizeof(std::int64_t)};
  auto* const board = new (memory.at()) Board;
  auto* const samples =
      reinterpret_cast<std::int64_t*>(static_cast<char*>(memory.at()) + sizeof(Board));
  const sim::Certificate certificate = sim::make_certificate();
  std::ofstream{directory.path() + "/ca.pem"} << certificate.authority_pem;
  boost::asio::io_context io{1};
  Feeder feeder;
  sim::Server server{io, 0, certificate, feeder};
  const pid_t child = fork();
  if (child == 0) {
    follow(cores, server.port(), directory.path(), idle, *board, samples, wanted);
  }
  const PinnedTo pinned{cores.front()};
  WireLatency out;
  const auto every = static_cast<std::int64_t>(1e9 / frames_per_second);
  std::int64_t next = 0;
  std::int64_t last_call = INT64_MAX;
  const std::int64_t give_up = monotonic_ns() + static_cast<std::int64_t>((seconds + 60) * 1e9);
  while (monotonic_ns() < give_up) {
    io.poll();
    // A daemon may well follow its book before anybody reads what it publishes.
    if (!feeder.is_ready() || !board->reading.load(std::memory_order_relaxed)) {
      if (waitpid(child, nullptr, WNOHANG) != 0)
        throw std::runtime_error{"the daemon did not start"};
      continue;
    }
    const std::int64_t now = monotonic_ns();
    if (next == 0) next = now + 500'000'000;
    // All have arrived, or what is missing does not come any more.
    if (board->count.load(std::memory_order_relaxed) == wanted || now > last_call) break;
    if (out.sent == wanted || now < next) continue;
    feeder.feed();
    next += every;
    if (++out.sent == wanted) last_call = monotonic_ns() + kPatience;
  }
  board->over = true;
  for (const std::int64_t end = monotonic_ns() + 5'000'000'000;
       monotonic_ns() < end && waitpid(child, nullptr, WNOHANG) == 0;) {
    io.poll();
  }
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
  out.latencies.sorted.assign(samples, samples + board->count.load());
  std::sort(out.latencies.sorted.begin(), out.latencies.sorted.end());
  return out;
}

}  // namespace steelyard::measure
