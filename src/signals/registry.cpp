#include "signals/bar_regression.hpp"
#include "signals/bars.hpp"
#include "signals/cascade.hpp"
#include "signals/cross_venue.hpp"
#include "signals/depth_cost.hpp"
#include "signals/depth_imbalance.hpp"
#include "signals/deviation.hpp"
#include "signals/illiquidity.hpp"
#include "signals/liquidation.hpp"
#include "signals/mid_and_spread.hpp"
#include "signals/order_flow.hpp"
#include "signals/price_band.hpp"
#include "signals/queue_imbalance.hpp"
#include "signals/reversion.hpp"
#include "signals/signal.hpp"
#include "signals/time_weighted.hpp"
#include "signals/trade_flow.hpp"
#include "signals/true_range.hpp"
#include "signals/volatility.hpp"
#include "signals/weighted_mid.hpp"

namespace steelyard {
namespace {

constexpr SignalRow kSignals[] = {
    // The book,
    make_signal<MidAndSpread>(),    // S11, in part
    make_signal<QueueImbalance>(),  // S1
    make_signal<DepthImbalance>(),  // S2
    make_signal<PriceBand>(),       // S3
    make_signal<WeightedMid>(),     // S4
    make_signal<DepthCost>(),       // S11, in part
    // its flow, trades,
    make_signal<OrderFlow>(),  // S5, S6
    make_signal<TradeFlow>(),  // S7
    // what all of these are against what is usual,
    make_signal<Deviation>(),     // S8
    make_signal<TimeWeighted>(),  // S12
    // bars,
    make_signal<Bars>(),           // for S9 to S15
    make_signal<TrueRange>(),      // S9
    make_signal<BarRegression>(),  // S10
    make_signal<Illiquidity>(),    // S11, the rest
    make_signal<Volatility>(),     // S13
    make_signal<Reversion>(),      // S15
    // forced orders,
    make_signal<Liquidation>(),  // S14
    make_signal<Cascade>(),      // S14
    // and the other venues of a group.
    make_signal<CrossVenue>(),  // S16
};

}  // namespace

std::span<const SignalRow> signal_registry() noexcept { return kSignals; }

}  // namespace steelyard
