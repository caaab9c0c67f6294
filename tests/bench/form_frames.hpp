// tests/bench/form_frames.hpp -- frames of venues that are not simulated: the simulator's market in
// the words of the venue's fixture made.forms.
#pragma once

#include <zlib.h>

#include <chrono>
#include <cstdio>
#include <ctime>
#include <fstream>
#include <map>
#include <sstream>
#include <stdexcept>

#include "bench/made_frame.hpp"
#include "sim/level_window.hpp"
#include "sim/market.hpp"

namespace steelyard::bench {

// A line a form:
//   # for people
//   instrument SYMBOL PRICE_DECIMALS QTY_DECIMALS START_TICKS TYPICAL_LOTS
//   before FRAME                          comes first on the connection; any number of them
//   bid ROW | ask ROW                     a changed level; level_bid, level_ask: one of a whole
//                                         book; gone_bid, gone_ask: one that leaves; new_bid,
//                                         new_ask: one that was not there: where they differ
//   whole KIND FRAME                      a whole book; KIND: text, gzip, or answer URL
//   change KIND FRAME                     with {bids} and {asks}, or {rows} of both sides, or
//                                         {row}: a frame a level
//   new KIND FRAME | gone KIND FRAME      levels that come and go, where their frames differ
// In frames: {symbol}, {n} (1 more each frame), {first} {last} {prev} (of the changes' numbers),
// {s} {ms} {us} {ns} {iso} (time). In rows: {price} {qty} {id} (one number a price), {n}.
class Forms {
 public:
  explicit Forms(const std::string& path) : path_{path} {
    std::ifstream file{path};
    if (!file) throw std::runtime_error{path + ": is not there"};
    int number = 0;
    for (std::string line; std::getline(file, line);) {
      ++number;
      const std::size_t space = std::min(line.find(' '), line.size());
      const std::string word = line.substr(0, space);
      const std::string rest = line.substr(std::min(space + 1, line.size()));
      if (word.empty() || word == "#") continue;
      bool known = word == "before" || word == "instrument";
      for (const char* const name : {"bid", "ask", "level_bid", "level_ask", "gone_bid", "gone_ask",
                                     "new_bid", "new_ask", "whole", "change", "new", "gone"}) {
        known = known || word == name;
      }
      if (!known || rest.empty()) {
        throw std::runtime_error{path + ":" + std::to_string(number) + ": \"" + word +
                                 "\" begins no form, or nothing follows it"};
      }
      if (word == "before") {
        before.push_back(rest);
      } else if (word == "instrument") {
        spec.price_decimals = -1;
        std::istringstream{rest} >> spec.symbol >> spec.price_decimals >> spec.qty_decimals >>
            spec.start_price >> spec.typical_qty;
        if (spec.typical_qty <= 0) {
          throw std::runtime_error{path + ":" + std::to_string(number) +
                                   ": symbol, decimals of prices and of sizes, first price in "
                                   "ticks and typical size in lots are wanted"};
        }
      } else {
        forms_[word] = rest;
      }
    }
    for (const char* const name : {"bid", "ask", "whole", "change"}) (void)at(name);
    if (spec.typical_qty <= 0) throw std::runtime_error{path + ": no line \"instrument\""};
  }

  [[nodiscard]] bool has(const std::string& name) const { return forms_.contains(name); }
  // The form of this name.
  [[nodiscard]] const std::string& at(const std::string& name) const {
    const auto found = forms_.find(name);
    if (found == forms_.end()) throw std::runtime_error{path_ + ": no line \"" + name + "\""};
    return found->second;
  }
  // ... or else of the other.
  [[nodiscard]] const std::string& at(const std::string& name, const std::string& other) const {
    return has(name) ? at(name) : at(other);
  }

  sim::InstrumentSpec spec;
  std::vector<std::string> before;

 private:
  std::string path_;
  std::map<std::string, std::string> forms_;
};

class FormVenue {
 public:
  FormVenue(const Venue& venue, const std::string& path, std::size_t wanted)
      : venue_{venue},
        forms_{path},
        market_{forms_.spec, 1, false},
        window_{market_, in_band() ? venue.books[0].depth : 0} {
    frames_.push_back({FrameKind::LinkUp, now_});
    for (const std::string& text : forms_.before) add("text " + text);
    if (in_band()) whole();
    for (std::size_t tick = 0; streamed_ < wanted; ++tick) {
      now_ += 100'000'000;
      market_.step(kChanges, {});
      change(window_.update(market_));
      if (!in_band() && tick == 2) whole();
    }
  }

  [[nodiscard]] std::vector<MadeFrame> frames() { return std::move(frames_); }
  [[nodiscard]] const sim::InstrumentSpec& spec() const noexcept { return forms_.spec; }

 private:
  static constexpr std::uint32_t kChanges = 12;
  using Values = std::map<std::string, std::string>;

  [[nodiscard]] bool in_band() const {
    return venue_.books[0].snapshot != SnapshotSource::OutOfBand;
  }
  // Names in braces that are among the values; other braces stay as they are.
  [[nodiscard]] static std::string filled(const std::string& form, const Values& values) {
    std::string text;
    for (std::size_t at = 0; at < form.size();) {
      const std::size_t open = form.find('{', at);
      text.append(form, at, std::min(open, form.size()) - at);
      if (open == std::string::npos) break;
      const std::size_t close = form.find_first_not_of("abcdefghijklmnopqrstuvwxyz", open + 1);
      const auto found = close != std::string::npos && form[close] == '}'
                             ? values.find(form.substr(open + 1, close - open - 1))
                             : values.end();
      if (found == values.end()) {
        text += '{';
        at = open + 1;
      } else {
        text += found->second;
        at = close + 1;
      }
    }
    return text;
  }
  [[nodiscard]] static std::string gzipped(std::string text) {
    z_stream stream{};
    deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
    std::string out(deflateBound(&stream, text.size()) + 64, '\0');
    stream.next_in = reinterpret_cast<Bytef*>(text.data());
    stream.avail_in = static_cast<uInt>(text.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    deflate(&stream, Z_FINISH);
    out.resize(stream.total_out);
    deflateEnd(&stream);
    return out;
  }

  [[nodiscard]] Values values() const {
    const std::time_t seconds = now_ / 1'000'000'000;
    std::tm parts{};
    gmtime_r(&seconds, &parts);
    char date[24], iso[40];
    std::strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%S", &parts);
    std::snprintf(iso, sizeof iso, "%s.%03dZ", date, static_cast<int>(now_ / 1'000'000 % 1000));
    return {{"symbol", forms_.spec.symbol},
            {"n", std::to_string(number_)},
            {"first", std::to_string(first_)},
            {"last", std::to_string(last_)},
            {"prev", std::to_string(first_ - 1)},
            {"s", std::to_string(seconds)},
            {"ms", std::to_string(now_ / 1'000'000)},
            {"us", std::to_string(now_ / 1'000)},
            {"ns", std::to_string(now_)},
            {"iso", iso}};
  }
  [[nodiscard]] std::string row(const std::string& form, std::int64_t price,
                                std::int64_t qty) const {
    return filled(form, {{"price", market_.price_text(price)},
                         {"qty", market_.qty_text(qty)},
                         {"id", std::to_string(8'800'000'000 - price)},
                         {"n", std::to_string(number_)}});
  }
  // A frame of this form: its kind, what it answers, its text.
  void add(const std::string& form, const Values& more = {}) {
    Values all = values();
    all.insert(more.begin(), more.end());
    std::istringstream words{form};
    std::string kind, url;
    words >> kind;
    if (kind == "answer") words >> url;
    words.get();
    std::string text;
    std::getline(words, text);
    text = filled(text, all);
    if (kind == "text") {
      frames_.push_back({FrameKind::Text, now_ += 1'000, text});
    } else if (kind == "gzip") {
      frames_.push_back({FrameKind::Binary, now_ += 1'000, gzipped(text)});
    } else if (kind == "answer") {
      frames_.push_back({FrameKind::Answer, now_ += 1'000, text, filled(url, all)});
    } else {
      throw std::runtime_error{std::string{venue_.name} + ": \"" + kind +
                               "\" is no kind of frame (text, gzip, answer URL)"};
    }
  }
  void whole() {
    if (in_band()) ++number_;
    first_ = last_;
    std::string sides[2];
    const auto side = [&](const auto& levels, bool bid) {
      const std::string& form = forms_.at(bid ? "level_bid" : "level_ask", bid ? "bid" : "ask");
      std::size_t left = venue_.books[0].depth;
      for (const auto& [price, qty] : levels) {
        sides[bid ? 1 : 0] += (sides[bid ? 1 : 0].empty() ? "" : ",") + row(form, price, qty);
        if (left != 0 && --left == 0) break;
      }
    };
    side(market_.bids(), true);
    side(market_.asks(), false);
    add(forms_.at("whole"),
        {{"bids", sides[1]}, {"asks", sides[0]}, {"rows", sides[1] + "," + sides[0]}});
  }
  [[nodiscard]] std::string row(const sim::WindowChange& of) const {
    const std::string side = of.bid ? "bid" : "ask";
    const std::string& form = of.qty == 0      ? forms_.at("gone_" + side, side)
                              : of.before == 0 ? forms_.at("new_" + side, side)
                                               : forms_.at(side);
    return row(form, of.price, of.qty);
  }
  void change(const std::vector<sim::WindowChange>& changes) {
    std::vector<sim::WindowChange> gone, come, other;
    for (const sim::WindowChange& each : changes) {
      (each.qty == 0 && forms_.has("gone")     ? gone
       : each.before == 0 && forms_.has("new") ? come
                                               : other)
          .push_back(each);
    }
    if (!gone.empty()) say(forms_.at("gone"), gone);
    if (!other.empty()) say(forms_.at("change"), other);
    if (!come.empty()) say(forms_.at("new"), come);
  }
  void say(const std::string& form, const std::vector<sim::WindowChange>& changes) {
    if (form.find("{row}") != std::string::npos) {
      for (const sim::WindowChange& each : changes) {
        begin(1);
        add(form, {{"row", row(each)}});
      }
      return;
    }
    begin(changes.size());
    std::string bids, asks;
    for (const sim::WindowChange& each : changes) {
      std::string& side = each.bid ? bids : asks;
      side += (side.empty() ? "" : ",") + row(each);
    }
    add(form, {{"bids", bids},
               {"asks", asks},
               {"rows", bids + (bids.empty() || asks.empty() ? "" : ",") + asks}});
  }
  void begin(std::size_t changes) {
    ++number_;
    ++streamed_;
    first_ = last_ + 1;
    last_ += changes;
  }

  const Venue& venue_;
  Forms forms_;
  sim::Market market_;
  sim::LevelWindow window_;
  std::vector<MadeFrame> frames_;
  std::int64_t now_ = 1'789'000'000'000'000'000;
  std::uint64_t number_ = 0;
  std::uint64_t first_ = 5'000'000, last_ = 5'000'000;
  std::size_t streamed_ = 0;
};

}  // namespace steelyard::bench
