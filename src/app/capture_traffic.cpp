#include "app/capture_traffic.hpp"

#include <algorithm>
#include <cstdio>
#include <map>
#include <optional>

#include "app/recording_header.hpp"
#include "capture/frame_source.hpp"
#include "venues/venue.hpp"

namespace steelyard {
namespace {

constexpr std::uint64_t kMostReports = 20;

[[nodiscard]] std::optional<sim::RecordedLine::Kind> kind_of(FrameKind kind) {
  switch (kind) {
    case FrameKind::Text:
      return sim::RecordedLine::Kind::Text;
    case FrameKind::Binary:
      return sim::RecordedLine::Kind::Binary;
    case FrameKind::Answer:
      return sim::RecordedLine::Kind::Answer;
    case FrameKind::LinkUp:
      return sim::RecordedLine::Kind::Up;
    case FrameKind::LinkDown:
      return sim::RecordedLine::Kind::Down;
    case FrameKind::Sent:
      return sim::RecordedLine::Kind::Sent;
    case FrameKind::Timer:
    case FrameKind::Lost:
      return {};
  }
  return {};
}

// What this version knows no venue for is still served, by the name of its host.
[[nodiscard]] std::string host_of(std::string_view url) {
  const std::size_t scheme = url.find("://");
  if (scheme == std::string_view::npos) return {};
  url.remove_prefix(scheme + 3);
  return std::string{url.substr(0, url.find_first_of(":/?"))};
}

class Collector {
 public:
  explicit Collector(MergedSource& source) : headers_(source.size()) {
    for (std::size_t file = 0; file < source.size(); ++file) {
      const std::string& text = source.source(file).header();
      if (text.empty()) continue;
      for (RecordedConnection& connection : read_header(text).connections) {
        const std::uint32_t id = connection.id;
        headers_[file].emplace(id, std::move(connection));
      }
    }
  }

  void add(const RecordedFrame& frame, std::size_t file, CaptureTraffic& traffic) {
    const auto kind = kind_of(frame.kind);
    if (!kind) return;
    std::string venue{frame.venue};
    std::string url{frame.url};
    std::string connection = std::to_string(file) + '/';
    if (const auto known = headers_[file].find(frame.connection_number);
        known != headers_[file].end()) {
      venue = known->second.venue;
      if (url.empty()) url = known->second.url;
      connection += std::to_string(frame.connection_number);
    } else {
      // A label may be used for a socket of each path.
      connection.append(frame.connection).append(1, ' ').append(url);
    }
    if (venue.empty()) {
      const Venue* const of = venue_of_url(url);
      venue = of != nullptr ? std::string{of->name} : host_of(url);
    }
    if (venue.empty()) {
      ++traffic.of_no_venue;
      return;
    }
    auto held = std::find_if(traffic.venues.begin(), traffic.venues.end(),
                             [&](const sim::RecordedVenue& other) { return other.name == venue; });
    if (held == traffic.venues.end()) {
      held = traffic.venues.insert(traffic.venues.end(), sim::RecordedVenue{venue, {}});
    }
    const auto number = numbers_.try_emplace(connection, numbers_.size()).first->second;
    held->lines.push_back({.ts_ns = frame.received.raw(),
                           .connection = static_cast<std::uint32_t>(number),
                           .kind = *kind,
                           .url = std::move(url),
                           .payload = std::string{frame.payload}});
  }

 private:
  std::vector<std::map<std::uint32_t, RecordedConnection>> headers_;  // by file
  std::map<std::string, std::size_t> numbers_;
};

}  // namespace

CaptureTraffic read_capture_traffic(const std::vector<std::string>& files,
                                    const std::string& venue) {
  CaptureTraffic traffic;
  MergedSource source{open_sources(files, {venue})};
  Collector collector{source};
  RecordedFrame frame;
  std::size_t file = 0;
  for (;;) {
    const Next next = source.next(frame, file);
    if (next == Next::End) return traffic;
    ++traffic.lines;
    if (next == Next::Frame) {
      collector.add(frame, file, traffic);
    } else if (traffic.malformed++ < kMostReports) {
      std::fprintf(stderr, "%s\n", source.source(file).error().c_str());
    }
  }
}

}  // namespace steelyard
