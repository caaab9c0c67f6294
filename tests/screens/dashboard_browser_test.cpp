// The dashboard as people see it: simulated venues, the daemon, `steelyard dashboard`, a browser.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <memory>
#include <sstream>

#include "support/browser.hpp"
#include "support/program.hpp"
#include "support/temporary_folder.hpp"

namespace steelyard {
namespace {

using testing::HasSubstr;
using testing::Not;

class DashboardInBrowser : public testing::Test {
 protected:
  DashboardInBrowser() { setenv("STEELYARD_SHM_DIR", (folder_ / "").c_str(), 1); }
  ~DashboardInBrowser() override { unsetenv("STEELYARD_SHM_DIR"); }

  void SetUp() override {
    if (!Browser::is_there()) GTEST_SKIP() << "no chromium: scripts/setup --browser installs it";
    start_daemon();
    dashboard_ = std::make_unique<ChildProcess>(start_program(
        {STEELYARD_BIN_DIR "/steelyard", "dashboard", "demo", "--listen", "127.0.0.1:0"}));
    browser_ = std::make_unique<Browser>(1500, 1250);
    browser_->open(dashboard_->read_line());
    ASSERT_TRUE(browser_->becomes("document.querySelectorAll('#rows .row').length >= 10"));
  }
  void start_daemon() {
    daemon_ = std::make_unique<ChildProcess>(start_program(
        {STEELYARD_BIN_DIR "/steelyard", "demo", "--instance", "demo", "--seconds", "0"}));
  }
  [[nodiscard]] std::string text(const std::string& selector) {
    return browser_->evaluate("document.querySelector('" + selector + "')?.textContent");
  }

  TemporaryFolder folder_;
  std::unique_ptr<ChildProcess> daemon_;
  std::unique_ptr<ChildProcess> dashboard_;
  std::unique_ptr<Browser> browser_;
};

TEST_F(DashboardInBrowser, ShowsTwoInstrumentsSideBySideThatMove) {
  ASSERT_TRUE(browser_->becomes("document.querySelectorAll('.panel canvas').length >= 6"));
  ASSERT_TRUE(browser_->becomes("document.querySelectorAll('.panel').length === 2"));
  EXPECT_TRUE(
      browser_->becomes("document.body.className === '' && "
                        "document.getElementById('presence').textContent === 'ALIVE'"));
  EXPECT_TRUE(browser_->becomes("document.querySelectorAll('.panel .bids .price').length === 40"));

  (void)browser_->evaluate("window.before = document.querySelector('.ladder').textContent");
  EXPECT_TRUE(browser_->becomes("document.querySelector('.ladder').textContent !== before"));
  EXPECT_TRUE(
      browser_->becomes("/\\d/.test(document.querySelector('.panel .u-series:nth-child(2) "
                        ".u-value').textContent)"))
      << "the legend tells the newest value";
  EXPECT_TRUE(browser_->becomes("document.querySelectorAll('#links tr').length > 4"));
  EXPECT_TRUE(browser_->becomes("document.querySelectorAll('#latency tr').length >= 4"));
  if (std::getenv("STEELYARD_SCREENSHOTS") != nullptr) {
    // Something to look at: charts with half a minute in them.
    (void)browser_->becomes("performance.now() > 19000");
    (void)browser_->becomes("performance.now() > 38000");
    for (int i = 0; i < 2; ++i) {
      browser_->picture("dashboard-" +
                        browser_->evaluate("document.documentElement.dataset.theme"));
      (void)browser_->evaluate("document.getElementById('theme').click()");
      (void)browser_->becomes(
          "window.later = window.later || performance.now() + 1500, performance.now() > later");
    }
    browser_->resize(420, 900);
    (void)browser_->becomes("false");
    browser_->picture("dashboard-phone");
  }
  EXPECT_EQ(browser_->complaints(), "");
}

TEST_F(DashboardInBrowser, OpensAndClosesAndKeepsWhatWasOpen) {
  ASSERT_TRUE(browser_->becomes("document.querySelectorAll('.panel').length === 2"));
  (void)browser_->evaluate("document.querySelectorAll('#rows .row')[7].click()");
  EXPECT_TRUE(browser_->becomes("document.querySelectorAll('.panel').length === 3"));
  (void)browser_->evaluate("document.querySelector('.panel .close').click()");
  EXPECT_TRUE(browser_->becomes("document.querySelectorAll('.panel').length === 2"));

  (void)browser_->evaluate("location.reload()");

  EXPECT_TRUE(
      browser_->becomes("document.querySelectorAll('.panel').length === 2 && "
                        "document.querySelector('.panel').dataset.key === 'binance-spot ETHUSDT'"));
}

TEST_F(DashboardInBrowser, SaysStaleWhenTheDaemonIsKilledAndComesBackWithTheNext) {
  ASSERT_TRUE(browser_->becomes("document.getElementById('presence').textContent === 'ALIVE'"));

  daemon_->kill();

  EXPECT_TRUE(browser_->becomes("document.getElementById('presence').textContent === 'STALE'"));
  EXPECT_THAT(text("#banner"), HasSubstr("STALE: no heartbeat of the daemon"));
  EXPECT_TRUE(browser_->becomes("document.querySelectorAll('.panel.doubtful').length === 2"));
  EXPECT_EQ(browser_->evaluate("document.title.startsWith('STALE')"), "true");
  EXPECT_EQ(browser_->evaluate("document.querySelectorAll('#rows .row:not(.doubtful)').length"),
            "0");
  browser_->picture("dashboard-stale");

  start_daemon();

  EXPECT_TRUE(browser_->becomes("document.getElementById('presence').textContent === 'ALIVE'"));
  EXPECT_TRUE(browser_->becomes("document.querySelectorAll('.panel.doubtful').length === 0"));
}

TEST_F(DashboardInBrowser, SaysStaleWhenTheDaemonIsStoppedInGoodOrder) {
  ASSERT_TRUE(browser_->becomes("document.getElementById('presence').textContent === 'ALIVE'"));
  daemon_->send(SIGTERM);
  EXPECT_TRUE(
      browser_->becomes("document.getElementById('banner').textContent.includes('was stopped')"));
}

TEST_F(DashboardInBrowser, SaysStaleWhenItsOwnServerIsGone) {
  ASSERT_TRUE(browser_->becomes("document.getElementById('presence').textContent === 'ALIVE'"));
  dashboard_->kill();
  EXPECT_TRUE(
      browser_->becomes("document.getElementById('banner').textContent.includes('no connection')"));
  EXPECT_TRUE(browser_->becomes("document.querySelectorAll('.panel.doubtful').length === 2"));
  EXPECT_THAT(text("#facts"), HasSubstr("0 of "));
}

TEST_F(DashboardInBrowser, AsksNoOtherHostForAnything) {
  ASSERT_TRUE(browser_->becomes("document.querySelectorAll('.panel canvas').length >= 6"));
  std::istringstream lines{browser_->requests()};
  int count = 0;
  for (std::string url; std::getline(lines, url); ++count) {
    EXPECT_TRUE(url.starts_with("http://127.0.0.1:") || url.starts_with("ws://127.0.0.1:") ||
                url.starts_with("data:") || url == "about:blank")
        << url;
  }
  EXPECT_GE(count, 8);
}

}  // namespace
}  // namespace steelyard
