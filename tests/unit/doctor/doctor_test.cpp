#include "doctor/doctor.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "support/temporary_folder.hpp"

namespace steelyard {
namespace {

using testing::HasSubstr;
using Level = Finding::Level;

class Doctor : public testing::Test {
 protected:
  void file(const std::string& path, const std::string& text) {
    const std::filesystem::path at = folder_ / path.substr(1);
    std::filesystem::create_directories(at.parent_path());
    std::ofstream{at} << text << "\n";
  }
  void cores(int count) {
    file("/sys/devices/system/cpu/online", count == 1 ? "0" : "0-" + std::to_string(count - 1));
  }
  [[nodiscard]] HostFiles files() const { return HostFiles{folder_ / ""}; }
  [[nodiscard]] static Finding find(const std::vector<Finding>& findings, const std::string& name) {
    for (const Finding& finding : findings) {
      if (finding.name == name) return finding;
    }
    return {Level::Unknown, "", name, "not looked at", "", ""};
  }
  [[nodiscard]] Finding cpu(const std::string& name) const {
    std::vector<Finding> out;
    look_at_cpu(files(), plan_, out);
    return find(out, name);
  }

  TemporaryFolder folder_;
  DoctorPlan plan_;
};

TEST_F(Doctor, ReadsTheKernelsListsOfCores) {
  EXPECT_EQ(parse_cores("0-3,8"), (std::vector<int>{0, 1, 2, 3, 8}));
  EXPECT_TRUE(parse_cores("").empty());
  EXPECT_TRUE(parse_cores("rubbish").empty());
  EXPECT_EQ(cores_text({0, 1, 2, 3, 8}), "0-3,8");
  EXPECT_EQ(chosen("always [madvise] never"), "madvise");
}

TEST_F(Doctor, CallsSpinningOnTooFewCoresBad) {
  cores(2);
  EXPECT_EQ(cpu("cores").level, Level::Warning);
  plan_.spins = true;
  EXPECT_EQ(cpu("cores").level, Level::Bad);
  EXPECT_THAT(cpu("cores").fix, HasSubstr("threads.idle = \"sleep\""));
  cores(8);
  EXPECT_EQ(cpu("cores").level, Level::Good);
}

TEST_F(Doctor, WantsPinnedCoresToBeOnlineAndIsolated) {
  cores(4);
  plan_.cores = {2, 3, 9};
  EXPECT_EQ(cpu("pinned core").level, Level::Bad);
  plan_.cores = {2, 3};
  EXPECT_EQ(cpu("isolated cores").level, Level::Warning);
  EXPECT_THAT(cpu("isolated cores").fix, HasSubstr("isolcpus=2-3"));
  file("/sys/devices/system/cpu/isolated", "2-3");
  EXPECT_EQ(cpu("isolated cores").level, Level::Good);
  EXPECT_EQ(cpu("timer tick").level, Level::Warning);
  file("/sys/devices/system/cpu/nohz_full", "2-3");
  EXPECT_EQ(cpu("timer tick").found, "not looked at");
}

TEST_F(Doctor, NamesTheCoresWithASlowGovernor) {
  cores(2);
  EXPECT_EQ(cpu("governor").level, Level::Note);
  file("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor", "performance");
  file("/sys/devices/system/cpu/cpu1/cpufreq/scaling_governor", "powersave");
  EXPECT_EQ(cpu("governor").level, Level::Warning);
  EXPECT_EQ(cpu("governor").found, "performance on 0, powersave on 1");
  file("/sys/devices/system/cpu/cpu1/cpufreq/scaling_governor", "performance");
  EXPECT_EQ(cpu("governor").level, Level::Good);
}

TEST_F(Doctor, WarnsOfSiblingsOfPinnedCores) {
  cores(4);
  for (const char* const pair : {"0,2", "1,3"}) {
    for (const int core : parse_cores(pair)) {
      file("/sys/devices/system/cpu/cpu" + std::to_string(core) + "/topology/thread_siblings_list",
           pair);
    }
  }
  EXPECT_EQ(cpu("SMT").level, Level::Note);
  plan_.cores = {1};
  EXPECT_EQ(cpu("SMT").level, Level::Warning);
  EXPECT_THAT(cpu("SMT").found, HasSubstr("1,3"));
}

TEST_F(Doctor, LooksAtTheDeepestIdleStateThatIsEnabled) {
  cores(1);
  const std::string folder = "/sys/devices/system/cpu/cpu0/cpuidle/";
  file(folder + "state0/latency", "0");
  file(folder + "state1/latency", "2");
  file(folder + "state1/name", "C1");
  file(folder + "state2/latency", "133");
  file(folder + "state2/name", "C6");
  EXPECT_EQ(cpu("C-states").level, Level::Warning);
  EXPECT_THAT(cpu("C-states").found, HasSubstr("C6"));
  file(folder + "state2/disable", "1");
  EXPECT_EQ(cpu("C-states").level, Level::Good);
  EXPECT_THAT(cpu("C-states").found, HasSubstr("C1"));
}

TEST_F(Doctor, CountsInterruptsThatMayComeToPinnedCores) {
  cores(4);
  plan_.cores = {3};
  file("/proc/irq/24/smp_affinity_list", "0-3");
  file("/proc/irq/25/smp_affinity_list", "0-2");
  EXPECT_EQ(cpu("interrupts").level, Level::Warning);
  EXPECT_THAT(cpu("interrupts").found, HasSubstr("1 may"));
}

TEST_F(Doctor, CallsASlowClockBad) {
  const std::string folder = "/sys/devices/system/clocksource/clocksource0/";
  const auto level = [&](const char* source) {
    file(folder + "current_clocksource", source);
    std::vector<Finding> out;
    look_at_clock(files(), out);
    return find(out, "clocksource").level;
  };
  file(folder + "available_clocksource", "hpet acpi_pm");
  EXPECT_EQ(level("tsc"), Level::Good);
  EXPECT_EQ(level("hpet"), Level::Bad);
  EXPECT_EQ(level("kvm-clock"), Level::Good);
  file(folder + "available_clocksource", "kvm-clock tsc");
  EXPECT_EQ(level("kvm-clock"), Level::Note);
}

TEST_F(Doctor, SaysThatHugePagesAreAskedForInVain) {
  plan_.huge_pages = true;
  plan_.shm_directory = folder_ / "";
  file("/sys/kernel/mm/transparent_hugepage/shmem_enabled",
       "always within_size advise [never] deny force");
  std::vector<Finding> out;
  look_at_memory(files(), plan_, out);
  EXPECT_EQ(find(out, "huge pages").level, Level::Warning);
}

TEST_F(Doctor, CallsAMissingOrTooSmallSharedMemoryBad) {
  plan_.shm_directory = folder_ / "nowhere";
  std::vector<Finding> out;
  look_at_memory(files(), plan_, out);
  EXPECT_EQ(find(out, "shared memory").level, Level::Bad);
  plan_.shm_directory = folder_ / "";
  plan_.segment_bytes = std::uint64_t{1} << 60;
  out.clear();
  look_at_memory(files(), plan_, out);
  EXPECT_EQ(find(out, "shared memory").level, Level::Bad);
  EXPECT_THAT(find(out, "shared memory").fix, HasSubstr("remount"));
}

TEST_F(Doctor, FindsTheDefaultRouteAndItsDrops) {
  file("/proc/net/route",
       "Iface\tDestination\tGateway\neth1\t0000FEA9\t0\neth0\t00000000\t0101A8C0");
  EXPECT_EQ(default_interface(files()), "eth0");
  file("/sys/class/net/eth0/statistics/rx_packets", "1000");
  file("/sys/class/net/eth0/statistics/rx_missed_errors", "5");
  std::vector<Finding> out;
  look_at_network(files(), out);
  EXPECT_EQ(find(out, "eth0").level, Level::Warning);
}

TEST_F(Doctor, SaysAtWhichStepAnEndpointFails) {
  plan_.venues = {{"okx", "no-such-host.invalid", "443", "/"}, {"okx", "127.0.0.1", "1", "/"}};
  std::vector<Finding> out;
  look_at_venues(plan_, out);
  ASSERT_EQ(out.size(), 2U);
  EXPECT_THAT(out[0].found, HasSubstr("DNS: "));
  EXPECT_THAT(out[1].found, HasSubstr("TCP: Connection refused"));
  EXPECT_EQ(out[1].level, Level::Bad);
}

TEST_F(Doctor, ExaminesThisVeryHostWithoutFailing) {
  const std::vector<Finding> findings = examine_host(plan_);
  EXPECT_GT(findings.size(), 10U);
  for (const Finding& finding : findings) {
    EXPECT_FALSE(finding.found.empty()) << finding.name;
    const bool mends = finding.level == Level::Warning || finding.level == Level::Bad;
    if (mends) {
      EXPECT_FALSE(finding.why.empty()) << finding.name;
      EXPECT_FALSE(finding.fix.empty()) << finding.name;
    }
  }
}

TEST_F(Doctor, PrintsWhyAndFixOfWhatIsNotWellOnly) {
  const std::vector<Finding> findings{{Level::Good, "cpu", "a", "fine", "why a", "fix a"},
                                      {Level::Bad, "cpu", "b", "broken", "why b", "fix b"}};
  const std::string text = findings_text(findings, false);
  EXPECT_THAT(text, HasSubstr("BAD   b"));
  EXPECT_THAT(text, HasSubstr("fix  fix b"));
  EXPECT_THAT(text, testing::Not(HasSubstr("fix a")));
  EXPECT_THAT(findings_json(findings), HasSubstr("\"level\":\"bad\""));
}

}  // namespace
}  // namespace steelyard
