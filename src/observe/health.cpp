#include "observe/health.hpp"

#include <algorithm>
#include <cmath>

#include "observe/verdict_text.hpp"

namespace steelyard {
namespace {

using Level = Trouble::Level;

struct BitAdvice {
  std::uint32_t bit;
  const char* what;
  const char* fix;
};
constexpr BitAdvice kBits[] = {
    {kGap, "messages are missing (sequence gap); the book waits for a snapshot",
     "passes by itself; if it returns, look at ring_refused and the load of the machine"},
    {kBadChecksum, "its book did not match the venue's checksum",
     "passes by itself; record and report it"},
    {kBadFrame, "a frame could not be decoded", "passes by itself; record and report it"},
    {kDiverged, "its top was not that of the venue's own best-bid-offer channel",
     "passes by itself; record and report it if it returns"},
    {kOverrun, "its input found no room", "more shards, threads.idle = \"spin\", larger ring_mib"},
    {kLinkDown, "its connection is down", "see the log for the reason; it reconnects by itself"},
    {kSyncing, "it has no book yet, or waits for a snapshot",
     "passes by itself; if not, see snapshot_failures and throttled"},
    {kCrossed, "its best bid is above its best ask", "passes by itself; often: data is missing"},
    {kStale, "it has been silent for too long", "the venue is quiet, or the stream is dead"},
};

struct CounterAdvice {
  const char* name;
  const char* what;
  const char* fix;
};
constexpr CounterAdvice kCounters[] = {
    {"ring_refused", "entries find the shard's ring full",
     "more shards, threads.idle = \"spin\", larger ring_mib"},
    {"tap_lost", "the recording misses frames", "a faster disk, larger recording.ring_mib"},
    {"malformed", "frames cannot be decoded", "record and report it"},
    {"rejected", "the venue refuses subscriptions", "the log has the venue's text"},
    {"throttled", "the venue limits this address", "fewer instruments or daemons an address"},
    {"snapshot_failures", "snapshots cannot be fetched", "the log has the reason"},
    {"disconnects", "connections break", "the log has the reasons"},
    {"no_data", "subscribed books bring nothing", "delisted, moved, or very quiet"},
};

void look_at_books(const Observation& seen, std::vector<Trouble>& out) {
  for (const SeenInstrument& instrument : seen.instruments) {
    const std::string subject = instrument.venue + " " + instrument.symbol;
    if (!instrument.there) {
      out.push_back({Level::NotReady, subject, "nothing was published of it yet",
                     "passes once its first snapshot is there"});
      continue;
    }
    if (instrument.is_live()) continue;
    std::string what;
    const char* fix = "passes by itself";
    for (const BitAdvice& advice : kBits) {
      if ((instrument.view.tick.validity & advice.bit) == 0) continue;
      if (what.empty()) {
        fix = advice.fix;
        what = advice.what;
      }
    }
    if (what.empty()) what = "its verdict has bits that this program does not know";
    out.push_back(
        {Level::NotReady, subject, verdict_text(instrument.view.tick.validity) + ": " + what, fix});
  }
}

void look_at_counters(const Observation& seen, std::vector<Trouble>& out) {
  for (const NamedCount& counter : seen.counters) {
    const std::size_t space = counter.name.rfind(' ');
    if (space == std::string::npos) continue;
    const std::string_view name = std::string_view{counter.name}.substr(space + 1);
    const std::string subject = counter.name.substr(0, space);
    if (name == "connections_open" && counter.value == 0) {
      out.push_back({Level::NotReady, subject, "no connection is open",
                     "see the log; `steelyard doctor --config FILE` tries every endpoint"});
    }
    for (const CounterAdvice& advice : kCounters) {
      // One a minute, smoothed over two seconds: what happened a moment ago.
      if (name != advice.name || counter.rate_hz < 0.017) continue;
      out.push_back({Level::Warning, subject + " " + std::string{name}, advice.what, advice.fix});
    }
  }
}

}  // namespace

std::vector<Trouble> troubles(const Observation& seen) {
  std::vector<Trouble> out;
  switch (seen.presence) {
    case Presence::Absent:
      out.push_back({Level::Down, "daemon", seen.reason.empty() ? "no segment" : seen.reason,
                     "start steelyardd, or name the instance it publishes"});
      return out;
    case Presence::Stopped:
      out.push_back({Level::Down, "daemon", "it was stopped; what is shown is its last state",
                     "start steelyardd"});
      return out;
    case Presence::Silent:
      out.push_back({Level::Down, "daemon",
                     "no heartbeat for " +
                         std::to_string(static_cast<long long>(seen.heartbeat_age_s)) +
                         " s: it was killed or hangs; nothing here is current",
                     "see its log; restart it"});
      return out;
    case Presence::Alive:
      break;
  }
  look_at_books(seen, out);
  look_at_counters(seen, out);
  std::stable_sort(out.begin(), out.end(),
                   [](const Trouble& a, const Trouble& b) { return a.level > b.level; });
  return out;
}

}  // namespace steelyard
