// tests/support/book_stream.hpp -- short streams of a venue's book rows, and the engine that they
// are fed to.
#pragma once

#include <algorithm>
#include <filesystem>
#include <memory>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "engine/ingress.hpp"
#include "engine/shard.hpp"
#include "support/capture_files.hpp"
#include "support/fixtures.hpp"

namespace steelyard {

struct StreamFrame {
  FrameKind kind;
  std::string payload;
  std::string request;  // of an answer
};

// What a <case>.stream of a venue's fixtures holds for one of its rows: a snapshot, changes, a
// snapshot, changes; of a row of whole books, some of these. Lines, in this order:
//   # for people
//   instrument SYMBOL PRICE_EXPONENT QTY_EXPONENT
//   row CHANNEL ARGUMENTS...   one for each row whose stream it is: $row, $1, $2 in its frames
//   text FRAME | gzip FRAME | hex DIGITS | answer URL FRAME
struct BookStream {
  const Venue* venue = nullptr;
  std::uint8_t row = 0;
  std::filesystem::path file;
  Instrument instrument;
  std::vector<StreamFrame> frames;
  std::string error;  // of the file

  [[nodiscard]] const BookChannel& channel() const { return venue->books[row]; }
};

namespace book_stream_detail {

[[nodiscard]] inline std::string filled(std::string text, const std::vector<std::string>& values) {
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::string name = i == 0 ? "$row" : "$" + std::to_string(i);
    for (std::size_t at = 0; (at = text.find(name, at)) != std::string::npos;) {
      text.replace(at, name.size(), values[i]);
      at += values[i].size();
    }
  }
  return text;
}

[[nodiscard]] inline std::string from_hex(std::string_view digits) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < digits.size(); i += 2) {
    bytes += static_cast<char>(std::stoi(std::string{digits.substr(i, 2)}, nullptr, 16));
  }
  return bytes;
}

// The values of the file's `row CHANNEL ...`; empty if it has none.
[[nodiscard]] inline std::vector<std::string> values_of(const std::string& text,
                                                        std::string_view channel) {
  std::istringstream lines{text};
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words{line};
    std::string word;
    if (!(words >> word) || word != "row") continue;
    std::vector<std::string> values;
    while (words >> word) values.push_back(word);
    if (!values.empty() && values[0] == channel) return values;
  }
  return {};
}

inline void read(const std::string& text, const std::vector<std::string>& values,
                 BookStream& stream) {
  std::istringstream lines{text};
  for (std::string line; std::getline(lines, line);) {
    const std::size_t space = std::min(line.find(' '), line.size());
    const std::string word = line.substr(0, space);
    const std::string rest = filled(line.substr(std::min(space + 1, line.size())), values);
    if (word.empty() || word == "#" || word == "row") continue;
    if (word == "instrument") {
      int price = 0, qty = 0;
      std::istringstream{rest} >> stream.instrument.symbol >> price >> qty;
      stream.instrument.scale.price_exponent = static_cast<std::int8_t>(price);
      stream.instrument.scale.qty_exponent = static_cast<std::int8_t>(qty);
    } else if (word == "text") {
      stream.frames.push_back({FrameKind::Text, rest, {}});
    } else if (word == "gzip") {
      stream.frames.push_back({FrameKind::Binary, as_gzip(rest), {}});
    } else if (word == "hex") {
      stream.frames.push_back({FrameKind::Binary, from_hex(rest), {}});
    } else if (word == "answer") {
      const std::size_t end = std::min(rest.find(' '), rest.size());
      stream.frames.push_back(
          {FrameKind::Answer, rest.substr(std::min(end + 1, rest.size())), rest.substr(0, end)});
    } else {
      stream.error = "\"" + word + "\" begins no line of a stream";
    }
  }
}

}  // namespace book_stream_detail

// All of the row, in the order of their files' names.
[[nodiscard]] inline std::vector<BookStream> book_streams(const Venue& venue, std::uint8_t row) {
  std::vector<BookStream> streams;
  const auto folder = std::filesystem::path{STEELYARD_FIXTURES} / std::string{venue.name};
  if (!std::filesystem::exists(folder)) return streams;
  for (const auto& entry : std::filesystem::directory_iterator{folder}) {
    if (entry.path().extension() != ".stream") continue;
    const std::string text = read_file(entry.path());
    const auto values = book_stream_detail::values_of(text, venue.books[row].channel);
    if (values.empty()) continue;
    BookStream& stream = streams.emplace_back();
    stream.venue = &venue;
    stream.row = row;
    stream.file = entry.path();
    stream.instrument.id = InstrumentId{0};
    stream.instrument.venue = venue_index(venue);
    stream.instrument.channel = row;
    book_stream_detail::read(text, values, stream);
    stream.instrument.name = stream.instrument.symbol;
  }
  std::sort(streams.begin(), streams.end(),
            [](const BookStream& a, const BookStream& b) { return a.file < b.file; });
  return streams;
}

// What a frame was.
struct FrameOutcome {
  DecodeStatus status = DecodeStatus::Ok;
  bool snapshot = false;  // it holds one
  bool delta = false;     // it holds changes
  bool links = false;     // ... or a bare id: what precedes it is proven or disproven
  bool checksum = false;
  bool counted = false;  // the connection's own count
};

// A stream through decoder, sync and book, as a replay does it. Of what proves that nothing was
// lost, the shard gets only what it is to get.
class StreamEngine {
 public:
  enum Proof : unsigned { kIds = 1, kChecksum = 2, kCounter = 4, kEveryProof = 7 };

  explicit StreamEngine(const BookStream& stream, unsigned proofs = kEveryProof)
      : stream_{stream}, proofs_{proofs} {
    SpscByteRing* const in[] = {&decoded_};
    const ConnectionInfo connections[] = {{stream.venue, 0}, {stream.venue, 0}};
    const std::span<const Instrument> instruments{&stream.instrument, 1};
    ingress_ = std::make_unique<Ingress>(instruments, connections, in, false);
    SpscByteRing* const out[] = {&passed_};
    ShardOptions options;
    options.tap.context = this;
    options.tap.on_record = [](void* context, const PublishedRecord& record) noexcept {
      static_cast<StreamEngine*>(context)->last_ = *record.tick;
    };
    shard_ = std::make_unique<Shard>(options, instruments, signals(), out);
  }

  FrameOutcome feed(const StreamFrame& of) {
    PaddedFrame padded{of.payload, of.request, of.kind == FrameKind::Binary};
    Frame frame = *padded;
    frame.received = TimestampNs{now_ += 1'000'000};
    frame.connection = ConnectionId{of.kind == FrameKind::Answer ? 1U : 0U};
    FrameOutcome outcome;
    outcome.status = ingress_->on_frame(frame);
    outcome.counted = ingress_->scratch().counted;
    for (const Message& message : ingress_->messages()) {
      outcome.snapshot = outcome.snapshot || message.kind == MessageKind::Snapshot;
      if (message.kind != MessageKind::Delta) continue;
      outcome.delta = outcome.delta || message.levels() != 0;
      outcome.links = outcome.links || (message.ids & kHasLast) != 0;
      outcome.checksum = outcome.checksum || (message.ids & kHasChecksum) != 0;
    }
    pass_on();
    while (shard_->do_work() != 0) {
    }
    for (ResyncRequest request; shard_->resyncs().pop(request);) ++requests_;
    return outcome;
  }

  [[nodiscard]] const InstrumentSlot& slot() const { return shard_->slots()[0]; }
  [[nodiscard]] bool is_live() const { return slot().state == SyncState::Live; }
  [[nodiscard]] std::uint64_t resets() const { return slot().stats.resets; }
  [[nodiscard]] std::uint64_t requests() const noexcept { return requests_; }
  [[nodiscard]] const Tick& last_record() const noexcept { return last_; }

  // The book, level by level; "none" while there is none.
  [[nodiscard]] std::string book() const {
    if (!is_live()) return "none";
    std::string text;
    for (const Side side : {Side::Bid, Side::Ask}) {
      slot().book.walk(side, [&](Level level) {
        text += (side == Side::Bid ? " bid " : " ask ") + std::to_string(level.price.raw()) +
                " x " + std::to_string(level.qty.raw());
        return true;
      });
    }
    return text;
  }

 private:
  [[nodiscard]] static const SignalSet& signals() {
    static const SignalSet all{SignalParams{}};
    return all;
  }

  void pass_on() {
    for (auto bytes = decoded_.front(); !bytes.empty(); bytes = decoded_.front()) {
      const EntryView view = read_entry(bytes);
      Entry entry = *view.entry;
      if ((proofs_ & kIds) == 0) entry.message.ids &= ~(kHasLast | kHasFirst | kHasPrev);
      if ((proofs_ & kChecksum) == 0) entry.message.ids &= ~kHasChecksum;
      std::vector<Level> levels{view.bids.begin(), view.bids.end()};
      levels.insert(levels.end(), view.asks.begin(), view.asks.end());
      decoded_.pop();
      if (entry.kind == EntryKind::LinkGap && (proofs_ & kCounter) == 0) continue;
      EXPECT_TRUE(write_entry(passed_, entry, levels));
    }
  }

  const BookStream& stream_;
  unsigned proofs_;
  SpscByteRing decoded_{1U << 16};
  SpscByteRing passed_{1U << 16};
  std::unique_ptr<Ingress> ingress_;
  std::unique_ptr<Shard> shard_;
  std::int64_t now_ = 1'000'000'000;
  std::uint64_t requests_ = 0;
  Tick last_{};
};

}  // namespace steelyard
