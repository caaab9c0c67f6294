#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/seen_samples.hpp"
#include "top/glyphs.hpp"
#include "top/views.hpp"

namespace steelyard {
namespace {

using testing::HasSubstr;
using testing::Not;

class Top : public testing::Test {
 protected:
  Canvas draw(int width = 80, int height = 24) {
    Canvas canvas{width, height};
    draw_top(canvas, TopScene{seen_, histories_, clock_}, state_);
    return canvas;
  }
  static std::string text(const Canvas& canvas) {
    std::string all;
    for (int y = 0; y < canvas.height(); ++y) all += canvas.line(y) + "\n";
    return all;
  }
  void press(char32_t character) { handle_key(state_, {Key::Character, character}, seen_); }
  void press(Key key) { handle_key(state_, {key, 0}, seen_); }
  [[nodiscard]] std::string order() const {
    std::string symbols;
    for (const std::size_t i : arranged(seen_, state_))
      symbols += seen_.instruments[i].symbol + " ";
    return symbols;
  }

  Observation seen_ = seen_daemon();
  Histories histories_{top_columns(), 60};
  std::string clock_ = "12:34:56";
  TopState state_;
};

TEST_F(Top, ShowsEveryInstrumentWithItsStateOnAScreenOf80By24) {
  const std::string all = text(draw());

  EXPECT_THAT(all, HasSubstr("ALIVE"));
  EXPECT_THAT(all, HasSubstr("2/3 live"));
  EXPECT_THAT(all, HasSubstr("BTC-USDT-SWAP live"));
  EXPECT_THAT(all, HasSubstr("ETH-USDT      STALE"));
  EXPECT_THAT(all, HasSubstr("▼▼ ▼3"));
  EXPECT_THAT(all, HasSubstr("okx ETH-USDT: stale"));
}

TEST_F(Top, GreysWhatIsStaleAndNothingElse) {
  const Canvas canvas = draw();

  EXPECT_EQ(canvas.at(0, 4).style.ink, Ink::Plain);
  EXPECT_EQ(canvas.at(0, 6).style.ink, Ink::Quiet);
  EXPECT_EQ(canvas.at(60, 6).style.ink, Ink::Quiet) << "its imbalance has no colour of now";
}

TEST_F(Top, GreysEverythingUnderADeadDaemonAndSaysSo) {
  seen_.presence = Presence::Silent;
  seen_.heartbeat_age_s = 42;

  const Canvas canvas = draw();

  EXPECT_THAT(canvas.line(0), HasSubstr("DEAD"));
  EXPECT_THAT(canvas.line(2), HasSubstr("no heartbeat for 42 s"));
  EXPECT_TRUE(canvas.at(40, 2).style.reverse);
  for (int y = 4; y < 7; ++y) EXPECT_EQ(canvas.at(0, y).style.ink, Ink::Quiet) << y;
}

TEST_F(Top, LeavesOutColumnsThatTheDaemonDoesNotPublish) {
  EXPECT_THAT(draw().line(3), HasSubstr("RG"));
  seen_.columns[4] = "something else";
  EXPECT_THAT(draw().line(3), Not(HasSubstr("RG")));
}

TEST_F(Top, SortsAndFiltersAndKeepsTheSelection) {
  press(Key::Down);
  EXPECT_EQ(state_.selected, "okx BTC-USDT-SWAP");

  for (int i = 0; i < static_cast<int>(SortBy::Imbalance); ++i) press(U's');
  EXPECT_EQ(order(), "BTC-USDT-SWAP BTCUSDT ETH-USDT ");
  press(U'r');
  EXPECT_EQ(order(), "ETH-USDT BTCUSDT BTC-USDT-SWAP ");
  EXPECT_EQ(state_.selected, "okx BTC-USDT-SWAP");

  press(U'/');
  for (const char32_t c : std::u32string{U"okx btc"}) press(c);
  EXPECT_EQ(order(), "BTC-USDT-SWAP ");
  press(Key::Escape);
  EXPECT_EQ(arranged(seen_, state_).size(), 3U);
}

TEST_F(Top, FiltersByStateAndPutsTheDoubtfulFirst) {
  state_.filter = "stale";
  EXPECT_EQ(order(), "ETH-USDT ");
  state_.filter.clear();
  state_.sort = SortBy::State;
  EXPECT_THAT(order(), testing::StartsWith("ETH-USDT"));
}

TEST_F(Top, OpensAnInstrumentWithTwentyLevelsASide) {
  press(Key::Enter);

  const Canvas canvas = draw();

  EXPECT_THAT(text(canvas), HasSubstr("61800.10 61800.20"));
  EXPECT_THAT(canvas.line(22), HasSubstr("61799.91 61800.39")) << "the twentieth";
  EXPECT_THAT(text(canvas), HasSubstr("gaps            3"));
  press(Key::Escape);
  EXPECT_EQ(state_.view, TopView::List);
}

TEST_F(Top, LeavesOutWholeFactsOfAnInstrumentThatHaveNoRoom) {
  seen_.instruments[0].latency_p50_ns = 251'000;
  seen_.instruments[0].latency_p99_ns = 1'250'000;
  press(Key::Enter);

  EXPECT_THAT(draw(80).line(1), HasSubstr("p50 251µs p99 1.25ms"));
  EXPECT_THAT(draw(60).line(1), Not(HasSubstr("p50")));
  for (int width = 30; width < 100; ++width) {
    EXPECT_THAT(draw(width).line(1), Not(HasSubstr("…"))) << width;
  }
  EXPECT_THAT(draw(100).line(1), HasSubstr("depth"));
}

TEST_F(Top, ExplainsItselfOnAScreenOf80By24) {
  press(U'h');
  EXPECT_THAT(text(draw(80, 40)), Not(HasSubstr("…")));
}

TEST_F(Top, MarksTheSelectionWithOneBarAlsoWhereItIsGrey) {
  seen_.presence = Presence::Silent;
  press(Key::Down);

  const Canvas canvas = draw();

  for (int x = 0; x < 26; ++x) EXPECT_EQ(canvas.at(x, 5).style.ink, Ink::Quiet) << x;
}

TEST_F(Top, TellsWhoOfTwoConnectionsIsFirst) {
  press(U'c');

  const std::string all = text(draw());

  EXPECT_THAT(all, HasSubstr("okx/public/1a"));
  EXPECT_THAT(all, HasSubstr("90.0%"));
  EXPECT_THAT(all, HasSubstr("25.0µs"));
}

TEST_F(Top, DrawsEveryViewOnEverySizeOfScreen) {
  seen_.instruments.push_back(SeenInstrument{});  // nothing published yet, no row
  for (const Presence presence :
       {Presence::Alive, Presence::Absent, Presence::Silent, Presence::Stopped}) {
    seen_.presence = presence;
    histories_.sample(seen_);
    for (const char32_t key : {U' ', U'c', U'!', U'h', U'/'}) {
      state_ = TopState{};
      press(key);
      for (const int width : {1, 20, 79, 80, 81, 120, 300}) {
        for (const int height : {1, 2, 5, 24, 25, 26, 100}) (void)draw(width, height);
      }
    }
    state_ = TopState{};
    press(Key::Down);
    press(Key::Enter);
    for (const int width : {1, 40, 80, 300}) (void)draw(width, 24);
  }
}

TEST_F(Top, SaysThatAnOpenedInstrumentIsGone) {
  press(Key::Enter);
  seen_.instruments.erase(seen_.instruments.begin());
  EXPECT_THAT(text(draw()), HasSubstr("is gone"));
}

TEST(Glyphs, DrawABalanceFromTheMiddle) {
  EXPECT_EQ(beam(0.0, 9), "····│····");
  EXPECT_EQ(beam(1.0, 9), "····│████");
  EXPECT_EQ(beam(-0.375, 9), "··▐█│····");
  EXPECT_EQ(beam(kUnknown, 9), "·········");
}

TEST(Glyphs, LeaveBlanksWhereAValueIsUndefined) {
  const std::vector<double> values{1, 2, kUnknown, 3};
  EXPECT_EQ(sparkline(values, 5), " ▁▅ █");
  EXPECT_EQ(sparkline(values, 2), " ▄");
}

TEST(CanvasText, IsCutWithAnEllipsisByColumnsNotByBytes) {
  Canvas canvas{10, 1};
  canvas.left(0, 0, 5, "币安人生USDT");
  EXPECT_EQ(canvas.line(0), "币安…");
  canvas.right(5, 0, 5, "µ½→");
  EXPECT_EQ(canvas.line(0), "币安…  µ½→");
}

TEST(CanvasText, LetsNoControlCharacterThrough) {
  Canvas canvas{8, 1};
  canvas.put(0, 0, "a\x1b[2J\xff");
  EXPECT_EQ(canvas.line(0), "a\uFFFD[2J\uFFFD");
}

}  // namespace
}  // namespace steelyard
