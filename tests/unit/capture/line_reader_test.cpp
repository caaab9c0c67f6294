#include "capture/line_reader.hpp"

#include <gtest/gtest.h>

#include <cstring>

#include "support/capture_files.hpp"

namespace steelyard {
namespace {

// Each piece is one reading; after the last it ends, or fails.
class Pieces final : public ByteSource {
 public:
  explicit Pieces(std::vector<std::string> pieces, bool fails = false)
      : pieces_{std::move(pieces)}, fails_{fails} {}
  std::size_t read(char* out, std::size_t bytes) override {
    if (next_ == pieces_.size()) {
      if (fails_) throw CaptureError{"in: broken"};
      return 0;
    }
    const std::string& piece = pieces_[next_++];
    EXPECT_LE(piece.size(), bytes);
    std::memcpy(out, piece.data(), piece.size());
    return piece.size();
  }
  void rewind() override { next_ = 0; }

 private:
  std::vector<std::string> pieces_;
  std::size_t next_ = 0;
  bool fails_;
};

// So many times the letter a, then `end`; never in memory as a whole.
class LongLine final : public ByteSource {
 public:
  LongLine(std::size_t letters, std::string end) : letters_{letters}, end_{std::move(end)} {}
  std::size_t read(char* out, std::size_t bytes) override {
    std::size_t done = 0;
    for (; done < bytes && at_ < letters_ + end_.size(); ++done, ++at_) {
      if (at_ < letters_) {
        const std::size_t run = std::min(bytes - done, letters_ - at_);
        std::memset(out + done, 'a', run);
        done += run - 1;
        at_ += run - 1;
      } else {
        out[done] = end_[at_ - letters_];
      }
    }
    return done;
  }
  void rewind() override { at_ = 0; }

 private:
  std::size_t letters_;
  std::string end_;
  std::size_t at_ = 0;
};

std::vector<std::string> lines_of(LineReader& reader) {
  std::vector<std::string> lines;
  std::string_view line;
  while (reader.next(line) == LineReader::Result::Line) {
    lines.emplace_back(line);
    EXPECT_EQ(reader.line(), lines.size());
  }
  return lines;
}

TEST(LineReader, EndsLinesAtLfAndCrLfAndAtTheEnd) {
  LineReader reader{memory_bytes("one\ntwo\r\n\n\r\n a \rb\nlast")};

  const std::vector<std::string> lines = lines_of(reader);
  reader.rewind();

  EXPECT_EQ(lines, (std::vector<std::string>{"one", "two", "", "", " a \rb", "last"}));
  EXPECT_EQ(lines_of(reader), lines);
}

TEST(LineReader, JoinsWhatComesInPieces) {
  LineReader reader{std::make_unique<Pieces>(
      std::vector<std::string>{"on", "e\r", "\ntw", "o\n", "\n", "thr", "ee"})};

  EXPECT_EQ(lines_of(reader), (std::vector<std::string>{"one", "two", "", "three"}));
}

TEST(LineReader, GivesWholeLinesBeforeItTellsWhereTheInputFailed) {
  LineReader reader{std::make_unique<Pieces>(std::vector<std::string>{"one\ntwo\nthr"}, true)};
  std::vector<std::string> lines;

  const std::string refusal = refusal_of([&] {
    std::string_view line;
    while (reader.next(line) == LineReader::Result::Line) lines.emplace_back(line);
  });

  EXPECT_EQ(lines, (std::vector<std::string>{"one", "two"}));
  EXPECT_EQ(refusal, "in: broken, in line 3");
  std::string_view line;
  EXPECT_EQ(reader.next(line), LineReader::Result::End);
}

TEST(LineReader, SkipsALineThatIsTooLongAndGoesOnBehindIt) {
  for (const char* const end : {"\n", "\r\n"}) {
    for (const std::size_t over :
         {std::size_t{0}, std::size_t{1}, std::size_t{2}, std::size_t{3}, std::size_t{30} << 20}) {
      LineReader reader{
          std::make_unique<LongLine>(LineReader::kMaxLine + over, std::string{end} + "next\n")};
      std::string_view line;

      const LineReader::Result first = reader.next(line);

      EXPECT_EQ(first, over == 0 ? LineReader::Result::Line : LineReader::Result::TooLong);
      EXPECT_EQ(reader.line(), 1U);
      ASSERT_EQ(reader.next(line), LineReader::Result::Line);
      EXPECT_EQ(line, "next");
      EXPECT_EQ(reader.line(), 2U);
      EXPECT_EQ(reader.next(line), LineReader::Result::End);
    }
  }
}

TEST(LineReader, SkipsALongLineThatNothingFollows) {
  LineReader reader{std::make_unique<LongLine>(LineReader::kMaxLine + 1'000'000, "")};
  std::string_view line;

  EXPECT_EQ(reader.next(line), LineReader::Result::TooLong);
  EXPECT_EQ(reader.next(line), LineReader::Result::End);
}

}  // namespace
}  // namespace steelyard
