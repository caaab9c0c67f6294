#include "signals/cascade.hpp"
#include "signals/depth_imbalance.hpp"
#include "signals/deviation.hpp"
#include "signals/liquidation.hpp"
#include "signals/mid_and_spread.hpp"
#include "signals/order_flow.hpp"
#include "signals/price_band.hpp"
#include "signals/queue_imbalance.hpp"
#include "signals/signal.hpp"
#include "signals/time_weighted.hpp"
#include "signals/trade_flow.hpp"
#include "signals/weighted_mid.hpp"

namespace steelyard {
namespace {

constexpr SignalRow kSignals[] = {
    // The book,
    make_signal<MidAndSpread>(),
    make_signal<QueueImbalance>(),
    make_signal<DepthImbalance>(),
    make_signal<PriceBand>(),
    make_signal<WeightedMid>(),
    // its flow, trades,
    make_signal<OrderFlow>(),
    make_signal<TradeFlow>(),
    // what all of these are against what is usual,
    make_signal<Deviation>(),
    make_signal<TimeWeighted>(),
    // and forced orders.
    make_signal<Liquidation>(),
    make_signal<Cascade>(),
};

}  // namespace

std::span<const SignalRow> signal_registry() noexcept { return kSignals; }

}  // namespace steelyard
