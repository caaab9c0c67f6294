#include "sim/capture_server.hpp"

#include <algorithm>
#include <boost/asio.hpp>
#include <functional>
#include <future>
#include <stdexcept>
#include <thread>
#include <utility>

#include "sim/capture_player.hpp"
#include "sim/server.hpp"

namespace steelyard::sim {

namespace net = boost::asio;

// How exactly messages keep their times.
constexpr std::chrono::milliseconds kTick{1};

struct CaptureServer::Impl {
  struct Venue {
    std::string name;
    std::unique_ptr<CapturePlayer> player;
    std::unique_ptr<Server> server;
  };

  template <typename Result>
  Result on_thread(const std::function<Result()>& work) {
    std::promise<Result> promise;
    std::future<Result> future = promise.get_future();
    net::post(io, [&] { promise.set_value(work()); });
    return future.get();
  }

  [[nodiscard]] bool all_finished() const {
    return std::all_of(venues.begin(), venues.end(),
                       [](const Venue& venue) { return venue.player->is_finished(); });
  }

  void tick() {
    timer.expires_after(kTick);
    timer.async_wait([this](boost::system::error_code error) {
      if (error) return;
      for (Venue& venue : venues) venue.player->on_tick();
      if (options.loop && all_finished()) {
        for (Venue& venue : venues) venue.player->restart();
      }
      tick();
    });
  }

  CaptureServerOptions options;
  Certificate certificate;
  net::io_context io{1};
  net::steady_timer timer{io};
  std::vector<Venue> venues;
  std::thread thread;
};

CaptureServer::CaptureServer(std::vector<RecordedVenue> recorded,
                             const CaptureServerOptions& options)
    : impl_{std::make_unique<Impl>()} {
  impl_->options = options;
  impl_->certificate = make_certificate(options.certificate);
  std::uint16_t port = options.first_port;
  for (RecordedVenue& venue : recorded) {
    Impl::Venue& serving = impl_->venues.emplace_back();
    serving.name = venue.name;
    serving.player = std::make_unique<CapturePlayer>(std::move(venue), options.speed);
    serving.server = std::make_unique<Server>(impl_->io, port, impl_->certificate, *serving.player);
    if (port != 0) ++port;
  }
  if (impl_->all_finished()) {
    throw std::runtime_error{"simulator: the recording holds no WebSocket connection to play"};
  }
  impl_->tick();
  impl_->thread = std::thread{[this] { impl_->io.run(); }};
}

CaptureServer::~CaptureServer() {
  net::post(impl_->io, [this] {
    impl_->timer.cancel();
    for (Impl::Venue& venue : impl_->venues) venue.server->stop();
    impl_->io.stop();
  });
  impl_->thread.join();
  // What was still under way goes with the context, before what it refers to.
  for (Impl::Venue& venue : impl_->venues) venue.server.reset();
}

std::uint16_t CaptureServer::port(const std::string& venue) const {
  for (const Impl::Venue& serving : impl_->venues) {
    if (serving.name == venue) return serving.server->port();
  }
  throw std::runtime_error{"simulator: the recording holds nothing of " + venue};
}

const std::string& CaptureServer::authority_pem() const noexcept {
  return impl_->certificate.authority_pem;
}

std::vector<CaptureServer::Progress> CaptureServer::progress() {
  return impl_->on_thread<std::vector<Progress>>([this] {
    std::vector<Progress> all;
    for (const Impl::Venue& venue : impl_->venues) {
      all.push_back({venue.name, venue.server->port(), venue.player->messages(),
                     venue.player->played(), venue.player->left(), venue.player->client_count()});
    }
    return all;
  });
}

bool CaptureServer::is_finished() {
  return impl_->on_thread<bool>([this] { return impl_->all_finished(); });
}

void CaptureServer::part() {
  impl_->on_thread<bool>([this] {
    for (Impl::Venue& venue : impl_->venues) {
      venue.server->stop_accepting();
      venue.player->close_clients();
    }
    return true;
  });
}

}  // namespace steelyard::sim
