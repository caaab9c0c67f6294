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
  const Venue* const venue =
      frame.venue.empty() ? venue_of_url(frame.url) : find_venue(frame.venue);
  if (frame.kind == FrameKind::LinkUp || frame.kind == FrameKind::Sent) return venue;
  return venue_of_frame(venue, frame.payload,
                        frame.kind == FrameKind::Answer ? frame.url : std::string_view{});
}

ConnectionId Replay::number_of(const RecordedFrame& frame, std::size_t file, const Venue* venue) {
  std::string key = std::to_string(file);
  if (!headers_[file].connections.empty()) {
    key += '#' + std::to_string(frame.connection_number);
  } else {
    key.append(1, '/').append(frame.connection).append(1, '/');
    if (venue != nullptr) key += venue->name;
    if (frame.kind == FrameKind::Answer) key += "/rest";
  }
  return connections_
      .try_emplace(std::move(key), ConnectionId{static_cast<std::uint32_t>(connections_.size())})
      .first->second;
}

std::vector<ConnectionId> Replay::others_on(const RecordedFrame& frame, std::size_t file,
                                            ConnectionId self) const {
  std::vector<ConnectionId> others;
  if (!headers_[file].connections.empty()) return others;
  const std::string socket =
      std::to_string(file).append(1, '/').append(frame.connection).append(1, '/');
  for (auto at = connections_.lower_bound(socket);
       at != connections_.end() && at->first.starts_with(socket); ++at) {
    const bool wired = at->second.raw() < wired_.size() && wired_[at->second.raw()];
    if (at->second != self && wired && !at->first.ends_with("/rest")) others.push_back(at->second);
  }
  return others;
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
    adopt_params(header, options_.signals);
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
        frame.connection = number_of(recorded, file, venue);
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
