// tests/bench/frames.hpp -- the book frames of a recording, or made ones, in memory, and the
// instruments they are of.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "app/discovery.hpp"
#include "capture/recording.hpp"
#include "engine/ingress.hpp"
#include "engine/shard.hpp"

namespace steelyard::bench {

struct Corpus {
  struct Item {
    std::size_t at, bytes, request_at, request_bytes;
    FrameKind kind;
    TimestampNs received;
    ConnectionId connection;
    bool timed;  // a WebSocket frame that changes a book
  };
  std::string name;
  const Venue* venue = nullptr;
  bool made = false;  // by a simulator or by forms, not by the venue
  std::vector<Item> items;
  std::vector<char> bytes;
  std::vector<Instrument> instruments;
  std::uint64_t frames = 0;       // timed ones
  std::uint64_t frame_bytes = 0;  // of those
  std::uint64_t levels = 0;       // of those

  [[nodiscard]] Frame frame(const Item& item) const noexcept {
    Frame frame;
    frame.payload = {bytes.data() + item.at, item.bytes};
    frame.request = {bytes.data() + item.request_at, item.request_bytes};
    frame.received = item.received;
    frame.connection = item.connection;
    frame.kind = item.kind;
    return frame;
  }
};

// Of one venue; keeps what a book is made of and drops the rest. Throws.
[[nodiscard]] inline Corpus load_corpus(FrameSource& source, const std::string& name) {
  Corpus corpus;
  corpus.name = name;
  Discovery discovery;
  std::map<std::string, ConnectionId, std::less<>> connections;
  const auto put = [&corpus](std::string_view text) {
    const std::size_t at = corpus.bytes.size();
    corpus.bytes.insert(corpus.bytes.end(), text.begin(), text.end());
    corpus.bytes.insert(corpus.bytes.end(), kFramePadding, '\0');
    return at;
  };
  for (int pass = 0; pass < 2; ++pass) {
    RecordedFrame recorded;
    for (Next next{}; (next = source.next(recorded)) != Next::End;) {
      if (next == Next::Malformed) continue;
      const std::string_view request =
          recorded.kind == FrameKind::Answer ? recorded.url : std::string_view{};
      const Venue* venue =
          recorded.venue.empty() ? venue_of_url(recorded.url) : find_venue(recorded.venue);
      if (recorded.kind != FrameKind::LinkUp && recorded.kind != FrameKind::Sent) {
        venue = venue_of_frame(venue, recorded.payload, request);
      }
      if (venue == nullptr) continue;
      const ConnectionId connection =
          connections
              .try_emplace(std::string{recorded.connection} + '/' + std::string{venue->name},
                           ConnectionId{static_cast<std::uint32_t>(connections.size())})
              .first->second;
      Frame frame;
      frame.payload = recorded.payload;
      frame.request = request;
      frame.received = recorded.received;
      frame.connection = connection;
      frame.kind = recorded.kind;
      discovery.on_frame(*venue, frame);
      if (pass == 0) continue;
      if (corpus.venue == nullptr) corpus.venue = venue;
      if (venue != corpus.venue) continue;
      const std::size_t at = put(recorded.payload);
      corpus.items.push_back({at, recorded.payload.size(), put(request), request.size(),
                              recorded.kind, recorded.received, connection, false});
    }
    source.rewind();
    if (pass == 0 && discovery.needs_another_pass()) discovery.start_another_pass();
  }
  for (Instrument& instrument : discovery.instruments()) {
    if (venue_registry()[instrument.venue] != corpus.venue) continue;
    instrument.id = InstrumentId{static_cast<std::uint32_t>(corpus.instruments.size())};
    corpus.instruments.push_back(std::move(instrument));
  }
  // What the frames hold, found out by decoding each once.
  std::vector<ConnectionInfo> links(connections.size(), ConnectionInfo{corpus.venue, 0});
  SpscByteRing ring{64U << 20};
  SpscByteRing* const rings[] = {&ring};
  Ingress ingress{corpus.instruments, links, rings, false};
  std::vector<Corpus::Item> kept;
  for (Corpus::Item& item : corpus.items) {
    const DecodeStatus status = ingress.on_frame(corpus.frame(item));
    while (!ring.front().empty()) ring.pop();
    bool book = false;
    bool change = false;
    std::uint64_t levels = 0;
    if (status == DecodeStatus::Ok) {
      for (const Message& message : ingress.messages()) {
        book = book || message.kind == MessageKind::Snapshot || message.kind == MessageKind::Delta;
        // A whole book is what a connection begins with, unless its channel sends nothing else.
        change = change || message.kind == MessageKind::Delta ||
                 (message.kind == MessageKind::Snapshot &&
                  corpus.venue->books[message.channel].snapshot == SnapshotSource::Replace);
        levels += message.levels();
      }
    }
    const bool context = status == DecodeStatus::Control || item.kind == FrameKind::LinkUp;
    if (!book && !context) continue;
    item.timed = change && item.kind != FrameKind::Answer;
    if (item.timed) {
      ++corpus.frames;
      corpus.frame_bytes += item.bytes;
      corpus.levels += levels;
    }
    kept.push_back(item);
  }
  corpus.items = std::move(kept);
  return corpus;
}

[[nodiscard]] inline Corpus load_corpus(const std::string& path, const std::string& name) {
  return load_corpus(*open_sources({path}, {}).front(), name);
}

}  // namespace steelyard::bench
