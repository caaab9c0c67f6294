// Every venue on single messages that real venues sent: acknowledgements, errors, tickers, trades,
// liquidations. Names no venue of the registry; skipped where there are no recordings.
#include <gtest/gtest.h>
#include <simdjson.h>

#include <algorithm>
#include <map>
#include <memory>
#include <sstream>

#include "engine/symbols.hpp"
#include "support/fixtures.hpp"

namespace steelyard {
namespace {

struct Example {
  std::string label;
  std::string text;
};

[[nodiscard]] std::vector<Example> read_examples(const std::filesystem::path& path) {
  std::vector<Example> examples;
  std::istringstream lines{read_file(path)};
  simdjson::dom::parser parser;
  for (std::string line; std::getline(lines, line);) {
    if (line.empty()) continue;
    const simdjson::dom::element entry = parser.parse(line);
    examples.push_back({std::string{entry["label"].get_string().value()},
                        std::string{entry["msg"].get_string().value()}});
  }
  return examples;
}

// A file's name as venues are named: "crypto.com.ndjson" is of `cryptocom`.
[[nodiscard]] std::string venue_prefix(const std::filesystem::path& path) {
  std::string name = path.stem().string();
  name.erase(std::remove(name.begin(), name.end(), '.'), name.end());
  return name;
}

[[nodiscard]] std::vector<std::filesystem::path> example_files() {
  std::vector<std::filesystem::path> files;
  const std::filesystem::path folder = captures() / "examples";
  if (!std::filesystem::exists(folder)) return files;
  for (const auto& entry : std::filesystem::directory_iterator{folder}) {
    if (entry.path().extension() == ".ndjson") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

// The markets of a venue: `bybit` is all of bybit-spot, bybit-linear, ... A market that has a file
// of its own is not among them.
[[nodiscard]] std::vector<const Venue*> markets_of(const std::string& prefix) {
  const auto belongs = [](std::string_view venue, std::string_view to) {
    return venue.starts_with(to) && (venue.size() == to.size() || venue[to.size()] == '-');
  };
  std::vector<const Venue*> markets;
  for (const Venue* const venue : venue_registry()) {
    std::string longest;
    for (const std::filesystem::path& file : example_files()) {
      const std::string other = venue_prefix(file);
      if (belongs(venue->name, other) && other.size() > longest.size()) longest = other;
    }
    if (longest == prefix) markets.push_back(venue);
  }
  return markets;
}

// How many messages of a file are of protocols that no decoder knows: retired ones, options, and
// REST answers that do not say what they answer. A venue without a number here may refuse two
// fifths.
[[nodiscard]] std::size_t most_refused(const std::string& prefix, std::size_t messages) {
  static const std::map<std::string, std::size_t, std::less<>> kKnown = {
      {"binance-coinm", 0}, {"binance-spot", 10},
      {"binance-usdm", 8},  {"bitget", 0},
      {"cryptocom", 0},     {"htx", 3},
      {"mexc", 3},          {"okx", 65},
      {"kraken", 30},    // arrays of version 1, and futures
      {"bybit", 68},     // all but two are of the versions before v5
      {"coinbase", 11},  // of Coinbase International, REST answers, a broken number
      {"deribit", 0},       {"kraken-futures", 2},
      {"gate", 17},   // version 3, and REST answers
      {"kucoin", 5},  // REST answers
  };
  const auto known = kKnown.find(prefix);
  return known != kKnown.end() ? known->second : messages * 2 / 5;
}

class Examples : public testing::TestWithParam<std::filesystem::path> {
 protected:
  // The market to which the message belongs takes it; symbols become known as they are met.
  [[nodiscard]] DecodeStatus decode(const Venue& venue, const std::string& text, FrameKind kind) {
    SymbolTable symbols;
    std::vector<Instrument> instruments;
    const PaddedFrame padded{text, {}};
    Frame frame = *padded;
    frame.kind = kind;
    DecodeStatus status{};
    for (int tries = 0; tries < 64; ++tries) {
      batch_->clear();
      status = venue.decode(frame, symbols, *scratch_, *batch_);
      if (status == DecodeStatus::Unwanted) {
        const std::string symbol{scratch_->unknown_symbol};
        EXPECT_FALSE(symbol.empty()) << text;
        EXPECT_LT(scratch_->unknown_channel, venue.books.size()) << text;
        if (symbol.empty() || symbols.find(symbol) != nullptr) break;
        Instrument& instrument = instruments.emplace_back();
        instrument.id = InstrumentId{static_cast<std::uint32_t>(instruments.size() - 1)};
        instrument.symbol = symbol;
        instrument.channel = scratch_->unknown_channel;
        symbols.insert(symbol, symbol_entry(instrument));
        continue;
      }
      if (status != DecodeStatus::TooPrecise || scratch_->imprecise == kNoInstrument) break;
      Instrument& instrument = instruments.at(scratch_->imprecise.raw());
      if (!refine(instrument, *scratch_)) break;
      symbols.update(instrument.symbol, symbol_entry(instrument));
    }
    if (status == DecodeStatus::Ok) check_messages(text, symbols.size());
    return status;
  }

  void check_messages(const std::string& text, std::size_t instruments) const {
    for (const Message& message : batch_->messages()) {
      EXPECT_LT(message.instrument.raw(), instruments) << text;
      ASSERT_LE(message.first_level + message.levels(), batch_->level_count()) << text;
      if ((message.ids & kHasNotes) != 0) continue;
      for (const auto& side : {batch_->bids(message), batch_->asks(message)}) {
        for (const Level& level : side) {
          EXPECT_GT(level.price.raw(), 0) << text;
          EXPECT_GE(level.qty.raw(), 0) << text;
        }
      }
    }
  }

  std::unique_ptr<DecodeScratch> scratch_ = std::make_unique<DecodeScratch>();
  std::unique_ptr<MessageBatch> batch_ = std::make_unique<MessageBatch>();
};

TEST_P(Examples, AreUnderstoodByAMarketOfTheirVenue) {
  const std::string prefix = venue_prefix(GetParam());
  const std::vector<const Venue*> markets = markets_of(prefix);
  if (markets.empty()) GTEST_SKIP() << "no venue " << prefix;
  const std::vector<Example> examples = read_examples(GetParam());
  ASSERT_FALSE(examples.empty());

  std::size_t refused = 0;
  std::string list;
  for (const Example& example : examples) {
    std::string statuses;
    bool understood = false;
    for (const Venue* const venue : markets) {
      DecodeStatus status = decode(*venue, example.text, FrameKind::Text);
      if (is_defect(status)) {
        // An answer of which nothing says what it answers: only what it holds can make it one.
        const DecodeStatus answer = decode(*venue, example.text, FrameKind::Answer);
        if (answer == DecodeStatus::Ok || answer == DecodeStatus::Metadata) status = answer;
      }
      understood = understood || !is_defect(status);
      statuses += ' ' + std::string{to_text(status)};
      if (status == DecodeStatus::Control) (void)venue->control(example.text);
    }
    if (understood) continue;
    ++refused;
    list += example.label + ":" + statuses + ": " + example.text.substr(0, 200) + "\n";
  }

  EXPECT_LE(refused, most_refused(prefix, examples.size())) << list;
}

// A test of its own, so that their absence is seen.
TEST(ExampleMessages, AreThere) {
  if (example_files().empty()) GTEST_SKIP() << "no recordings at " << captures();
}

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(Examples);
INSTANTIATE_TEST_SUITE_P(AllFiles, Examples, testing::ValuesIn(example_files()),
                         [](const auto& param_info) {
                           std::string name = venue_prefix(param_info.param);
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

}  // namespace
}  // namespace steelyard
