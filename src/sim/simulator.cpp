#include "sim/simulator.hpp"

#include <boost/asio.hpp>
#include <future>
#include <random>
#include <stdexcept>
#include <thread>
#include <utility>

#include "sim/registry.hpp"
#include "sim/server.hpp"

namespace steelyard::sim {

namespace net = boost::asio;

namespace {

// A contract's size in base units: so many of 10^-places.
[[nodiscard]] std::pair<std::int64_t, int> contract_units(const InstrumentSpec& spec) {
  std::int64_t units = spec.contract_value.empty() ? 1 : 0;
  int places = 0;
  bool fraction = false;
  for (const char c : spec.contract_value) {
    if (c == '.') {
      fraction = true;
      continue;
    }
    units = 10 * units + (c - '0');
    places += fraction ? 1 : 0;
  }
  return {units, places};
}

}  // namespace

struct Simulator::Impl {
  struct Venue {
    std::unique_ptr<VenueSim> sim;
    std::unique_ptr<Server> server;
  };

  template <typename Result>
  Result on_thread(std::function<Result()> work) {
    std::promise<Result> promise;
    std::future<Result> future = promise.get_future();
    net::post(io, [&] { promise.set_value(work()); });
    return future.get();
  }

  void tick() {
    timer.expires_at(timer.expiry() + options.market.tick);
    timer.async_wait([this](boost::system::error_code error) {
      if (error) return;
      for (auto& [name, venue] : venues) venue.sim->on_tick();
      if (options.random_faults && random() % 40 == 0) make_trouble();
      tick();
    });
  }

  void make_trouble() {
    auto venue = venues.begin();
    std::advance(venue, static_cast<std::ptrdiff_t>(random() % venues.size()));
    const auto fault = static_cast<Fault>(random() % std::size(kFaults));
    auto market = venue->second.sim->markets().begin();
    std::advance(market,
                 static_cast<std::ptrdiff_t>(random() % venue->second.sim->markets().size()));
    venue->second.sim->cause(fault, market->first);
  }

  SimulatorOptions options;
  Certificate certificate;
  net::io_context io{1};
  net::steady_timer timer{io};
  std::map<std::string, Venue> venues;
  std::mt19937_64 random{7};
  std::thread thread;
};

Simulator::Simulator(const SimulatorOptions& options) : impl_{std::make_unique<Impl>()} {
  impl_->options = options;
  impl_->certificate = make_certificate(options.certificate);
  for (const auto& [name, port] : options.venues) {
    Impl::Venue& venue = impl_->venues[name];
    const SimulatedVenue* const of = find_simulated(name);
    if (of == nullptr) {
      throw std::runtime_error{"simulator: \"" + name + "\" is none of " + simulated_names()};
    }
    venue.sim = of->make(options.market);
    venue.server = std::make_unique<Server>(impl_->io, port, impl_->certificate, *venue.sim);
  }
  impl_->timer.expires_at(std::chrono::steady_clock::now());
  impl_->tick();
  impl_->thread = std::thread{[this] { impl_->io.run(); }};
}

Simulator::~Simulator() {
  net::post(impl_->io, [this] {
    impl_->timer.cancel();
    for (auto& [name, venue] : impl_->venues) venue.server->stop();
    impl_->io.stop();
  });
  impl_->thread.join();
  // What was still under way goes with the context, before what it refers to.
  for (auto& [name, venue] : impl_->venues) venue.server.reset();
}

std::uint16_t Simulator::port(const std::string& venue) const {
  return impl_->venues.at(venue).server->port();
}

const std::string& Simulator::authority_pem() const noexcept {
  return impl_->certificate.authority_pem;
}

bool Simulator::cause(const std::string& venue, Fault fault, const std::string& symbol) {
  return impl_->on_thread<bool>([&] {
    const auto found = impl_->venues.find(venue);
    return found != impl_->venues.end() && found->second.sim->cause(fault, symbol);
  });
}

void Simulator::pause(bool paused) {
  impl_->on_thread<bool>([&] {
    for (auto& [name, venue] : impl_->venues) venue.sim->pause(paused);
    return true;
  });
}

SimBook Simulator::book(const std::string& venue, const std::string& symbol) {
  return impl_->on_thread<SimBook>([&] {
    SimBook book;
    const Market* const market = impl_->venues.at(venue).sim->market(symbol);
    if (market == nullptr) return book;
    book.id = market->diff_id();
    const InstrumentSpec& spec = market->spec();
    const auto [units, places] = contract_units(spec);
    const auto text = [&](std::int64_t price, std::int64_t qty) {
      return std::pair{decimal_text(price, spec.price_decimals, false),
                       decimal_text(qty * units, spec.qty_decimals + places, false)};
    };
    for (const auto& [price, qty] : market->bids()) book.bids.push_back(text(price, qty));
    for (const auto& [price, qty] : market->asks()) book.asks.push_back(text(price, qty));
    return book;
  });
}

std::uint64_t Simulator::impatient_requests(const std::string& venue) {
  return impl_->on_thread<std::uint64_t>(
      [&] { return impl_->venues.at(venue).sim->impatient_requests(); });
}

std::size_t Simulator::waiting_faults(const std::string& venue) {
  return impl_->on_thread<std::size_t>(
      [&] { return impl_->venues.at(venue).sim->waiting_faults(); });
}

std::size_t Simulator::clients(const std::string& venue) {
  return impl_->on_thread<std::size_t>([&] { return impl_->venues.at(venue).sim->client_count(); });
}

}  // namespace steelyard::sim
