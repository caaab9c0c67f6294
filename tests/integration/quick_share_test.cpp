// How many of the recorded book frames the quick decoders read: they are worth their lines only
// where they are rarely left aside.
#include <gtest/gtest.h>

#include <iostream>

#include "bench/frames.hpp"
#include "engine/symbols.hpp"
#include "support/fixtures.hpp"
#include "support/quick_alone.hpp"
#include "venues/quick_cursor.hpp"

namespace steelyard {
namespace {

TEST(QuickDecoders, ReadNearlyEveryRecordedBookFrame) {
  if (!std::filesystem::exists(captures())) GTEST_SKIP() << "no recordings at " << captures();
  if (!quick_is_available()) GTEST_SKIP() << "this processor has no AVX2";
  std::size_t recordings = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator{captures()}) {
    if (entry.path().extension() != ".zst") continue;
    const bench::Corpus corpus = bench::load_corpus(entry.path(), entry.path().stem());
    if (corpus.venue == nullptr || corpus.venue->decode_any == nullptr) continue;
    SymbolTable symbols;
    for (const Instrument& instrument : corpus.instruments) {
      symbols.insert(instrument.symbol, symbol_entry(instrument));
    }
    QuickAlone alone{*corpus.venue};
    std::size_t quick = 0, all = 0;
    for (const bench::Corpus::Item& item : corpus.items) {
      const QuickAlone::Result result = alone.read(corpus.frame(item), symbols);
      if (!item.timed || result.status != DecodeStatus::Ok) continue;
      ++all;
      if (result.quick) ++quick;
    }
    std::cout << corpus.venue->name << ' ' << corpus.name << ": " << quick << " of " << all << '\n';
    EXPECT_GT(all, 0U) << entry.path();
    EXPECT_GE(quick * 100, all * 99) << entry.path();
    ++recordings;
  }
  EXPECT_GT(recordings, 0U);
}

}  // namespace
}  // namespace steelyard
