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

// Members and elements, at any depth.
struct Part {
  std::size_t begin, end;
};
std::vector<Part> parts_of(std::string_view text) {
  std::vector<Part> parts;
  std::vector<std::size_t> begins;
  bool quoted = false;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (c == '"') quoted = !quoted;
    if (quoted) continue;
    const bool closes = c == '}' || c == ']';
    if ((closes || c == ',') && !begins.empty()) {
      if (at > begins.back()) parts.push_back({begins.back(), at});
      begins.back() = at + 1;
    }
    if (closes && !begins.empty()) begins.pop_back();
    if (c == '{' || c == '[') begins.push_back(at + 1);
  }
  return parts;
}

TEST_P(QuickDecoder, AgreesWhereAMemberStandsTwiceOrElsewhereOrNowhere) {
  std::mt19937_64 random{29};
  const std::vector<Part> parts = parts_of(text_);
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const Part part = parts[i];
    const std::string copy = text_.substr(part.begin, part.end - part.begin);
    std::string other = copy;  // of another value: which of them counts?
    for (char& c : other) {
      if (c >= '0' && c < '9') ++c;
    }
    std::string without = text_;
    const bool last = text_[part.end] != ',';
    const std::size_t comma = last && text_[part.begin - 1] == ',' ? part.begin - 1 : part.begin;
    without.erase(comma, part.end - comma + (last ? 0 : 1));
    ASSERT_EQ(difference(without), "") << without;
    for (int round = 0; round < 8; ++round) {
      const std::size_t to =
          round < 2 ? (round == 0 ? part.begin : part.end) : parts[random() % parts.size()].begin;
      for (const std::string& added : {copy, other}) {
        std::string text = text_;
        text.insert(to, to == part.end ? ',' + added : added + ',');
        ASSERT_EQ(difference(text), "") << text;
      }
      const std::vector<Part> places = parts_of(without);
      if (places.empty()) continue;
      std::string moved = without;
      moved.insert(places[random() % places.size()].begin, copy + ',');
      ASSERT_EQ(difference(moved), "") << moved;
    }
  }
}

TEST_P(QuickDecoder, AgreesHoweverLongAndLargeANumberIs) {
  constexpr std::string_view kDigits = "0123456789";
  for (std::size_t at = 0; at < text_.size();) {
    const std::size_t begin = text_.find_first_of(kDigits, at);
    if (begin == std::string::npos) break;
    const std::size_t end = std::min(text_.find_first_not_of(kDigits, begin), text_.size());
    const auto with = [&](const std::string& digits) {
      return text_.substr(0, begin) + digits + text_.substr(end);
    };
    const std::string number = text_.substr(begin, end - begin);
    for (std::size_t length = 1; length <= 20; ++length) {
      for (const char digit : {'0', '1', '9'}) {
        const std::string text = with(std::string(length, digit));
        ASSERT_EQ(difference(text), "") << text;
      }
      if (length > number.size()) continue;
      const std::string zeros(length, '0');
      for (const std::string& digits :
           {zeros + number, number + zeros, zeros + number.substr(length)}) {
        const std::string text = with(digits);
        ASSERT_EQ(difference(text), "") << text;
      }
    }
    for (const char* const sign : {"-", "+", "--"}) {
      const std::string text = with(sign + number);
      ASSERT_EQ(difference(text), "") << text;
    }
    at = end;
  }
}

TEST_P(QuickDecoder, AgreesWhereverACharacterIsEscaped) {
  constexpr std::string_view kHex = "0123456789abcdef";
  for (std::size_t at = 0; at < text_.size(); ++at) {
    const auto c = static_cast<unsigned char>(text_[at]);
    std::string text = text_;
    text.replace(at, 1, std::string{"\\u00"} + kHex[c >> 4] + kHex[c & 15]);
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
