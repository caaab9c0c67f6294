// Simulated MEXC spot against what its documents say: protocol buffers, and snapshots that are
// fetched.
#include "sim/mexc_sim.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/scripted_session.hpp"
#include "support/sim_answers.hpp"

namespace steelyard::sim {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::StartsWith;

constexpr const char* kChanges = "spot@public.aggre.depth.v3.api.pb@10ms@BTCUSDT";

// A protocol buffer of byte strings and varints: its fields by number, in their order.
using Fields = std::multimap<std::uint64_t, std::string>;
[[nodiscard]] Fields fields_of(std::string_view bytes) {
  Fields fields;
  std::size_t at = 0;
  const auto varint = [&] {
    std::uint64_t value = 0;
    for (int shift = 0; at < bytes.size(); shift += 7) {
      const auto byte = static_cast<unsigned char>(bytes[at++]);
      value |= std::uint64_t{byte & 0x7FU} << shift;
      if (byte < 0x80) break;
    }
    return value;
  };
  while (at < bytes.size()) {
    const std::uint64_t key = varint();
    const std::uint64_t value = varint();
    if ((key & 7) == 2) {
      fields.emplace(key >> 3, bytes.substr(at, value));
      at += value;
    } else {
      fields.emplace(key >> 3, std::to_string(value));
    }
  }
  EXPECT_EQ(at, bytes.size());
  return fields;
}
[[nodiscard]] std::string one(const Fields& fields, std::uint64_t number) {
  const auto found = fields.find(number);
  return found == fields.end() ? std::string{} : found->second;
}

struct Mexc {
  Mexc() { venue->on_open(client); }
  void say(const std::string& method, const std::string& channels) {
    venue->on_text(client,
                   R"({"method":")" + method + R"(","params":[)" + channels + R"(],"id":3})");
  }
  // Bodies of this number among what came; each with its wrapper's fields 1 and 3 checked.
  [[nodiscard]] std::vector<Fields> bodies(std::uint64_t number) {
    std::vector<Fields> found;
    for (const std::string& frame : client.take()) {
      if (!frame.starts_with("binary ")) continue;
      const Fields wrapper = fields_of(std::string_view{frame}.substr(7));
      EXPECT_THAT(one(wrapper, 1), StartsWith("spot@public."));
      EXPECT_EQ(one(wrapper, 3), "BTCUSDT");
      EXPECT_GT(std::stoull(one(wrapper, 6)), 1'600'000'000'000U);
      if (wrapper.contains(number)) found.push_back(fields_of(one(wrapper, number)));
    }
    return found;
  }
  std::unique_ptr<VenueSim> venue = make_mexc(busy());
  ScriptedSession client{"/ws"};
};

TEST(MexcSim, AcknowledgesInTextAndRefusesWithCodeZero) {
  Mexc mexc;
  mexc.say("SUBSCRIPTION", "\"" + std::string{kChanges} + "\",\"spot@public.nothing@NOPE\"");
  mexc.venue->on_text(mexc.client, R"({"method":"PING"})");
  mexc.venue->on_text(mexc.client, "hello");

  EXPECT_THAT(
      mexc.client.take(),
      ElementsAre(
          R"({"id":3,"code":0,"msg":"spot@public.aggre.depth.v3.api.pb@10ms@BTCUSDT"})",
          R"({"id":3,"code":0,"msg":"Not Subscribed successfully! [spot@public.nothing@NOPE].  Reason: Blocked!"})",
          R"({"id":0,"code":0,"msg":"PONG"})", R"({"id":0,"code":0,"msg":"msg format invalid"})"));
}

TEST(MexcSim, CountsVersionsOnByOneAndItsSnapshotFits) {
  Mexc mexc;
  mexc.say("SUBSCRIPTION", "\"" + std::string{kChanges} + "\"");
  std::uint64_t last = 0;
  for (int i = 0; i < 50; ++i) {
    mexc.venue->on_tick();
    for (const Fields& body : mexc.bodies(313)) {
      const std::uint64_t from = std::stoull(one(body, 4));
      if (last != 0) ASSERT_EQ(from, last + 1);
      last = std::stoull(one(body, 5));
      ASSERT_GE(last, from);
      ASSERT_GT(body.count(1) + body.count(2), 0U);
    }
  }
  ASSERT_NE(last, 0U);
  const Json snapshot{mexc.venue->on_request("/api/v3/depth?symbol=BTCUSDT&limit=5000").body};
  EXPECT_EQ(snapshot.number("/lastUpdateId"), last);
  EXPECT_GT(snapshot.size("/bids"), 150U);
  EXPECT_EQ(mexc.venue->on_request("/api/v3/depth?symbol=NONO").status, 400);
  EXPECT_EQ(mexc.venue->on_request("/elsewhere").status, 404);
}

TEST(MexcSim, SendsDealsTopsAndWholeBooks) {
  Mexc mexc;
  mexc.say("SUBSCRIPTION", R"("spot@public.aggre.deals.v3.api.pb@10ms@BTCUSDT",)"
                           R"("spot@public.aggre.bookTicker.v3.api.pb@100ms@BTCUSDT",)"
                           R"("spot@public.limit.depth.v3.api.pb@BTCUSDT@5")");
  for (int i = 0; i < 30; ++i) mexc.venue->on_tick();
  const std::vector<std::string> said = mexc.client.received;
  const auto deals = mexc.bodies(314);
  mexc.client.received = said;
  const auto tops = mexc.bodies(315);
  mexc.client.received = said;
  const auto books = mexc.bodies(303);

  ASSERT_FALSE(deals.empty());
  const Fields deal = fields_of(one(deals.back(), 1));
  EXPECT_THAT(one(deal, 3), testing::AnyOf("1", "2"));
  EXPECT_GT(std::stod(one(deal, 1)), 0.0);
  ASSERT_EQ(books.size(), 30U);
  EXPECT_EQ(books.back().count(1), 5U);
  EXPECT_EQ(books.back().count(2), 5U);
  ASSERT_FALSE(tops.empty());
  EXPECT_EQ(one(tops.back(), 1), one(fields_of(one(books.back(), 2)), 1));
}

TEST(MexcSim, CutsAConnectionThatDoesNotPingWhateverFlows) {
  Mexc mexc;
  mexc.say("SUBSCRIPTION", "\"" + std::string{kChanges} + "\"");
  mexc.client.opened = mexc.client.last_heard -= 59s;
  mexc.venue->on_tick();
  EXPECT_FALSE(mexc.client.closed);

  mexc.client.last_heard -= 2s;
  mexc.client.opened -= 2s;
  mexc.venue->on_tick();
  EXPECT_TRUE(mexc.client.closed);
}

TEST(MexcSim, TakesNoMoreThanThirtyStreamsOnAConnection) {
  Mexc mexc;
  for (int i = 0; i < 30; ++i) mexc.client.streams.insert("of before " + std::to_string(i));
  mexc.say("SUBSCRIPTION", "\"" + std::string{kChanges} + "\"");

  EXPECT_FALSE(with(mexc.client.take(), "Not Subscribed").empty());
}

TEST(MexcSim, RefusesRequestsOnDemandAndAnswersLate) {
  Mexc mexc;
  const std::string target = "/api/v3/depth?symbol=BTCUSDT&limit=100";
  ASSERT_TRUE(mexc.venue->cause(Fault::TooManyRequests, "BTCUSDT"));
  EXPECT_EQ(mexc.venue->on_request(target).status, 429);
  ASSERT_TRUE(mexc.venue->cause(Fault::SnapshotLate, "BTCUSDT"));
  EXPECT_EQ(mexc.venue->on_request(target).delay, 2000ms);
  EXPECT_FALSE(mexc.venue->cause(Fault::Banned, ""));
}

}  // namespace
}  // namespace steelyard::sim
