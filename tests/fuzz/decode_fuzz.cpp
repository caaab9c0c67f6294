// tests/fuzz/decode_fuzz.cpp -- one venue's decoder on anything: a status, and never half a frame.
#include <cstdlib>
#include <fstream>
#include <memory>
#include <vector>

#include "support/same_messages.hpp"
#include "venues/venue.hpp"

using namespace steelyard;

namespace {

SymbolTable load() {
  SymbolTable table;
  std::ifstream lines{STEELYARD_SYMBOLS};
  std::string symbol;
  int price = 0, qty = 0, channel = 0;
  std::int64_t multiplier = 1;
  std::uint32_t id = 0;
  while (lines >> symbol >> price >> qty >> multiplier >> channel) {
    SymbolEntry entry;
    entry.id = InstrumentId{id++};
    entry.price_exponent = static_cast<std::int8_t>(price);
    entry.wire_qty_exponent = static_cast<std::int8_t>(qty);
    entry.qty_multiplier = multiplier;
    entry.channel = static_cast<std::uint8_t>(channel);
    table.insert(symbol, entry);
  }
  return table;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const SymbolTable symbols = load();
  static DecodeScratch scratch;
  static const auto batch = std::make_unique<MessageBatch>();
  std::vector<char> bytes(size + kFramePadding, '\0');
  std::copy(data, data + size, bytes.begin());
  Frame frame;
  frame.payload = {bytes.data(), size};
  for (const char* const request :
       {"", "https://x/depth?symbol=BTCUSDT", "https://x/api/v5/market/books?instId=BTC-USDT"}) {
    frame.request = request;
    frame.kind = *request == '\0' ? FrameKind::Text : FrameKind::Answer;
    if (find_venue(STEELYARD_VENUE)->decode_any != nullptr) {
      static TwoDecoders decoders{*find_venue(STEELYARD_VENUE)};
      if (!decoders.compare(frame, symbols).empty()) std::abort();
    }
    batch->clear();
    if (find_venue(STEELYARD_VENUE)->decode(frame, symbols, scratch, *batch) != DecodeStatus::Ok) {
      continue;
    }
    for (const Message& message : batch->messages()) {
      if (message.instrument.raw() >= symbols.size() ||
          message.first_level + message.levels() > batch->level_count()) {
        std::abort();
      }
      for (const Level& level : batch->bids(message)) {
        if (level.price.raw() <= 0 || level.qty.raw() < 0) std::abort();
      }
    }
  }
  (void)find_venue(STEELYARD_VENUE)->control({bytes.data(), size});
  return 0;
}
