#include "dashboard/dashboard.hpp"

#include <map>

#include "dashboard/assets.hpp"
#include "dashboard/feed.hpp"
#include "observe/observer.hpp"

namespace steelyard {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::chrono::milliseconds kSecond{1000};
constexpr std::size_t kHistory = 600;  // samples, one a second: ten minutes

// The page loads its own files and talks to its own server: nothing else, whatever it was told.
constexpr const char* kPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

[[nodiscard]] std::int64_t utc_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

[[nodiscard]] WebResponse serve_asset(const WebRequest& request) {
  for (const Asset& asset : dashboard_assets()) {
    if (asset.path == request.path) {
      return {200, std::string{asset.content_type}, std::string{asset.body}};
    }
  }
  return {404, "text/plain; charset=utf-8", "nothing here; the page is at /\n"};
}

class Dashboard {
 public:
  explicit Dashboard(const DashboardOptions& options)
      : options_{options}, observer_{options.instance} {
    WebOptions web = options.web;
    web.content_security_policy = kPolicy;
    WebServer::Handlers handlers;
    handlers.get = serve_asset;
    handlers.opened = [this](WebServer::ClientId id) { pages_[id] = {}; };
    handlers.closed = [this](WebServer::ClientId id) { pages_.erase(id); };
    handlers.text = [this](WebServer::ClientId id, std::string_view text) {
      Page& page = pages_[id];
      page.watched = parse_watch(text);
      page.wants_history = page.watched;
    };
    server_ = std::make_unique<WebServer>(web, std::move(handlers));
  }

  void run(const std::atomic<bool>& stop) {
    server_->run(stop, options_.interval, [this] { tick(); });
  }
  [[nodiscard]] const WebServer& server() const noexcept { return *server_; }

 private:
  struct Page {
    std::vector<std::string> watched;
    std::vector<std::string> wants_history;
    Clock::time_point next_health;
  };

  void tick() {
    const Clock::time_point now = Clock::now();
    const Observation& seen = observer_.look();
    if (now >= next_sample_) {
      next_sample_ = now + kSecond;
      histories_.sample(seen);
      sampled_ms_ = utc_ms();
    }
    for (auto& [id, page] : pages_) feed(id, page, now);
  }

  // One message a tick at most: what a page has not taken yet is never queued behind.
  void feed(WebServer::ClientId id, Page& page, Clock::time_point now) {
    if (!server_->is_ready(id)) return;
    const Observation& seen = observer_.seen();
    if (!page.wants_history.empty()) {
      std::string text = history_message(seen, histories_, kSecond.count(), sampled_ms_,
                                         page.wants_history.front());
      page.wants_history.erase(page.wants_history.begin());
      if (!text.empty() && server_->push(id, std::move(text))) return;
    }
    if (now >= page.next_health) {
      page.next_health = now + kSecond;
      (void)server_->push(id, health_message(seen, page.watched));
      return;
    }
    (void)server_->push(id, state_message(seen, utc_ms(), page.watched));
  }

  DashboardOptions options_;
  Observer observer_;
  Histories histories_{charted_columns(), kHistory};
  std::map<WebServer::ClientId, Page> pages_;
  Clock::time_point next_sample_;
  std::int64_t sampled_ms_ = 0;
  std::unique_ptr<WebServer> server_;
};

}  // namespace

void run_dashboard(const DashboardOptions& options, const std::atomic<bool>& stop,
                   const std::function<void(const WebServer&)>& listening) {
  Dashboard dashboard{options};
  listening(dashboard.server());
  dashboard.run(stop);
}

}  // namespace steelyard
