#include "app/replay.hpp"

#include <algorithm>
#include <cstring>
#include <ctime>

#include "app/segment_plan.hpp"
#include "core/clock.hpp"
#include "engine/run_digest.hpp"
#include "steelyard/reader.hpp"

namespace steelyard {
namespace {

constexpr std::size_t kBatchFrames = 4096;
constexpr std::size_t kBatchBytes = 8U << 20;
constexpr std::uint64_t kMostReports = 200;

}  // namespace

// Frames read ahead, so that reading and the pipeline can be timed apart.
struct Replay::Batch {
  struct Item {
    FrameKind kind;
    TimestampNs received;
    ConnectionId connection;
    std::size_t payload, payload_bytes, request, request_bytes;
    std::uint64_t line;
    std::size_t file;
  };
  std::vector<Item> items;
  std::vector<char> bytes;

  void clear() {
    items.clear();
    bytes.clear();
  }
  [[nodiscard]] std::size_t put(std::string_view text) {
    const std::size_t at = bytes.size();
    bytes.insert(bytes.end(), text.begin(), text.end());
    bytes.insert(bytes.end(), kFramePadding, '\0');
    return at;
  }
};

Replay::Replay(const ReplayOptions& options) : options_{options} {
  source_ = std::make_unique<MergedSource>(open_sources(options_.files, {options_.venue}));
  discover();
  wire();
}

Replay::~Replay() = default;

void Replay::wire() {
  signals_ = std::make_unique<SignalSet>(signal_sets(options_.signals.value_or(SignalParams{})),
                                         options_.registry);
  ring_ = std::make_unique<SpscByteRing>(64U << 20);
  SpscByteRing* const rings[] = {ring_.get()};
  if (!options_.csv.empty()) {
    csv_ = std::make_unique<CsvWriter>(options_.csv, *signals_, options_.columns, options_.only);
  }
  if (!options_.npy.empty()) {
    npy_ = std::make_unique<NpyWriter>(options_.npy, *signals_, options_.columns, options_.only,
                                       instruments_);
  }
  ShardOptions shard;
  shard.digest = options_.digest;
  shard.audit_entries = 4096;
  if (options_.stale_after_ms) {
    shard.stale_after_ns = std::int64_t{*options_.stale_after_ms} * 1'000'000;
  }
  if (!options_.publish.empty()) {
    segment_ = std::make_unique<Segment>(
        Segment::create(make_segment_plan(options_.publish, instruments_, *signals_, 1)));
    publisher_ = std::make_unique<ShardPublisher>(segment_->shard(0));
    shard.publisher = publisher_.get();
    shard.stamp_published = true;
  }
  shard.tap = options_.tap;
  if (csv_ != nullptr || npy_ != nullptr) {
    shard.tap.context = this;
    shard.tap.on_record = [](void* context, const PublishedRecord& record) noexcept {
      const auto* const replay = static_cast<Replay*>(context);
      if (replay->csv_ != nullptr) replay->csv_->write(record);
      if (replay->npy_ != nullptr) replay->npy_->write(record);
    };
  }
  ingress_ =
      std::make_unique<Ingress>(instruments_, std::span<const ConnectionInfo>{}, rings, false);
  for (const std::uint32_t venue : venues_in_part_) ingress_->note_unwanted(venue);
  shard_ = std::make_unique<Shard>(shard, instruments_, *signals_, rings);
}

ConnectionId Replay::connection_of(const RecordedFrame& frame, std::size_t file,
                                   const Venue* venue) {
  const ConnectionId id = number_of(frame, file, venue);
  if (wired_.size() <= id.raw()) wired_.resize(id.raw() + 1);
  if (!wired_[id.raw()]) {
    wired_[id.raw()] = true;
    const auto& own = headers_[file].connections;
    const std::uint16_t io = frame.connection_number < own.size()
                                 ? headers_[file].ios.at(own[frame.connection_number].io)
                                 : kNoIo;
    ingress_->add_connection(id, {venue, io});
  }
  return id;
}

// A source without a venue for each io thread of a recording.
std::vector<ConnectionId> Replay::all_ios(std::size_t file) {
  std::vector<ConnectionId> ids;
  for (const auto& [recorded, io] : headers_[file].ios) {
    const auto [place, is_new] = connections_.emplace(
        "io " + std::to_string(io), ConnectionId{static_cast<std::uint32_t>(connections_.size())});
    if (is_new) ingress_->add_connection(place->second, {nullptr, io});
    ids.push_back(place->second);
  }
  return ids;
}

ReplayResult Replay::run() {
  ReplayResult result;
  Batch batch;
  RecordedFrame recorded;
  std::size_t file = 0;
  bool more = true;
  while (more) {
    batch.clear();
    while (batch.items.size() < kBatchFrames && batch.bytes.size() < kBatchBytes) {
      const Next next = read(recorded, file);
      if (next == Next::End) {
        more = false;
        break;
      }
      if (next == Next::Malformed) {
        ++result.lines.lines;
        ++result.lines.malformed;
        if (reported_++ < kMostReports) {
          std::fprintf(stderr, "%s\n", source_->source(file).error().c_str());
        }
        continue;
      }
      if (!recorded.derived) ++result.lines.lines;
      const Venue* const venue = venue_of(recorded, file);
      const bool carries = recorded.kind == FrameKind::Text || recorded.kind == FrameKind::Binary ||
                           recorded.kind == FrameKind::Answer;
      if (recorded.kind == FrameKind::Sent) ++result.lines.sent;
      if (recorded.kind == FrameKind::Timer) ++result.lines.timers;
      if (recorded.kind == FrameKind::Lost && !recorded.derived) ++result.lines.lost_marks;
      if (recorded.kind == FrameKind::LinkUp || recorded.kind == FrameKind::LinkDown) {
        ++result.lines.links;
      }
      if (carries && venue == nullptr) {
        ++result.lines.unknown_venue;
        if (reported_++ < kMostReports) {
          std::fprintf(stderr, "%s:%llu: no venue knows the url %.*s\n",
                       source_->source(file).name().c_str(),
                       static_cast<unsigned long long>(recorded.line),
                       static_cast<int>(std::min<std::size_t>(recorded.url.size(), 120)),
                       recorded.url.data());
        }
        continue;
      }
      if (recorded.kind == FrameKind::Lost && recorded.derived) {
        // Of which of the recorder's threads is not known.
        for (const ConnectionId of_io : all_ios(file)) {
          batch.items.push_back({recorded.kind, recorded.received, of_io, batch.put({}), 0,
                                 batch.put({}), 0, recorded.line, file});
        }
        continue;
      }
      const std::string_view request =
          recorded.kind == FrameKind::Answer ? recorded.url : std::string_view{};
      const Batch::Item item{recorded.kind,
                             recorded.received,
                             connection_of(recorded, file, venue),
                             batch.put(recorded.payload),
                             recorded.payload.size(),
                             batch.put(request),
                             request.size(),
                             recorded.line,
                             file};
      batch.items.push_back(item);
      // A socket that venues share is new for all of them.
      if (recorded.kind == FrameKind::LinkUp) {
        for (const ConnectionId other : others_on(recorded, file, item.connection)) {
          batch.items.push_back(item);
          batch.items.back().connection = other;
        }
      }
    }
    process(batch, result);
  }
  if (reported_ > kMostReports) {
    std::fprintf(stderr, "%llu more of that kind, not shown\n",
                 static_cast<unsigned long long>(reported_ - kMostReports));
  }
  result.input_error = input_error_;
  for (std::size_t i = 0; i < source_->size(); ++i) result.damage += source_->source(i).damage();
  for (std::uint32_t venue = 0; venue < venue_registry().size(); ++venue) {
    result.ingress.push_back(ingress_->counts(venue));
  }
  shard_->finish();
  result.records = shard_->records();
  std::vector<const InstrumentSlot*> slots;
  for (const InstrumentSlot& slot : shard_->slots()) slots.push_back(&slot);
  result.digest = digest_of(slots);
  for (const InstrumentSlot& slot : shard_->slots()) {
    if (slot.had_book && slot.state != SyncState::Live) {
      result.broken_books.push_back(std::string{venue_registry()[slot.instrument.venue]->name} +
                                    " " + slot.instrument.symbol);
    }
  }
  if (csv_ != nullptr && !csv_->close()) {
    throw std::runtime_error{options_.csv + ": not everything could be written"};
  }
  if (npy_ != nullptr && !npy_->close()) {
    throw std::runtime_error{options_.npy + ": not everything could be written"};
  }
  return result;
}

void Replay::process(Batch& batch, ReplayResult& result) {
  const std::int64_t start = monotonic_ns();
  for (const Batch::Item& item : batch.items) {
    if (options_.speed > 0.0) pace(item.received);
    Frame frame;
    frame.kind = item.kind;
    frame.received = item.received;
    frame.connection = item.connection;
    frame.payload = {batch.bytes.data() + item.payload, item.payload_bytes};
    frame.request = {batch.bytes.data() + item.request, item.request_bytes};
    const DecodeStatus status = ingress_->on_frame(frame);
    shard_->drain();
    ring_->rewind();
    ResyncRequest request;
    while (shard_->resyncs().pop(request)) ++result.resync_requests;
    if (is_defect(status) && reported_++ < kMostReports) {
      const std::string_view text = to_text(status);
      std::fprintf(
          stderr, "%s:%llu: frame dropped: %.*s: %.*s\n", source_->source(item.file).name().c_str(),
          static_cast<unsigned long long>(item.line), static_cast<int>(text.size()), text.data(),
          static_cast<int>(std::min<std::size_t>(frame.payload.size(), 120)), frame.payload.data());
    }
  }
  const std::int64_t end = monotonic_ns();
  result.pipeline_ns += end - start;
  if (segment_ != nullptr && end - last_heartbeat_ > 50'000'000) {
    segment_->heartbeat();
    last_heartbeat_ = end;
  }
}

// Waits until the recording's clock, at the wanted speed, has come as far as this frame.
void Replay::pace(TimestampNs received) {
  const std::int64_t now = monotonic_ns();
  if (!pace_from_) pace_from_ = {received.raw(), now};
  const auto due = pace_from_->second +
                   static_cast<std::int64_t>(
                       static_cast<double>(received.raw() - pace_from_->first) / options_.speed);
  for (std::int64_t left = due - now; left > 0; left = due - monotonic_ns()) {
    const timespec nap{0, static_cast<long>(std::min<std::int64_t>(left, 50'000'000))};
    nanosleep(&nap, nullptr);
    if (segment_ != nullptr) segment_->heartbeat();
  }
}

std::uint64_t ReplayResult::accounted() const noexcept {
  std::uint64_t sum = lines.malformed + lines.unknown_venue + lines.links + lines.sent +
                      lines.timers + lines.lost_marks;
  for (const IngressCounts& counts : ingress) {
    for (const std::uint64_t count : counts.by_status) sum += count;
  }
  return sum;
}

std::uint64_t ReplayResult::messages() const noexcept {
  std::uint64_t sum = 0;
  for (const IngressCounts& counts : ingress) sum += counts.messages;
  return sum;
}

std::uint64_t ReplayResult::levels() const noexcept {
  std::uint64_t sum = 0;
  for (const IngressCounts& counts : ingress) sum += counts.levels;
  return sum;
}

}  // namespace steelyard
