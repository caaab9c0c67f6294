// src/exporter/exporter.hpp -- /metrics, /healthz and /readyz of one instance.
#pragma once

#include <atomic>
#include <functional>
#include <string>

#include "observe/observation.hpp"
#include "web/web_server.hpp"

namespace steelyard {

struct ExporterOptions {
  std::string instance = "default";
  WebOptions web;
  double ready_share = 1.0;  // of the instruments that must be live for /readyz, 0 to 1
};

// Serves until `stop`. `listening` is told the address. Throws WebError.
void run_exporter(const ExporterOptions& options, const std::atomic<bool>& stop,
                  const std::function<void(const WebServer&)>& listening);

// 200 and "ok" while the daemon is alive; else 503 and why.
[[nodiscard]] WebResponse healthz(const Observation& seen);
// 200 while it is alive and enough of its books are live; what is wrong is said in any case.
[[nodiscard]] WebResponse readyz(const Observation& seen, double ready_share);

}  // namespace steelyard
