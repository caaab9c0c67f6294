#include <sched.h>
#include <sys/resource.h>
#include <unistd.h>

#include "doctor/doctor.hpp"

namespace steelyard {
namespace {

using Level = Finding::Level;

[[nodiscard]] std::string limit_text(rlim_t value) {
  return value == RLIM_INFINITY ? "unlimited" : std::to_string(value);
}

}  // namespace

void look_at_limits(const DoctorPlan& plan, std::vector<Finding>& out) {
  rlimit files{};
  getrlimit(RLIMIT_NOFILE, &files);
  out.push_back({files.rlim_cur < 1024 ? Level::Warning : Level::Good, "limits", "open files",
                 limit_text(files.rlim_cur) + " (hard " + limit_text(files.rlim_max) + ")",
                 "a connection needs one, a replacement another",
                 "ulimit -n 4096; systemd: LimitNOFILE=4096"});
  rlimit locked{};
  getrlimit(RLIMIT_MEMLOCK, &locked);
  const bool enough = locked.rlim_cur == RLIM_INFINITY || locked.rlim_cur >= plan.segment_bytes;
  out.push_back({enough && locked.rlim_cur > (1U << 20) ? Level::Good : Level::Note, "limits",
                 "mlock", limit_text(locked.rlim_cur) + " bytes",
                 "strategies that lock their memory, this segment included, need as much",
                 "ulimit -l unlimited; systemd: LimitMEMLOCK=infinity"});
  if (plan.fifo) {
    rlimit realtime{};
    getrlimit(RLIMIT_RTPRIO, &realtime);
    const bool may = realtime.rlim_cur > 0 || geteuid() == 0;
    out.push_back({may ? Level::Good : Level::Bad, "limits", "real-time priority",
                   may ? "allowed" : "not allowed, and threads.scheduling is fifo",
                   "the daemon runs on with normal scheduling",
                   "systemd: LimitRTPRIO=49; or /etc/security/limits.conf"});
  }
  cpu_set_t allowed;
  CPU_ZERO(&allowed);
  if (sched_getaffinity(0, sizeof allowed, &allowed) != 0) return;
  std::vector<int> cores;
  for (int core = 0; core < CPU_SETSIZE; ++core) {
    if (CPU_ISSET(core, &allowed)) cores.push_back(core);
  }
  std::vector<int> forbidden;
  for (const int core : plan.cores) {
    if (core < 0 || core >= CPU_SETSIZE || !CPU_ISSET(core, &allowed)) forbidden.push_back(core);
  }
  out.push_back({forbidden.empty() ? Level::Good : Level::Bad, "limits", "allowed cores",
                 cores_text(cores) + (forbidden.empty() ? "" : "; not " + cores_text(forbidden)),
                 "the daemon cannot be pinned there",
                 "cpuset of the container or unit: --cpuset-cpus, AllowedCPUs="});
}

std::vector<Finding> examine_host(const DoctorPlan& plan) {
  const HostFiles files;
  std::vector<Finding> out;
  look_at_cpu(files, plan, out);
  look_at_clock(files, out);
  look_at_clock_calls(out);
  look_at_memory(files, plan, out);
  look_at_network(files, out);
  look_at_coalescing(default_interface(files), out);
  look_at_limits(plan, out);
  return out;
}

}  // namespace steelyard
