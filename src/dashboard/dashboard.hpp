// src/dashboard/dashboard.hpp -- one page for a browser, fed from the segment over a WebSocket.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <string>

#include "web/web_server.hpp"

namespace steelyard {

struct DashboardOptions {
  std::string instance = "default";
  WebOptions web;
  std::chrono::milliseconds interval{200};  // between two messages to a page
};

// Serves until `stop`. `listening` is told the address once it can be opened. Throws WebError.
void run_dashboard(const DashboardOptions& options, const std::atomic<bool>& stop,
                   const std::function<void(const WebServer&)>& listening);

}  // namespace steelyard
