// tests/support/engine_driver.hpp -- a shard fed by hand, entry by entry, and what it publishes.
#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engine/shard.hpp"
#include "venues/venue.hpp"

namespace steelyard {

[[nodiscard]] inline Instrument test_instrument(const char* venue, const char* symbol,
                                                std::uint16_t io = 0, std::uint16_t shard = 0,
                                                const char* channel = "") {
  const Venue* const of = find_venue(venue);
  Instrument instrument;
  instrument.venue = venue_index(*of);
  instrument.symbol = symbol;
  instrument.name = symbol;
  instrument.scale.price_exponent = -2;
  instrument.scale.qty_exponent = -3;
  instrument.io = io;
  instrument.shard = shard;
  for (std::size_t row = 0; row < of->books.size(); ++row) {
    if (of->books[row].channel == channel) instrument.channel = static_cast<std::uint8_t>(row);
  }
  return instrument;
}

// A message and its levels, as a decoder would hand them on.
struct TestMessage {
  Message message;
  std::vector<Level> bids, asks;
};
using TestLevels = std::vector<std::pair<std::int64_t, std::int64_t>>;

[[nodiscard]] inline TestMessage test_message(MessageKind kind, const TestLevels& bids,
                                              const TestLevels& asks) {
  TestMessage made;
  made.message.kind = kind;
  for (const auto& [price, qty] : bids) made.bids.push_back({Price{price}, Qty{qty}});
  for (const auto& [price, qty] : asks) made.asks.push_back({Price{price}, Qty{qty}});
  return made;
}
[[nodiscard]] inline TestMessage snapshot(std::uint64_t last, const TestLevels& bids = {{100, 5}},
                                          const TestLevels& asks = {{110, 5}}) {
  TestMessage made = test_message(MessageKind::Snapshot, bids, asks);
  made.message.ids = kHasLast;
  made.message.last = SequenceNo{last};
  return made;
}
// Ids that count on.
[[nodiscard]] inline TestMessage delta(std::uint64_t first, std::uint64_t last,
                                       const TestLevels& bids = {{101, 1}},
                                       const TestLevels& asks = {}) {
  TestMessage made = test_message(MessageKind::Delta, bids, asks);
  made.message.ids = kHasFirst | kHasLast;
  made.message.first = SequenceNo{first};
  made.message.last = SequenceNo{last};
  return made;
}
// The same, naming the id before.
[[nodiscard]] inline TestMessage linked(std::uint64_t prev, std::uint64_t first, std::uint64_t last,
                                        const TestLevels& bids = {{101, 1}},
                                        const TestLevels& asks = {}) {
  TestMessage made = delta(first, last, bids, asks);
  made.message.ids |= kHasPrev;
  made.message.prev = SequenceNo{prev};
  return made;
}

// One published record, copied.
struct Published {
  Tick tick;
  std::vector<double> row;
  std::size_t requests_so_far;  // on their way to the connection when it was published

  [[nodiscard]] EventKind event() const { return static_cast<EventKind>(tick.event); }
  [[nodiscard]] bool has_book() const { return tick.status != 0; }
};

// A shard of all these instruments, on this thread. Time is what entries say: each one a
// millisecond later than the one before, unless it is set.
class EngineDriver {
 public:
  explicit EngineDriver(std::vector<Instrument> instruments, ShardOptions options = {},
                        std::size_t ring_bytes = std::size_t{8} << 20)
      : instruments_{std::move(instruments)}, ring_{ring_bytes} {
    for (std::uint32_t i = 0; i < instruments_.size(); ++i) instruments_[i].id = InstrumentId{i};
    options.digest = true;
    options.tap.context = this;
    options.tap.on_record = [](void* context, const PublishedRecord& record) noexcept {
      static_cast<EngineDriver*>(context)->see(record);
    };
    SpscByteRing* const rings[] = {&ring_};
    shard_ = std::make_unique<Shard>(options, instruments_, signals_, rings);
  }

  // The message's entry, from this connection; the records that it made.
  std::vector<Published> operator()(const TestMessage& made, std::uint32_t instrument = 0,
                                    std::uint32_t connection = 1) {
    Entry entry{};
    entry.message = made.message;
    entry.message.instrument = InstrumentId{instrument};
    entry.message.bids = static_cast<std::uint32_t>(made.bids.size());
    entry.message.asks = static_cast<std::uint32_t>(made.asks.size());
    entry.connection = ConnectionId{connection};
    std::vector<Level> levels = made.bids;
    levels.insert(levels.end(), made.asks.begin(), made.asks.end());
    return feed(entry, levels);
  }
  // The answer to a request for a snapshot.
  std::vector<Published> answer(const TestMessage& made, std::uint32_t instrument = 0) {
    answer_ = true;
    std::vector<Published> records = (*this)(made, instrument, 9);
    answer_ = false;
    return records;
  }
  std::vector<Published> tell(EntryKind kind, std::uint16_t io = 0, std::uint32_t instrument = 0,
                              std::uint32_t connection = 1, bool planned = false) {
    Entry entry{};
    entry.kind = kind;
    entry.io = io;
    entry.message.instrument = InstrumentId{instrument};
    entry.connection = ConnectionId{connection};
    entry.venue = static_cast<std::uint16_t>(instruments_[instrument].venue);
    entry.planned = planned;
    return feed(entry, {});
  }
  std::vector<Published> rescale(std::int8_t price_exponent, std::int8_t qty_exponent,
                                 std::uint32_t instrument = 0) {
    Entry entry{};
    entry.kind = EntryKind::Rescale;
    entry.message.instrument = InstrumentId{instrument};
    entry.price_exponent = price_exponent;
    entry.qty_exponent = qty_exponent;
    return feed(entry, {});
  }
  std::vector<Published> feed(Entry entry, const std::vector<Level>& levels) {
    now_ns += 1'000'000;
    entry.received = TimestampNs{now_ns};
    entry.answer = answer_;
    EXPECT_TRUE(write_entry(ring_, entry, levels)) << "the driver's own ring is too small";
    published_.clear();
    while (shard_->do_work() != 0) {
    }
    ResyncRequest request;
    while (shard_->resyncs().pop(request)) requests.push_back(request);
    return published_;
  }

  // Requests since the last call, by reason.
  std::vector<ResyncReason> asked() {
    std::vector<ResyncReason> reasons;
    for (const ResyncRequest& request : requests) reasons.push_back(request.reason);
    requests.clear();
    return reasons;
  }
  [[nodiscard]] const InstrumentSlot& slot(std::uint32_t instrument = 0) const {
    return shard_->slots()[instrument];
  }
  [[nodiscard]] const InstrumentStats& stats(std::uint32_t instrument = 0) const {
    return slot(instrument).stats;
  }
  [[nodiscard]] bool is_live(std::uint32_t instrument = 0) const {
    return slot(instrument).state == SyncState::Live;
  }
  [[nodiscard]] double value(const Published& record, std::string_view column) const {
    return record.row[*signals_.find(column)];
  }
  [[nodiscard]] Shard& shard() noexcept { return *shard_; }

  std::int64_t now_ns = 1'000'000'000;
  std::vector<ResyncRequest> requests;

 private:
  void see(const PublishedRecord& record) {
    // What was asked for before this record was published has left the shard already.
    ResyncRequest request;
    while (shard_->resyncs().pop(request)) requests.push_back(request);
    published_.push_back({*record.tick, {record.row.begin(), record.row.end()}, requests.size()});
  }

  std::vector<Instrument> instruments_;
  SignalSet signals_{SignalParams{}};
  SpscByteRing ring_;
  std::unique_ptr<Shard> shard_;
  std::vector<Published> published_;
  bool answer_ = false;
};

// Exactly one record, and it is this.
[[nodiscard]] inline testing::AssertionResult is_one(const std::vector<Published>& records,
                                                     EventKind kind) {
  if (records.size() != 1) return testing::AssertionFailure() << records.size() << " records";
  if (records[0].event() != kind) {
    return testing::AssertionFailure() << "event " << int{records[0].tick.event};
  }
  return testing::AssertionSuccess();
}

}  // namespace steelyard
