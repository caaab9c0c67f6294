// tests/fuzz/decode_fuzz.cpp -- one venue's decoder on anything: a status, and never half a frame.
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
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

// As a frame, and as an answer to what the venue's fixtures are answers to.
std::vector<std::string> load_requests() {
  std::vector<std::string> requests = {"", "https://x/depth?symbol=BTCUSDT",
                                       "https://x/api/v5/market/books?instId=BTC-USDT"};
  const auto folder = std::filesystem::path{STEELYARD_SYMBOLS}.parent_path();
  for (const auto& entry : std::filesystem::directory_iterator{folder}) {
    if (entry.path().extension() != ".url") continue;
    std::ifstream file{entry.path()};
    std::string url;
    if (std::getline(file, url)) requests.push_back(url);
  }
  std::sort(requests.begin() + 1, requests.end());
  requests.erase(std::unique(requests.begin(), requests.end()), requests.end());
  return requests;
}

Frame text_frame(const std::vector<char>& padded) {
  Frame frame;
  frame.payload = {padded.data(), padded.size() - kFramePadding};
  frame.connection = ConnectionId{0};
  frame.kind = FrameKind::Text;
  return frame;
}

// What comes first on a connection: acknowledgements that number its channels.
std::vector<std::vector<char>> load_before() {
  std::vector<std::vector<char>> frames;
  const auto folder = std::filesystem::path{STEELYARD_SYMBOLS}.parent_path();
  std::ifstream lines{folder / "before.jsonl"};
  for (std::string line; std::getline(lines, line);) {
    line.append(kFramePadding, '\0');
    frames.emplace_back(line.begin(), line.end());
  }
  return frames;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const SymbolTable symbols = load();
  static DecodeScratch scratch;
  static const auto batch = std::make_unique<MessageBatch>();
  std::vector<char> bytes(size + kFramePadding, '\0');
  std::copy(data, data + size, bytes.begin());
  Frame frame = text_frame(bytes);
  static const std::vector<std::string> requests = load_requests();
  for (const std::string& request : requests) {
    frame.request = request;
    frame.kind = request.empty() ? FrameKind::Text : FrameKind::Answer;
    if (find_venue(STEELYARD_VENUE)->decode_any != nullptr) {
      static TwoDecoders decoders{*find_venue(STEELYARD_VENUE)};
      static const std::vector<std::vector<char>> before = load_before();
      for (const std::vector<char>& first : before) {
        if (!decoders.compare(text_frame(first), symbols).empty()) std::abort();
      }
      if (!decoders.compare(frame, symbols).empty()) std::abort();
    }
    batch->clear();
    if (find_venue(STEELYARD_VENUE)->decode(frame, symbols, scratch, *batch) != DecodeStatus::Ok) {
      continue;
    }
    for (const Message& message : batch->messages()) {
      if (message.instrument.raw() >= symbols.size() ||
          std::size_t{message.first_level} + message.bids + message.asks > batch->level_count()) {
        std::abort();
      }
      if ((message.ids & kHasNotes) != 0) continue;  // ids and removals by id among the levels
      for (const Level& level : batch->bids(message)) {
        if (level.price.raw() <= 0 || level.qty.raw() < 0) std::abort();
      }
    }
  }
  (void)find_venue(STEELYARD_VENUE)->control({bytes.data(), size});
  return 0;
}
