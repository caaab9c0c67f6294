#include "cli/replay_summary.hpp"

#include <ctime>
#include <iterator>
#include <string>
#include <string_view>

#include "cli/replay_counts.hpp"

namespace steelyard {
namespace {

using Count = unsigned long long;

[[nodiscard]] std::string time_text(TimestampNs at) {
  if (at.raw() == 0) return "-";
  const std::time_t seconds = at.raw() / 1'000'000'000;
  std::tm utc{};
  gmtime_r(&seconds, &utc);
  char text[64];
  const std::size_t size = std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &utc);
  std::snprintf(text + size, sizeof text - size, ".%06lldZ",
                static_cast<long long>(at.raw() % 1'000'000'000 / 1000));
  return text;
}

// A line for each row of the list; what has failures as "good/all".
void print_counts(std::FILE* out, const InstrumentSlot& slot) {
  const auto* const end = std::end(kSlotCounts);
  for (const auto* count = std::begin(kSlotCounts); count != end;) {
    const std::string_view row = count->row;
    std::fprintf(out, "  %-10s", count->row);
    for (; count != end && count->row == row; ++count) {
      const std::uint64_t value = count->value(slot);
      std::fprintf(out, "  %s %llu", count->text, Count{value});
      if (const auto* const next = count + 1; next != end && *next->text == '\0') {
        std::fprintf(out, "/%llu", Count{value + next->value(slot)});
        ++count;
      }
    }
    std::fprintf(out, "\n");
  }
}

void print_instrument(std::FILE* out, const InstrumentSlot& slot) {
  const InstrumentStats& stats = slot.stats;
  const Venue& venue = *venue_registry()[slot.instrument.venue];
  std::fprintf(out, "\n%.*s %s (%s, %.*s)\n", static_cast<int>(venue.name.size()),
               venue.name.data(), slot.instrument.symbol.c_str(), slot.instrument.name.c_str(),
               static_cast<int>(slot.rule.channel.size()), slot.rule.channel.data());
  print_counts(out, slot);
  const char* const state = slot.state == SyncState::Live ? "live"
                            : slot.had_book               ? "BROKEN"
                                                          : "no book";
  std::fprintf(out, "  records     %llu, from %s to %s, book at the end: %s (%u bids, %u asks)\n",
               Count{stats.records}, time_text(stats.first).c_str(), time_text(stats.last).c_str(),
               state, slot.book.levels(Side::Bid), slot.book.levels(Side::Ask));
  switch (slot.instrument.kind) {
    case ContractKind::Inverse:
      std::fprintf(out, "  units       contracts of %g quote units; signals in base units\n",
                   slot.instrument.scale.contract_size);
      break;
    case ContractKind::Quanto:
      std::fprintf(out, "  units       as sent: a quanto contract has no base units\n");
      break;
    default:
      if (!slot.instrument.has_metadata) {
        std::fprintf(out, "  units       as sent: the recording holds no metadata of it\n");
      }
      break;
  }
}

}  // namespace

void print_summary(std::FILE* out, const Replay& replay, const ReplayResult& result) {
  const LineCounts& lines = result.lines;
  std::fprintf(out, "lines       %llu\n", Count{lines.lines});
  const auto line = [out](const char* what, std::uint64_t count) {
    if (count != 0) std::fprintf(out, "  %-22s %llu\n", what, Count{count});
  };
  for (const LineCount& count : kLineCounts) line(count.text, lines.*count.value);
  for (std::size_t venue = 0; venue < result.ingress.size(); ++venue) {
    const IngressCounts& counts = result.ingress[venue];
    for (std::size_t status = 0; status < kDecodeStatuses; ++status) {
      const std::string name =
          std::string{venue_registry()[venue]->name} + " " +
          std::string{status == 0 ? std::string_view{"decoded"}
                                  : to_text(static_cast<DecodeStatus>(status))};
      line(name.c_str(), counts.by_status[status]);
    }
    if (counts.counts_ok + counts.counts_bad != 0) {
      std::fprintf(out, "  (its connections count: %llu/%llu in order, %llu duplicates)\n",
                   Count{counts.counts_ok}, Count{counts.counts_ok + counts.counts_bad},
                   Count{counts.duplicates});
    }
    if (counts.not_events != 0) {
      std::fprintf(out, "  (%llu of them held trades that are no events)\n",
                   Count{counts.not_events});
    }
    if (counts.rounded != 0) {
      std::fprintf(out, "  (rounded %llu numbers to the finest step that 64 bits hold)\n",
                   Count{counts.rounded});
    }
  }
  std::fprintf(out, "accounted   %llu%s\n", Count{result.accounted()},
               result.accounted() == lines.lines ? "" : "  NOT ALL");
  const Damage& damage = result.damage;
  if (damage.places != 0 || damage.records != 0) {
    std::fprintf(out, "DAMAGED     %llu places, %llu bytes lost, %llu frames known to be missing\n",
                 Count{damage.places}, Count{damage.bytes}, Count{damage.records});
  }
  if (!result.input_error.empty()) {
    std::fprintf(out, "CUT SHORT   %s\n", result.input_error.c_str());
  }
  for (const InstrumentSlot& slot : replay.shard().slots()) print_instrument(out, slot);
  const std::uint64_t messages = result.messages();
  const std::uint64_t levels = result.levels();
  const double seconds = static_cast<double>(result.pipeline_ns) / 1e9;
  std::fprintf(out,
               "\nrecords     %llu  resync requests %llu\nspeed       %.0f messages/s, %.0f ns per "
               "message, %.1f ns per level (frame to record; reading excluded)\n",
               Count{result.records}, Count{result.resync_requests},
               seconds > 0 ? static_cast<double>(messages) / seconds : 0.0,
               messages != 0 ? 1e9 * seconds / static_cast<double>(messages) : 0.0,
               levels != 0 ? 1e9 * seconds / static_cast<double>(levels) : 0.0);
  for (const std::string& book : result.broken_books) {
    std::fprintf(out, "BROKEN      %s had a book and ends without one\n", book.c_str());
  }
}

}  // namespace steelyard
