// The quick decoders against the careful ones, frame by frame, on recorded traffic.
#include <gtest/gtest.h>

#include <random>

#include "bench/frames.hpp"
#include "engine/symbols.hpp"
#include "support/fixtures.hpp"
#include "support/same_messages.hpp"

namespace steelyard {
namespace {

TEST(QuickDecoders, SayOfEveryRecordedFrameWhatTheCarefulOnesSay) {
  if (!std::filesystem::exists(captures())) GTEST_SKIP() << "no recordings at " << captures();
  std::mt19937_64 random{23};
  std::size_t compared = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator{captures()}) {
    if (entry.path().extension() != ".zst") continue;
    const bench::Corpus corpus = bench::load_corpus(entry.path(), entry.path().stem());
    if (corpus.venue == nullptr || corpus.venue->decode_any == nullptr) continue;
    SymbolTable symbols;
    for (const Instrument& instrument : corpus.instruments) {
      symbols.insert(instrument.symbol, symbol_entry(instrument));
    }
    TwoDecoders decoders{*corpus.venue};
    for (const bench::Corpus::Item& item : corpus.items) {
      const Frame frame = corpus.frame(item);
      ASSERT_EQ(decoders.compare(frame, symbols), "") << entry.path() << ": " << frame.payload;
      ++compared;
      // And of what is left when a byte is lost, or becomes another.
      if (frame.kind == FrameKind::Answer || frame.payload.empty() || random() % 8 != 0) continue;
      std::string damaged{frame.payload};
      const std::size_t at = random() % damaged.size();
      if (random() % 2 == 0) {
        damaged.erase(at, 1);
      } else {
        damaged[at] = "0123456789.,\"[]{}:-e"[random() % 20];
      }
      const PaddedFrame padded{damaged, {}};
      ASSERT_EQ(decoders.compare(*padded, symbols), "") << entry.path() << ": " << damaged;
    }
  }
  EXPECT_GT(compared, 50'000U);
}

}  // namespace
}  // namespace steelyard
