#include "exporter/exporter.hpp"

#include "exporter/exposition.hpp"
#include "exporter/metrics.hpp"
#include "observe/health.hpp"
#include "observe/observer.hpp"

namespace steelyard {
namespace {

constexpr const char* kIndex =
    "steelyard exporter\n\n"
    "  /metrics   for Prometheus, as text or protobuf\n"
    "  /healthz   200 while the daemon is alive\n"
    "  /readyz    200 while its books are live; says which are not\n";

void append(std::string& text, const Trouble& trouble) {
  text += trouble.subject + ": " + trouble.what + " (" + trouble.fix + ")\n";
}

}  // namespace

WebResponse healthz(const Observation& seen) {
  WebResponse response;
  for (const Trouble& trouble : troubles(seen)) {
    if (trouble.level == Trouble::Level::Down) append(response.body, trouble);
  }
  response.status = response.body.empty() ? 200 : 503;
  if (response.body.empty()) response.body = "ok\n";
  return response;
}

WebResponse readyz(const Observation& seen, double ready_share) {
  WebResponse response = healthz(seen);
  if (response.status != 200) return response;
  const std::size_t live = seen.live_count();
  const std::size_t all = seen.instruments.size();
  const bool ready =
      all > 0 && static_cast<double>(live) >= ready_share * static_cast<double>(all) - 1e-9;
  response.status = ready ? 200 : 503;
  response.body = (ready ? "ready: " : "not ready: ") + std::to_string(live) + " of " +
                  std::to_string(all) + " books are live\n";
  for (const Trouble& trouble : troubles(seen)) append(response.body, trouble);
  return response;
}

void run_exporter(const ExporterOptions& options, const std::atomic<bool>& stop,
                  const std::function<void(const WebServer&)>& listening) {
  Observer observer{options.instance};
  WebServer::Handlers handlers;
  handlers.get = [&](const WebRequest& request) -> WebResponse {
    const bool metrics = request.path == "/metrics";
    const Observation& seen = metrics ? observer.look_closely() : observer.look();
    if (metrics) {
      const ExpositionFormat format = wanted_format(request.accept);
      return {200, content_type(format), exposition(metric_families(seen), format)};
    }
    if (request.path == "/healthz") return healthz(seen);
    if (request.path == "/readyz") return readyz(seen, options.ready_share);
    if (request.path == "/") return {200, "text/plain; charset=utf-8", kIndex};
    return {404, "text/plain; charset=utf-8", kIndex};
  };
  WebServer server{options.web, std::move(handlers)};
  listening(server);
  // Also without being asked: rates and alerts are of what happened in between.
  server.run(stop, std::chrono::milliseconds{250}, [&observer] { (void)observer.look(); });
}

}  // namespace steelyard
