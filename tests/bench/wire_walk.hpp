// tests/bench/wire_walk.hpp -- W: what the least reader of the same bytes does, and nothing with
// them.
#pragma once

#include <simdjson.h>

#include <cstdlib>
#include <string_view>

#include "bench/frames.hpp"
#include "venues/inflate.hpp"
#include "venues/protobuf.hpp"

namespace steelyard::bench {

// Everything On-Demand has to look at, as raw tokens.
inline std::uint64_t walk(simdjson::ondemand::value value) {
  simdjson::ondemand::json_type type{};
  if (value.type().get(type) != simdjson::SUCCESS) return 0;
  std::uint64_t seen = 0;
  switch (type) {
    case simdjson::ondemand::json_type::object:
      for (auto field : value.get_object()) {
        simdjson::ondemand::raw_json_string key;
        if (field.key().get(key) != simdjson::SUCCESS) return seen;
        seen += static_cast<std::uint64_t>(*key.raw()) + walk(field.value());
      }
      return seen;
    case simdjson::ondemand::json_type::array:
      for (auto element : value.get_array()) seen += walk(element.value());
      return seen;
    default:
      return value.raw_json_token().size();
  }
}

// Every field of a protocol buffer, messages within it among them: what does not read as one is
// text.
[[nodiscard]] inline bool walk_fields(std::string_view message, std::uint64_t& seen) noexcept {
  protobuf::Reader reader{message};
  while (!reader.done()) {
    protobuf::Field field;
    if (reader.next(field) != DecodeStatus::Ok) return false;
    seen += field.number + field.value + field.bytes.size();
    if (field.wire == protobuf::Wire::Bytes) (void)walk_fields(field.bytes, seen);
  }
  return true;
}

class Walk {
 public:
  Walk() {
    if (parser_.allocate(16U << 20) != simdjson::SUCCESS) std::abort();
  }
  [[gnu::noinline]] std::uint64_t pass(const Corpus& corpus) {
    std::uint64_t seen = 0;
    for (const Corpus::Item& item : corpus.items) {
      if (!item.timed) continue;
      std::string_view text{corpus.bytes.data() + item.at, item.bytes};
      if (is_gzip(text)) {
        if (inflater_.inflate(text, text) != DecodeStatus::Ok) std::abort();
      } else if (item.kind == FrameKind::Binary) {
        if (!walk_fields(text, seen)) std::abort();
        continue;
      }
      seen += read(text);
    }
    return seen;
  }

 private:
  [[nodiscard]] std::uint64_t read(std::string_view text) {
    std::uint64_t seen = 0;
    simdjson::ondemand::document document;
    if (parser_.iterate(text.data(), text.size(), text.size() + kFramePadding).get(document) !=
        simdjson::SUCCESS) {
      return seen;
    }
    simdjson::ondemand::json_type type{};
    if (document.type().get(type) != simdjson::SUCCESS) return seen;
    if (type == simdjson::ondemand::json_type::object) {
      for (auto field : document.get_object()) {
        simdjson::ondemand::raw_json_string key;
        if (field.key().get(key) != simdjson::SUCCESS) break;
        seen += static_cast<std::uint64_t>(*key.raw()) + walk(field.value());
      }
    } else if (type == simdjson::ondemand::json_type::array) {
      for (auto element : document.get_array()) seen += walk(element.value());
    }
    return seen;
  }

  simdjson::ondemand::parser parser_;
  Inflater inflater_;
};

}  // namespace steelyard::bench
