// src/app/discovery.hpp -- which instruments a recording holds, and at which exponents they are
// exact.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/frame.hpp"
#include "core/instrument.hpp"
#include "core/symbol_table.hpp"
#include "venues/venue.hpp"

namespace steelyard {

// Reads a recording once, with the very decoders that the second pass uses: a symbol that nobody
// asked for is asked for from then on, and exponents become as fine as the digits that come.
class Discovery {
 public:
  Discovery();

  // Where the recording holds an instrument's book by several channels, this one is taken; without
  // a preference, or the preferred one, the first of the venue's rows.
  void prefer(const Venue& venue, std::string_view channel);

  void on_frame(const Venue& venue, const Frame& frame);

  // An answer that names no instrument could not be read before its venue's only instrument was
  // known: read everything once more.
  [[nodiscard]] bool needs_another_pass() const;
  void start_another_pass();

  // Sorted by venue and symbol, ids in that order; scales and kinds from the venue's metadata where
  // the recording holds it.
  [[nodiscard]] std::vector<Instrument> instruments() const;

 private:
  static constexpr std::uint8_t kNoPreference = 255;

  struct Found {
    Instrument instrument;  // exponents as the data need them; no multiplier yet
    bool channel_known = false;
  };
  struct PerVenue {
    SymbolTable symbols;
    std::vector<Found> found;  // by the id in `symbols`
    std::map<std::string, InstrumentInfo, std::less<>> metadata;
    bool unnamed = false;
    std::uint8_t preferred = kNoPreference;
  };

  void add(PerVenue& venue, std::uint32_t index);

  std::vector<PerVenue> venues_;
  DecodeScratch scratch_;
  MessageBatch batch_;
  bool second_pass_ = false;
};

// Applies what a venue says of an instrument: exponents at least as fine as its tick and lot,
// contract kind and size. Exponents that are finer already stay.
void apply_metadata(Instrument& instrument, const InstrumentInfo& info);

}  // namespace steelyard
