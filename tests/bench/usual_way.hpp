// tests/bench/usual_way.hpp -- a peer for `peer_bench`: how an OKX book frame is usually taken, and
// as ccapi takes it. RapidJSON's DOM of a copied text, prices and sizes as copied strings, levels
// in a std::map by a decimal kept in two parts, what changed handed on as maps from name to text.
//
// The steps are ccapi's of 2023, as read in its sources (github.com/crypto-chassis/ccapi: OKX's
// market data service and what it derives from): what it copies, looks up and builds for each
// frame, in its order. The code is our own. Left out is what only costs: its logger, the queue and
// the thread between it and the application, and every check that is off unless asked for.
#pragma once

#include <rapidjson/document.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <functional>
#include <iterator>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace steelyard::bench {

// A price as a key: what stands before the point as a number, what stands behind it as text.
class TextDecimal {
 public:
  explicit TextDecimal(const std::string& text) {
    const std::size_t point = text.find('.');
    whole_ = std::stoull(text.substr(0, point));
    if (point == std::string::npos) return;
    fraction_ = text.substr(point + 1);
    fraction_.erase(fraction_.find_last_not_of('0') + 1);
  }
  [[nodiscard]] std::string text() const {
    std::string out;
    out += std::to_string(whole_);
    if (!fraction_.empty()) {
      out += ".";
      out += fraction_;
    }
    return out;
  }
  friend bool operator<(const TextDecimal& a, const TextDecimal& b) {
    return a.whole_ != b.whole_ ? a.whole_ < b.whole_ : a.fraction_ < b.fraction_;
  }
  friend bool operator==(const TextDecimal& a, const TextDecimal& b) {
    return a.whole_ == b.whole_ && a.fraction_ == b.fraction_;
  }

 private:
  unsigned long long whole_ = 0;
  std::string fraction_;
};

// Belongs to one thread. Throws std::exception for a frame that is no book frame of its instrument.
class UsualWay {
 public:
  using Side = std::map<TextDecimal, std::string>;
  using Names = std::map<std::string, std::string>;
  struct Element {
    Names values;
    std::map<int, std::string> tags;
  };
  struct Message {
    std::chrono::system_clock::time_point time;
    std::vector<Element> elements;
    std::vector<std::string> correlation_ids;
  };
  struct Event {
    std::vector<Message> messages;
  };

  // Hands on the best `depth` levels of both sides whenever a frame has changed any of them.
  UsualWay(const std::string& symbol, int depth, std::function<void(const Event&)> handler)
      : handler_{std::move(handler)}, symbol_{symbol} {
    names_[connection_]["books:" + symbol] = {{"channel", "books"}, {"symbol", symbol}};
    fields_[connection_]["books"][symbol] = "MARKET_DEPTH";
    options_[connection_]["books"][symbol] = {{"MARKET_DEPTH_MAX", std::to_string(depth)},
                                              {"CONFLATE_INTERVAL_MILLISECONDS", "0"},
                                              {"MARKET_DEPTH_RETURN_UPDATE", "0"}};
    ids_[connection_]["books"][symbol] = {"0"};
  }

  // One frame, to the end of what it causes. A function of its own, for instruction counters.
  [[gnu::noinline]] void take(std::string_view payload) {
    const std::string text{payload};
    Event event;
    std::vector<Update> updates;
    parse(text, updates);
    for (Update& update : updates) apply(update, event);
    if (!event.messages.empty()) handler_(event);
  }

  [[nodiscard]] const Side& bids() { return bids_[connection_]["books"][symbol_]; }
  [[nodiscard]] const Side& asks() { return asks_[connection_]["books"][symbol_]; }

 private:
  enum class Field { Price, Size };
  enum class Kind { Bid, Ask };
  using Row = std::map<Field, std::string>;
  struct Update {
    bool whole = false;
    std::chrono::system_clock::time_point time;
    std::string subscription;
    std::map<Kind, std::vector<Row>> rows;
  };
  template <typename Value>
  using ByBook = std::map<std::string, std::map<std::string, std::map<std::string, Value>>>;

  // "1.500" as "1.5", "2.000" as "2".
  [[nodiscard]] static std::string normalized(const char* text) {
    std::string out{text};
    if (out.find('.') == std::string::npos) return out;
    out.erase(out.find_last_not_of('0') + 1);
    out.erase(out.find_last_not_of('.') + 1);
    return out;
  }

  static void parse(const std::string& text, std::vector<Update>& updates) {
    rapidjson::Document document;
    document.Parse<rapidjson::kParseNumbersAsStringsFlag>(text.c_str());
    if (!document.IsObject() || !document.HasMember("arg")) throw std::runtime_error{"no books"};
    const auto event = document.FindMember("event");
    const std::string said = event != document.MemberEnd() ? event->value.GetString() : "";
    if (!said.empty()) throw std::runtime_error{"no book frame"};
    const rapidjson::Value& arg = document["arg"];
    const std::string channel = arg["channel"].GetString();
    const std::string symbol = arg["instId"].GetString();
    const std::string subscription = channel + ":" + symbol;
    const std::string action = document["action"].GetString();
    for (const auto& datum : document["data"].GetArray()) {
      Update update;
      update.time = std::chrono::system_clock::time_point{
          std::chrono::milliseconds{std::stoll(datum["ts"].GetString())}};
      update.subscription = subscription;
      update.whole = action != "update";
      read(datum["bids"], update.rows, Kind::Bid);
      read(datum["asks"], update.rows, Kind::Ask);
      updates.push_back(std::move(update));
    }
  }
  static void read(const rapidjson::Value& rows, std::map<Kind, std::vector<Row>>& into,
                   Kind kind) {
    for (const auto& row : rows.GetArray()) {
      Row fields;
      fields.insert({Field::Price, normalized(row[0].GetString())});
      fields.insert({Field::Size, normalized(row[1].GetString())});
      into[kind].push_back(std::move(fields));
    }
  }

  void apply(Update& update, Event& event) {
    const std::string& channel = names_.at(connection_).at(update.subscription).at("channel");
    const std::string& symbol = names_.at(connection_).at(update.subscription).at("symbol");
    const std::string& field = fields_.at(connection_).at(channel).at(symbol);
    const Names& options = options_.at(connection_).at(channel).at(symbol);
    const std::vector<std::string>& ids = ids_.at(connection_).at(channel).at(symbol);
    if (update.rows.find(Kind::Bid) == update.rows.end() &&
        update.rows.find(Kind::Ask) == update.rows.end()) {
      return;
    }
    Side& bids = bids_[connection_][channel][symbol];
    Side& asks = asks_[connection_][channel][symbol];
    const auto depth = static_cast<std::size_t>(std::stoi(options.at("MARKET_DEPTH_MAX")));
    Side bids_before, asks_before;
    if (update.whole) {
      bids.clear();
      asks.clear();
    } else {
      if (!begun_[connection_][channel][symbol]) throw std::runtime_error{"no book yet"};
      std::copy_n(bids.rbegin(), std::min(bids.size(), depth),
                  std::inserter(bids_before, bids_before.end()));
      std::copy_n(asks.begin(), std::min(asks.size(), depth),
                  std::inserter(asks_before, asks_before.end()));
      if (replaces_[connection_][channel][symbol]) bids.clear(), asks.clear();
    }
    for (auto& [kind, rows] : update.rows) {
      for (Row& row : rows) {
        set(kind == Kind::Bid ? bids : asks, row.at(Field::Price), row.at(Field::Size));
      }
    }
    begun_[connection_][channel][symbol] = true;
    if (options.at("CONFLATE_INTERVAL_MILLISECONDS") != "0") return;
    std::vector<Message> messages;
    std::vector<Element> elements;
    tell(field, options, update.whole, bids, bids_before, asks, asks_before, elements);
    if (elements.empty()) return;
    Message message;
    message.time = update.time;
    message.elements = std::move(elements);
    message.correlation_ids = ids;
    messages.push_back(std::move(message));
    event.messages = std::move(messages);
  }
  static void set(Side& side, const std::string& price_text, const std::string& size) {
    const TextDecimal price{price_text};
    const auto at = side.find(price);
    if (at == side.end()) {
      if (size != "0") side.emplace(price, size);
    } else if (size != "0") {
      at->second = size;
    } else {
      side.erase(price);
    }
  }
  static void tell(const std::string& field, const Names& options, bool whole, const Side& bids,
                   const Side& bids_before, const Side& asks, const Side& asks_before,
                   std::vector<Element>& elements) {
    if (field != "MARKET_DEPTH") return;
    const auto depth = static_cast<std::size_t>(std::stoi(options.at("MARKET_DEPTH_MAX")));
    if (options.at("MARKET_DEPTH_RETURN_UPDATE") == "1") return;
    if (!whole &&
        same(bids.rbegin(), bids.rend(), bids_before.rbegin(), bids_before.rend(), depth) &&
        same(asks.begin(), asks.end(), asks_before.begin(), asks_before.end(), depth)) {
      return;
    }
    hand_on(bids.rbegin(), bids.rend(), depth, "BID_PRICE", "BID_SIZE", elements);
    hand_on(asks.begin(), asks.end(), depth, "ASK_PRICE", "ASK_SIZE", elements);
  }
  template <typename Level>
  [[nodiscard]] static bool same(Level now, Level end, Level before, Level before_end,
                                 std::size_t depth) {
    for (; depth != 0 && (now != end || before != before_end); ++now, ++before, --depth) {
      if (now == end || before == before_end) return false;
      if (!(now->first == before->first) || now->second != before->second) return false;
    }
    return true;
  }
  template <typename Level>
  static void hand_on(Level level, Level end, std::size_t depth, const std::string& price_name,
                      const std::string& size_name, std::vector<Element>& into) {
    for (; depth != 0 && level != end; ++level, --depth) {
      Element element;
      element.values.insert(std::pair<std::string, std::string>(price_name, level->first.text()));
      element.values.insert(std::pair<std::string, std::string>(size_name, level->second));
      into.push_back(std::move(element));
    }
  }

  std::function<void(const Event&)> handler_;
  const std::string symbol_;
  const std::string connection_ = "connection0";
  std::map<std::string, std::map<std::string, Names>> names_;
  ByBook<std::string> fields_;
  ByBook<Names> options_;
  ByBook<bool> replaces_;
  ByBook<std::vector<std::string>> ids_;
  ByBook<bool> begun_;
  ByBook<Side> bids_;
  ByBook<Side> asks_;
};

}  // namespace steelyard::bench
