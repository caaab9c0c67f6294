// Every row of every registered venue: one change of a short stream is lost, each in turn. Where
// the row says that something proves its book, this something tells; where it says that nothing
// does, nothing must. Names no venue.
#include <gtest/gtest.h>

#include "support/book_stream.hpp"

namespace steelyard {
namespace {

// The whole of a stream: what each frame was, and the book after it.
struct WholeRun {
  std::vector<FrameOutcome> frames;
  std::vector<std::string> books;
};

[[nodiscard]] WholeRun run_whole(const BookStream& stream, unsigned proofs) {
  WholeRun all;
  StreamEngine engine{stream, proofs};
  for (const StreamFrame& frame : stream.frames) {
    all.frames.push_back(engine.feed(frame));
    all.books.push_back(engine.book());
  }
  EXPECT_EQ(engine.resets(), 0U) << "nothing is lost, and yet the book is doubted";
  return all;
}

// Whether this proof speaks in the frame.
[[nodiscard]] bool speaks(unsigned proof, const FrameOutcome& frame) {
  return ((proof & StreamEngine::kIds) != 0 && frame.links) ||
         ((proof & StreamEngine::kChecksum) != 0 && frame.checksum) ||
         ((proof & StreamEngine::kCounter) != 0 && frame.counted);
}

struct RowOf {
  const Venue* venue;
  std::uint8_t row;

  [[nodiscard]] const BookChannel& channel() const { return venue->books[row]; }
  [[nodiscard]] bool is_whole() const { return channel().snapshot == SnapshotSource::Replace; }
  [[nodiscard]] unsigned proofs() const {
    return (channel().link.link != Link::None ? StreamEngine::kIds : 0U) |
           (channel().checksum != ChecksumId::None ? StreamEngine::kChecksum : 0U) |
           (channel().counted ? StreamEngine::kCounter : 0U);
  }
};

class LostDelta : public testing::TestWithParam<RowOf> {
 protected:
  void SetUp() override {
    streams_ = book_streams(*GetParam().venue, GetParam().row);
    ASSERT_FALSE(streams_.empty())
        << "No stream shows how the book of \"" << GetParam().channel().channel
        << "\" is kept in step: add to tests/fixtures/" << GetParam().venue->name
        << " a file NAME.stream with the line \"row " << GetParam().channel().channel
        << "\": a snapshot, four changes, a snapshot, three changes; or three whole books, where "
           "each message is one (docs/add-a-venue.md, section 2).";
    for (const BookStream& stream : streams_) ASSERT_EQ(stream.error, "") << stream.file;
  }

  // What may be lost: a change of the book; where messages are whole books, one that a book stands
  // before and another follows.
  [[nodiscard]] static std::vector<std::size_t> losable(const WholeRun& all) {
    std::vector<std::size_t> places;
    for (std::size_t i = 1; i < all.frames.size(); ++i) {
      const bool between = i + 1 < all.frames.size() && all.books[i - 1] != "none";
      if (all.frames[i].delta || (GetParam().is_whole() && all.frames[i].snapshot && between)) {
        places.push_back(i);
      }
    }
    return places;
  }

  std::vector<BookStream> streams_;
};

TEST_P(LostDelta, StreamHasWhatItTakes) {
  for (const BookStream& stream : streams_) {
    SCOPED_TRACE(stream.file);
    const WholeRun all = run_whole(stream, StreamEngine::kEveryProof);
    std::size_t snapshots = 0, deltas = 0;
    for (std::size_t i = 0; i < all.frames.size(); ++i) {
      const FrameOutcome& frame = all.frames[i];
      EXPECT_FALSE(is_defect(frame.status) || frame.status == DecodeStatus::Unwanted)
          << "frame " << i + 1 << ": " << to_text(frame.status);
      snapshots += frame.snapshot ? 1 : 0;
      deltas += frame.delta ? 1 : 0;
      // One that changes nothing could be lost, and no checksum would know.
      if (frame.delta && i != 0) EXPECT_NE(all.books[i], all.books[i - 1]) << "frame " << i + 1;
    }
    EXPECT_NE(all.books.back(), "none");
    EXPECT_GE(snapshots, GetParam().is_whole() ? 3U : 2U) << "whole books";
    if (!GetParam().is_whole()) EXPECT_GE(deltas, 6U) << "messages that change the book";
  }
}

TEST_P(LostDelta, IsNoticedByEachProofThatTheRowDeclares) {
  for (const unsigned proof :
       {StreamEngine::kIds, StreamEngine::kChecksum, StreamEngine::kCounter}) {
    if ((GetParam().proofs() & proof) == 0) continue;
    SCOPED_TRACE(proof == StreamEngine::kIds        ? "by ids that link messages"
                 : proof == StreamEngine::kChecksum ? "by checksums"
                                                    : "by the connection's count");
    std::size_t noticed = 0;
    for (const BookStream& stream : streams_) {
      SCOPED_TRACE(stream.file);
      const WholeRun all = run_whole(stream, proof);
      for (const std::size_t lost : losable(all)) {
        if (!all.frames[lost].delta) continue;
        // Up to the frame where this proof speaks next. A snapshot that comes before makes good
        // what nobody noticed; and after the end there is nothing.
        std::size_t told = lost + 1;
        while (told < all.frames.size() && !all.frames[told].snapshot &&
               !speaks(proof, all.frames[told])) {
          ++told;
        }
        if (told == all.frames.size() || all.frames[told].snapshot) continue;
        StreamEngine engine{stream, proof};
        for (std::size_t i = 0; i <= told; ++i) {
          if (i != lost) engine.feed(stream.frames[i]);
        }
        EXPECT_FALSE(engine.is_live()) << "frame " << lost + 1 << " is lost, and frame " << told + 1
                                       << " does not tell; the book is" << engine.book();
        EXPECT_EQ(engine.resets(), 1U);
        EXPECT_GE(engine.requests(), 1U) << "nobody asks for a new book";
        EXPECT_EQ(engine.last_record().status, 0) << "the last record has a book";
        EXPECT_NE(engine.last_record().validity & (kGap | kBadChecksum), 0U);
        ++noticed;
      }
    }
    EXPECT_GE(noticed, 2U)
        << "changes that the streams of the row hold, and that this proof follows";
  }
}

TEST_P(LostDelta, IsNotNoticedWhereTheRowIsUnproven) {
  const BookChannel& row = GetParam().channel();
  EXPECT_EQ(row.unproven, GetParam().proofs() == 0 && !GetParam().is_whole());
  EXPECT_EQ(row.unproven, proof_of(row) == kUnproven) << "what readers of its records are told";
  std::size_t unnoticed = 0;
  for (const BookStream& stream : streams_) {
    const WholeRun all = run_whole(stream, StreamEngine::kEveryProof);
    for (const std::size_t lost : losable(all)) {
      StreamEngine engine{stream};
      EXPECT_EQ(engine.slot().rule.unproven, row.unproven) << "what a book knows of itself";
      for (std::size_t i = 0; i < stream.frames.size(); ++i) {
        if (i != lost) engine.feed(stream.frames[i]);
      }
      unnoticed += engine.resets() == 0 ? 1 : 0;
    }
  }
  if (row.unproven)
    EXPECT_GT(unnoticed, 0U) << "something tells of every loss: the row must say what";
}

TEST_P(LostDelta, IsMadeGoodByTheNextSnapshot) {
  for (const BookStream& stream : streams_) {
    SCOPED_TRACE(stream.file);
    const WholeRun all = run_whole(stream, StreamEngine::kEveryProof);
    std::size_t compared = 0;
    for (const std::size_t lost : losable(all)) {
      StreamEngine engine{stream};
      bool again = false;
      for (std::size_t i = 0; i < stream.frames.size(); ++i) {
        if (i == lost) continue;
        engine.feed(stream.frames[i]);
        again = again || (i > lost && all.frames[i].snapshot);
        if (!again) continue;
        ++compared;
        EXPECT_EQ(engine.book(), all.books[i])
            << "frame " << lost + 1 << " is lost, at frame " << i + 1;
      }
    }
    EXPECT_GE(compared, 2U);
  }
}

[[nodiscard]] std::vector<RowOf> every_row() {
  std::vector<RowOf> rows;
  for (const Venue* const venue : venue_registry()) {
    for (std::size_t row = 0; row < venue->books.size(); ++row) {
      rows.push_back({venue, static_cast<std::uint8_t>(row)});
    }
  }
  return rows;
}

INSTANTIATE_TEST_SUITE_P(EveryRow, LostDelta, testing::ValuesIn(every_row()), [](const auto& of) {
  return as_test_name(std::string{of.param.venue->name} + "_" +
                      std::string{of.param.channel().channel});
});

}  // namespace
}  // namespace steelyard
