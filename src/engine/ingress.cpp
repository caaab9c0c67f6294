#include "engine/ingress.hpp"

#include <algorithm>
#include <cstring>
#include <new>
#include <utility>

#include "core/clock.hpp"
#include "engine/symbols.hpp"

namespace steelyard {

Ingress::Ingress(std::span<const Instrument> instruments,
                 std::span<const ConnectionInfo> connections, std::span<SpscByteRing* const> shards,
                 bool stamp_decoded)
    : symbols_(venue_registry().size()),
      instruments_(instruments.begin(), instruments.end()),
      connections_(connections.size()),
      counts_(venue_registry().size()),
      stamp_decoded_{stamp_decoded} {
  for (const Instrument& instrument : instruments_) {
    symbols_[instrument.venue].insert(instrument.symbol, symbol_entry(instrument));
    shard_of_.push_back(instrument.shard);
  }
  for (SpscByteRing* const ring : shards) shards_.push_back({ring});
  for (std::uint32_t id = 0; id < connections.size(); ++id) {
    add_connection(ConnectionId{id}, connections[id]);
  }
}

void Ingress::add_connection(ConnectionId id, const ConnectionInfo& info) {
  if (connections_.size() <= id.raw()) connections_.resize(id.raw() + 1);
  Connection& connection = connections_[id.raw()];
  connection.info = info;
  if (info.venue == nullptr) return;
  connection.venue = venue_index(*info.venue);
  connection.symbols = &symbols_[connection.venue];
  connection.totals = &counts_[connection.venue];
}

DecodeStatus Ingress::on_event(const Frame& frame) noexcept {
  switch (frame.kind) {
    case FrameKind::Timer:
      broadcast(frame, EntryKind::Timer);
      return DecodeStatus::Ok;
    case FrameKind::LinkUp:
    case FrameKind::LinkDown:
      scratch_.channels.forget(frame.connection);
      if (frame.connection.raw() < connections_.size()) {
        connections_[frame.connection.raw()].counts = false;
      }
      broadcast(frame, frame.kind == FrameKind::LinkUp ? EntryKind::LinkUp : EntryKind::LinkDown);
      return DecodeStatus::Ok;
    case FrameKind::Lost: {
      const Entry entry = entry_of(frame, EntryKind::Overrun);
      for (ShardRing& shard : shards_) {
        note_overrun(shard, entry.io);
        (void)tell_overrun(shard, frame.received, frame.connection);
      }
      return DecodeStatus::Ok;
    }
    default:
      return DecodeStatus::Ignored;
  }
}

inline DecodeStatus Ingress::decode(const Frame& frame, const Connection& connection) noexcept {
  // The whole frame at once: a decoder finds out row by row where the next one begins.
  const char* const text = frame.payload.data();
  const std::size_t ahead = std::min<std::size_t>(frame.payload.size(), 4096);
  for (std::size_t at = 0; at < ahead; at += 64) __builtin_prefetch(text + at);
  const auto decode_it = [&]() noexcept {
    batch_.clear();
    return connection.info.venue->decode(frame, *connection.symbols, scratch_, batch_);
  };
  DecodeStatus status = decode_it();
  // Each refinement makes at least one exponent finer, and there are not many of them.
  for (int left = 1 - kMinExponent; status == DecodeStatus::TooPrecise && left > 0; --left) {
    if (!rescale(frame, connection.venue)) break;
    status = decode_it();
  }
  if (status != DecodeStatus::Ok) batch_.clear();
  return status;
}

inline void Ingress::forward(const Frame& frame, std::uint16_t io, IngressCounts& counts) noexcept {
  TimestampNs decoded;
  if (stamp_decoded_) decoded = wall_clock();  // cold: latency stamp of a live run, vDSO
  for (const Message& message : std::as_const(batch_).messages()) {
    const std::uint32_t levels = message.levels();
    ++counts.messages;
    counts.levels += levels;
    ShardRing& target = shards_[shard_of_[message.instrument.raw()]];
    std::byte* at = nullptr;
    if (!target.overrun || tell_overrun(target, frame.received, frame.connection)) {
      at = target.ring->reserve(sizeof(Entry) + levels * sizeof(Level));
    }
    if (at == nullptr) {
      ++counts.refused;
      note_overrun(target, io);
      continue;
    }
    // Put together where it will be read.
    ::new (static_cast<void*>(at)) Entry{.message = message,
                                         .received = frame.received,
                                         .decoded = decoded,
                                         .connection = frame.connection,
                                         .answer = frame.kind == FrameKind::Answer,
                                         .io = io};
    const Level* const from = batch_.levels() + message.first_level;
    if (levels == 1) {  // most often: no call for that
      std::memcpy(at + sizeof(Entry), from, sizeof(Level));
    } else {
      std::memcpy(at + sizeof(Entry), from, levels * sizeof(Level));
    }
    target.ring->commit();
  }
}

DecodeStatus Ingress::on_frame(const Frame& frame) noexcept {
  static_assert(FrameKind::Text < FrameKind::Answer && FrameKind::Binary < FrameKind::Answer);
  if (frame.kind > FrameKind::Answer) return on_event(frame);
  const Connection* const connection = connection_of(frame);
  if (connection == nullptr || connection->info.venue == nullptr) return DecodeStatus::Ignored;
  const DecodeStatus status = decode(frame, *connection);

  IngressCounts& counts = *connection->totals;
  ++counts.frames;
  counts.bytes += frame.payload.size();
  ++counts.by_status[static_cast<std::size_t>(status)];
  if (scratch_.counted && !follow_count(frame, counts)) {
    ++counts.duplicates;
    batch_.clear();
    return status;
  }
  if (status == DecodeStatus::Ok) {
    counts.not_events += scratch_.not_events;
    counts.rounded += scratch_.rounded;
    forward(frame, connection->info.io, counts);
  } else if (is_defect(status) && scratch_.suspect != kNoInstrument) {
    Entry entry = entry_of(frame, EntryKind::BadFrame);
    entry.message.instrument = scratch_.suspect;
    send(instruments_[scratch_.suspect.raw()].shard, entry, {}, counts);
  }
  return status;
}

bool Ingress::follow_count(const Frame& frame, IngressCounts& counts) noexcept {
  Connection& link = connections_[frame.connection.raw()];
  const std::uint64_t count = scratch_.count;
  if (link.counts) {
    if (count <= link.counted) return false;
    if (count == link.counted + 1) {
      ++counts.counts_ok;
    } else {
      ++counts.counts_bad;
      broadcast(frame, EntryKind::LinkGap);
    }
  }
  link.counts = true;
  link.counted = count;
  return true;
}

// The venue sent more digits than were promised: the instrument's exponents become finer and its
// book starts anew at the new scale, which a Rescale entry says ahead of the frame's messages.
bool Ingress::rescale(const Frame& frame, std::uint32_t venue) noexcept {
  if (scratch_.imprecise == kNoInstrument) return false;
  Instrument& instrument = instruments_[scratch_.imprecise.raw()];
  if (!refine(instrument, scratch_)) return false;
  if (!symbols_[venue].update(instrument.symbol, symbol_entry(instrument))) return false;
  IngressCounts& counts = counts_[venue];
  ++counts.rescales;
  Entry entry = entry_of(frame, EntryKind::Rescale);
  entry.message.instrument = instrument.id;
  entry.price_exponent = instrument.scale.price_exponent;
  entry.qty_exponent = instrument.scale.qty_exponent;
  send(instrument.shard, entry, {}, counts);
  return true;
}

Entry Ingress::entry_of(const Frame& frame, EntryKind kind) const noexcept {
  Entry entry{};
  entry.kind = kind;
  entry.received = frame.received;
  entry.connection = frame.connection;
  if (const Connection* const from = connection_of(frame)) entry.io = from->info.io;
  return entry;
}

void Ingress::broadcast(const Frame& frame, EntryKind kind) noexcept {
  Entry entry = entry_of(frame, kind);
  entry.planned = kind == EntryKind::LinkDown && frame.payload == "planned";
  IngressCounts* counts = &untold_;
  const Connection* const from = connection_of(frame);
  if (from != nullptr && from->info.venue != nullptr) {
    entry.venue = static_cast<std::uint16_t>(from->venue);
    counts = &counts_[entry.venue];
  }
  for (std::size_t shard = 0; shard < shards_.size(); ++shard) {
    send(static_cast<std::uint16_t>(shard), entry, {}, *counts);
  }
}

void Ingress::send(std::uint16_t shard, const Entry& entry, std::span<const Level> levels,
                   IngressCounts& counts) noexcept {
  ShardRing& target = shards_[shard];
  if ((target.overrun && !tell_overrun(target, entry.received, entry.connection)) ||
      !write_entry(*target.ring, entry, levels)) {
    ++counts.refused;
    note_overrun(target, entry.io);
  }
}

// A replay puts the connections of several io threads through one Ingress: what two of them lost
// before it could be told is told of all.
void Ingress::note_overrun(ShardRing& shard, std::uint16_t io) noexcept {
  shard.io = shard.overrun && shard.io != io ? kEveryIo : io;
  shard.overrun = true;
}

bool Ingress::tell_overrun(ShardRing& shard, TimestampNs received,
                           ConnectionId connection) noexcept {
  Entry entry{};
  entry.kind = EntryKind::Overrun;
  entry.received = received;
  entry.connection = connection;
  entry.io = shard.io;
  shard.overrun = !write_entry(*shard.ring, entry, {});
  return !shard.overrun;
}

}  // namespace steelyard
