#include <linux/ethtool.h>
#include <linux/if.h>
#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <sstream>

#include "doctor/doctor.hpp"

namespace steelyard {
namespace {

using Level = Finding::Level;

// The last number of "4096 131072 6291456".
[[nodiscard]] long long last_number(const std::string& text) {
  std::istringstream words{text};
  long long value = 0;
  while (words >> value) {
  }
  return value;
}

}  // namespace

std::string default_interface(const HostFiles& files) {
  std::istringstream lines{files.read("/proc/net/route").value_or("")};
  std::string line;
  while (std::getline(lines, line)) {
    std::istringstream words{line};
    std::string name, destination;
    if (words >> name >> destination && destination == "00000000") return name;
  }
  return {};
}

void look_at_network(const HostFiles& files, std::vector<Finding>& out) {
  const auto receive = files.read("/proc/sys/net/ipv4/tcp_rmem");
  if (receive) {
    const long long most = last_number(*receive);
    out.push_back({most < 4'000'000 ? Level::Warning : Level::Good, "network", "receive buffer",
                   "TCP up to " + std::to_string(most >> 10) + " KiB",
                   "a burst that finds no room is sent again, tens of milliseconds later",
                   "sysctl net.ipv4.tcp_rmem=\"4096 262144 8388608\""});
  }
  if (files.number("/proc/sys/net/ipv4/tcp_slow_start_after_idle").value_or(0) != 0) {
    out.push_back({Level::Note, "network", "slow start", "after every pause of a connection",
                   "concerns what we send (snapshot requests), not the feed",
                   "sysctl net.ipv4.tcp_slow_start_after_idle=0"});
  }
  const std::string interface = default_interface(files);
  if (interface.empty()) {
    out.push_back({Level::Note, "network", "default route", "none",
                   "venues cannot be reached from here, but by a proxy", ""});
    return;
  }
  const std::string folder = "/sys/class/net/" + interface + "/statistics/";
  const long long dropped = files.number(folder + "rx_dropped").value_or(0) +
                            files.number(folder + "rx_missed_errors").value_or(0) +
                            files.number(folder + "rx_fifo_errors").value_or(0);
  const long long packets = files.number(folder + "rx_packets").value_or(0);
  out.push_back({dropped * 100'000 > packets && dropped > 0 ? Level::Warning : Level::Good,
                 "network", interface,
                 std::to_string(dropped) + " of " + std::to_string(packets) +
                     " packets dropped on receipt since boot",
                 "each is sent again after a time-out",
                 "ethtool -G " + interface + " rx 4096; see ethtool -S " + interface});
}

void look_at_coalescing(const std::string& interface, std::vector<Finding>& out) {
  if (interface.empty()) return;
  const int handle = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (handle < 0) return;
  ethtool_coalesce answer{};
  answer.cmd = ETHTOOL_GCOALESCE;
  ifreq request{};
  interface.copy(request.ifr_name, IFNAMSIZ - 1);
  request.ifr_data = reinterpret_cast<char*>(&answer);
  const int result = ioctl(handle, SIOCETHTOOL, &request);
  const int error = errno;
  close(handle);
  if (result != 0) {
    out.push_back({Level::Unknown, "network", "coalescing",
                   interface + " does not say (" + std::strerror(error) + ")", "", ""});
    return;
  }
  const bool adaptive = answer.use_adaptive_rx_coalesce != 0;
  const std::string text = interface + ": an interrupt waits up to " +
                           std::to_string(answer.rx_coalesce_usecs) + " us" +
                           (adaptive ? ", adaptive" : "");
  out.push_back({adaptive || answer.rx_coalesce_usecs > 10 ? Level::Warning : Level::Good,
                 "network", "coalescing", text, "added to every message that comes after a pause",
                 "ethtool -C " + interface + " adaptive-rx off rx-usecs 0"});
}

}  // namespace steelyard
