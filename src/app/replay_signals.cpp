// src/app/replay_signals.cpp -- which parameters the instruments of a replay are measured with.
#include "app/recording_header.hpp"
#include "app/replay.hpp"
#include "app/signal_config.hpp"
#include "app/signal_overrides.hpp"

namespace steelyard {

// Each instrument has those that its recording was made with, as far as they make the columns of
// `all`: one directory serves the whole replay.
void Replay::adopt_params(RecordingHeader& header, const SignalParams& all) {
  const SignalSet directory{all};
  if (set_of_.empty()) set_of_.emplace(one_line(signals_to_toml(all)), std::uint16_t{0});
  std::vector<std::uint16_t> sets;
  for (std::size_t i = 0; i <= header.own_signals.size(); ++i) {
    const SignalParams& params = i == 0 ? header.signals : header.own_signals[i - 1];
    if (!directory.takes(params)) {
      sets.push_back(0);
      continue;
    }
    const auto [entry, is_new] = set_of_.emplace(one_line(signals_to_toml(params)),
                                                 static_cast<std::uint16_t>(own_sets_.size() + 1));
    if (is_new) own_sets_.push_back(params);
    sets.push_back(entry->second);
  }
  for (Instrument& instrument : header.instruments) instrument.params = sets[instrument.params];
}

std::vector<SignalParams> Replay::signal_sets(const SignalParams& all) {
  if (options_.configured) {
    for (Instrument& instrument : instruments_) instrument.group.clear();
    assign_groups(instruments_, options_.groups, false);
    return assign_params(instruments_, all, options_.overrides);
  }
  std::vector<SignalParams> sets{all};
  sets.insert(sets.end(), own_sets_.begin(), own_sets_.end());
  return sets;
}

}  // namespace steelyard
