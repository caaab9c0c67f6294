// clients/cpp/examples/imbalance_watch.cpp -- an example of a strategy's reading side: says when
// the book of an instrument leans over, and knows when not to believe it.
//
//   imbalance_watch [INSTANCE [THRESHOLD]]      default: demo 0.3
//
// Needs nothing of steelyard but include/steelyard.
#include <cmath>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>

#include "steelyard/reader.hpp"

namespace {

volatile std::sig_atomic_t stop = 0;

// What this strategy holds of one instrument: the side it said last, -1, 0 or +1.
class Lean {
 public:
  explicit Lean(double threshold) : threshold_{threshold} {}

  // The new side, or the old one. Coming back takes half of what going took: no chatter.
  int update(double imbalance) {
    if (std::isnan(imbalance))
      return side_ = 0;  // undefined is not balanced, but no opinion either
    if (std::abs(imbalance) >= threshold_) {
      side_ = imbalance > 0 ? 1 : -1;
    } else if (std::abs(imbalance) < threshold_ / 2) {
      side_ = 0;
    }
    return side_;
  }
  int side() const { return side_; }
  void forget() { side_ = 0; }

 private:
  double threshold_;
  int side_ = 0;
};

void say(const steelyard::Record& record, int side, double imbalance, double flow) {
  const char* const text = side > 0 ? "buyers" : side < 0 ? "sellers" : "even";
  const double delay_us =
      static_cast<double>(record.tick().published.raw() - record.tick().received.raw()) / 1e3;
  std::printf("%-14s %-16s %-8s pbi %+.2f  ofi 1s %+.3f  bid %.8g  ask %.8g  %.0f us old\n",
              std::string{record.venue()}.c_str(), std::string{record.symbol()}.c_str(), text,
              imbalance, flow, record.bid(), record.ask(), delay_us);
  std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) {
  const std::string instance = argc > 1 ? argv[1] : "demo";
  const double threshold = argc > 2 ? std::atof(argv[2]) : 0.3;
  std::signal(SIGINT, [](int) { stop = 1; });
  std::signal(SIGTERM, [](int) { stop = 1; });

  steelyard::Reader feed;
  if (!feed.wait_for(instance, std::chrono::seconds{10})) {
    std::fprintf(stderr, "imbalance_watch: %s\n", feed.why_not().c_str());
    return 1;
  }

  std::printf("watching %u instruments of %s\n", feed.instruments(), instance.c_str());
  std::fflush(stdout);

  // Found once, not at every tick; stays good when the publisher is restarted. A column that is not
  // among the headline columns of the ring reads as NaN: latest() has all of them.
  const auto imbalance = feed.column("pbi_10bp");
  const auto flow = feed.column("ofi_1000ms");

  std::map<std::uint32_t, Lean> leans;  // by instrument id
  steelyard::Record record;
  std::uint64_t told_lost = 0;
  bool told_dead = false;
  while (stop == 0) {
    switch (feed.poll(record)) {
      case steelyard::Poll::Ok: {
        told_dead = false;
        Lean& lean = leans.try_emplace(record.instrument().raw(), threshold).first->second;
        // The verdict first: while a book is doubtful there is no opinion about it.
        if (!record.is_live()) {
          lean.forget();
          break;
        }
        const int before = lean.side();
        const int side = lean.update(record[imbalance]);
        if (side != before) say(record, side, record[imbalance], record[flow]);
        break;
      }
      case steelyard::Poll::Empty:
        // A strategy with a core to itself spins here instead.
        std::this_thread::sleep_for(std::chrono::microseconds{50});
        break;
      case steelyard::Poll::Lapped:
        // We were too slow, and know by how much. Opinions that rest on every event (a trade count,
        // say) start over here; ours rests on the last one only.
        std::fprintf(stderr, "too slow: %llu records lost\n",
                     static_cast<unsigned long long>(feed.lost() - told_lost));
        told_lost = feed.lost();
        break;
      case steelyard::Poll::Restarted:
        // Instruments may have other ids now.
        std::fprintf(stderr, "the publisher was restarted\n");
        leans.clear();
        break;
      case steelyard::Poll::Dead:
        // Nothing is known any more. A trading strategy cancels its orders here.
        if (!told_dead) std::fprintf(stderr, "the publisher is dead; waiting for another\n");
        told_dead = true;
        leans.clear();
        std::this_thread::sleep_for(std::chrono::milliseconds{10});
        break;
    }
  }
  std::printf("%llu records lost, %llu restarts\n", static_cast<unsigned long long>(feed.lost()),
              static_cast<unsigned long long>(feed.restarts()));
  return 0;
}
