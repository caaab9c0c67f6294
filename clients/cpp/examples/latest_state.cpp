// clients/cpp/examples/latest_state.cpp -- who wants the present and no history reads the state
// table: every column, twenty levels a side, one copy, no waiting.
//
//   latest_state INSTANCE [VENUE:]SYMBOL
#include <cmath>
#include <cstdio>
#include <string>

#include "steelyard/reader.hpp"

namespace {

void print_book(const steelyard::InstrumentState& state) {
  std::printf("  %14s %14s | %-14s %-14s\n", "bid size", "bid", "ask", "ask size");
  const std::size_t rows = std::max(state.bids().size(), state.asks().size());
  for (std::size_t i = 0; i < rows; ++i) {
    if (i < state.bids().size()) {
      const steelyard::ViewLevel& bid = state.bids()[i];
      std::printf("  %14.8g %14.10g |", state.qty(bid), state.price(bid));
    } else {
      std::printf("  %14s %14s |", "", "");
    }
    if (i < state.asks().size()) {
      const steelyard::ViewLevel& ask = state.asks()[i];
      std::printf(" %-14.10g %-14.8g", state.price(ask), state.qty(ask));
    }
    std::printf("\n");
  }
}

void print_columns(const steelyard::Reader& feed, const steelyard::InstrumentState& state) {
  for (std::uint32_t i = 0; i < feed.columns(); ++i) {
    const steelyard::ColumnEntry& column = feed.segment().column(i);
    const double value = state.columns()[i];
    std::printf("  %-24s ", std::string{steelyard::SegmentView::text(column.name)}.c_str());
    if (std::isnan(value)) {
      std::printf("undefined\n");
    } else {
      std::printf("%.10g %s\n", value,
                  std::string{steelyard::SegmentView::text(column.unit)}.c_str());
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: latest_state INSTANCE [VENUE:]SYMBOL\n");
    return 2;
  }
  steelyard::Reader feed;
  if (!feed.attach(argv[1]).empty()) {
    std::fprintf(stderr, "latest_state: %s\n", feed.why_not().c_str());
    return 1;
  }
  const std::string wanted = argv[2];
  const std::size_t colon = wanted.find(':');
  const auto id = colon == std::string::npos
                      ? feed.find("", wanted)
                      : feed.find(wanted.substr(0, colon), wanted.substr(colon + 1));
  if (!id) {
    std::fprintf(stderr, "latest_state: instance \"%s\" has no instrument %s\n", argv[1], argv[2]);
    return 1;
  }
  steelyard::InstrumentState state;
  if (!feed.latest(*id, state)) {
    std::fprintf(stderr, "latest_state: nothing was published of %s yet\n", argv[2]);
    return 1;
  }
  // Old values look like new ones: who published them must be alive, and the book in step.
  std::printf("%s %s: %s, %s\n", std::string{state.venue()}.c_str(),
              std::string{state.symbol()}.c_str(), state.is_live() ? "live" : "IN DOUBT",
              feed.is_alive() ? "publisher alive" : "PUBLISHER DEAD");
  print_book(state);
  print_columns(feed, state);
  return state.is_live() && feed.is_alive() ? 0 : 1;
}
