#include "core/symbol_table.hpp"

#include <gtest/gtest.h>

#include <string>

namespace steelyard {
namespace {

[[nodiscard]] std::string symbol_of(std::size_t bytes) {
  std::string text;
  for (std::size_t i = 0; i < bytes; ++i) text += static_cast<char>('A' + (i * 7 + bytes) % 26);
  return text;
}

class SymbolTableOfEveryLength : public testing::Test {
 protected:
  void SetUp() override {
    for (std::size_t bytes = 1; bytes <= SymbolTable::kMaxSymbolBytes; ++bytes) {
      SymbolEntry entry;
      entry.id = InstrumentId{static_cast<std::uint32_t>(bytes)};
      table_.insert(symbol_of(bytes), entry);
    }
  }
  SymbolTable table_;
};

// Whatever stands around the text, as it does in a frame.
TEST_F(SymbolTableOfEveryLength, FindsEachAmongOtherText) {
  for (std::size_t bytes = 1; bytes <= SymbolTable::kMaxSymbolBytes; ++bytes) {
    const std::string around = "12345678" + symbol_of(bytes) + "\"}]90123";
    const SymbolEntry* const found = table_.find(std::string_view{around}.substr(8, bytes));
    ASSERT_NE(found, nullptr) << bytes;
    EXPECT_EQ(found->id.raw(), bytes);
  }
}

TEST_F(SymbolTableOfEveryLength, FindsNoneThatDiffersInAByte) {
  for (std::size_t bytes = 1; bytes <= SymbolTable::kMaxSymbolBytes; ++bytes) {
    for (std::size_t at = 0; at < bytes; ++at) {
      std::string text = symbol_of(bytes);
      text[at] = '_';
      EXPECT_EQ(table_.find(text), nullptr) << text;
      // The same hash, and another letter.
      text[at] = static_cast<char>(symbol_of(bytes)[at] - 'A' + 'a');
      EXPECT_EQ(table_.find(text), nullptr) << text;
      ASSERT_NE(table_.find_ignoring_case(text), nullptr) << text;
      EXPECT_EQ(table_.find_ignoring_case(text)->id.raw(), bytes);
    }
  }
}

TEST_F(SymbolTableOfEveryLength, ReplacesWhatIsThereAlready) {
  for (std::size_t bytes = 1; bytes <= SymbolTable::kMaxSymbolBytes; ++bytes) {
    SymbolEntry entry;
    entry.id = InstrumentId{1'000};
    table_.insert(symbol_of(bytes), entry);
    EXPECT_EQ(table_.size(), SymbolTable::kMaxSymbolBytes);
    EXPECT_EQ(table_.find(symbol_of(bytes))->id.raw(), 1'000U);
  }
}

}  // namespace
}  // namespace steelyard
