// clients/cpp/examples/instrument_poller.cpp -- several instruments in one loop: counts what each
// of them does and says so once a second.
//
//   instrument_poller INSTANCE COUNT [VENUE:]SYMBOL...     e.g. demo 5 okx:BTC-USD-SWAP BTC-USDT
//
// Ends after COUNT rounds (0: never). Symbols are the venue's own or the normalised names.
#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>
#include <vector>

#include "steelyard/reader.hpp"

namespace {

struct Watched {
  std::string venue;  // empty: any
  std::string symbol;
};

struct Tally {
  std::uint64_t records = 0;
  std::uint64_t trades = 0;
  std::uint64_t doubtful = 0;
  double last_imbalance = std::numeric_limits<double>::quiet_NaN();
};

Watched parse(const std::string& text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string::npos) return {"", text};
  return {text.substr(0, colon), text.substr(colon + 1)};
}

// Ids are of one publisher: asked for again after each restart. One that is not there is said, and
// the rest is watched all the same.
std::map<std::uint32_t, Tally> look_up(const steelyard::Reader& feed,
                                       const std::vector<Watched>& wanted) {
  std::map<std::uint32_t, Tally> tallies;
  for (const Watched& one : wanted) {
    if (const auto id = feed.find(one.venue, one.symbol)) {
      tallies[id->raw()];
    } else {
      std::fprintf(stderr, "instrument_poller: no instrument %s%s%s; there are:", one.venue.c_str(),
                   one.venue.empty() ? "" : ":", one.symbol.c_str());
      for (std::uint32_t i = 0; i < feed.instruments(); ++i) {
        const steelyard::InstrumentEntry& entry = feed.segment().instrument(i);
        std::fprintf(stderr, " %s:%s",
                     std::string{steelyard::SegmentView::text(entry.venue)}.c_str(),
                     std::string{steelyard::SegmentView::text(entry.symbol)}.c_str());
      }
      std::fprintf(stderr, "\n");
    }
  }
  return tallies;
}

void print(const steelyard::Reader& feed, std::map<std::uint32_t, Tally>& tallies) {
  for (auto& [id, tally] : tallies) {
    const steelyard::InstrumentEntry& entry = feed.segment().instrument(id);
    std::printf("%-14s %-16s records %llu trades %llu doubtful %llu pbi_10bp %.3f\n",
                std::string{steelyard::SegmentView::text(entry.venue)}.c_str(),
                std::string{steelyard::SegmentView::text(entry.symbol)}.c_str(),
                static_cast<unsigned long long>(tally.records),
                static_cast<unsigned long long>(tally.trades),
                static_cast<unsigned long long>(tally.doubtful), tally.last_imbalance);
    tally = Tally{};
  }
  std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 4) {
    std::fprintf(stderr, "usage: instrument_poller INSTANCE COUNT [VENUE:]SYMBOL...\n");
    return 2;
  }
  const long rounds = std::atol(argv[2]);
  std::vector<Watched> wanted;
  for (int i = 3; i < argc; ++i) wanted.push_back(parse(argv[i]));

  steelyard::Reader feed;
  if (!feed.wait_for(argv[1], std::chrono::seconds{10})) {
    std::fprintf(stderr, "instrument_poller: %s\n", feed.why_not().c_str());
    return 1;
  }
  std::map<std::uint32_t, Tally> tallies = look_up(feed, wanted);
  if (tallies.empty()) return 1;
  const steelyard::ColumnHandle imbalance = feed.column("pbi_10bp");

  constexpr std::int64_t kRoundNs = 1'000'000'000;
  std::int64_t next_round = steelyard::monotonic_ns() + kRoundNs;
  std::uint64_t told_lost = 0;
  steelyard::Record record;
  for (long round = 0; rounds == 0 || round < rounds;) {
    const steelyard::Poll polled = feed.poll(record);
    if (polled == steelyard::Poll::Ok) {
      const auto found = tallies.find(record.instrument().raw());
      if (found != tallies.end()) {
        Tally& tally = found->second;
        ++tally.records;
        if (record.event() == steelyard::EventKind::Trade) ++tally.trades;
        if (record.is_live()) {
          tally.last_imbalance = record[imbalance];
        } else {
          ++tally.doubtful;
        }
      }
    } else if (polled == steelyard::Poll::Restarted) {
      std::fprintf(stderr, "instrument_poller: the publisher was restarted\n");
      tallies = look_up(feed, wanted);
    } else if (polled != steelyard::Poll::Lapped) {
      std::this_thread::sleep_for(std::chrono::microseconds{50});
    }
    if (steelyard::monotonic_ns() < next_round) continue;
    next_round += kRoundNs;
    ++round;
    print(feed, tallies);
    if (feed.lost() != told_lost) {
      std::printf("%llu records lost\n", static_cast<unsigned long long>(feed.lost() - told_lost));
      told_lost = feed.lost();
    }
    if (polled == steelyard::Poll::Dead) {
      std::fprintf(stderr, "instrument_poller: the publisher is dead\n");
      return 1;
    }
  }
  return 0;
}
