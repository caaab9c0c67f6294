#include "app/discovery.hpp"

#include <algorithm>

#include "core/decimal.hpp"
#include "engine/symbols.hpp"

namespace steelyard {
namespace {

// The coarsest exponent that holds this decimal exactly.
[[nodiscard]] int exponent_of(std::string_view text) {
  const DecimalResult result = parse_decimal(text, 0);
  return result.status == DecimalStatus::TooPrecise ? result.needed : 0;
}

[[nodiscard]] bool is_book(MessageKind kind) noexcept {
  return kind == MessageKind::Snapshot || kind == MessageKind::Delta;
}

}  // namespace

void apply_metadata(Instrument& instrument, const InstrumentInfo& info) {
  Scale& scale = instrument.scale;
  const int wire_qty = scale.qty_exponent - scale.multiplier_exponent;
  instrument.has_metadata = true;
  instrument.kind = info.kind;
  if (!info.name.empty()) instrument.name = info.name;
  const int price = std::min<int>(exponent_of(info.tick_size), -info.price_places);
  scale.price_exponent = static_cast<std::int8_t>(std::min<int>(scale.price_exponent, price));
  const DecimalResult tick = parse_decimal(info.tick_size, scale.price_exponent);
  if (tick.status == DecimalStatus::Ok && tick.mantissa > 0) instrument.tick = tick.mantissa;
  const int qty = std::min({wire_qty, exponent_of(info.lot_size), -info.qty_places});
  scale.qty_multiplier = 1;
  scale.multiplier_exponent = 0;
  scale.contract_size = info.kind == ContractKind::Inverse ? info.contract_size : 0.0;
  const int multiplier_exponent = exponent_of(info.multiplier);
  const DecimalResult multiplier = parse_decimal(info.multiplier, multiplier_exponent);
  if (multiplier.status == DecimalStatus::Ok && multiplier.mantissa > 0 &&
      qty + multiplier_exponent >= kMinExponent) {
    scale.qty_multiplier = multiplier.mantissa;
    scale.multiplier_exponent = static_cast<std::int8_t>(multiplier_exponent);
  }
  scale.qty_exponent = static_cast<std::int8_t>(qty + scale.multiplier_exponent);
}

Discovery::Discovery() : venues_(venue_registry().size()) {}

void Discovery::prefer(const Venue& venue, std::string_view channel) {
  for (std::size_t row = 0; row < venue.books.size(); ++row) {
    if (venue.books[row].channel != channel) continue;
    venues_[venue_index(venue)].preferred = static_cast<std::uint8_t>(row);
  }
}

void Discovery::add(PerVenue& venue, std::uint32_t index) {
  Found found;
  Instrument& instrument = found.instrument;
  instrument.symbol = scratch_.unknown_symbol;
  if (const SymbolEntry* const held = venue.symbols.find(instrument.symbol)) {
    // Known, but its book comes by another channel than the one taken so far: the venue's preferred
    // one wins, and a book that was only traded so far takes the first that comes.
    Found& known = venue.found[held->id.raw()];
    const bool better = known.instrument.channel != venue.preferred &&
                        (scratch_.unknown_channel == venue.preferred ||
                         scratch_.unknown_channel < known.instrument.channel);
    // A window that its snapshot does not fit into was never what the stream carries.
    const auto& rows = venue_registry()[index]->books;
    const BookChannel& told = rows[scratch_.unknown_channel];
    const BookChannel& taken = rows[known.instrument.channel];
    const bool deeper = told.truncate && taken.truncate && told.depth > taken.depth;
    if (!known.channel_known || better || deeper) {
      known.instrument.channel = scratch_.unknown_channel;
      known.channel_known = true;
      venue.symbols.insert(instrument.symbol, symbol_entry(known.instrument));
    }
    return;
  }
  instrument.id = InstrumentId{static_cast<std::uint32_t>(venue.found.size())};
  instrument.venue = index;
  instrument.name = instrument.symbol;
  if (is_book(scratch_.unknown_kind)) {
    instrument.channel = scratch_.unknown_channel;
    found.channel_known = true;
  }
  venue.symbols.insert(instrument.symbol, symbol_entry(instrument));
  venue.found.push_back(std::move(found));
}

void Discovery::on_frame(const Venue& of, const Frame& frame) {
  if (frame.kind == FrameKind::LinkUp) scratch_.channels.forget(frame.connection);
  if (frame.kind != FrameKind::Text && frame.kind != FrameKind::Binary &&
      frame.kind != FrameKind::Answer) {
    return;
  }
  const std::uint32_t index = venue_index(of);
  PerVenue& venue = venues_[index];
  for (int tries = 0; tries < 64; ++tries) {
    batch_.clear();
    switch (of.decode(frame, venue.symbols, scratch_, batch_)) {
      // An acknowledgement may name an instrument and its channel ahead of any data.
      case DecodeStatus::Control:
        if (scratch_.unknown_symbol.empty() || second_pass_ ||
            scratch_.unknown_channel >= of.books.size()) {
          return;
        }
        if (const SymbolEntry* const held = venue.symbols.find(scratch_.unknown_symbol);
            held == nullptr ||
            (!venue.found[held->id.raw()].channel_known && is_book(scratch_.unknown_kind))) {
          add(venue, index);
        }
        return;
      // Messages of instruments that are known, and beside them something of one that is not.
      case DecodeStatus::Ok:
        if (scratch_.unknown_symbol.empty() || scratch_.unknown_kind == MessageKind::Liquidation ||
            venue.symbols.find(scratch_.unknown_symbol) != nullptr) {
          return;
        }
        [[fallthrough]];
      case DecodeStatus::Unwanted: {
        const std::size_t size = venue.symbols.size();
        const std::uint8_t channel = venue.symbols.find(scratch_.unknown_symbol) == nullptr
                                         ? std::uint8_t{255}
                                         : venue.symbols.find(scratch_.unknown_symbol)->channel;
        if (scratch_.unknown_channel >= of.books.size()) return;
        // What the venue liquidates is no reason to follow an instrument.
        if (scratch_.unknown_kind == MessageKind::Liquidation &&
            venue.symbols.find(scratch_.unknown_symbol) == nullptr &&
            frame.payload.find("liquidation-orders") != std::string_view::npos) {
          return;
        }
        const std::string symbol{scratch_.unknown_symbol};
        add(venue, index);
        const SymbolEntry* const now = venue.symbols.find(symbol);
        if (venue.symbols.size() == size && now->channel == channel) return;
        continue;
      }
      case DecodeStatus::TooPrecise: {
        if (scratch_.imprecise == kNoInstrument) return;
        Found& found = venue.found[scratch_.imprecise.raw()];
        if (!refine(found.instrument, scratch_)) return;
        venue.symbols.update(found.instrument.symbol, symbol_entry(found.instrument));
        continue;
      }
      case DecodeStatus::Metadata:
        if (second_pass_) return;
        try {
          for (InstrumentInfo& info : of.instruments(frame.payload)) {
            venue.metadata[info.symbol] = std::move(info);
          }
        } catch (const std::exception&) {
          // An error where a list was asked for, as it was recorded: nothing is learned from it.
        }
        return;
      case DecodeStatus::NoInstrument:
        venue.unnamed = true;
        return;
      default:
        return;
    }
  }
}

bool Discovery::needs_another_pass() const {
  return !second_pass_ && std::any_of(venues_.begin(), venues_.end(), [](const PerVenue& venue) {
    return venue.unnamed && venue.found.size() == 1;
  });
}

void Discovery::start_another_pass() { second_pass_ = true; }

std::vector<Instrument> Discovery::instruments() const {
  std::vector<Instrument> all;
  for (const PerVenue& venue : venues_) {
    for (const Found& found : venue.found) {
      Instrument instrument = found.instrument;
      // Without metadata the step is not known: one unit of the finest digit that came. A coarser
      // guess would leave most levels off the book's grid.
      instrument.tick = 1;
      if (const auto info = venue.metadata.find(instrument.symbol); info != venue.metadata.end()) {
        apply_metadata(instrument, info->second);
      }
      all.push_back(std::move(instrument));
    }
  }
  std::sort(all.begin(), all.end(), [](const Instrument& a, const Instrument& b) {
    const std::string_view x = venue_registry()[a.venue]->name;
    const std::string_view y = venue_registry()[b.venue]->name;
    return x != y ? x < y : a.symbol < b.symbol;
  });
  for (std::uint32_t i = 0; i < all.size(); ++i) all[i].id = InstrumentId{i};
  return all;
}

}  // namespace steelyard
