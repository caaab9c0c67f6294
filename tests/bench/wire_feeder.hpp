// tests/bench/wire_feeder.hpp -- who sends: a venue of one instrument or more, at a rate.
#pragma once

#include <sys/wait.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <csignal>
#include <string>
#include <vector>

#include "bench/bench_stats.hpp"
#include "bench/wire_clients.hpp"
#include "core/clock.hpp"
#include "sim/server.hpp"

namespace steelyard::bench {

// OKX's books channel, as far as a client of one connection sees it: ten levels a frame, whose
// number is the time of sending. Instruments take turns.
class Feeder : public sim::Protocol {
 public:
  explicit Feeder(std::int64_t base, std::size_t instruments = 1)
      : books_(instruments), base_{base} {
    for (std::size_t i = 1; i < instruments; ++i)
      books_[i].symbol = "C" + std::to_string(i) + "-USDT";
  }
  sim::HttpReply on_request(std::string_view target) override {
    sim::HttpReply reply;
    reply.body = "{\"code\":\"0\",\"data\":[";
    if (target.find("instType=SPOT") != std::string_view::npos) {
      for (const Book& book : books_) {
        reply.body += (&book == books_.data() ? "" : ",") +
                      (R"({"instType":"SPOT","instId":")" + book.symbol) +
                      R"(","tickSz":"0.01","lotSz":"0.00000001",)"
                      R"("state":"live","ctType":"","ctVal":"","ctMult":"","ctValCcy":""})";
      }
    }
    reply.body += "],\"msg\":\"\"}";
    return reply;
  }
  void on_open(sim::Session&) override {}
  void on_closed(sim::Session& session) override {
    for (Book& book : books_) {
      if (book.session != &session) continue;
      book.session = nullptr;
      ++lost_;
    }
    ready = false;
  }
  void on_tick() override {}
  void on_text(sim::Session& session, std::string_view text) override {
    if (text.find("\"subscribe\"") == std::string_view::npos) return;
    for (Book& book : books_) {
      if (text.find('"' + book.symbol + '"') == std::string_view::npos) continue;
      book.session = &session;
      session.send(R"({"event":"subscribe","arg":{"channel":"books","instId":")" + book.symbol +
                   "\"}}");
      std::string asks, bids;
      for (int i = 0; i < 400; ++i) {
        asks += (i == 0 ? "[\"" : ",[\"") + price(610'001 + i) + "\",\"1.5\",\"0\",\"1\"]";
        bids += (i == 0 ? "[\"" : ",[\"") + price(610'000 - i) + "\",\"1.5\",\"0\",\"1\"]";
      }
      session.send(frame(book, "snapshot", asks, bids, -1));
    }
    ready = std::all_of(books_.begin(), books_.end(),
                        [](const Book& book) { return book.session != nullptr; });
  }
  // One frame of the instrument whose turn it is. False: its connection takes no more for now.
  bool feed() {
    Book& book = books_[count_ % books_.size()];
    if (book.session == nullptr || book.session->queued() > kBacklog) return false;
    ++count_;
    std::string asks, bids;
    for (int i = 0; i < 5; ++i) {
      const auto step = static_cast<int>((count_ * 7 + static_cast<std::uint64_t>(i) * 31) % 200);
      const std::string qty = std::to_string(1 + count_ % 9) + ".25" + std::to_string(1000 + step);
      asks += (i == 0 ? "[\"" : ",[\"") + price(610'001 + step) + "\",\"" + qty + "\",\"0\",\"3\"]";
      bids += (i == 0 ? "[\"" : ",[\"") + price(610'000 - step) + "\",\"" + qty + "\",\"0\",\"3\"]";
    }
    book.session->send(frame(book, "update", asks, bids, book.id));
    return true;
  }
  [[nodiscard]] std::uint64_t sent() const noexcept { return count_; }
  // Instruments whose connection was closed, each time.
  [[nodiscard]] std::uint64_t lost() const noexcept { return lost_; }
  bool ready = false;  // all instruments are subscribed to

 private:
  static constexpr std::size_t kBacklog = 8U << 20;
  struct Book {
    std::string symbol = "BTC-USDT";
    sim::Session* session = nullptr;
    std::int64_t id = 0;
  };
  static std::string price(int tenths) {
    return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10);
  }
  std::string frame(Book& book, const char* action, const std::string& asks,
                    const std::string& bids, std::int64_t previous) {
    return R"({"arg":{"channel":"books","instId":")" + book.symbol + R"("},"action":")" + action +
           "\",\"data\":[{\"asks\":[" + asks + "],\"bids\":[" + bids + "],\"ts\":\"" +
           std::to_string(wall_clock().raw() / 1'000'000) +
           "\",\"checksum\":0,\"prevSeqId\":" + std::to_string(previous) +
           ",\"seqId\":" + std::to_string(book.id = wall_clock().raw() - base_) + "}]}";
  }
  std::vector<Book> books_;
  std::uint64_t count_ = 0;
  std::uint64_t lost_ = 0;
  std::int64_t base_;
};

// Serves until the child is done: `rate` frames a second for `seconds` once it has subscribed.
// Reads what the child publishes, if there is someone to.
inline void serve(boost::asio::io_context& io, Feeder& feeder, Board& board, double rate,
                  double seconds, pid_t child, ReadSide* read = nullptr) {
  pin(0);
  const auto every = static_cast<std::int64_t>(1e9 / rate);
  auto left = static_cast<std::int64_t>(rate * seconds);
  std::int64_t next = 0;
  const std::int64_t give_up = now_ns() + 60'000'000'000;
  while (now_ns() < give_up) {
    io.poll();
    if (read != nullptr) read->poll();
    // A daemon may well follow its book before anybody reads what it publishes.
    if (!feeder.ready || !board.reading) continue;
    if (next == 0) next = now_ns() + 500'000'000;
    if (left > 0 && now_ns() >= next) {
      next += every;
      --left;
      (void)feeder.feed();
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

}  // namespace steelyard::bench
