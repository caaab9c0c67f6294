// tests/bench/flood.hpp -- what the daemon is flooded with: a book to begin with, and frames that
// change it, one behind the other as they are on the wire.
#pragma once

#include <map>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "bench/flood_server.hpp"
#include "bench/frames.hpp"
#include "bench/pipeline.hpp"
#include "bench/synthetic.hpp"
#include "sim/session.hpp"

namespace steelyard::bench {

struct Flood {
  std::string venue;  // as the configuration has it: name and settings of its table
  std::vector<std::pair<std::string, std::string>> answers;  // REST: part of the target, body
  std::string head;                                          // WebSocket frames up to a live book
  std::uint64_t after = 0;                                   // the number of the last change in it
  std::string bytes;                                         // the frames that are timed
  std::uint32_t frames = 0;
};

// Answers requests; its WebSockets say nothing.
class Answers : public sim::Protocol {
 public:
  explicit Answers(const Flood& flood) : flood_{flood} {}
  sim::HttpReply on_request(std::string_view target) override {
    sim::HttpReply reply;
    for (const auto& [part, body] : flood_.answers) {
      if (target.find(part) != std::string_view::npos) {
        reply.body = body;
        return reply;
      }
    }
    reply.status = 404;
    return reply;
  }
  void on_open(sim::Session&) override {}
  void on_text(sim::Session&, std::string_view) override {}
  void on_closed(sim::Session&) override {}
  void on_tick() override {}

 private:
  const Flood& flood_;
};

// Made frames of ten levels, 400 levels a side.
[[nodiscard]] inline Flood okx_flood(std::uint32_t frames) {
  SyntheticBook book{Dialect::Okx, "BTC-USDT", 400, 1};
  Flood flood;
  flood.venue = "okx]\ninstruments = [\"BTC-USDT\"]\n";
  flood.answers = {
      {"instType=SPOT",
       R"({"code":"0","data":[{"instType":"SPOT","instId":"BTC-USDT","tickSz":"0.01",)"
       R"("lotSz":"0.00000001","state":"live","ctType":"","ctVal":"","ctMult":"","ctValCcy":""}],)"
       R"("msg":""})"},
      {"instType", R"({"code":"0","data":[],"msg":""})"}};
  std::string text;
  FloodServer::append_frame(
      flood.head, R"({"event":"subscribe","arg":{"channel":"books","instId":"BTC-USDT"}})");
  book.snapshot(text);
  FloodServer::append_frame(flood.head, text);
  for (flood.frames = 0; flood.frames < frames; ++flood.frames) {
    book.delta(10, text);
    FloodServer::append_frame(flood.bytes, text);
  }
  return flood;
}

// A recording of one USD-M book, over and over: the ids of each turn are moved on so that they
// follow those of the turn before, and between two turns one made frame takes the book back from
// where the recording ends to where it begins.
class RecordedUsdm {
 public:
  explicit RecordedUsdm(const std::string& recording) : corpus_{load_corpus(recording, "usdm")} {
    if (corpus_.instruments.size() != 1) throw std::runtime_error{recording + ": not of one book"};
    follow();
  }

  [[nodiscard]] Flood flood(std::uint32_t frames) const {
    const Instrument& of = corpus_.instruments[0];
    Flood flood;
    flood.venue = "binance-usdm]\nchannel = \"depth@0ms\"\ninstruments = [\"" + of.symbol + "\"]\n";
    flood.answers = {
        {"exchangeInfo",
         R"({"timezone":"UTC","serverTime":0,"rateLimits":[],"symbols":[{"symbol":")" + of.symbol +
             R"(","status":"TRADING","baseAsset":"BTC","quoteAsset":"USDT",)"
             R"("contractType":"PERPETUAL","pair":")" +
             of.symbol + R"(","filters":[{"filterType":"PRICE_FILTER","tickSize":")" +
             decimal(1, of.scale.price_exponent) + R"("},{"filterType":"LOT_SIZE","stepSize":")" +
             decimal(1, of.scale.qty_exponent) + R"("}]}]})"},
        {"/depth", snapshot_}};
    std::uint64_t moved = 0;
    for (const Timed& frame : head_) FloodServer::append_frame(flood.head, frame.text);
    flood.after = head_.back().last;
    std::string text;
    while (flood.frames < frames) {
      for (const Timed& frame : turn_) {
        if (flood.frames++ == frames) return --flood.frames, flood;
        move_on(frame.text, moved, text);
        FloodServer::append_frame(flood.bytes, text);
      }
      // The made frame: one number further, and what follows is one further still.
      const std::uint64_t last = turn_.back().last + moved;
      FloodServer::append_frame(flood.bytes, way_back(last));
      ++flood.frames;
      moved = last + 1 - head_.back().last;
    }
    return flood;
  }

 private:
  struct Timed {
    std::string text;
    std::uint64_t last;  // of its ids
  };
  using Levels = std::map<std::int64_t, std::int64_t>;

  // Up to a live book: the head. From there to the end: a turn, with the book at both ends.
  void follow() {
    const std::vector<ConnectionInfo> links{
        {corpus_.venue, 0}, {corpus_.venue, 0}, {corpus_.venue, 0}};
    Pipeline pipeline{corpus_.instruments, links, SignalTier::None, false, 64U << 20};
    const InstrumentSlot& slot = pipeline.shard->slots()[0];
    for (const Corpus::Item& item : corpus_.items) {
      const Frame frame = corpus_.frame(item);
      pipeline.take(frame);
      if (frame.kind == FrameKind::Answer && snapshot_.empty()) snapshot_ = frame.payload;
      if (!item.timed) continue;
      const Timed timed{std::string{frame.payload}, number(frame.payload, "\"u\":")};
      if (turn_.empty() && (slot.state != SyncState::Live || head_.size() < 200)) {
        head_.push_back(timed);
        begin_[0] = levels_of(slot, Side::Bid);
        begin_[1] = levels_of(slot, Side::Ask);
      } else {
        turn_.push_back(timed);
      }
    }
    end_[0] = levels_of(slot, Side::Bid);
    end_[1] = levels_of(slot, Side::Ask);
    if (slot.state != SyncState::Live || snapshot_.empty() || turn_.empty()) {
      throw std::runtime_error{"a recording that does not end with a live book"};
    }
  }
  [[nodiscard]] static Levels levels_of(const InstrumentSlot& slot, Side side) {
    Levels levels;
    slot.book.walk(side, [&levels](const Level& level) {
      levels[level.price.raw()] = level.qty.raw();
      return true;
    });
    return levels;
  }

  [[nodiscard]] std::string way_back(std::uint64_t last) const {
    std::string sides[2];
    for (const std::size_t side : {0U, 1U}) {
      Levels rows = begin_[side];
      for (const auto& [price, qty] : end_[side]) {
        const auto [at, is_new] = rows.try_emplace(price, 0);
        if (!is_new && at->second == qty) rows.erase(at);
      }
      const Scale& scale = corpus_.instruments[0].scale;
      for (const auto& [price, qty] : rows) {
        sides[side] += (sides[side].empty() ? "[\"" : ",[\"") +
                       decimal(price, scale.price_exponent) + "\",\"" +
                       decimal(qty, scale.qty_exponent) + "\"]";
      }
    }
    const std::string number = std::to_string(last + 1);
    return R"({"stream":"btcusdt@depth@0ms","data":{"e":"depthUpdate","E":1723161256299,)"
           R"("T":1723161256298,"s":")" +
           corpus_.instruments[0].symbol + "\",\"U\":" + number + ",\"u\":" + number +
           ",\"pu\":" + std::to_string(last) + ",\"b\":[" + sides[0] + "],\"a\":[" + sides[1] +
           "]}}";
  }

  [[nodiscard]] static std::uint64_t number(std::string_view text, std::string_view key) {
    const std::size_t at = text.find(key);
    if (at == std::string_view::npos) throw std::runtime_error{"a frame without ids"};
    return std::strtoull(text.data() + at + key.size(), nullptr, 10);
  }
  static void move_on(std::string_view text, std::uint64_t by, std::string& out) {
    out = text;
    for (const std::string_view key : {"\"U\":", "\"u\":", "\"pu\":"}) {
      const std::size_t at = out.find(key) + key.size();
      const std::size_t end = out.find(',', at);
      out.replace(at, end - at, std::to_string(number(out, key) + by));
    }
  }
  // 12345 with exponent -2: "123.45".
  [[nodiscard]] static std::string decimal(std::int64_t raw, int exponent) {
    std::string text = std::to_string(raw);
    if (exponent >= 0) return text.append(static_cast<std::size_t>(exponent), '0');
    const auto places = static_cast<std::size_t>(-exponent);
    if (text.size() <= places) text.insert(0, places + 1 - text.size(), '0');
    return text.insert(text.size() - places, ".");
  }

  Corpus corpus_;
  std::string snapshot_;
  std::vector<Timed> head_;
  std::vector<Timed> turn_;
  Levels begin_[2];
  Levels end_[2];
};

}  // namespace steelyard::bench
