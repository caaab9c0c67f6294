// tests/support/naive_group.hpp -- S16, written from the specification alone, over the naive
// signals of each venue.
#pragma once

#include <deque>
#include <map>
#include <string>
#include <vector>

#include "support/naive_signals.hpp"

namespace steelyard {

// Several instruments as one market; of one, it is its own market.
class NaiveGroup {
 public:
  NaiveGroup(const SignalParams& params, const std::vector<Instrument>& instruments);

  // Every column of the member by name, after an event of it.
  [[nodiscard]] std::map<std::string, double> on(std::size_t member, const NaiveEvent& event);
  [[nodiscard]] const NaiveSignals& member(std::size_t i) const { return members_[i].signals; }
  [[nodiscard]] std::size_t live() const { return live_; }

 private:
  using Real = long double;
  using Row = std::map<std::string, double>;
  struct Flow {
    std::int64_t time;
    Real e, signed_size, size;
  };
  struct Member {
    Member(const SignalParams& params, const Instrument& of)
        : instrument{of}, signals{params, of} {}

    Instrument instrument;
    NaiveSignals signals;
    Row row;
    std::int64_t last_book = 0;
    std::vector<Flow> orders;  // since the last reset
    std::vector<Flow> trades;
    double cvd = 0;
  };

  void keep(Member& member, const NaiveEvent& event) const;
  void write(Row& row, std::int64_t now);
  void write_flow(Row& row, std::int64_t now) const;
  [[nodiscard]] bool is_live(const Member& member, std::int64_t now) const;

  SignalParams params_;
  std::deque<Member> members_;
  std::size_t live_ = 0;
};

}  // namespace steelyard
