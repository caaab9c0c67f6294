#include "signals/signal_set.hpp"

#include <algorithm>
#include <cassert>
#include <cstring>

namespace steelyard {
namespace {

constexpr std::size_t kLine = 64;

[[nodiscard]] constexpr std::size_t to_lines(std::size_t bytes) noexcept {
  return (bytes + kLine - 1) / kLine * kLine;
}

[[nodiscard]] const SignalOps& ops_of(const SignalRow& row, const Instrument& instrument) noexcept {
  return instrument.kind == ContractKind::Inverse ? row.inverse : row.linear;
}

[[nodiscard]] std::size_t memory_of(const SignalOps& ops, const SignalParams& params) noexcept {
  return ops.memory != nullptr ? ops.memory(params) : 0;
}

}  // namespace

std::uint64_t InstrumentSignals::limited() const noexcept {
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < limited_count_; ++i) sum += limited_[i].limited(limited_[i].state);
  return sum;
}

void InstrumentSignals::add(void* state, const SignalOps& ops) noexcept {
  if (ops.advance != nullptr) advances_[advance_count_++] = {state, ops.advance};
  if (ops.limited != nullptr) limited_[limited_count_++] = {state, ops.limited};
  // What moves a best level is a book's event too, and that an event like any other.
  for (std::size_t as = 0; as <= static_cast<std::size_t>(ops.hears); ++as) {
    Updates& updates = updates_[as];
    updates.list[updates.count++] = {state, ops.update};
  }
}

SignalSet::SignalSet(const SignalParams& params, std::span<const SignalRow> registry)
    : SignalSet(std::vector<SignalParams>{params}, registry) {}

SignalSet::SignalSet(std::vector<SignalParams> sets, std::span<const SignalRow> registry)
    : sets_{std::move(sets)}, registry_{registry}, places_(registry.size()) {
  if (registry.size() > InstrumentSignals::kMaxSignals) {
    error_ = std::to_string(registry.size()) + " signals: at most " +
             std::to_string(InstrumentSignals::kMaxSignals) + " (InstrumentSignals::kMaxSignals)";
    return;
  }
  struct Declared {
    Column column;
    std::size_t signal;
    std::size_t place;
  };
  std::vector<Declared> declared;
  for (std::size_t signal = 0; signal < registry.size(); ++signal) {
    ColumnList list;
    registry[signal].columns(sets_[0], list);
    places_[signal].own.resize(list.size());
    for (std::size_t place = 0; place < list.size(); ++place) {
      Column& column = list[place];
      if (column.tier == kTierOfSignal) column.tier = registry[signal].tier;
      if (column.source.empty()) column.source = registry[signal].source;
      if (column.caveat.empty()) column.caveat = registry[signal].caveat;
      places_[signal].tiers |= 1U << column.tier;
      declared.push_back({std::move(column), signal, place});
    }
  }
  std::stable_sort(declared.begin(), declared.end(), [](const Declared& a, const Declared& b) {
    return a.column.order < b.column.order;
  });
  std::vector<std::size_t> owner;  // of each column
  for (Declared& entry : declared) {
    if (const auto taken = find(entry.column.name); taken && error_.empty()) {
      error_ = "signal " + std::string{registry[entry.signal].name} + ": column " +
               entry.column.name + " is declared by " + registry[owner[*taken]].name + " already";
    }
    places_[entry.signal].own[entry.place] = static_cast<std::uint16_t>(columns_.size());
    columns_.push_back(std::move(entry.column));
    owner.push_back(entry.signal);
  }
  for (std::size_t i = 0; i < sets_.size(); ++i) {
    if (error_.empty() && !takes(sets_[i])) {
      error_ = "parameter set " + std::to_string(i) + " makes other columns than the first";
    }
    for (std::size_t signal = 0; signal < registry.size(); ++signal) {
      bind_reads(signal, sets_[i], owner);
    }
  }
}

bool SignalSet::takes(const SignalParams& params) const {
  for (std::size_t signal = 0; signal < registry_.size(); ++signal) {
    ColumnList list;
    registry_[signal].columns(params, list);
    const std::vector<std::uint16_t>& own = places_[signal].own;
    const bool same = std::equal(list.begin(), list.end(), own.begin(), own.end(),
                                 [this](const Column& column, std::uint16_t at) {
                                   return column.name == columns_[at].name;
                                 });
    if (!same) return false;
  }
  return true;
}

const SignalParams& SignalSet::params(const Instrument& instrument) const noexcept {
  assert(instrument.params < sets_.size());
  return sets_[instrument.params];
}

bool SignalSet::computes(std::size_t signal, const SignalParams& params) const noexcept {
  std::uint32_t off = 0;
  for (std::uint32_t tier = 0; tier <= 3; ++tier) {
    if (!params.computes(tier)) off |= 1U << tier;
  }
  // One without columns works for those after it, which are of its tier.
  const std::uint32_t tiers =
      places_[signal].tiers != 0 ? places_[signal].tiers : 1U << registry_[signal].tier;
  return (tiers & ~off) != 0;
}

void SignalSet::bind_reads(std::size_t signal, const SignalParams& params,
                           const std::vector<std::size_t>& owner) {
  std::vector<std::uint16_t>& reads = places_[signal].reads.emplace_back();
  if (registry_[signal].reads == nullptr) return;
  std::vector<std::string> names;
  registry_[signal].reads(params, names);
  for (const std::string& name : names) {
    const std::optional<std::size_t> column = find(name);
    if (column && owner[*column] < signal) {
      reads.push_back(static_cast<std::uint16_t>(*column));
      continue;
    }
    if (!error_.empty()) continue;
    error_ = "signal " + std::string{registry_[signal].name} + " reads " + name + ": ";
    error_ += column ? "only columns of signals before it in the registry are there to be read, "
                       "and it belongs to " +
                           std::string{registry_[owner[*column]].name}
                     : std::string{"there is no such column"};
  }
}

std::optional<std::size_t> SignalSet::find(std::string_view name) const noexcept {
  const auto found = std::find_if(columns_.begin(), columns_.end(),
                                  [name](const Column& column) { return column.name == name; });
  if (found == columns_.end()) return std::nullopt;
  return static_cast<std::size_t>(found - columns_.begin());
}

std::size_t SignalSet::arena_bytes(const Instrument& instrument) const noexcept {
  std::size_t bytes = to_lines(sizeof(InstrumentSignals::Shared));
  for (std::size_t i = 0; i < registry_.size(); ++i) {
    if (!computes(i, params(instrument))) continue;
    const SignalOps& ops = ops_of(registry_[i], instrument);
    bytes += to_lines(ops.state_bytes) + to_lines(memory_of(ops, params(instrument)));
  }
  return bytes;
}

InstrumentSignals SignalSet::build(const Instrument& instrument, std::span<std::byte> arena,
                                   Group* group) const noexcept {
  assert(error_.empty());
  assert(arena.size() >= arena_bytes(instrument));
  std::memset(arena.data(), 0, arena.size());
  const SignalParams& own_params = params(instrument);
  InstrumentSignals signals;
  // What every event touches lies together, ahead of the memory that signals asked for.
  std::byte* at = arena.data();
  std::byte* memory_at = at + to_lines(sizeof(InstrumentSignals::Shared));
  for (std::size_t i = 0; i < registry_.size(); ++i) {
    if (!computes(i, own_params)) continue;
    memory_at += to_lines(ops_of(registry_[i], instrument).state_bytes);
  }
  auto* const shared = ::new (static_cast<void*>(at)) InstrumentSignals::Shared{};
  signals.shared_ = shared;
  if (instrument.kind == ContractKind::Inverse) {
    shared->bids.measure_by(InverseUnits{instrument.scale});
    shared->asks.measure_by(InverseUnits{instrument.scale});
  }
  shared->member.start(instrument.scale.price_exponent, group);
  at += to_lines(sizeof(InstrumentSignals::Shared));
  for (std::size_t i = 0; i < registry_.size(); ++i) {
    if (!computes(i, own_params)) continue;
    const SignalOps& ops = ops_of(registry_[i], instrument);
    const std::size_t memory = memory_of(ops, own_params);
    void* const state = at;
    at += to_lines(ops.state_bytes);
    MicroPriceExchange* const exchange =
        exchanges_.empty() ? nullptr : exchanges_[instrument.id.raw()].get();
    ops.build(state, {own_params,
                      instrument,
                      places_[i].own,
                      places_[i].reads[instrument.params],
                      {memory_at, memory},
                      shared->bars,
                      shared->member,
                      group,
                      exchange});
    shared->member.add({state, ops.tell_book, ops.tell_flow});
    memory_at += to_lines(memory);
    signals.add(state, ops);
  }
  return signals;
}

}  // namespace steelyard
