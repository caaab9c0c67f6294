#include <sys/utsname.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <fstream>
#include <functional>
#include <memory>

#include "cli/commands.hpp"
#include "measure/measure.hpp"
#include "observe/json_writer.hpp"

namespace steelyard {
namespace {

struct Arguments {
  bool json = false;
  bool quick = false;
  std::vector<std::string> only;
};

// One measurement as text and as JSON, from the same figures.
struct Report {
  std::string text;
  JsonWriter json;
};

constexpr const char* kReadMethod =
    "two processes, a core each: publisher and steelyard::Reader on a segment with 15 headline "
    "columns, "
    "a record every 10 us; from just before publish() to just after poll() returned it";
constexpr const char* kFrameMethod =
    "one thread, frames of ten levels (OKX books, 400 levels a side held), each stage with those "
    "before "
    "it; median of rounds, least and greatest";
constexpr const char* kWireMethod =
    "loopback TLS WebSocket, frames of ten levels: from just before the server hands one to TLS to "
    "its "
    "record's being complete in shared memory; the server on a core of its own, the daemon on the "
    "others";

[[nodiscard]] std::string machine() {
  std::string model = "unknown processor";
  std::ifstream info{"/proc/cpuinfo"};
  for (std::string line; std::getline(info, line);) {
    if (!line.starts_with("model name")) continue;
    model = line.substr(line.find(':') + 2);
    break;
  }
  utsname kernel{};
  uname(&kernel);
  return std::to_string(measure::allowed_cores().size()) + " x " + model + ", " + kernel.sysname +
         " " + kernel.release;
}

[[nodiscard]] double load() {
  double value = 0;
  std::ifstream{"/proc/loadavg"} >> value;
  return value;
}

template <typename... Values>
void print(std::string& text, const char* pattern, Values... values) {
  char line[256];
  std::snprintf(line, sizeof line, pattern, values...);
  text += line;
}

void add(Report& report, const char* name, const measure::Latencies& of, double unit) {
  const auto at = [&](double share) { return static_cast<double>(of.percentile(share)) / unit; };
  print(report.text, "  %-34s p50 %9.2f  p90 %9.2f  p99 %9.2f  p99.9 %9.2f  max %9.2f %s  (%zu)\n",
        name, at(0.5), at(0.9), at(0.99), at(0.999), at(1.0), unit > 1 ? "us" : "ns",
        of.sorted.size());
  report.json.begin_object()
      .member("name", name)
      .member("samples", of.sorted.size())
      .member("p50_ns", of.percentile(0.5))
      .member("p90_ns", of.percentile(0.9))
      .member("p99_ns", of.percentile(0.99))
      .member("p999_ns", of.percentile(0.999))
      .member("max_ns", of.percentile(1.0))
      .end_object();
}

void begin(Report& report, const char* key, const char* title, const char* method) {
  report.text += std::string{title} + "\n  (" + method + ")\n";
  report.json.key(key).begin_object().member("method", method).key("results").begin_array();
}

void finish(Report& report, bool json) {
  report.json.end_array().end_object();
  // Each as soon as it is there.
  std::fwrite(report.text.data(), 1, report.text.size(), json ? stderr : stdout);
  std::fflush(json ? stderr : stdout);
  report.text.clear();
}

void read_latency(Report& report, bool quick) {
  begin(report, "publish_to_read", "publish to read", kReadMethod);
  add(report, "100 000 records/s", measure::publish_to_read(quick ? 20'000 : 200'000, 10'000), 1.0);
  add(report, "1 000 records/s", measure::publish_to_read(quick ? 500 : 3'000, 1'000'000), 1.0);
}

void frame_cost(Report& report, bool quick) {
  begin(report, "frame_cost", "decode, book, signals", kFrameMethod);
  for (const measure::FrameCost& cost :
       measure::frame_cost(quick ? 5'000 : 20'000, quick ? 3 : 9)) {
    print(report.text, "  %-34s %9.0f ns  (%.0f to %.0f)\n", cost.stage.c_str(), cost.ns.median,
          cost.ns.low, cost.ns.high);
    report.json.begin_object().member("name", cost.stage);
    report.json.key("ns").brief(cost.ns.median);
    report.json.key("low_ns").brief(cost.ns.low);
    report.json.key("high_ns").brief(cost.ns.high).end_object();
  }
}

void wire_latency(Report& report, bool quick) {
  begin(report, "wire_to_record", "wire to shared memory", kWireMethod);
  for (const char* const idle : {"spin", "sleep"}) {
    // One for the server, one each for io thread, shard, and the rest.
    if (idle == std::string_view{"spin"} && measure::allowed_cores().size() < 4) {
      report.text += "  idle = spin: left out, four cores are needed\n";
      continue;
    }
    for (const double rate : {1'000.0, 10'000.0}) {
      const measure::WireLatency of = measure::wire_to_record(rate, quick ? 1 : 5, idle);
      char name[64];
      std::snprintf(name, sizeof name, "idle = %s, %.0f frames/s", idle, rate);
      add(report, name, of.latencies, 1000.0);
      if (of.latencies.sorted.size() != of.sent) {
        print(report.text, "    %zu of %llu frames arrived in time\n", of.latencies.sorted.size(),
              static_cast<unsigned long long>(of.sent));
      }
    }
  }
}

int run(const Arguments& arguments) {
  const auto wanted = [&](const char* name) {
    return arguments.only.empty() ||
           std::find(arguments.only.begin(), arguments.only.end(), name) != arguments.only.end();
  };
  Report report;
  report.json.begin_object()
      .member("machine", machine())
      .member("version", STEELYARD_VERSION)
      .member("load", load());
  print(report.text, "%s; load %.2f (quiet is near 0)\n", machine().c_str(), load());
  const std::pair<const char*, void (*)(Report&, bool)> parts[] = {
      {"read", read_latency}, {"frame", frame_cost}, {"wire", wire_latency}};
  int exit_code = kExitOk;
  for (const auto& [name, measure] : parts) {
    if (!wanted(name)) continue;
    try {
      measure(report, arguments.quick);
    } catch (const std::exception& error) {
      std::fprintf(stderr, "steelyard bench: %s: %s\n", name, error.what());
      exit_code = kExitFailed;
    }
    finish(report, arguments.json);
  }
  if (arguments.json) std::printf("%s}\n", report.json.text().c_str());
  return exit_code;
}

}  // namespace

void add_bench_command(CLI::App& app, int& exit_code) {
  CLI::App* const command = app.add_subcommand(
      "bench", "Measures this host: publish to read, cost of a frame, wire to shared memory");
  auto arguments = std::make_shared<Arguments>();
  command->add_flag("--json", arguments->json,
                    "As JSON on standard output; the text goes to standard error");
  command->add_flag("--quick", arguments->quick, "A tenth of the time, and of the trust");
  command->add_option("--only", arguments->only, "Only these: read, frame, wire")
      ->check(CLI::IsMember({"read", "frame", "wire"}));
  command->callback([arguments, &exit_code] { exit_code = run(*arguments); });
}

}  // namespace steelyard
