// One io thread's work: snapshots fetched within a budget, requests answered, time told, whatever
// else is going on.
#include "net/feed.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <thread>

#include "support/loopback.hpp"

namespace steelyard {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::StartsWith;

[[nodiscard]] const Venue& venue_with(ResyncBy resync) {
  for (const Venue* const venue : venue_registry()) {
    if (venue->books.front().resync == resync && venue->sockets.size() == 1) return *venue;
  }
  throw std::logic_error{"no such venue"};
}

class FeedAgainstServer : public Loopback {
 protected:
  FeedAgainstServer() {
    serve();
    options_.ca_file = folder_ / "ca.pem";
    options_.block_when_idle = false;
    options_.resync_interval = 50ms;
    options_.timer_every = 10ms;
    options_.timer_connection = ConnectionId{0};
    options_.connection.backoff = {.base = 10ms, .cap = 50ms};
    protocol_.answer = [this](std::string_view) { return reply_; };
    each_round_ = [this] {
      if (feed_ != nullptr) feed_->do_work();
    };
  }

  void add(const Venue& venue, const std::string& symbol) {
    Instrument& made = instruments_.emplace_back();
    made.id = InstrumentId{static_cast<std::uint32_t>(instruments_.size() - 1)};
    made.venue = venue_index(venue);
    made.symbol = symbol;
    const EndpointOverride here{"localhost", std::to_string(server_->port())};
    options_.endpoints[std::string{venue.name}] = here;
    options_.rest[std::string{venue.name}] = here;
  }
  void start() {
    std::vector<StreamWish> wishes;
    for (const Instrument& instrument : instruments_) {
      wishes.push_back({&instrument, kind_bit(StreamKind::Book)});
    }
    feed_ = std::make_unique<Feed>(
        options_, plan_connections(wishes, 1), std::vector<ResyncQueue*>{&requests_}, instruments_,
        [this](const Frame& frame) { return on_frame(frame); },
        [this](const NetEvent& event) { events_.push_back(event); });
    feed_->start();
    ASSERT_TRUE(
        run_until([this] { return feed_->open_connections() != 0 && !protocol_.clients.empty(); }));
  }
  [[nodiscard]] std::size_t said(std::size_t client) const {
    return protocol_.clients.size() > client ? protocol_.clients[client].said.size() : 0;
  }
  FrameVerdict on_frame(const Frame& frame) {
    if (frame.kind == FrameKind::Timer) ++timers_;
    if (frame.kind == FrameKind::Text) {
      ++texts_;
      if (on_text_) on_text_();
    }
    if (frame.kind == FrameKind::Answer) {
      answers_.push_back(std::string{frame.request} + ' ' + std::string{frame.payload});
    }
    return FrameVerdict::Ignored;
  }
  void ask(std::uint32_t instrument, ResyncReason reason = ResyncReason::Gap) {
    ASSERT_TRUE(requests_.push({InstrumentId{instrument}, reason}));
  }

  FeedOptions options_;
  std::vector<Instrument> instruments_;
  ResyncQueue requests_;
  sim::HttpReply reply_{.status = 200, .body = "snapshot", .headers = {}};
  std::vector<std::string> answers_;
  std::vector<NetEvent> events_;
  std::uint64_t timers_ = 0;
  std::uint64_t texts_ = 0;
  std::function<void()> on_text_;
  std::unique_ptr<Feed> feed_;
};

TEST_F(FeedAgainstServer, FetchesASnapshotForABookThatNeedsOne) {
  const Venue& venue = venue_with(ResyncBy::Fetch);
  add(venue, "AAA");
  start();

  ask(0, ResyncReason::Start);

  ASSERT_TRUE(run_until([this] { return answers_.size() == 1; }));
  const std::string target = venue.snapshot(instruments_[0]).target;
  EXPECT_EQ(answers_[0],
            "https://localhost:" + std::to_string(server_->port()) + target + " snapshot");
  EXPECT_EQ(protocol_.requests, std::vector<std::string>{target});
  EXPECT_EQ(feed_->counters().snapshots, 1U);
}

TEST_F(FeedAgainstServer, AsksOnceInAnIntervalAndForgetsNoRequest) {
  add(venue_with(ResyncBy::Fetch), "AAA");
  options_.resync_interval = 300ms;
  start();
  const auto start_time = std::chrono::steady_clock::now();

  for (int i = 0; i < 5; ++i) ask(0);
  ASSERT_TRUE(run_until([this] { return answers_.size() == 1; }));
  for (int i = 0; i < 5; ++i) ask(0);
  ASSERT_TRUE(run_until([this] { return answers_.size() == 2; }));

  EXPECT_GE(std::chrono::steady_clock::now() - start_time, 300ms);
  settle(400ms);
  EXPECT_EQ(answers_.size(), 2U) << "those that came together are one";
}

TEST_F(FeedAgainstServer, AsksNothingOfAVenueThatRefusedUntilItMay) {
  add(venue_with(ResyncBy::Fetch), "AAA");
  add(venue_with(ResyncBy::Fetch), "BBB");
  start();
  reply_ = {.status = 429, .body = "{}", .headers = {{"Retry-After", "1"}}};
  ask(0);
  ASSERT_TRUE(run_until([this] { return feed_->counters().throttled == 1; }));
  const auto refused = std::chrono::steady_clock::now();
  reply_ = {.status = 200, .body = "snapshot", .headers = {}};

  ask(1);
  ASSERT_TRUE(run_until([this] { return protocol_.requests.size() == 2; }));

  EXPECT_GE(std::chrono::steady_clock::now() - refused, 990ms);
  EXPECT_TRUE(run_until([this] { return answers_.size() == 2; })) << "both are made up for";
  ASSERT_FALSE(events_.empty());
  EXPECT_EQ(std::count_if(events_.begin(), events_.end(),
                          [](const NetEvent& event) {
                            return event.kind == NetEvent::Kind::Throttled &&
                                   event.text == "429, retry after 1 s";
                          }),
            1);
}

TEST_F(FeedAgainstServer, TriesAFailedFetchAgainAtGrowingIntervals) {
  add(venue_with(ResyncBy::Fetch), "AAA");
  start();
  reply_ = {.status = 400, .body = "{}", .headers = {}};
  std::vector<std::chrono::steady_clock::time_point> times;

  ask(0);
  for (std::size_t n = 1; n <= 3; ++n) {
    ASSERT_TRUE(run_until([&] { return protocol_.requests.size() == n; }));
    times.push_back(std::chrono::steady_clock::now());
  }

  EXPECT_GE(times[1] - times[0], 900ms);
  EXPECT_GE(times[2] - times[1], 1900ms);
  EXPECT_THAT(events_.back().text, HasSubstr("status 400"));
}

TEST_F(FeedAgainstServer, SubscribesAgainWhereTheSnapshotComesInBand) {
  add(venue_with(ResyncBy::Resubscribe), "AAA");
  start();
  ASSERT_TRUE(run_until([this] { return said(0) == 1; }));

  ask(0, ResyncReason::Start);
  settle();
  EXPECT_EQ(said(0), 1U) << "a new connection brings it by itself";
  ask(0);

  EXPECT_TRUE(run_until([this] { return said(0) == 3; }));
  EXPECT_THAT(protocol_.clients[0].said[1], HasSubstr("unsubscribe"));
}

// A request that was held back is void once the connection is another.
TEST_F(FeedAgainstServer, ForgetsAHeldRequestThatANewConnectionAnswers) {
  add(venue_with(ResyncBy::Resubscribe), "AAA");
  options_.resync_interval = 1500ms;
  start();
  ASSERT_TRUE(run_until([this] { return said(0) == 1; }));
  ask(0);
  ASSERT_TRUE(run_until([this] { return said(0) == 3; }));
  ask(0);
  settle();

  protocol_.clients[0].session->tear();
  ASSERT_TRUE(run_until([this] { return said(1) != 0; }));
  settle(1700ms);

  EXPECT_EQ(said(1), 1U);
}

TEST_F(FeedAgainstServer, OpensConnectionsAtTheVenuesPace) {
  const Venue& venue = venue_with(ResyncBy::Resubscribe);
  const auto wanted = 3 * venue.limits.streams_per_connection + 1;
  for (std::uint32_t i = 0; i < wanted; ++i) add(venue, "S" + std::to_string(i));
  start();
  ASSERT_EQ(protocol_.clients.size(), 1U) << "no two of them at once";
  const auto first = std::chrono::steady_clock::now();

  ASSERT_TRUE(run_until([this] { return protocol_.clients.size() == 4; }));

  const double seconds = 3.0 / venue.limits.connections_per_second;
  EXPECT_GE(std::chrono::duration<double>(std::chrono::steady_clock::now() - first).count(),
            seconds * 0.75);

  // All lost at once: they come back no faster.
  for (auto& client : protocol_.clients) client.session->tear();
  const auto lost = std::chrono::steady_clock::now();
  ASSERT_TRUE(run_until([this] { return protocol_.clients.size() == 8; }));
  EXPECT_GE(std::chrono::duration<double>(std::chrono::steady_clock::now() - lost).count(),
            seconds * 0.75);
}

TEST_F(FeedAgainstServer, SendsAtThePaceOfAnAddressOnAllItsConnectionsTogether) {
  const auto venues = venue_registry();
  const auto found = std::find_if(venues.begin(), venues.end(), [](const Venue* venue) {
    return venue->limits.requests_of_address && venue->sockets.size() == 1;
  });
  ASSERT_NE(found, venues.end());
  const Limits& limits = (*found)->limits;
  constexpr std::uint32_t kConnections = 4;
  for (std::uint32_t i = 0; i < kConnections * limits.streams_per_connection; ++i) {
    add(**found, "S" + std::to_string(i));
  }
  std::vector<std::chrono::steady_clock::time_point> times;
  protocol_.heard = [&times](sim::Session&, std::string_view) {
    times.push_back(std::chrono::steady_clock::now());
  };
  start();
  const std::size_t each = 1 + limits.streams_per_connection / limits.args_per_request;
  ASSERT_TRUE(run_until([&] { return times.size() >= kConnections * (each - 1); }));
  settle(1000ms);

  ASSERT_EQ(protocol_.clients.size(), kConnections);
  // In whichever second one looks: no more than the limit, and one that was under way.
  for (std::size_t i = 0; i < times.size(); ++i) {
    const auto in_a_second = std::count_if(times.begin(), times.end(), [&](auto time) {
      return time >= times[i] && time < times[i] + 1s;
    });
    EXPECT_LE(static_cast<double>(in_a_second), limits.requests_per_second + 1.0);
  }
  for (const auto& client : protocol_.clients) EXPECT_GE(client.said.size(), each - 1);
}

// What can always be read must not keep timers and requests from their turn.
TEST_F(FeedAgainstServer, TellsTheTimeHoweverMuchThereIsToRead) {
  add(venue_with(ResyncBy::Resubscribe), "AAA");
  start();
  ASSERT_TRUE(run_until([this] { return said(0) == 1; }));
  // Far more than one round may take, ready to be read, and each takes its time.
  for (int i = 0; i < 20'000; ++i) protocol_.clients[0].session->send(std::string(500, 'x'));
  each_round_ = {};
  settle(300ms);
  on_text_ = [] {
    const auto until = std::chrono::steady_clock::now() + 100us;
    while (std::chrono::steady_clock::now() < until) {
    }
  };

  feed_->do_work();
  const std::uint64_t first = texts_;
  EXPECT_GT(first, 0U);
  EXPECT_LE(first, 256U) << "one round took all there was";
  std::this_thread::sleep_for(options_.timer_every);
  const std::uint64_t timers = timers_;
  feed_->do_work();
  EXPECT_EQ(timers_, timers + 1);
  EXPECT_GT(texts_, first);
}

TEST_F(FeedAgainstServer, SaysGoodbyeToAllWhenStopped) {
  add(venue_with(ResyncBy::Resubscribe), "AAA");
  add(venue_with(ResyncBy::Fetch), "AAA");
  start();
  ASSERT_TRUE(run_until([this] { return feed_->open_connections() == 2; }));

  feed_->stop();

  EXPECT_TRUE(run_until([this] { return protocol_.open_clients() == 0; }));
  EXPECT_EQ(feed_->open_connections(), 0U);
  const std::uint64_t timers = timers_;
  settle();
  EXPECT_EQ(timers_, timers);
}

TEST_F(FeedAgainstServer, EndsWithAFetchUnderWay) {
  add(venue_with(ResyncBy::Fetch), "AAA");
  start();
  reply_.delay = 10'000ms;
  ask(0);
  ASSERT_TRUE(run_until([this] { return protocol_.requests.size() == 1; }));

  feed_.reset();
  settle();

  EXPECT_TRUE(answers_.empty());
}

}  // namespace
}  // namespace steelyard
