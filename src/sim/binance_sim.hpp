// src/sim/binance_sim.hpp -- Binance spot and USD-M futures, from their documentation.
#pragma once

#include "sim/venue_sim.hpp"

namespace steelyard::sim {

class BinanceSim final : public VenueSim {
 public:
  BinanceSim(std::vector<InstrumentSpec> specs, const VenueSimOptions& options, bool futures);

  HttpReply on_request(std::string_view target) override;
  void on_open(Session& session) override;
  void on_text(Session& session, std::string_view text) override;

 protected:
  void step(Market& market) override;
  void keep_alive(Session& session, std::chrono::steady_clock::time_point now) override;
  void announce_shutdown(Session& session) override;
  [[nodiscard]] bool knows(Fault fault) const override;
  std::string delta_stream(const Session& session, const Market& market) const override;

 private:
  [[nodiscard]] HttpReply depth(std::string_view target);
  // Counts it in the calendar minute's budget. False: that is spent.
  [[nodiscard]] bool spend(std::uint32_t weight);
  [[nodiscard]] std::string exchange_info() const;
  void subscribe(Session& session, const std::string& stream);
  // Futures: books and quotes on /public, trades and liquidations on /market; elsewhere silence.
  [[nodiscard]] bool belongs(const Session& session, const std::string& stream) const;
  void publish(const Market& market, const std::string& suffix, const std::string& data);
  void publish_book(const Market& market, const Market::Diff& diff);

  bool futures_;
  std::uint32_t used_weight_ = 0;
  std::int64_t weight_minute_ = 0;
};

[[nodiscard]] std::vector<InstrumentSpec> binance_spot_instruments();
[[nodiscard]] std::vector<InstrumentSpec> binance_usdm_instruments();
[[nodiscard]] std::unique_ptr<VenueSim> make_binance_spot(const VenueSimOptions& options);
[[nodiscard]] std::unique_ptr<VenueSim> make_binance_usdm(const VenueSimOptions& options);

}  // namespace steelyard::sim
