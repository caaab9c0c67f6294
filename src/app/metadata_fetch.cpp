// src/app/metadata_fetch.cpp -- asks every configured venue what it trades, before anything is
// started.
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <stdexcept>

#include "app/daemon.hpp"
#include "net/https_get.hpp"

namespace steelyard {
namespace {

struct Ask {
  const Venue* venue;
  const VenueConfig* config;
  RestRequest request;
};

[[nodiscard]] HttpAnswer get(boost::asio::io_context& io, TlsContext& tls, const Config& config,
                             const Ask& ask, const std::atomic<bool>& stop, std::string& url) {
  WsTarget target;
  target.host =
      ask.config->rest.host.empty() ? std::string{ask.venue->rest.host} : ask.config->rest.host;
  target.port =
      ask.config->rest.port.empty() ? std::string{ask.venue->rest.port} : ask.config->rest.port;
  target.path = ask.request.target;
  if (const std::size_t colon = config.network.proxy.rfind(':'); colon != std::string::npos) {
    target.proxy_host = config.network.proxy.substr(0, colon);
    target.proxy_port = config.network.proxy.substr(colon + 1);
  }
  url = "https://" + target.host + (target.port == "443" ? std::string{} : ":" + target.port) +
        target.path;
  HttpAnswer answer;
  bool done = false;
  https_get(
      io, tls, target,
      [&](HttpAnswer got) {
        answer = std::move(got);
        done = true;
      },
      ask.request.post ? std::optional<HttpPost>{HttpPost{ask.request.body}} : std::nullopt);
  while (!done && !stop.load(std::memory_order_relaxed)) {
    io.restart();
    io.run_one_for(std::chrono::milliseconds{50});
  }
  if (!done) answer.error = "stopped";
  if (answer.error.empty() && answer.status != 200) {
    answer.error = "status " + std::to_string(answer.status);
  }
  if (!answer.error.empty()) answer.error = url + ": " + answer.error;
  return answer;
}

}  // namespace

Metadata fetch_metadata(const Config& config, const std::atomic<bool>& stop) {
  boost::asio::io_context io;
  TlsContext tls{config.network.ca_file};
  Metadata metadata;
  for (const VenueConfig& wanted : config.venues) {
    const Venue& venue = *find_venue(wanted.name);
    for (const RestRequest& request : venue.instrument_lists()) {
      HttpAnswer answer;
      std::string url;
      for (int tries = 0; tries < 3; ++tries) {
        answer = get(io, tls, config, {&venue, &wanted, request}, stop, url);
        if (answer.error.empty() || stop.load(std::memory_order_relaxed)) break;
      }
      if (!answer.error.empty()) throw std::runtime_error{answer.error};
      answer.body.resize(answer.body_bytes);
      auto& list = metadata.by_venue[wanted.name];
      for (InstrumentInfo& info : venue.instruments(answer.body)) {
        list.push_back(std::move(info));
      }
      if (!config.recording.path.empty()) {
        metadata.answers.push_back({wanted.name, url, std::move(answer.body), answer.received});
      }
    }
  }
  return metadata;
}

}  // namespace steelyard
