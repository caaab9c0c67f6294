// What stands behind a frame, in the padding that every decoder may read, is not part of it: bytes
// of an older frame in a feed's buffer, which may go on just where a broken one ends.
#include <gtest/gtest.h>

#include "support/fixtures.hpp"
#include "support/guarded_frame.hpp"
#include "support/same_messages.hpp"

namespace steelyard {
namespace {

// Every number as long as the quick decoders take one: fifteen characters, zeros in front or
// behind.
std::string with_long_numbers(std::string_view text) {
  constexpr std::string_view kNumber = "0123456789.";
  std::string longer;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find_first_not_of(kNumber, at), text.size());
    std::string number{text.substr(at, end - at)};
    const bool before = at != 0 && std::string_view{"\":,["}.find(text[at - 1]) != text.npos;
    if (before && !number.empty() && number.size() < 13) {
      if (number.find('.') == number.npos) number += '.';
      number.resize(15, '0');
    }
    longer += number;
    at = end;
    if (at < text.size()) longer += text[at++];
  }
  return longer;
}

class Padding : public testing::TestWithParam<Fixture> {
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
  // `text` cut off anywhere, and the rest of it behind the cut; where it is over it begins again.
  void cut_anywhere(const std::string& text) {
    const bool binary = GetParam().frame.extension() == ".hex";
    GuardedFrame guarded{text.size(), request_, binary};
    std::string on = text + text;
    while (on.size() < text.size() + kFramePadding) on += text + ' ';
    for (std::size_t length = 0; length <= text.size(); ++length) {
      const std::string_view payload = std::string_view{text}.substr(0, length);
      const Frame& frame = guarded(payload, std::string_view{on}.substr(length, kFramePadding));
      const PaddedFrame alone{payload, request_, binary};
      ASSERT_EQ(decoders_.compare(frame, *alone, symbols_), "")
          << "cut at " << length << " of " << text;
      ASSERT_EQ(decoders_.compare(frame, symbols_), "") << "cut at " << length << " of " << text;
      ASSERT_EQ(decoders_.compare(*alone, frame, symbols_), "")
          << "cut at " << length << " of " << text;
    }
  }

  std::vector<std::string> names_;
  SymbolTable symbols_;
  std::string text_, request_;
  TwoDecoders decoders_{*GetParam().venue};
};

TEST_P(Padding, IsNoPartOfAFrameAndNothingBehindItIsRead) { cut_anywhere(text_); }

INSTANTIATE_TEST_SUITE_P(AllVenues, Padding, testing::ValuesIn(all_fixtures()),
                         [](const auto& of) { return test_name(of.param); });

// What the quick decoders read at once is longest then.
class PaddingBehindLongNumbers : public Padding {};

TEST_P(PaddingBehindLongNumbers, IsNoPartOfAFrameEither) { cut_anywhere(with_long_numbers(text_)); }

[[nodiscard]] std::vector<Fixture> texts_of_quick_venues() {
  std::vector<Fixture> some;
  for (const Fixture& fixture : all_fixtures()) {
    if (fixture.venue->decode_any != nullptr && fixture.frame.extension() != ".hex") {
      some.push_back(fixture);
    }
  }
  return some;
}

INSTANTIATE_TEST_SUITE_P(AllVenues, PaddingBehindLongNumbers,
                         testing::ValuesIn(texts_of_quick_venues()),
                         [](const auto& of) { return test_name(of.param); });

}  // namespace
}  // namespace steelyard
