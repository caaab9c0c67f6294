// Every venue: a book message that says twice whose it is, and not the same both times, is
// nobody's. Which member says so is not asked: each that holds the symbol is written again. Names
// no venue.
#include <gtest/gtest.h>

#include <memory>

#include "support/fixtures.hpp"

namespace steelyard {
namespace {

// Where a string's member begins and where the object that it lies in ends; text of a frame.
struct Place {
  std::size_t key, value_end, object_end;
};

// The members whose value is a string with this text in it.
[[nodiscard]] std::vector<Place> members_with(std::string_view text, std::string_view symbol) {
  std::vector<Place> places;
  struct Open {
    std::vector<Place> here;
    bool object;
  };
  std::vector<Open> open;
  std::size_t key = std::string_view::npos;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (c == '{' || c == '[') {
      open.push_back({{}, c == '{'});
      key = std::string_view::npos;
    } else if ((c == '}' || c == ']') && !open.empty()) {
      for (Place place : open.back().here) {
        place.object_end = at;
        places.push_back(place);
      }
      open.pop_back();
    } else if (c == '"') {
      const std::size_t begin = at;
      for (++at; at < text.size() && text[at] != '"'; ++at) at += text[at] == '\\' ? 1 : 0;
      if (at + 1 < text.size() && text[at + 1] == ':') {
        key = begin;
      } else if (key != std::string_view::npos && !open.empty() && open.back().object &&
                 text.substr(begin, at - begin).find(symbol) != std::string_view::npos) {
        open.back().here.push_back({key, at + 1, 0});
        key = std::string_view::npos;
      }
    }
  }
  return places;
}

[[nodiscard]] std::string replaced(std::string_view text, std::string_view from,
                                   std::string_view to) {
  std::string out{text};
  out.replace(out.find(from), from.size(), to);
  return out;
}

class BookFixture : public testing::TestWithParam<Fixture> {
 protected:
  void SetUp() override {
    symbols_ = fixture_symbols(*GetParam().venue, names_);
    for (const std::string& before : frames_before(*GetParam().venue)) (void)decode(before, {});
    text_ = read_frame(GetParam().frame);
    request_ = read_file(std::filesystem::path{GetParam().frame}.replace_extension(".url"));
    while (!request_.empty() && request_.back() == '\n') request_.pop_back();
  }
  std::string decode(const std::string& text, const std::string& request) {
    const PaddedFrame frame{text, request};
    batch_->clear();
    const DecodeStatus status = GetParam().venue->decode(*frame, symbols_, scratch_, *batch_);
    if (status != DecodeStatus::Ok) {
      batch_->clear();
      return "status " + std::string{to_text(status)};
    }
    return to_text(*batch_, names_);
  }

  std::vector<std::string> names_;
  SymbolTable symbols_;
  std::string text_, request_;
  DecodeScratch scratch_;
  std::unique_ptr<MessageBatch> batch_ = std::make_unique<MessageBatch>();
};

TEST_P(BookFixture, IsOfOneSymbol) {
  const std::string whole = decode(text_, request_);
  std::vector<Message> books;
  for (const Message& message : batch_->messages()) {
    if (message.kind <= MessageKind::Delta) books.push_back(message);
  }
  if (books.size() != 1) return;
  const std::string symbol = names_[books[0].instrument.raw()];
  std::vector<std::string> others{std::string(symbol.size() - 1, 'Z') + symbol.back()};
  for (const std::string& name : names_) {
    if (name != symbol) others.push_back(name);
  }
  for (const Place& place : members_with(text_, symbol)) {
    const std::string member = text_.substr(place.key, place.value_end - place.key);
    for (const std::string& other : others) {
      // The other one behind: refused, or the member is not what says it. If no levels lie between
      // the two, all of them may be the other's.
      std::string instead = text_;
      instead.replace(place.key, member.size(), replaced(member, symbol, other));
      const std::string of_other = decode(instead, request_);
      const bool between = text_.find('[', place.value_end) < place.object_end;
      std::string text = text_;
      text.insert(place.object_end, ',' + replaced(member, symbol, other));
      const std::string behind = decode(text, request_);
      EXPECT_TRUE(behind == whole || behind == "status malformed" ||
                  (!between && behind == of_other))
          << text << '\n'
          << behind;
      // The other one in its place, and this one behind: no levels of the one are the other's.
      text = text_;
      text.insert(place.object_end, ',' + member);
      text.replace(place.key, member.size(), replaced(member, symbol, other));
      const std::string ahead = decode(text, request_);
      EXPECT_TRUE(ahead == of_other || ahead == "status malformed" || (!between && ahead == whole))
          << text << '\n'
          << ahead;
    }
  }
}

[[nodiscard]] std::vector<Fixture> text_fixtures() {
  std::vector<Fixture> some;
  for (const Fixture& fixture : all_fixtures()) {
    if (fixture.frame.extension() == ".json") some.push_back(fixture);
  }
  return some;
}

INSTANTIATE_TEST_SUITE_P(AllVenues, BookFixture, testing::ValuesIn(text_fixtures()),
                         [](const auto& of) { return test_name(of.param); });

}  // namespace
}  // namespace steelyard
