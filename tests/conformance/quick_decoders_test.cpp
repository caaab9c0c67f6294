// Every venue with a quick decoder: it must say what the careful one says, of every frame.
#include <gtest/gtest.h>

#include <random>

#include "support/fixtures.hpp"
#include "support/same_messages.hpp"

namespace steelyard {
namespace {

class QuickDecoder : public testing::TestWithParam<Fixture> {
 protected:
  void SetUp() override {
    symbols_ = fixture_symbols(*GetParam().venue, names_);
    text_ = read_frame(GetParam().frame);
    request_ = read_file(std::filesystem::path{GetParam().frame}.replace_extension(".url"));
    while (!request_.empty() && request_.back() == '\n') request_.pop_back();
    for (const std::string& before : frames_before(*GetParam().venue)) {
      const PaddedFrame frame{before, {}};
      ASSERT_EQ(decoders_.compare(*frame, symbols_), "") << before;
    }
  }
  [[nodiscard]] std::string difference(std::string_view text) {
    const PaddedFrame frame{text, request_, GetParam().frame.extension() == ".hex"};
    return decoders_.compare(*frame, symbols_);
  }

  std::vector<std::string> names_;
  SymbolTable symbols_;
  std::string text_, request_;
  TwoDecoders decoders_{*GetParam().venue};
};

// A decimal as venues write them, or nearly.
std::string random_decimal(std::mt19937_64& random) {
  std::string text;
  const auto digits = [&](std::size_t most) {
    for (std::size_t left = random() % (most + 1); left != 0; --left) {
      text += random() % 3 == 0 ? '0' : static_cast<char>('0' + random() % 10);
    }
  };
  if (random() % 40 == 0) text += '-';
  if (random() % 4 == 0) text += '0';
  digits(random() % 8 == 0 ? 19 : 6);
  if (random() % 4 != 0) {
    text += '.';
    digits(random() % 8 == 0 ? 19 : 9);
  }
  if (random() % 40 == 0) text += "e-3";
  if (random() % 40 == 0) text += ' ';
  return text;
}

TEST_P(QuickDecoder, AgreesOnEveryFixtureCutAnywhere) {
  for (std::size_t length = 0; length <= text_.size(); ++length) {
    ASSERT_EQ(difference(std::string_view{text_}.substr(0, length)), "") << "cut at " << length;
  }
}

TEST_P(QuickDecoder, AgreesWhateverAByteBecomes) {
  for (std::size_t at = 0; at < text_.size(); ++at) {
    for (const char c :
         {'\0', '"', '}', ']', '[', ',', ':', '.', '0', '9', '-', 'e', ' ', '\\', 'x'}) {
      std::string text = text_;
      text[at] = c;
      ASSERT_EQ(difference(text), "") << "byte " << at << " is " << c << ": " << text;
      text.insert(at, 1, text_[at]);
      ASSERT_EQ(difference(text), "") << "byte " << at << " after " << c << ": " << text;
    }
  }
}

TEST_P(QuickDecoder, AgreesOnDecimalsOfEveryForm) {
  std::mt19937_64 random{17};
  for (int round = 0; round < 3'000; ++round) {
    // Numbers, in quotes or bare, become others: from all of them to a quarter.
    std::string text;
    for (std::size_t at = 0; at < text_.size();) {
      const std::size_t end = text_.find_first_not_of("0123456789.", at + 1);
      const char before = text_[at];
      const bool quoted = before == '"';
      const bool number = (quoted || before == ':' || before == ',' || before == '[') &&
                          end != std::string::npos && end > at + 1 &&
                          (quoted ? text_[end] == '"'
                                  : text_[end] == ',' || text_[end] == '}' || text_[end] == ']');
      text += text_[at++];
      if (!number || random() % 4 < static_cast<unsigned>(round % 4)) continue;
      text += random_decimal(random);
      at = end;
    }
    ASSERT_EQ(difference(text), "") << text;
  }
}

[[nodiscard]] std::vector<Fixture> fixtures_of_quick_venues() {
  std::vector<Fixture> some;
  for (const Fixture& fixture : all_fixtures()) {
    if (fixture.venue->decode_any != nullptr) some.push_back(fixture);
  }
  return some;
}

INSTANTIATE_TEST_SUITE_P(AllVenues, QuickDecoder, testing::ValuesIn(fixtures_of_quick_venues()),
                         [](const auto& of) { return test_name(of.param); });

}  // namespace
}  // namespace steelyard
