#include "observe/verdict_text.hpp"

#include <iterator>
#include <utility>

#include "steelyard/types.hpp"

namespace steelyard {
namespace {

// Reasons first, then their consequences.
constexpr std::pair<std::uint32_t, std::string_view> kWords[] = {
    {kGap, "gap"},           {kBadChecksum, "bad-checksum"}, {kBadFrame, "bad-frame"},
    {kDiverged, "diverged"}, {kOverrun, "overrun"},          {kLinkDown, "link-down"},
    {kSyncing, "syncing"},   {kCrossed, "crossed"},          {kStale, "stale"},
    {kShallow, "shallow"}};

}  // namespace

std::string verdict_text(std::uint32_t validity) {
  if (validity == 0) return "live";
  if (validity == kShallow) return "live,shallow";
  std::string text;
  for (const auto& [bit, word] : kWords) {
    if ((validity & bit) == 0) continue;
    text.append(text.empty() ? "" : ",").append(word);
  }
  return text;
}

std::string_view verdict_word(std::uint32_t validity) noexcept {
  if (validity == 0) return "live";
  for (const auto& [bit, word] : kWords) {
    if ((validity & bit) != 0) return word;
  }
  return "unknown";
}

std::string proof_text(std::uint8_t proof) {
  constexpr std::pair<std::uint8_t, std::string_view> kProofs[] = {{kProofIds, "ids"},
                                                                   {kProofChecksum, "checksum"},
                                                                   {kProofCount, "count"},
                                                                   {kProofWhole, "whole"},
                                                                   {kUnproven, "unproven"}};
  std::string text;
  for (const auto& [bit, word] : kProofs) {
    if ((proof & bit) != 0) text.append(text.empty() ? "" : ",").append(word);
  }
  return text;
}

std::string_view kind_text(std::uint8_t kind) noexcept {
  constexpr std::string_view kKinds[] = {"spot", "linear", "inverse", "quanto", "option"};
  return kind < std::size(kKinds) ? kKinds[kind] : "unknown";
}

std::string_view event_text(std::uint8_t event) noexcept {
  constexpr std::string_view kEvents[] = {"snapshot", "delta", "trade", "liq", "reset", "timer"};
  return event < std::size(kEvents) ? kEvents[event] : "unknown";
}

}  // namespace steelyard
