// src/book/book_sync.hpp -- what to do about a message: one table for all venues, proven when
// compiled.
#pragma once

#include <cstdint>

#include "core/channel_rules.hpp"

namespace steelyard {

enum class SyncState : std::uint8_t { Down, AwaitingSnapshot, Live };

enum class SyncInput : std::uint8_t {
  LinkUp,
  LinkDown,
  Snapshot,      // one that can be used
  SnapshotLate,  // older than the stream: of no use
  DeltaInOrder,
  DeltaStale,
  DeltaGap,
  BookInvalid,   // failed checksum, refused level, a frame that could not be decoded
  InputOverrun,  // input was refused for lack of room
  Deadline,      // a snapshot is awaited, and was for too long
};

enum class SyncAction : std::uint8_t {
  None,
  Load,  // replace the book
  Apply,
  Drop,
  Buffer,  // keep for the snapshot that is on its way
  RequestSnapshot,
  Invalidate,           // announce that there is no book any more
  InvalidateAndResync,  // announce it, then ask for a snapshot
};

struct SyncStep {
  SyncState state;
  SyncAction action;
};

[[nodiscard]] constexpr SyncStep step(SyncState state, SyncInput input,
                                      SnapshotSource source) noexcept {
  using enum SyncState;
  using enum SyncInput;
  using enum SyncAction;
  // An in-band snapshot follows all that it contains; a fetched one overtakes the stream.
  const SyncAction hold = source == SnapshotSource::OutOfBand ? Buffer : Drop;
  if (input == LinkDown) return {Down, state == Live ? Invalidate : None};
  switch (state) {
    case Down:
      if (input == LinkUp) return {AwaitingSnapshot, RequestSnapshot};
      return {Down, Drop};
    case AwaitingSnapshot:
      switch (input) {
        case Snapshot:
          return {Live, Load};
        case SnapshotLate:
        case BookInvalid:
        case InputOverrun:
        case Deadline:
          return {AwaitingSnapshot, RequestSnapshot};
        case DeltaInOrder:
        case DeltaStale:
        case DeltaGap:
          return {AwaitingSnapshot, hold};
        default:
          return {AwaitingSnapshot, None};
      }
    case Live:
      switch (input) {
        case Snapshot:
          return {Live, Load};  // a venue may restart its book unasked
        case DeltaInOrder:
          return {Live, Apply};
        case DeltaStale:
        case SnapshotLate:
          return {Live, Drop};
        case DeltaGap:
        case BookInvalid:
        case InputOverrun:
          return {AwaitingSnapshot, InvalidateAndResync};
        default:
          return {Live, None};
      }
  }
  return {Down, None};
}

// Over the whole table: a delta is applied to a live book only, and nothing leaves Live
// unannounced.
[[nodiscard]] constexpr bool sync_table_is_sound() noexcept {
  for (int source = 0; source <= 2; ++source) {
    for (int state = 0; state <= 2; ++state) {
      for (int input = 0; input <= static_cast<int>(SyncInput::Deadline); ++input) {
        const auto from = static_cast<SyncState>(state);
        const SyncStep next =
            step(from, static_cast<SyncInput>(input), static_cast<SnapshotSource>(source));
        const bool invalidates =
            next.action == SyncAction::Invalidate || next.action == SyncAction::InvalidateAndResync;
        if (next.action == SyncAction::Apply && from != SyncState::Live) return false;
        if (next.action == SyncAction::Buffer && from == SyncState::Live) return false;
        if (from == SyncState::Live && next.state != SyncState::Live && !invalidates) return false;
        if (from != SyncState::Live && invalidates) return false;
        if (next.state == SyncState::Live && from != SyncState::Live &&
            next.action != SyncAction::Load) {
          return false;
        }
      }
    }
  }
  return true;
}
static_assert(sync_table_is_sound());

}  // namespace steelyard
