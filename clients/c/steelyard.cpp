// clients/c/steelyard.cpp -- the C ABI over the C++ reader. What is said of each function, its
// header says.
#include "steelyard/steelyard.h"

#include <bit>
#include <chrono>
#include <cstring>
#include <exception>

#include "steelyard/reader.hpp"

struct sy_reader {
  explicit sy_reader(const steelyard::Reader::Options& options) : reader{options} {}
  steelyard::Reader reader;
  steelyard::Record record;
  std::string version;
  std::string error;
};

namespace {

using steelyard::RegionKind;
using steelyard::SegmentView;

static_assert(sizeof(sy_tick) == sizeof(steelyard::Tick));
static_assert(offsetof(sy_tick, instrument) == offsetof(steelyard::Tick, instrument));
static_assert(offsetof(sy_tick, event) == offsetof(steelyard::Tick, event));
static_assert(sizeof(sy_level) == sizeof(steelyard::ViewLevel));
static_assert(SY_VIEW_LEVELS == steelyard::kViewLevels);
static_assert(SY_SYSTEM == static_cast<int>(steelyard::Refusal::System));
static_assert(SY_DEAD == static_cast<int>(steelyard::Poll::Dead));
static_assert(SY_TIMER == static_cast<int>(steelyard::EventKind::Timer));
static_assert(SY_CROSSED_BOOK == static_cast<int>(steelyard::BookStatus::Crossed));
static_assert(SY_DIVERGED == static_cast<int>(steelyard::kDiverged));

template <std::size_t kTo, std::size_t kFrom>
void copy_text(char (&to)[kTo], const char (&from)[kFrom]) noexcept {
  static_assert(kTo > kFrom, "room for the zero");
  const std::string_view text = SegmentView::text(from);
  std::memset(to, 0, kTo);
  std::memcpy(to, text.data(), text.size());
}

void copy_values(std::span<const double> from, double* to, std::uint32_t count) noexcept {
  if (to == nullptr) return;
  for (std::uint32_t i = 0; i < count; ++i) {
    to[i] = i < from.size() ? from[i] : std::numeric_limits<double>::quiet_NaN();
  }
}

// Nothing that is thrown (there is only std::bad_alloc) reaches C.
template <typename Body>
[[nodiscard]] sy_attached guarded(sy_reader* reader, const char* instance, Body body) noexcept {
  if (instance == nullptr) instance = "";
  try {
    const bool attached = body(std::string_view{instance});
    reader->error = reader->reader.why_not();
    return attached ? sy_attached{SY_ATTACHED} : static_cast<sy_attached>(reader->reader.refusal());
  } catch (const std::exception&) {
    return SY_SYSTEM;
  }
}

}  // namespace

extern "C" {

uint32_t sy_abi_version(void) { return SY_ABI_MAJOR << 16 | SY_ABI_MINOR; }
const char* sy_library_version(void) { return STEELYARD_VERSION; }

sy_reader* sy_reader_new(const sy_options* options) {
  steelyard::Reader::Options wanted;
  if (options != nullptr) {
    // As small as it was in 1.0: fields behind that are read only if `size` covers them.
    if (options->size < offsetof(sy_options, from_start) + sizeof options->from_start) {
      return nullptr;
    }
    if (options->dead_after_ms != 0) {
      wanted.dead_after = std::chrono::milliseconds{options->dead_after_ms};
    }
    if (options->check_every_ms != 0) {
      wanted.check_every = std::chrono::milliseconds{options->check_every_ms};
    }
    wanted.from_start = options->from_start != 0;
  }
  try {
    return new sy_reader{wanted};
  } catch (const std::exception&) {
    return nullptr;
  }
}

void sy_reader_free(sy_reader* reader) { delete reader; }

sy_attached sy_attach(sy_reader* reader, const char* instance) {
  return guarded(reader, instance,
                 [reader](std::string_view name) { return reader->reader.attach(name).empty(); });
}

sy_attached sy_wait_for(sy_reader* reader, const char* instance, uint32_t timeout_ms) {
  return guarded(reader, instance, [reader, timeout_ms](std::string_view name) {
    return reader->reader.wait_for(name, std::chrono::milliseconds{timeout_ms});
  });
}

const char* sy_error(const sy_reader* reader) { return reader->error.c_str(); }

sy_polled sy_poll(sy_reader* reader, sy_tick* tick, double* values, uint32_t count) {
  try {
    const steelyard::Poll polled = reader->reader.poll(reader->record);
    if (polled == steelyard::Poll::Ok) {
      if (tick != nullptr) *tick = std::bit_cast<sy_tick>(reader->record.tick());
      copy_values(reader->record.values(), values, count);
    } else if (polled == steelyard::Poll::Restarted || polled == steelyard::Poll::Dead) {
      reader->error = reader->reader.why_not();
    }
    return static_cast<sy_polled>(polled);
  } catch (const std::exception&) {
    return SY_DEAD;
  }
}

sy_polled sy_next(sy_reader* reader, sy_tick* tick, double* values, uint32_t count,
                  uint32_t timeout_ms) {
  const std::int64_t deadline = steelyard::monotonic_ns() + std::int64_t{timeout_ms} * 1'000'000;
  for (;;) {
    const sy_polled polled = sy_poll(reader, tick, values, count);
    if (polled != SY_EMPTY || steelyard::monotonic_ns() >= deadline) return polled;
    const timespec nap{0, 50'000};
    nanosleep(&nap, nullptr);
  }
}

size_t sy_poll_batch(sy_reader* reader, sy_tick* ticks, double* values, uint32_t count, size_t max,
                     sy_polled* end) {
  size_t done = 0;
  sy_polled polled = SY_OK;
  while (done < max) {
    polled = sy_poll(reader, ticks == nullptr ? nullptr : ticks + done,
                     values == nullptr ? nullptr : values + done * count, count);
    if (polled != SY_OK) break;
    ++done;
  }
  if (end != nullptr) *end = polled;
  return done;
}

uint64_t sy_lost(const sy_reader* reader) { return reader->reader.lost(); }
uint64_t sy_lag(const sy_reader* reader) { return reader->reader.lag(); }
uint64_t sy_restarts(const sy_reader* reader) { return reader->reader.restarts(); }
int sy_is_attached(const sy_reader* reader) { return reader->reader.is_attached() ? 1 : 0; }
int sy_is_alive(const sy_reader* reader) { return reader->reader.is_alive() ? 1 : 0; }

uint64_t sy_generation(const sy_reader* reader) {
  const SegmentView& segment = reader->reader.segment();
  return segment.is_open() ? segment.header().generation : 0;
}

const char* sy_daemon_version(sy_reader* reader) {
  const SegmentView& segment = reader->reader.segment();
  if (!segment.is_open()) return "";
  try {
    reader->version = SegmentView::text(segment.header().version);
    return reader->version.c_str();
  } catch (const std::exception&) {
    return "";
  }
}

uint32_t sy_instruments(const sy_reader* reader) { return reader->reader.instruments(); }

int sy_get_instrument(const sy_reader* reader, uint32_t index, sy_instrument* out) {
  if (index >= reader->reader.instruments()) return 0;
  const steelyard::InstrumentEntry& entry = reader->reader.segment().instrument(index);
  copy_text(out->venue, entry.venue);
  copy_text(out->symbol, entry.symbol);
  copy_text(out->name, entry.name);
  copy_text(out->channel, entry.channel);
  out->contract_size = entry.contract_size;
  out->shard = entry.shard;
  out->kind = entry.kind;
  out->price_exponent = entry.price_exponent;
  out->qty_exponent = entry.qty_exponent;
  out->proof = entry.proof;
  return 1;
}

int64_t sy_find_instrument(const sy_reader* reader, const char* venue, const char* symbol) {
  const auto found =
      reader->reader.find(venue == nullptr ? "" : venue, symbol == nullptr ? "" : symbol);
  return found ? std::int64_t{found->raw()} : -1;
}

uint32_t sy_columns(const sy_reader* reader) { return reader->reader.columns(); }

uint32_t sy_headline_columns(const sy_reader* reader) {
  const SegmentView& segment = reader->reader.segment();
  return segment.count(RegionKind::Rings) == 0 ? 0 : segment.ring(0).values;
}

int sy_get_column(const sy_reader* reader, uint32_t index, sy_column* out) {
  if (index >= reader->reader.columns()) return 0;
  const steelyard::ColumnEntry& entry = reader->reader.segment().column(index);
  copy_text(out->name, entry.name);
  copy_text(out->unit, entry.unit);
  copy_text(out->description, entry.description);
  out->low = entry.low;
  out->high = entry.high;
  out->headline = entry.headline;
  out->reserved = 0;
  return 1;
}

int64_t sy_find_column(const sy_reader* reader, const char* name) {
  const auto found = reader->reader.find_column(name == nullptr ? "" : name);
  return found ? std::int64_t{*found} : -1;
}

uint32_t sy_counters(const sy_reader* reader) {
  return reader->reader.segment().count(RegionKind::Counters);
}

int sy_get_counter(const sy_reader* reader, uint32_t index, sy_counter* out) {
  if (index >= sy_counters(reader)) return 0;
  const steelyard::CounterEntry& entry = reader->reader.segment().counter(index);
  copy_text(out->label, entry.label);
  out->value = entry.value.load(std::memory_order_relaxed);
  return 1;
}

int sy_latest(const sy_reader* reader, uint32_t instrument, sy_state* state, double* columns,
              uint32_t count) {
  steelyard::StateView view;
  const std::uint32_t there = reader->reader.columns();
  // Straight into the caller's memory; what is beyond the columns that there are is NaN.
  const std::span<double> row =
      columns == nullptr ? std::span<double>{} : std::span<double>{columns, std::min(count, there)};
  if (!reader->reader.latest(steelyard::InstrumentId{instrument}, view, row)) return 0;
  for (std::uint32_t i = there; columns != nullptr && i < count; ++i) {
    columns[i] = std::numeric_limits<double>::quiet_NaN();
  }
  if (state != nullptr) {
    state->tick = std::bit_cast<sy_tick>(view.tick);
    state->bid_count = view.bid_count;
    state->ask_count = view.ask_count;
    std::memcpy(state->bids, view.bids.data(), sizeof state->bids);
    std::memcpy(state->asks, view.asks.data(), sizeof state->asks);
  }
  return 1;
}

int sy_is_live(const sy_tick* tick) {
  return (tick->validity & ~std::uint32_t{SY_SHALLOW}) == 0 ? 1 : 0;
}
double sy_price(const sy_tick* tick, int64_t mantissa) {
  return steelyard::mantissa_to_double(mantissa, tick->price_exponent);
}
double sy_qty(const sy_tick* tick, int64_t mantissa) {
  return steelyard::mantissa_to_double(mantissa, tick->qty_exponent);
}

}  // extern "C"
