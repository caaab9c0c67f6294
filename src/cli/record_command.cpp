#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <memory>
#include <thread>

#include "cli/commands.hpp"
#include "app/daemon.hpp"
#include "app/log.hpp"
#include "app/stop_signal.hpp"

namespace steelyard {
namespace {

int run(const std::string& path, const std::string& out, double seconds) {
  watch_stop_signals();
  Config config = load_config(path);
  config.recording.path = out;
  config.recording.digest = true;
  config.instance += "-record";
  start_log(config.log);
  Daemon daemon{config, fetch_metadata(config, stop_requested())};
  std::thread timer{[seconds] {
    const auto end = std::chrono::steady_clock::now() +
                     std::chrono::milliseconds{static_cast<std::int64_t>(seconds * 1000)};
    while (!stop_requested().load() && (seconds == 0.0 || std::chrono::steady_clock::now() < end)) {
      std::this_thread::sleep_for(std::chrono::milliseconds{20});
    }
    stop_requested() = true;
  }};
  daemon.run(stop_requested());
  timer.join();
  stop_log();
  std::printf("%016llx\n", static_cast<unsigned long long>(daemon.digest()));
  return kExitOk;
}

}  // namespace

void add_record_command(CLI::App& app, int& exit_code) {
  CLI::App* const command = app.add_subcommand(
      "record", "Runs a daemon that records every frame; prints the digest that replay must give");
  auto config = std::make_shared<std::string>();
  auto out = std::make_shared<std::string>();
  auto seconds = std::make_shared<double>(0.0);
  command->add_option("--config", *config, "Configuration file (TOML)")->required();
  command->add_option("--out", *out, "Recording to write; must not exist; %t is the time")
      ->required();
  command->add_option("--seconds", *seconds, "Ends after so long (0: at Ctrl-C)")
      ->check(CLI::Range(0.0, 1e9));
  command->callback([=, &exit_code] { exit_code = run(*config, *out, *seconds); });
}

}  // namespace steelyard
