#include "signals/bar_regression.hpp"
#include "signals/bars.hpp"
#include "signals/depth_cost.hpp"
#include "signals/depth_imbalance.hpp"
#include "signals/illiquidity.hpp"
#include "signals/mid_and_spread.hpp"
#include "signals/order_flow.hpp"
#include "signals/price_band.hpp"
#include "signals/queue_imbalance.hpp"
#include "signals/reversion.hpp"
#include "signals/signal.hpp"
#include "signals/true_range.hpp"
#include "signals/volatility.hpp"
#include "signals/weighted_mid.hpp"

namespace steelyard {
namespace {

constexpr SignalRow kSignals[] = {
    make_signal<MidAndSpread>(),  make_signal<QueueImbalance>(), make_signal<DepthImbalance>(),
    make_signal<PriceBand>(),     make_signal<WeightedMid>(),    make_signal<DepthCost>(),
    make_signal<OrderFlow>(),     make_signal<Bars>(),           make_signal<TrueRange>(),
    make_signal<BarRegression>(), make_signal<Illiquidity>(),    make_signal<Volatility>(),
    make_signal<Reversion>(),
};

}  // namespace

std::span<const SignalRow> signal_registry() noexcept { return kSignals; }

}  // namespace steelyard
