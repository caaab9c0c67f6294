// src/sim/okx_sim.hpp -- OKX v5 public channels, from their documentation.
#pragma once

#include <string_view>

#include "sim/venue_sim.hpp"

namespace steelyard::sim {

class OkxSim final : public VenueSim {
 public:
  OkxSim(std::vector<InstrumentSpec> specs, const VenueSimOptions& options);

  HttpReply on_request(std::string_view target) override;
  void on_text(Session& session, std::string_view text) override;

 protected:
  void step(Market& market) override;
  void idle(Market& market, std::chrono::steady_clock::time_point now) override;
  void keep_alive(Session& session, std::chrono::steady_clock::time_point now) override;
  void announce_shutdown(Session& session) override;
  void restart_ids(Market& market) override;
  [[nodiscard]] bool knows(Fault fault) const override;
  std::string delta_stream(const Session& session, const Market& market) const override;

 private:
  void change(Session& session, std::string_view operation, std::string_view id,
              std::string_view channel, std::string_view symbol, std::string_view type);
  void send_snapshot(Session& session, const Market& market);
  // A book update, to all who have subscribed to it.
  void push(const Market& market, const std::string& asks, const std::string& bids,
            std::uint64_t id);

  std::map<std::string, std::uint64_t> previous_;  // seqId sent last, by symbol
  std::map<std::string, std::chrono::steady_clock::time_point> last_update_;
};

[[nodiscard]] std::vector<InstrumentSpec> okx_instruments();
[[nodiscard]] std::unique_ptr<VenueSim> make_okx(const VenueSimOptions& options);

}  // namespace steelyard::sim
