#include "observe/observation.hpp"

#include <algorithm>

namespace steelyard {
namespace {

[[nodiscard]] double price_of(const Tick& tick, Price price, Qty qty) noexcept {
  return qty.raw() == 0 ? kUnknown : mantissa_to_double(price.raw(), tick.price_exponent);
}

}  // namespace

std::string_view presence_text(Presence presence) noexcept {
  switch (presence) {
    case Presence::Alive:
      return "alive";
    case Presence::Silent:
      return "dead";
    case Presence::Stopped:
      return "stopped";
    case Presence::Absent:
      break;
  }
  return "absent";
}

double SeenInstrument::bid() const noexcept {
  return there ? price_of(view.tick, view.tick.best_bid, view.tick.bid_qty) : kUnknown;
}

double SeenInstrument::ask() const noexcept {
  return there ? price_of(view.tick, view.tick.best_ask, view.tick.ask_qty) : kUnknown;
}

std::uint64_t SeenInstrument::counter(std::string_view wanted) const noexcept {
  for (const NamedCount& counter : counters) {
    if (counter.name == wanted) return counter.value;
  }
  return 0;
}

double SeenLink::win_share() const noexcept {
  return wins + twins == 0 ? kUnknown
                           : static_cast<double>(wins) / static_cast<double>(wins + twins);
}

double SeenLink::mean_late_us() const noexcept {
  return twins == 0 ? kUnknown : static_cast<double>(late_us) / static_cast<double>(twins);
}

std::optional<std::size_t> Observation::column(std::string_view name) const noexcept {
  const auto found = std::find(columns.begin(), columns.end(), name);
  if (found == columns.end()) return std::nullopt;
  return static_cast<std::size_t>(found - columns.begin());
}

double Observation::value(const SeenInstrument& of, std::string_view name) const noexcept {
  const std::optional<std::size_t> at = column(name);
  return at && of.there && *at < of.row.size() ? of.row[*at] : kUnknown;
}

std::size_t Observation::live_count() const noexcept {
  return static_cast<std::size_t>(
      std::count_if(instruments.begin(), instruments.end(),
                    [](const SeenInstrument& instrument) { return instrument.is_live(); }));
}

HistogramView Observation::stage(std::string_view ending, bool recent) const {
  HistogramView sum;
  for (const SeenStage& stage : stages) {
    if (stage.label.ends_with(ending)) sum.add(recent ? stage.recent : stage.total);
  }
  return sum;
}

std::uint64_t Observation::io_counter(std::string_view name) const noexcept {
  std::uint64_t sum = 0;
  for (const NamedCount& counter : counters) {
    const std::size_t space = counter.name.rfind(' ');
    if (counter.name.starts_with("io") && space != std::string::npos &&
        std::string_view{counter.name}.substr(space + 1) == name) {
      sum += counter.value;
    }
  }
  return sum;
}

}  // namespace steelyard
