// src/engine/latency_board.hpp -- how long things take, by book and by stream, as a live shard
// tells it in the segment.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "engine/entry.hpp"
#include "shm/segment.hpp"

namespace steelyard {

// Of each book, in this order: the time from the kernel's receive time to its published record, and
// that from one change of the book to the next.
inline constexpr std::string_view kBookLatencies[] = {"received to published", "update to update"};

// ... and of each connection: from the venue's own stamp to the kernel's receive time, and from
// there to the published record.
inline constexpr std::string_view kLinkLatencies[] = {"venue to received", "received to published"};

// One shard's. Takes all memory in the constructor.
class LatencyBoard {
 public:
  using OfBook = std::array<CompactHistogram, std::size(kBookLatencies)>;
  using OfLink = std::array<CompactHistogram, std::size(kLinkLatencies)>;

  // By instrument id and by connection id; a histogram without an entry counts for nobody.
  LatencyBoard(std::vector<OfBook> books, std::vector<OfLink> links)
      : books_{std::move(books)}, links_{std::move(links)}, updated_(books_.size()) {}

  // HOT. A message came, whatever becomes of it. Fetched answers and what a subscription begins
  // with are older than the way they took: `is_live` is false for those.
  void came(const Entry& entry, bool is_live) noexcept {
    if (!is_live || entry.answer || entry.message.venue_time.raw() == 0) return;
    if (entry.connection.raw() >= links_.size()) return;
    links_[entry.connection.raw()][0].record(entry.received.raw() - entry.message.venue_time.raw());
  }

  // HOT. A message became a record.
  void published(const Entry& entry, const Measured& latency, bool is_update) noexcept {
    if (entry.connection.raw() < links_.size()) {
      links_[entry.connection.raw()][1].record(latency);
    }
    const std::uint32_t book = entry.message.instrument.raw();
    if (book >= books_.size()) return;
    books_[book][0].record(latency);
    if (!is_update) return;
    if (updated_[book].raw() != 0) {
      books_[book][1].record(entry.received.raw() - updated_[book].raw());
    }
    updated_[book] = entry.received;
  }

 private:
  std::vector<OfBook> books_;
  std::vector<OfLink> links_;
  std::vector<TimestampNs> updated_;  // by instrument id: its last change; 0: none yet
};

}  // namespace steelyard
