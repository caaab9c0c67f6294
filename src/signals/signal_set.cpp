#include "signals/signal_set.hpp"

#include <algorithm>
#include <cassert>
#include <cstring>
#include <numeric>

namespace steelyard {
namespace {

constexpr std::size_t kLine = 64;

[[nodiscard]] constexpr std::size_t to_lines(std::size_t bytes) noexcept {
  return (bytes + kLine - 1) / kLine * kLine;
}

[[nodiscard]] const SignalOps& ops_of(const SignalRow& row, const Instrument& instrument) noexcept {
  return instrument.kind == ContractKind::Inverse ? row.inverse : row.linear;
}

}  // namespace

SignalSet::SignalSet(const SignalParams& params) : params_{params} {
  struct Declared {
    Column column;
    std::size_t signal;
    std::size_t place;
  };
  std::vector<Declared> declared;
  own_.resize(signal_registry().size());
  for (std::size_t signal = 0; signal < signal_registry().size(); ++signal) {
    ColumnList list;
    signal_registry()[signal].columns(params_, list);
    own_[signal].resize(list.size());
    for (std::size_t place = 0; place < list.size(); ++place) {
      declared.push_back({std::move(list[place]), signal, place});
    }
  }
  std::stable_sort(declared.begin(), declared.end(), [](const Declared& a, const Declared& b) {
    return a.column.order < b.column.order;
  });
  for (Declared& entry : declared) {
    own_[entry.signal][entry.place] = static_cast<std::uint16_t>(columns_.size());
    columns_.push_back(std::move(entry.column));
  }
}

std::optional<std::size_t> SignalSet::find(std::string_view name) const noexcept {
  const auto found = std::find_if(columns_.begin(), columns_.end(),
                                  [name](const Column& column) { return column.name == name; });
  if (found == columns_.end()) return std::nullopt;
  return static_cast<std::size_t>(found - columns_.begin());
}

std::size_t SignalSet::arena_bytes(const Instrument& instrument) const noexcept {
  std::size_t bytes = 0;
  for (const SignalRow& row : signal_registry()) {
    const SignalOps& ops = ops_of(row, instrument);
    bytes += to_lines(ops.state_bytes) + to_lines(ops.memory(params_));
  }
  return bytes;
}

InstrumentSignals SignalSet::build(const Instrument& instrument,
                                   std::span<std::byte> arena) const noexcept {
  assert(arena.size() >= arena_bytes(instrument));
  assert(signal_registry().size() <= InstrumentSignals::kMaxSignals);
  std::memset(arena.data(), 0, arena.size());
  InstrumentSignals signals;
  std::byte* at = arena.data();
  for (std::size_t i = 0; i < signal_registry().size(); ++i) {
    const SignalOps& ops = ops_of(signal_registry()[i], instrument);
    const std::size_t memory = ops.memory(params_);
    void* const state = at;
    at += to_lines(ops.state_bytes);
    ops.build(state, {params_, instrument, own_[i], {at, memory}});
    at += to_lines(memory);
    signals.states_[signals.count_++] = {state, ops.advance, ops.update};
  }
  return signals;
}

}  // namespace steelyard
