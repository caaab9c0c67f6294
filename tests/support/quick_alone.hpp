// tests/support/quick_alone.hpp -- which frames the quick half of a venue's decoder reads alone.
#pragma once

#include <memory>
#include <utility>

#include "venues/json.hpp"
#include "venues/venue.hpp"

namespace steelyard {

// A frame that both halves together read is decoded once more with a parser that takes no text at
// all: what succeeds nevertheless, the quick half read.
class QuickAlone {
 public:
  explicit QuickAlone(const Venue& venue) : venue_{venue} {
    blind_.parsers->on_demand = simdjson::ondemand::parser{0};
  }

  struct Result {
    DecodeStatus status;
    bool quick;
  };

  // Frames in the order of the wire: what a channel's number stands for is remembered.
  [[nodiscard]] Result read(const Frame& frame, const SymbolTable& symbols) {
    batch_->clear();
    Result result{venue_.decode(frame, symbols, whole_, *batch_), false};
    if (result.status != DecodeStatus::Ok) return result;
    std::swap(whole_.channels, blind_.channels);
    batch_->clear();
    result.quick = venue_.decode(frame, symbols, blind_, *batch_) == DecodeStatus::Ok;
    std::swap(whole_.channels, blind_.channels);
    return result;
  }

 private:
  const Venue& venue_;
  DecodeScratch whole_, blind_;
  std::unique_ptr<MessageBatch> batch_ = std::make_unique<MessageBatch>();
};

}  // namespace steelyard
