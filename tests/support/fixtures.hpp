// tests/support/fixtures.hpp -- the venues' fixture messages, found through the registry.
#pragma once

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "core/decimal.hpp"
#include "core/frame.hpp"
#include "venues/venue.hpp"

namespace steelyard {

[[nodiscard]] inline std::string read_file(const std::filesystem::path& path) {
  std::ifstream file{path, std::ios::binary};
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

// Where recordings are; tests that need them are skipped where they are not.
[[nodiscard]] inline std::filesystem::path captures() {
  const char* const set = std::getenv("STEELYARD_CAPTURES");
  return set != nullptr ? std::filesystem::path{set}
                        : std::filesystem::path{STEELYARD_SOURCE_DIR} / "../shared/captures";
}

struct Fixture {
  const Venue* venue;
  std::filesystem::path frame;  // <case>.json or .hex; <case>.url beside it makes it an answer
};

// A text as a part of a test's name.
[[nodiscard]] inline std::string as_test_name(std::string text) {
  std::replace_if(
      text.begin(), text.end(), [](char c) { return !std::isalnum(static_cast<unsigned char>(c)); },
      '_');
  return text;
}
[[nodiscard]] inline std::string test_name(const Fixture& fixture) {
  return as_test_name(std::string{fixture.venue->name} + "_" + fixture.frame.stem().string());
}

[[nodiscard]] inline std::vector<Fixture> all_fixtures() {
  std::vector<Fixture> all;
  for (const Venue* const venue : venue_registry()) {
    const auto folder = std::filesystem::path{STEELYARD_FIXTURES} / std::string{venue->name};
    if (!std::filesystem::exists(folder)) continue;
    for (const auto& entry : std::filesystem::directory_iterator{folder}) {
      const auto extension = entry.path().extension();
      if (extension == ".json" || extension == ".hex") all.push_back({venue, entry.path()});
    }
  }
  std::sort(all.begin(), all.end(),
            [](const Fixture& a, const Fixture& b) { return a.frame < b.frame; });
  return all;
}

// instruments.txt: symbol, price exponent, wire quantity exponent, multiplier, channel; a line
// each.
[[nodiscard]] inline SymbolTable fixture_symbols(const Venue& venue,
                                                 std::vector<std::string>& names) {
  SymbolTable table;
  std::istringstream lines{read_file(std::filesystem::path{STEELYARD_FIXTURES} /
                                     std::string{venue.name} / "instruments.txt")};
  std::string symbol;
  int price = 0, qty = 0, channel = 0;
  std::int64_t multiplier = 1;
  while (lines >> symbol >> price >> qty >> multiplier >> channel) {
    SymbolEntry entry;
    entry.id = InstrumentId{static_cast<std::uint32_t>(names.size())};
    entry.price_exponent = static_cast<std::int8_t>(price);
    entry.wire_qty_exponent = static_cast<std::int8_t>(qty);
    entry.qty_multiplier = multiplier;
    entry.channel = static_cast<std::uint8_t>(channel);
    table.insert(symbol, entry);
    names.push_back(symbol);
  }
  return table;
}

// Frames that come first on a connection, one a line (acknowledgements that number its channels).
[[nodiscard]] inline std::vector<std::string> frames_before(const Venue& venue) {
  std::vector<std::string> frames;
  std::istringstream lines{read_file(std::filesystem::path{STEELYARD_FIXTURES} /
                                     std::string{venue.name} / "before.jsonl")};
  for (std::string line; std::getline(lines, line);) frames.push_back(line);
  return frames;
}

// <case>.hex holds a binary frame as hexadecimal text; <case>.json a text frame.
[[nodiscard]] inline std::string read_frame(const std::filesystem::path& path) {
  std::string text = read_file(path);
  if (path.extension() != ".hex") {
    while (!text.empty() && text.back() == '\n') text.pop_back();
    return text;
  }
  std::string digits, bytes;
  for (const char c : text) {
    if (std::isxdigit(static_cast<unsigned char>(c)) != 0) digits += c;
  }
  for (std::size_t i = 0; i + 1 < digits.size(); i += 2) {
    bytes += static_cast<char>(std::stoi(digits.substr(i, 2), nullptr, 16));
  }
  return bytes;
}

// A frame with its padding; owns the bytes.
class PaddedFrame {
 public:
  PaddedFrame(std::string_view payload, std::string request, bool binary = false)
      : bytes_(payload.size() + kFramePadding, '\0'), request_{std::move(request)} {
    std::copy(payload.begin(), payload.end(), bytes_.begin());
    frame_.payload = {bytes_.data(), payload.size()};
    frame_.request = request_;
    frame_.received = TimestampNs{1};
    frame_.connection = ConnectionId{0};
    frame_.kind = !request_.empty() ? FrameKind::Answer
                  : binary          ? FrameKind::Binary
                                    : FrameKind::Text;
  }
  PaddedFrame(const PaddedFrame&) = delete;
  PaddedFrame& operator=(const PaddedFrame&) = delete;
  [[nodiscard]] const Frame& operator*() const noexcept { return frame_; }

 private:
  std::vector<char> bytes_;
  std::string request_;
  Frame frame_;
};

[[nodiscard]] inline std::string to_text(const MessageBatch& batch,
                                         const std::vector<std::string>& names) {
  constexpr const char* kKinds[] = {"snapshot", "delta", "bbo", "trade", "liquidation"};
  constexpr const char* kSides[] = {"", " unknown", " buy", " sell"};
  std::ostringstream out;
  for (const Message& message : batch.messages()) {
    out << kKinds[static_cast<int>(message.kind)] << ' ' << names.at(message.instrument.raw());
    const bool print =
        message.kind == MessageKind::Trade || message.kind == MessageKind::Liquidation;
    if (print) out << kSides[1 + static_cast<int>(message.aggressor)];
    if ((message.ids & kHasFirst) != 0) out << " first " << message.first.raw();
    if ((message.ids & kHasLast) != 0) out << " last " << message.last.raw();
    if ((message.ids & kHasPrev) != 0) out << " prev " << message.prev.raw();
    if ((message.ids & kHasChecksum) != 0) out << " checksum " << message.checksum;
    out << " time " << message.venue_time.raw() << '\n';
    for (const Level& level : batch.bids(message)) {
      out << "  " << (print ? "at" : "bid") << ' ' << level.price.raw() << " x " << level.qty.raw()
          << '\n';
    }
    for (const Level& level : batch.asks(message)) {
      out << "  ask " << level.price.raw() << " x " << level.qty.raw() << '\n';
    }
  }
  return out.str();
}

}  // namespace steelyard
