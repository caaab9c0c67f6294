// Every column on recorded traffic of real venues, against the naive reference of the tests.
#include <gtest/gtest.h>

#include <cstdlib>
#include <map>
#include <memory>

#include "app/replay.hpp"
#include "support/capture_truth.hpp"
#include "support/naive_group.hpp"
#include "support/signal_agreement.hpp"

namespace steelyard {
namespace {

// The reference looks at everything that it ever saw again and again, and at whole books: so many
// events of an instrument and of a recording, and so many levels, unless STEELYARD_REFERENCE_EVENTS
// says how many events of each instrument there are to be.
struct Limits {
  std::size_t of_each = 1'500;
  std::size_t of_all = 4'000;
  std::size_t levels = 3'000'000;
};

[[nodiscard]] Limits limits() {
  const char* const events = std::getenv("STEELYARD_REFERENCE_EVENTS");
  if (events == nullptr) return {};
  return {std::strtoull(events, nullptr, 10), SIZE_MAX, SIZE_MAX};
}

// The instruments of one group beside their reference. It is told what became of the books, level
// by level, and not what the messages said: changes that the engine forgot to tell would show.
class Beside {
 public:
  Beside(const SignalParams& params, const std::vector<Instrument>& instruments)
      : instruments_{instruments}, books_(instruments.size()), naive_{params, instruments} {}

  [[nodiscard]] const std::vector<Instrument>& instruments() const { return instruments_; }
  [[nodiscard]] std::map<std::string, double> on(InstrumentId id, const MarketEvent& event) {
    std::size_t member = 0;
    while (instruments_[member].id != id) ++member;
    Book& book = books_[member];
    NaiveEvent told{event.kind, event.now.raw(), {}, event.rebase, event.aggressor};
    switch (event.kind) {
      case EventKind::Snapshot:
        book = levels_of(event);
        for (const auto& [at, qty] : book) told.levels.push_back({at.first, at.second, qty});
        break;
      case EventKind::Delta: {
        Book now = levels_of(event);
        for (const auto& [at, qty] : book) {
          if (!now.contains(at)) told.levels.push_back({at.first, at.second, 0});
        }
        for (const auto& [at, qty] : now) {
          const auto before = book.find(at);
          if (before == book.end() || before->second != qty) {
            told.levels.push_back({at.first, at.second, qty});
          }
        }
        book = std::move(now);
        break;
      }
      case EventKind::Reset:
        book.clear();
        break;
      case EventKind::Trade:
      case EventKind::Liquidation:
        told.levels.push_back({Side::Bid, event.traded.price.raw(), event.traded.qty.raw()});
        break;
      case EventKind::Timer:
        break;
    }
    return naive_.on(member, told);
  }

 private:
  using Book = std::map<std::pair<Side, std::int64_t>, std::int64_t>;
  [[nodiscard]] static Book levels_of(const MarketEvent& event) {
    Book book;
    if (event.status == BookStatus::NoBook) return book;
    for (const Side side : {Side::Bid, Side::Ask}) {
      event.book->walk(side, [&](Level level) {
        book[{side, level.price.raw()}] = level.qty.raw();
        return true;
      });
    }
    return book;
  }

  std::vector<Instrument> instruments_;
  std::vector<Book> books_;
  NaiveGroup naive_;
};

// Compares record by record, on the thread of the replay.
class Comparison {
 public:
  void attach(const Replay& replay) { replay_ = &replay; }
  [[nodiscard]] RecordTap tap() {
    return {[](void* context, const PublishedRecord& record) noexcept {
              static_cast<Comparison*>(context)->on(record);
            },
            this};
  }
  [[nodiscard]] std::size_t compared() const { return compared_; }
  [[nodiscard]] const std::map<std::string, int>& defined() const { return defined_; }

 private:
  struct Part {
    std::unique_ptr<Beside> beside;
    std::size_t events = 0;
    bool closed = false;  // an event was left out: nothing after it can be compared
  };

  [[nodiscard]] Part& part_of(const Instrument& instrument) {
    const std::string key = group_key(instrument);
    Part& part = parts_[key];
    if (part.beside != nullptr) return part;
    std::vector<Instrument> members;
    for (const Instrument& other : replay_->instruments()) {
      if (group_key(other) == key) members.push_back(other);
    }
    part.beside = std::make_unique<Beside>(replay_->signals().params(instrument), members);
    return part;
  }

  void on(const PublishedRecord& record) {
    const Instrument& instrument = *record.instrument;
    const MarketEvent& event = *record.event;
    Part& part = part_of(instrument);
    part.closed = part.closed ||
                  part.events == limits_.of_each * part.beside->instruments().size() ||
                  compared_ >= limits_.of_all || levels_ >= limits_.levels || failures_ > 5;
    if (part.closed) return;
    ++part.events;
    ++compared_;
    levels_ += event.book->levels(Side::Bid) + event.book->levels(Side::Ask);
    const std::map<std::string, double> expected = part.beside->on(instrument.id, event);
    const std::span<const Column> columns = replay_->signals().columns();
    for (std::size_t i = 0; i < record.row.size(); ++i) {
      const double is = record.row[i];
      if (!std::isnan(is)) ++defined_[columns[i].name];
      const auto should = expected.find(columns[i].name);
      const bool known = should != expected.end();
      if (known && may_flip(columns[i].name, expected)) continue;
      if (known && agrees(instrument.kind, columns[i], is, should->second)) continue;
      ++failures_;
      ADD_FAILURE() << columns[i].name << " of " << instrument.symbol << " is " << is
                    << ", should be "
                    << (known ? std::to_string(should->second) : "known to the reference")
                    << "; event " << part.events << ", kind " << static_cast<int>(event.kind)
                    << ", status " << static_cast<int>(event.status);
    }
  }

  const Limits limits_ = limits();
  const Replay* replay_ = nullptr;
  std::map<std::string, Part> parts_;
  std::map<std::string, int> defined_;
  std::size_t compared_ = 0;
  std::size_t levels_ = 0;
  int failures_ = 0;
};

class SignalsOnCapture : public testing::TestWithParam<CaptureTruth> {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(GetParam().path())) {
      GTEST_SKIP() << "no recording at " << GetParam().path();
    }
  }
};

TEST_P(SignalsOnCapture, AreWhatTheNaiveReferenceSays) {
  Comparison comparison;
  ReplayOptions options;
  options.files = {GetParam().path()};
  options.tap = comparison.tap();
  options.signals.emplace();
  for (std::uint32_t state = 0; state < MicroPriceShape{}.states(); ++state) {
    options.signals->micro_price.table.push_back(state % 7 * 0.25 - 0.75);
  }
  Replay replay{options};
  comparison.attach(replay);

  (void)replay.run();

  EXPECT_GT(comparison.compared(), 20U);
  for (const char* const name : {"mid", "qi", "di_20", "wmid", "e", "ofi_1000ms", "x_n"}) {
    EXPECT_GT(comparison.defined().count(name), 0U) << name << " was never defined";
  }
}

INSTANTIATE_TEST_SUITE_P(Recorded, SignalsOnCapture, testing::ValuesIn(capture_truths()),
                         truth_name);

}  // namespace
}  // namespace steelyard
