#include <algorithm>
#include <map>

#include "doctor/doctor.hpp"

namespace steelyard {
namespace {

using Level = Finding::Level;
const std::string kCpu = "/sys/devices/system/cpu/";

[[nodiscard]] bool contains(const std::vector<int>& cores, int core) {
  return std::find(cores.begin(), cores.end(), core) != cores.end();
}

void count_cores(const HostFiles& files, const DoctorPlan& plan, const std::vector<int>& online,
                 std::vector<Finding>& out) {
  const std::size_t wanted = plan.io + plan.shards + 1U;
  const std::string text = std::to_string(online.size()) + " online; the daemon has " +
                           std::to_string(plan.io) + " io, " + std::to_string(plan.shards) +
                           " shard and one more thread";
  if (plan.spins && online.size() < wanted) {
    out.push_back(
        {Level::Bad, "cpu", "cores", text + ", which spin",
         "threads that spin and share a core wait for each other's time slice: milliseconds",
         "threads.idle = \"sleep\", or a machine with " + std::to_string(wanted) + " cores"});
  } else if (online.size() < wanted) {
    out.push_back({Level::Warning, "cpu", "cores", text, "a burst keeps threads waiting for a core",
                   "a machine with " + std::to_string(wanted) + " cores or more"});
  } else {
    out.push_back({Level::Good, "cpu", "cores", text, "", ""});
  }
  for (const int core : plan.cores) {
    if (contains(online, core)) continue;
    out.push_back({Level::Bad, "cpu", "pinned core",
                   "core " + std::to_string(core) + " is not online",
                   "the daemon runs without pinning",
                   "threads.io_cores, threads.shard_cores: cores of " + cores_text(online)});
  }
  const std::string info = files.read("/proc/cpuinfo").value_or("");
  if (info.find("hypervisor") != std::string::npos) {
    const std::string stat = files.read("/proc/stat").value_or("");
    unsigned long long v[8] = {};
    std::sscanf(stat.c_str(), "cpu %llu %llu %llu %llu %llu %llu %llu %llu", &v[0], &v[1], &v[2],
                &v[3], &v[4], &v[5], &v[6], &v[7]);
    unsigned long long all = 0;
    for (const unsigned long long part : v) all += part;
    char share[32];
    std::snprintf(share, sizeof share, "%.2f%%",
                  all == 0 ? 0.0 : 100.0 * static_cast<double>(v[7]) / static_cast<double>(all));
    out.push_back(
        {Level::Note, "cpu", "virtual machine",
         std::string{"yes; the host took "} + share + " of the time (steal) since boot",
         "the host schedules these cores: tails of milliseconds that nothing in here can mend",
         "bare metal, or a type with dedicated cores"});
  }
  if (!info.empty() && info.find("avx2") == std::string::npos &&
      info.find("flags") != std::string::npos) {
    out.push_back({Level::Bad, "cpu", "instruction set", "no AVX2",
                   "the default build of the decoders needs it and would end with SIGILL",
                   "cmake -DSTEELYARD_SIMD=westmere, or the container image, which is built so"});
  }
}

void isolation(const HostFiles& files, const DoctorPlan& plan, const std::vector<int>& online,
               std::vector<Finding>& out) {
  const std::vector<int> isolated = parse_cores(files.read(kCpu + "isolated").value_or(""));
  const std::vector<int> tickless = parse_cores(files.read(kCpu + "nohz_full").value_or(""));
  const std::size_t wanted = plan.io + plan.shards;
  if (plan.cores.empty() && online.size() <= wanted) {
    out.push_back({Level::Note, "cpu", "isolated cores",
                   cores_text(isolated) + " isolated; there are too few to give any away", "", ""});
    return;
  }
  // The highest numbers: interrupts and everybody else begin with the lowest.
  const std::string list = cores_text(
      plan.cores.empty()
          ? std::vector<int>(online.end() - static_cast<std::ptrdiff_t>(wanted), online.end())
          : plan.cores);
  if (plan.cores.empty()) {
    out.push_back({plan.spins ? Level::Warning : Level::Note, "cpu", "isolated cores",
                   cores_text(isolated) + " isolated; the daemon is pinned to none",
                   "the scheduler moves its threads about, and puts others beside them",
                   "kernel: isolcpus=" + list + " nohz_full=" + list + " rcu_nocbs=" + list +
                       "; then threads.io_cores and shard_cores"});
    return;
  }
  std::vector<int> shared;
  std::vector<int> ticking;
  for (const int core : plan.cores) {
    if (!contains(isolated, core)) shared.push_back(core);
    if (!contains(tickless, core)) ticking.push_back(core);
  }
  if (!shared.empty()) {
    out.push_back({Level::Warning, "cpu", "isolated cores",
                   "pinned cores " + cores_text(shared) + " are not isolated",
                   "other processes run there and take slices of milliseconds",
                   "kernel: isolcpus=" + list + " nohz_full=" + list + " rcu_nocbs=" + list});
  } else {
    out.push_back({Level::Good, "cpu", "isolated cores", cores_text(isolated), "", ""});
  }
  if (shared.empty() && !ticking.empty()) {
    out.push_back({Level::Warning, "cpu", "timer tick",
                   "cores " + cores_text(ticking) + " have a scheduler tick",
                   "some microseconds are taken 100 to 1000 times a second",
                   "kernel: nohz_full=" + list + " rcu_nocbs=" + list});
  }
}

void frequency(const HostFiles& files, const std::vector<int>& online, std::vector<Finding>& out) {
  std::map<std::string, std::vector<int>> governors;
  for (const int core : online) {
    const auto governor =
        files.read(kCpu + "cpu" + std::to_string(core) + "/cpufreq/scaling_governor");
    if (governor) governors[*governor].push_back(core);
  }
  if (governors.empty()) {
    out.push_back({Level::Note, "cpu", "governor", "the kernel has no say in the frequency",
                   "a virtual machine, or a fixed frequency", ""});
    return;
  }
  std::vector<int> slow;
  std::string text;
  for (const auto& [governor, cores] : governors) {
    text += (text.empty() ? "" : ", ") + governor + " on " + cores_text(cores);
    if (governor != "performance") slow.insert(slow.end(), cores.begin(), cores.end());
  }
  if (slow.empty()) {
    out.push_back({Level::Good, "cpu", "governor", text, "", ""});
  } else {
    out.push_back({Level::Warning, "cpu", "governor", text,
                   "a core that idles between messages runs slow when the next one comes",
                   "cpupower frequency-set -g performance"});
  }
}

void siblings(const HostFiles& files, const DoctorPlan& plan, const std::vector<int>& online,
              std::vector<Finding>& out) {
  std::string shared;
  bool any = false;
  for (const int core : online) {
    const std::vector<int> threads = parse_cores(
        files.read(kCpu + "cpu" + std::to_string(core) + "/topology/thread_siblings_list")
            .value_or(""));
    if (threads.size() < 2) continue;
    any = true;
    if (contains(plan.cores, core)) shared += (shared.empty() ? "" : ", ") + cores_text(threads);
  }
  if (!any) {
    out.push_back({Level::Good, "cpu", "SMT", "no core has a sibling", "", ""});
  } else if (!shared.empty()) {
    out.push_back(
        {Level::Warning, "cpu", "SMT", "pinned cores have siblings: " + shared,
         "whatever runs on the sibling halves the pinned thread's execution units and caches",
         "leave the siblings empty, or: echo off > " + kCpu + "smt/control"});
  } else {
    out.push_back({Level::Note, "cpu", "SMT", "on: two threads share a core",
                   "numbers of cores that look different may be one core",
                   "pin to one thread of a core only; see topology/thread_siblings_list"});
  }
}

void idle_states(const HostFiles& files, std::vector<Finding>& out) {
  const std::string folder = kCpu + "cpu0/cpuidle/";
  long long deepest = -1;
  std::string name;
  for (const std::string& state : files.list(folder)) {
    if (files.number(folder + state + "/disable").value_or(0) != 0) continue;
    const long long latency = files.number(folder + state + "/latency").value_or(0);
    if (latency <= deepest) continue;
    deepest = latency;
    name = files.read(folder + state + "/name").value_or(state);
  }
  if (deepest < 0) {
    out.push_back({Level::Note, "cpu", "C-states", "the kernel sees none",
                   "a virtual machine: the host decides", ""});
  } else if (deepest > 10) {
    out.push_back(
        {Level::Warning, "cpu", "C-states",
         name + " may be entered: " + std::to_string(deepest) + " us to come out of it",
         "added to the first message after a pause, unless threads.idle = \"spin\"",
         "cpupower idle-set -D 10, or kernel: intel_idle.max_cstate=1 processor.max_cstate=1"});
  } else {
    out.push_back({Level::Good, "cpu", "C-states",
                   name + " at most: " + std::to_string(deepest) + " us to come out of it", "",
                   ""});
  }
}

void interrupts(const HostFiles& files, const DoctorPlan& plan, std::vector<Finding>& out) {
  if (plan.cores.empty()) return;
  int there = 0;
  for (const std::string& number : files.list("/proc/irq")) {
    const auto list = files.read("/proc/irq/" + number + "/smp_affinity_list");
    if (!list) continue;
    const std::vector<int> cores = parse_cores(*list);
    if (std::any_of(plan.cores.begin(), plan.cores.end(),
                    [&](int core) { return contains(cores, core); })) {
      ++there;
    }
  }
  if (there == 0) {
    out.push_back({Level::Good, "cpu", "interrupts", "none may come to the pinned cores", "", ""});
  } else {
    out.push_back({Level::Warning, "cpu", "interrupts",
                   std::to_string(there) + " may come to the pinned cores",
                   "each takes microseconds from a thread that should not be interrupted",
                   "stop irqbalance; write other cores to /proc/irq/*/smp_affinity_list, or "
                   "kernel: irqaffinity="});
  }
}

}  // namespace

void look_at_cpu(const HostFiles& files, const DoctorPlan& plan, std::vector<Finding>& out) {
  const std::vector<int> online = parse_cores(files.read(kCpu + "online").value_or("0"));
  count_cores(files, plan, online, out);
  isolation(files, plan, online, out);
  frequency(files, online, out);
  siblings(files, plan, online, out);
  idle_states(files, out);
  interrupts(files, plan, out);
  const std::string load = files.read("/proc/loadavg").value_or("");
  const double busy = std::atof(load.c_str());
  const bool high = busy > 0.7 * static_cast<double>(online.size());
  if (!load.empty()) {
    out.push_back(
        {high ? Level::Warning : Level::Good, "cpu", "load",
         load.substr(0, load.find(' ')) + " on " + std::to_string(online.size()) + " cores",
         "others compete for the cores", "see what runs: top"});
  }
}

}  // namespace steelyard
