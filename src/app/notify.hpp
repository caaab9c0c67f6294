// src/app/notify.hpp -- tells systemd how we are, if it asked to be told.
#pragma once

#include <cstdint>
#include <string_view>

namespace steelyard {

// "READY=1", "WATCHDOG=1", ... to $NOTIFY_SOCKET; nothing without one (sd_notify(3)).
void notify_supervisor(std::string_view state) noexcept;
// Half of $WATCHDOG_USEC in ns, or 0.
[[nodiscard]] std::int64_t watchdog_interval_ns() noexcept;

}  // namespace steelyard
