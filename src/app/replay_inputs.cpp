// src/app/replay_inputs.cpp -- which instruments and connections the files of a replay hold.
#include <algorithm>

#include "app/discovery.hpp"
#include "app/replay.hpp"
#include "app/wildcard.hpp"

namespace steelyard {
namespace {

[[nodiscard]] const Instrument* find(const std::vector<Instrument>& held, const Instrument& like) {
  const auto found = std::find_if(held.begin(), held.end(), [&](const Instrument& other) {
    return other.venue == like.venue && other.symbol == like.symbol;
  });
  return found == held.end() ? nullptr : &*found;
}

}  // namespace

const Venue* Replay::venue_of(const RecordedFrame& frame, std::size_t file) const {
  const FileHeader& header = headers_[file];
  if (!header.connections.empty()) {
    if (frame.connection_number >= header.connections.size()) return nullptr;
    return find_venue(header.connections[frame.connection_number].venue);
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

void apply_config(const Config& config, ReplayOptions& options) {
  options.signals = config.signals;
  options.configured = true;
  options.overrides = config.overrides;
  options.groups = config.groups;
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
    take_header(file, held);
  }
  if (foreign) {
    for (Instrument& instrument : discover_foreign()) {
      if (find(held, instrument) != nullptr) continue;
      instrument.io = kNoIo;
      held.push_back(std::move(instrument));
    }
  }
  select(std::move(held));
}

// What a recording of ours says of itself. Instruments that an earlier file has too keep their io
// thread: the timers of both move their time.
void Replay::take_header(std::size_t file, std::vector<Instrument>& held) {
  RecordingHeader header = read_header(source_->source(file).header());
  FileHeader& kept = headers_[file];
  if (file == 0 && !options_.signals) options_.signals = header.signals;
  if (file == 0 && !options_.stale_after_ms) options_.stale_after_ms = header.stale_after_ms;
  adopt_params(header, options_.signals.value_or(SignalParams{}));
  for (const Instrument& instrument : header.instruments) {
    const Instrument* const known = find(held, instrument);
    if (known != nullptr) kept.ios.emplace(instrument.io, known->io);
  }
  const auto number = [&](std::uint16_t io) {
    const auto [place, is_new] = kept.ios.emplace(io, ios_);
    if (is_new) ++ios_;
    return place->second;
  };
  for (Instrument& instrument : header.instruments) {
    if (find(held, instrument) != nullptr) continue;
    instrument.io = number(instrument.io);
    held.push_back(std::move(instrument));
  }
  for (const RecordedConnection& connection : header.connections) {
    if (connection.id > 1'000'000) throw std::runtime_error{"recording header: connection id"};
    if (kept.connections.size() <= connection.id) kept.connections.resize(connection.id + 1);
    kept.connections[connection.id] = connection;
    (void)number(connection.io);
  }
  (void)number(0);  // of connections that the header leaves out
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
      frame.connection = number_of(recorded, file, venue);
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
