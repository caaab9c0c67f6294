// tests/bench/made_corpus.hpp -- frames of any venue without a recording of it.
#pragma once

#include "bench/form_frames.hpp"
#include "bench/frames.hpp"
#include "bench/sim_frames.hpp"

namespace steelyard::bench {

// About so many frames of this venue's default channel: from its simulator, or by the forms of its
// fixtures where it has none. The same bytes every time. Throws.
[[nodiscard]] inline Corpus made_corpus(const Venue& venue, std::size_t frames) {
  std::vector<MadeFrame> made;
  if (const sim::SimulatedVenue* const of = sim::find_simulated(venue.name)) {
    made = SimClient{venue, *of, frames}.frames();
  } else {
    const std::string name{venue.name};
    made = FormVenue{venue, STEELYARD_FIXTURES "/" + name + "/made.forms", frames}.frames();
  }
  MadeSource source{venue, std::move(made)};
  Corpus corpus = load_corpus(source, std::string{venue.name} + "/made");
  corpus.made = true;
  return corpus;
}

}  // namespace steelyard::bench
