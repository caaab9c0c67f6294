#include <sys/statvfs.h>

#include <sstream>

#include "doctor/doctor.hpp"

namespace steelyard {
namespace {

using Level = Finding::Level;

[[nodiscard]] std::string mib(std::uint64_t bytes) { return std::to_string(bytes >> 20) + " MiB"; }

// "Key:   123 kB" of /proc/meminfo, in bytes.
[[nodiscard]] std::uint64_t meminfo(const std::string& text, const std::string& key) {
  const std::size_t at = text.find(key + ":");
  if (at == std::string::npos) return 0;
  return std::strtoull(text.c_str() + at + key.size() + 1, nullptr, 10) * 1024;
}

void shared_memory(const DoctorPlan& plan, std::vector<Finding>& out) {
  struct statvfs room {};
  if (statvfs(plan.shm_directory.c_str(), &room) != 0) {
    out.push_back({Level::Bad, "memory", "shared memory", plan.shm_directory + " is not there",
                   "the segment cannot be created", "segment.directory, or mount a tmpfs there"});
    return;
  }
  const std::uint64_t free = std::uint64_t{room.f_bavail} * room.f_frsize;
  const std::uint64_t needed =
      plan.segment_bytes == 0 ? std::uint64_t{64} << 20 : plan.segment_bytes;
  const std::string text = mib(free) + " free at " + plan.shm_directory + "; " +
                           (plan.segment_bytes == 0 ? "a segment with defaults needs about "
                                                    : "the rings of this configuration need ") +
                           mib(needed);
  if (free < needed) {
    out.push_back({Level::Bad, "memory", "shared memory", text, "the daemon refuses to start",
                   "mount -o remount,size=" + std::to_string((needed >> 20) * 2) + "m " +
                       plan.shm_directory +
                       " (Docker: --shm-size), or a smaller segment.ring_slots"});
  } else {
    out.push_back({free < 2 * needed ? Level::Warning : Level::Good, "memory", "shared memory",
                   text, "a restart has two segments for a moment",
                   "mount -o remount,size=" + std::to_string((needed >> 20) * 3) + "m " +
                       plan.shm_directory});
  }
}

}  // namespace

void look_at_memory(const HostFiles& files, const DoctorPlan& plan, std::vector<Finding>& out) {
  shared_memory(plan, out);
  const std::string folder = "/sys/kernel/mm/transparent_hugepage/";
  const std::string shmem = chosen(files.read(folder + "shmem_enabled").value_or("not there"));
  const bool granted = shmem == "advise" || shmem == "within_size" || shmem == "always";
  if (plan.huge_pages && !granted) {
    out.push_back({Level::Warning, "memory", "huge pages",
                   "segment.huge_pages is on, and the kernel's shmem_enabled is " + shmem,
                   "the request has no effect: more misses of the TLB",
                   "echo advise > " + folder + "shmem_enabled"});
  } else {
    out.push_back({Level::Good, "memory", "huge pages",
                   "for shared memory: " + shmem +
                       (plan.huge_pages ? "" : " (not asked for: segment.huge_pages)"),
                   "", ""});
  }
  const std::string defrag = chosen(files.read(folder + "defrag").value_or("not there"));
  if (chosen(files.read(folder + "enabled").value_or("")) == "always" && defrag == "always") {
    out.push_back({Level::Warning, "memory", "compaction",
                   "transparent huge pages: always, defrag always",
                   "a page fault may wait for memory to be compacted",
                   "echo defer+madvise > " + folder + "defrag"});
  }
  const std::string info = files.read("/proc/meminfo").value_or("");
  const std::uint64_t total = meminfo(info, "SwapTotal");
  const std::uint64_t used = total - std::min(total, meminfo(info, "SwapFree"));
  const long long swappiness = files.number("/proc/sys/vm/swappiness").value_or(60);
  if (total == 0) {
    out.push_back({Level::Good, "memory", "swap", "none", "", ""});
  } else {
    out.push_back(
        {swappiness > 10 || used > 0 ? Level::Warning : Level::Good, "memory", "swap",
         mib(used) + " of " + mib(total) + " used, vm.swappiness " + std::to_string(swappiness),
         "a page of a book that was swapped out costs a disk read",
         "swapoff -a, or sysctl vm.swappiness=1; systemd: MemorySwapMax=0"});
  }
  const std::uint64_t available = meminfo(info, "MemAvailable");
  if (available != 0) {
    const bool low = available < std::uint64_t{1} << 30;
    out.push_back({low ? Level::Warning : Level::Good, "memory", "available", mib(available),
                   "books, rings and recordings need some hundred MiB",
                   "see what uses it: free -m"});
  }
  const std::vector<int> nodes =
      parse_cores(files.read("/sys/devices/system/node/online").value_or("0"));
  if (nodes.size() > 1) {
    out.push_back(
        {Level::Note, "memory", "NUMA", std::to_string(nodes.size()) + " nodes",
         "cores of different nodes exchange cache lines slowly",
         "io threads, shards and strategies on one node, that of the network card: numactl -H"});
  }
}

}  // namespace steelyard
