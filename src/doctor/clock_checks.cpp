#include <sys/timex.h>
#include <time.h>

#include <algorithm>
#include <vector>

#include "doctor/doctor.hpp"
#include "observe/number_text.hpp"
#include "steelyard/reader.hpp"

namespace steelyard {
namespace {
using Level = Finding::Level;
}

void look_at_clock(const HostFiles& files, std::vector<Finding>& out) {
  const std::string folder = "/sys/devices/system/clocksource/clocksource0/";
  const auto source = files.read(folder + "current_clocksource");
  if (!source) {
    out.push_back({Level::Unknown, "clock", "clocksource", "the kernel does not say", "", ""});
    return;
  }
  const std::string others = files.read(folder + "available_clocksource").value_or("");
  // These two are read in user space (vDSO); the others are system calls or slow devices.
  const bool fast = *source == "tsc" || *source == "kvm-clock" || *source == "arch_sys_counter" ||
                    *source == "hyperv_clocksource_tsc_page";
  if (fast) {
    out.push_back({*source == "kvm-clock" && others.find("tsc") != std::string::npos ? Level::Note
                                                                                     : Level::Good,
                   "clock", "clocksource", *source, "tsc is a little cheaper",
                   "echo tsc > " + folder + "current_clocksource"});
  } else {
    out.push_back({Level::Bad, "clock", "clocksource", *source,
                   "each look at the clock takes a microsecond or more, several a message",
                   others.find("tsc") != std::string::npos
                       ? "echo tsc > " + folder + "current_clocksource; kernel: tsc=reliable"
                       : "the processor's counter is not trusted: see dmesg | grep -i tsc"});
  }
}

void look_at_clock_calls(std::vector<Finding>& out) {
  // Measured, not believed: what a look at the clock costs.
  constexpr int kLooks = 2000;
  std::vector<std::int64_t> rounds;
  for (int round = 0; round < 9; ++round) {
    const std::int64_t start = monotonic_ns();
    timespec now{};
    for (int i = 0; i < kLooks; ++i) clock_gettime(CLOCK_REALTIME, &now);
    rounds.push_back((monotonic_ns() - start) / kLooks);
  }
  std::nth_element(rounds.begin(), rounds.begin() + 4, rounds.end());
  const std::int64_t cost = rounds[4];
  out.push_back({cost > 200 ? Level::Warning : Level::Good, "clock", "look at the clock",
                 std::to_string(cost) + " ns (median of 9 x 2000)",
                 "the daemon looks several times a message", "see clocksource"});

  timex state{};
  const int status = adjtimex(&state);
  if (status == -1) {
    out.push_back({Level::Unknown, "clock", "synchronised", "the kernel does not say", "", ""});
    return;
  }
  const double bound_s = static_cast<double>(state.maxerror) / 1e6;
  if ((state.status & STA_UNSYNC) != 0 || status == TIME_ERROR) {
    out.push_back(
        {Level::Warning, "clock", "synchronised", "no (the kernel says: unsynchronised)",
         "ages, and latencies against the venue's stamps, are off by what the clock is off",
         "apt-get install chrony (in a container or virtual machine: on the host)"});
  } else {
    out.push_back({bound_s > 0.05 ? Level::Warning : Level::Good, "clock", "synchronised",
                   "yes, to within " + duration_text(static_cast<std::uint64_t>(bound_s * 1e9)),
                   "ages and latencies against the venue's stamps are that unsure",
                   "a nearer time server: chronyc sources"});
  }
}

}  // namespace steelyard
