// src/app/replay_inputs.cpp -- which instruments and connections the files of a replay hold.
#include <algorithm>

#include "app/discovery.hpp"
#include "app/recording_header.hpp"
#include "app/replay.hpp"
#include "app/wildcard.hpp"

namespace steelyard {

const Venue* Replay::venue_of(const RecordedFrame& frame, std::size_t file) const {
  const FileHeader& header = headers_[file];
  if (!header.connections.empty()) {
    if (frame.connection_number >= header.connections.size()) return nullptr;
    return find_venue(header.connections[frame.connection_number].first);
  }
  return frame.venue.empty() ? venue_of_url(frame.url) : find_venue(frame.venue);
}

// An input that fails ends the replay there, and not before: what precedes is processed.
Next Replay::read(RecordedFrame& frame, std::size_t& file) {
  try {
    return input_error_.empty() ? source_->next(frame, file) : Next::End;
  } catch (const CaptureError& error) {
    input_error_ = error.what();
    return Next::End;
  }
}

void Replay::discover() {
  headers_.resize(source_->size());
  std::vector<Instrument> told;
  bool foreign = false;
  for (std::size_t file = 0; file < source_->size(); ++file) {
    const std::string& text = source_->source(file).header();
    if (text.empty()) {
      foreign = true;
      continue;
    }
    RecordingHeader header = read_header(text);
    for (const RecordedConnection& connection : header.connections) {
      if (connection.id > 1'000'000) throw std::runtime_error{"recording header: connection id"};
      auto& list = headers_[file].connections;
      if (list.size() <= connection.id) list.resize(connection.id + 1);
      list[connection.id] = {connection.venue, connection.url};
    }
    if (file == 0) options_.signals = header.signals;
    for (Instrument& instrument : header.instruments) {
      instrument.io = static_cast<std::uint16_t>(file * kIosPerFile + instrument.io % kIosPerFile);
      const bool known = std::any_of(told.begin(), told.end(), [&](const Instrument& other) {
        return other.venue == instrument.venue && other.symbol == instrument.symbol;
      });
      if (!known) told.push_back(std::move(instrument));
    }
  }
  if (foreign) {
    Discovery discovery;
    for (int pass = 0; pass < 2; ++pass) {
      RecordedFrame recorded;
      std::size_t file = 0;
      for (;;) {
        const Next next = read(recorded, file);
        if (next == Next::End) break;
        if (next == Next::Malformed || !headers_[file].connections.empty()) continue;
        const Venue* const venue = venue_of(recorded, file);
        if (venue == nullptr) continue;
        Frame frame;
        frame.kind = recorded.kind;
        frame.payload = recorded.payload;
        frame.request = recorded.kind == FrameKind::Answer ? recorded.url : std::string_view{};
        frame.received = recorded.received;
        discovery.on_frame(*venue, frame);
      }
      source_->rewind();
      input_error_.clear();
      if (!discovery.needs_another_pass()) break;
      discovery.start_another_pass();
    }
    for (Instrument& instrument : discovery.instruments()) told.push_back(std::move(instrument));
  }
  for (Instrument& instrument : told) {
    if (!options_.wanted.empty()) {
      const auto venue =
          options_.wanted.find(std::string{venue_registry()[instrument.venue]->name});
      if (venue == options_.wanted.end()) continue;
      const bool wanted =
          std::any_of(venue->second.begin(), venue->second.end(), [&](const std::string& pattern) {
            return matches(pattern, instrument.symbol) || matches(pattern, instrument.name);
          });
      if (!wanted) continue;
    }
    instrument.id = InstrumentId{static_cast<std::uint32_t>(instruments_.size())};
    instrument.shard = 0;
    instruments_.push_back(std::move(instrument));
  }
}

}  // namespace steelyard
