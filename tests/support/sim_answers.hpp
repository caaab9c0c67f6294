// tests/support/sim_answers.hpp -- reading what simulated venues say: with a JSON parser, never
// with a decoder of ours.
#pragma once

#include <gtest/gtest.h>
#include <simdjson.h>

#include <string>
#include <string_view>
#include <vector>

#include "sim/venue_sim.hpp"

namespace steelyard::sim {

class Json {
 public:
  explicit Json(const std::string& text) : text_{text} {
    EXPECT_EQ(parser_.parse(text_).get(root_), simdjson::SUCCESS) << text;
  }
  // By JSON pointer, as text; empty: not there.
  [[nodiscard]] std::string at(const std::string& pointer) const {
    simdjson::dom::element value;
    if (root_.at_pointer(pointer).get(value) != simdjson::SUCCESS) return {};
    std::string_view text;
    if (value.get_string().get(text) == simdjson::SUCCESS) return std::string{text};
    return simdjson::minify(value);
  }
  [[nodiscard]] std::uint64_t number(const std::string& pointer) const {
    const std::string text = at(pointer);
    return text.empty() ? 0 : std::stoull(text);
  }
  [[nodiscard]] std::size_t size(const std::string& pointer) const {
    simdjson::dom::array list;
    EXPECT_EQ(root_.at_pointer(pointer).get_array().get(list), simdjson::SUCCESS) << text_;
    return list.size();
  }

 private:
  std::string text_;
  simdjson::dom::parser parser_;
  simdjson::dom::element root_;
};

// All messages that have this text in them.
[[nodiscard]] inline std::vector<std::string> with(const std::vector<std::string>& all,
                                                   const std::string& part) {
  std::vector<std::string> found;
  for (const std::string& text : all) {
    if (text.find(part) != std::string::npos) found.push_back(text);
  }
  return found;
}

[[nodiscard]] inline std::string header_of(const HttpReply& reply, const std::string& name) {
  for (const auto& [key, value] : reply.headers) {
    if (key == name) return value;
  }
  return {};
}

[[nodiscard]] inline VenueSimOptions busy() {
  VenueSimOptions options;
  options.changes_per_tick = 60;
  return options;
}

}  // namespace steelyard::sim
