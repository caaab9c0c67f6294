#include <sys/stat.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <stdexcept>
#include <thread>

#include "cli/commands.hpp"
#include "app/daemon.hpp"
#include "cli/live_view.hpp"
#include "app/log.hpp"
#include "app/stop_signal.hpp"
#include "sim/simulator.hpp"

namespace steelyard {
namespace {

// A directory of ours that is gone when we are.
class PrivateDirectory {
 public:
  PrivateDirectory() {
    if (mkdtemp(path_.data()) == nullptr) throw std::runtime_error{"no directory for the demo"};
  }
  ~PrivateDirectory() {
    unlink((path_ + "/ca.pem").c_str());
    unlink((path_ + "/daemon.log").c_str());
    rmdir(path_.c_str());
  }
  PrivateDirectory(const PrivateDirectory&) = delete;
  PrivateDirectory& operator=(const PrivateDirectory&) = delete;
  [[nodiscard]] const std::string& path() const noexcept { return path_; }

 private:
  std::string path_ = "/tmp/steelyard-demo-XXXXXX";
};

// Which venues, and which of their instruments.
constexpr std::pair<const char*, const char*> kShown[] = {
    {"binance-spot", "*"}, {"binance-usdm", "*"},   {"okx", "*"},
    {"kraken", "BTC/USD"}, {"coinbase", "BTC-USD"}, {"deribit", "BTC-PERPETUAL"},
};

[[nodiscard]] std::string demo_config(const sim::Simulator& simulator, const std::string& directory,
                                      const std::string& instance) {
  std::string text = "instance = \"" + instance + "\"\n[log]\npath = \"" + directory +
                     "/daemon.log\"\n[network]\nca_file = \"" + directory + "/ca.pem\"\n";
  for (const auto& [venue, instruments] : kShown) {
    const std::string at = "localhost:" + std::to_string(simulator.port(venue));
    text += "[venues." + std::string{venue} + "]\ninstruments = [\"" + instruments +
            "\"]\nwebsocket = \"" + at + "\"\nrest = \"" + at + "\"\n";
  }
  return text;
}

int run(double seconds, bool faults, const std::string& wanted_instance) {
  watch_stop_signals();
  const std::string instance =
      wanted_instance.empty() ? "demo-" + std::to_string(getpid()) : wanted_instance;
  const PrivateDirectory directory;
  sim::SimulatorOptions options;
  options.venues.clear();
  for (const auto& [venue, instruments] : kShown) options.venues[venue] = 0;
  options.random_faults = faults;
  sim::Simulator simulator{options};
  std::ofstream{directory.path() + "/ca.pem"} << simulator.authority_pem();
  const Config config =
      parse_config(demo_config(simulator, directory.path(), instance), "demo configuration");
  start_log(config.log);
  std::atomic<bool> stop{false};
  Daemon daemon{config, fetch_metadata(config, stop_requested())};
  std::thread conductor{[&] { daemon.run(stop); }};

  Reader reader;
  const bool attached = reader.wait_for(instance, std::chrono::seconds{10});
  const bool terminal = isatty(STDOUT_FILENO) != 0;
  const auto end = std::chrono::steady_clock::now() +
                   std::chrono::milliseconds{static_cast<std::int64_t>(seconds * 1000)};
  while (attached && !stop_requested().load() &&
         (seconds == 0.0 || std::chrono::steady_clock::now() < end)) {
    std::this_thread::sleep_for(std::chrono::milliseconds{terminal ? 250 : 1000});
    print_live_view(stdout, reader, terminal);
    std::printf(
        "\nsimulated venues over TLS WebSockets; instance %s: try\n"
        "  steelyard tail %s    steelyard status %s\n%s",
        instance.c_str(), instance.c_str(), instance.c_str(), terminal ? "Ctrl-C ends\n" : "\n");
    std::fflush(stdout);
  }
  stop = true;
  conductor.join();
  stop_log();
  std::printf("%llu records published\n", static_cast<unsigned long long>(daemon.records()));
  return attached && daemon.records() > 0 ? kExitOk : kExitFailed;
}

}  // namespace

void add_demo_command(CLI::App& app, int& exit_code) {
  CLI::App* const command = app.add_subcommand(
      "demo",
      "Everything at once, without network or keys: simulated venues, the daemon, live signals");
  auto seconds = std::make_shared<double>(isatty(STDOUT_FILENO) != 0 ? 0.0 : 10.0);
  auto faults = std::make_shared<bool>(false);
  auto instance = std::make_shared<std::string>();
  command
      ->add_option("--seconds", *seconds,
                   "Ends after so long (0: at Ctrl-C; 10 without a terminal)")
      ->check(CLI::Range(0.0, 1e9));
  command->add_flag("--faults", *faults, "With things going wrong on the wire all the time");
  command->add_option("--instance", *instance, "Name of the shared-memory segment");
  command->callback([=, &exit_code] { exit_code = run(*seconds, *faults, *instance); });
}

}  // namespace steelyard
