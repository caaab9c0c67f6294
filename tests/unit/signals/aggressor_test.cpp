#include "signals/aggressor.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace steelyard {
namespace {

constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();

// A book of one level a side, and trades in it.
class Trades : public testing::Test {
 protected:
  int trade(std::int64_t price, Aggressor aggressor = Aggressor::Unknown) {
    MarketEvent event;
    event.kind = EventKind::Trade;
    event.status = status_;
    if (status_ != BookStatus::NoBook) {
      event.bids = {&bid_, 1};
      event.asks = {&ask_, 1};
    }
    event.traded = {Price{price}, Qty{1}};
    event.aggressor = aggressor;
    return rule_.sign(event);
  }
  void quote(std::int64_t bid, std::int64_t ask) {
    bid_ = {Price{bid}, Qty{1}};
    ask_ = {Price{ask}, Qty{1}};
    status_ = bid < ask ? BookStatus::Ok : bid == ask ? BookStatus::Locked : BookStatus::Crossed;
  }

  AggressorRule rule_;
  BookStatus status_ = BookStatus::NoBook;
  Level bid_;
  Level ask_;
};

TEST_F(Trades, HaveTheSideThatTheVenueNames) {
  quote(99, 102);

  EXPECT_EQ(trade(99, Aggressor::Buy), 1) << "whatever the price says";
  EXPECT_EQ(trade(102, Aggressor::Sell), -1);
}

TEST_F(Trades, WithoutASideAreComparedWithTheMid) {
  quote(99, 102);

  EXPECT_EQ(trade(101), 1) << "above 100.5";
  EXPECT_EQ(trade(100), -1);
}

TEST_F(Trades, AtTheMidGoAsThePriceHasMoved) {
  quote(99, 101);
  EXPECT_EQ(trade(100), 0) << "nothing is known yet";
  EXPECT_EQ(trade(100), 0) << "nor by a trade that nothing is known of";
  EXPECT_EQ(trade(99), -1);

  EXPECT_EQ(trade(100), 1);
  EXPECT_EQ(trade(101), 1);
  EXPECT_EQ(trade(100), -1);
}

TEST_F(Trades, AtTheSamePriceAtTheMidGoAsTheLastOneWent) {
  quote(99, 101);
  EXPECT_EQ(trade(100, Aggressor::Sell), -1);
  EXPECT_EQ(trade(100), -1) << "the venue's word is remembered";

  EXPECT_EQ(trade(100, Aggressor::Buy), 1);
  EXPECT_EQ(trade(100), 1);
}

TEST_F(Trades, NeedNoBook) {
  EXPECT_EQ(trade(100), 0);
  EXPECT_EQ(trade(101), 1);
  EXPECT_EQ(trade(101), 1);
  EXPECT_EQ(trade(100), -1);
}

TEST_F(Trades, TakeACrossedBookForNone) {
  EXPECT_EQ(trade(100, Aggressor::Buy), 1);
  quote(103, 101);

  EXPECT_EQ(trade(99), -1);
  EXPECT_EQ(trade(100), 1) << "below the mid, but up from the trade before";
}

TEST_F(Trades, InALockedBookHaveAMid) {
  quote(100, 100);

  EXPECT_EQ(trade(101), 1);
  EXPECT_EQ(trade(101), 1);
  EXPECT_EQ(trade(99), -1);
}

TEST_F(Trades, AreComparedExactlyAtTheEndsOf64Bits) {
  quote(kMax - 1, kMax);

  EXPECT_EQ(trade(kMax), 1);
  EXPECT_EQ(trade(kMax - 1), -1);
}

}  // namespace
}  // namespace steelyard
