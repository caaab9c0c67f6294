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

void apply_config(const Config& config, ReplayOptions& options) {
  options.signals = config.signals;
  options.stale_after_ms = config.stale_after_ms;
  for (const VenueConfig& venue : config.venues) {
    options.wanted[venue.name] = {venue.instruments, venue.channel};
  }
}

void Replay::discover() {
  headers_.resize(source_->size());
  std::vector<Instrument> held;
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
    if (file == 0 && !options_.signals) options_.signals = header.signals;
    if (file == 0 && !options_.stale_after_ms) options_.stale_after_ms = header.stale_after_ms;
    for (Instrument& instrument : header.instruments) {
      instrument.io = static_cast<std::uint16_t>(file * kIosPerFile + instrument.io % kIosPerFile);
      const bool known = std::any_of(held.begin(), held.end(), [&](const Instrument& other) {
        return other.venue == instrument.venue && other.symbol == instrument.symbol;
      });
      if (!known) held.push_back(std::move(instrument));
    }
  }
  if (foreign) {
    for (Instrument& instrument : discover_foreign()) held.push_back(std::move(instrument));
  }
  select(std::move(held));
}

// Files that name no instruments are looked through once more than they are replayed.
std::vector<Instrument> Replay::discover_foreign() {
  Discovery discovery;
  for (const auto& [name, wanted] : options_.wanted) {
    if (const Venue* const venue = find_venue(name)) discovery.prefer(*venue, wanted.channel);
  }
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
  return discovery.instruments();
}

// Of the instruments that the recordings hold, those that are wanted.
void Replay::select(std::vector<Instrument> held) {
  std::string sample;
  for (Instrument& instrument : held) {
    const std::string venue{venue_registry()[instrument.venue]->name};
    if (!options_.wanted.empty()) {
      const auto wanted = options_.wanted.find(venue);
      if (wanted == options_.wanted.end() ||
          std::none_of(wanted->second.patterns.begin(), wanted->second.patterns.end(),
                       [&](const std::string& pattern) {
                         return matches(pattern, instrument.symbol) ||
                                matches(pattern, instrument.name);
                       })) {
        venues_in_part_.push_back(instrument.venue);
        if (venues_in_part_.size() <= 5) sample += " " + venue + " " + instrument.symbol + ",";
        continue;
      }
    }
    instrument.id = InstrumentId{static_cast<std::uint32_t>(instruments_.size())};
    instrument.shard = 0;
    instruments_.push_back(std::move(instrument));
  }
  if (instruments_.empty() && !held.empty()) {
    sample.pop_back();
    throw NothingWanted{"none of the instruments that the recordings hold is wanted; of " +
                        std::to_string(held.size()) + " they hold" + sample};
  }
}

}  // namespace steelyard
