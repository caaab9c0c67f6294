// What benchmarks stand on where there is no recording: made frames of every registered venue.
#include <gtest/gtest.h>

#include "bench/made_corpus.hpp"
#include "bench/pipeline.hpp"
#include "engine/symbols.hpp"
#include "support/fixtures.hpp"
#include "support/quick_alone.hpp"
#include "venues/quick_cursor.hpp"

namespace steelyard {
namespace {

using bench::Corpus;
using bench::made_corpus;

class MadeFrames : public testing::TestWithParam<const Venue*> {};

TEST_P(MadeFrames, KeepABookAliveToTheEnd) {
  const Corpus corpus = made_corpus(*GetParam(), 300);
  ASSERT_GE(corpus.frames, 250U);
  std::vector<ConnectionInfo> links(2, ConnectionInfo{corpus.venue, 0});
  bench::Pipeline pipeline{corpus.instruments, links, bench::SignalTier::Core, false};

  for (const Corpus::Item& item : corpus.items) pipeline.take(corpus.frame(item));

  for (const InstrumentSlot& slot : pipeline.shard->slots()) {
    EXPECT_EQ(slot.state, SyncState::Live) << slot.instrument.symbol;
    EXPECT_EQ(slot.stats.gaps, 0U);
    EXPECT_EQ(slot.stats.resets, 0U);
    EXPECT_GT(slot.book.levels(Side::Bid), 4U);
    EXPECT_GT(slot.book.levels(Side::Ask), 4U);
  }
}

TEST_P(MadeFrames, AreTheSameBytesEveryTime) {
  const Corpus once = made_corpus(*GetParam(), 100);
  const Corpus again = made_corpus(*GetParam(), 100);

  EXPECT_GT(once.frames, 80U);
  EXPECT_EQ(once.frames, again.frames);
  EXPECT_EQ(once.bytes, again.bytes);
}

class QuickMadeFrames : public testing::TestWithParam<const Venue*> {};

// A number like 2.2e3, which some venues write now and then, is for the careful decoder.
[[nodiscard]] bool has_exponent(std::string_view text) {
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  for (std::size_t i = 1; i + 1 < text.size(); ++i) {
    if (text[i] == 'e' && is_digit(text[i - 1]) && (is_digit(text[i + 1]) || text[i + 1] == '-')) {
      return true;
    }
  }
  return false;
}

// As the venue's own frames are: else what is measured is another decoder.
TEST_P(QuickMadeFrames, AreReadByTheQuickDecoder) {
  if (!quick_is_available()) GTEST_SKIP() << "this processor has no AVX2";
  const Corpus corpus = made_corpus(*GetParam(), 200);
  SymbolTable symbols;
  for (const Instrument& instrument : corpus.instruments) {
    symbols.insert(instrument.symbol, symbol_entry(instrument));
  }
  QuickAlone alone{*corpus.venue};
  std::uint64_t quick = 0;
  std::uint64_t plain = 0;
  for (const Corpus::Item& item : corpus.items) {
    const Frame frame = corpus.frame(item);
    const QuickAlone::Result result = alone.read(frame, symbols);
    if (!item.timed || has_exponent(frame.payload)) continue;
    ++plain;
    if (result.quick) ++quick;
  }

  EXPECT_GE(plain * 10, corpus.frames * 9);
  EXPECT_GE(quick * 100, plain * 99);
}

[[nodiscard]] std::vector<const Venue*> with_quick_decoder() {
  std::vector<const Venue*> venues;
  for (const Venue* const venue : venue_registry()) {
    if (venue->decode_any != nullptr) venues.push_back(venue);
  }
  return venues;
}

[[nodiscard]] std::string name_of(const testing::TestParamInfo<const Venue*>& of) {
  return as_test_name(std::string{of.param->name});
}

INSTANTIATE_TEST_SUITE_P(All, QuickMadeFrames, testing::ValuesIn(with_quick_decoder()), name_of);
INSTANTIATE_TEST_SUITE_P(All, MadeFrames,
                         testing::ValuesIn(venue_registry().begin(), venue_registry().end()),
                         name_of);

}  // namespace
}  // namespace steelyard
