#include <iterator>

#include "cli/program.hpp"

namespace steelyard {
namespace {

struct Foot {
  const char* command;
  const char* text;
};

// Every line below "Examples:" that is indented by two is a command line; what explains it, by six.
// Tests hold each of them to the parser.
constexpr Foot kFeet[] = {
    {"steelyard",
     "Start here:\n"
     "  steelyard demo                       everything at once, without network or keys\n"
     "  steelyard top demo                   what is going on, in another terminal\n"
     "  steelyard help COMMAND               what a command does, with examples\n"
     "\n"
     "Exit status: 0 done, 1 it ran and the outcome is bad, 2 unusable arguments or input."},
    {"steelyardd",
     "Examples:\n"
     "  steelyardd --config config/live.toml\n"
     "      the daemon; SIGTERM or Ctrl-C ends it within a second\n"
     "  steelyardd --config config/live.toml --check-config\n"
     "      what would be started, or what is wrong with the file\n"
     "\n"
     "Exit status:\n"
     "  0  stopped by SIGTERM or SIGINT, or the file is fine\n"
     "  1  a venue does not answer, or the instance is in use\n"
     "  2  unusable arguments or configuration"},
    {"demo",
     "Examples:\n"
     "  steelyard demo\n"
     "      a live table until Ctrl-C; try `steelyard top` on the instance that it names\n"
     "  steelyard demo --instance demo --faults\n"
     "      under a name of your own, with gaps, bad checksums and lost connections\n"
     "\n"
     "Exit status:\n"
     "  0  records were published\n"
     "  1  none were, or the daemon did not start"},
    {"top",
     "Examples:\n"
     "  steelyard top demo\n"
     "      h shows the keys, q quits\n"
     "  steelyard top live --interval 1 --no-colour\n"
     "      calmer, for a slow line\n"
     "\n"
     "Exit status:\n"
     "  0  you quit\n"
     "  1  standard input or output is no terminal"},
    {"dashboard",
     "Examples:\n"
     "  steelyard dashboard demo\n"
     "      prints the address to open: http://127.0.0.1:8787/\n"
     "  steelyard dashboard live --listen 0.0.0.0:8787\n"
     "      for other machines: makes a token and prints it as part of the address\n"
     "  steelyard dashboard live --listen 127.0.0.1:0\n"
     "      at any free port\n"
     "\n"
     "Exit status:\n"
     "  0  stopped\n"
     "  1  the address is in use, or is none of this machine"},
    {"exporter",
     "Examples:\n"
     "  steelyard exporter live\n"
     "      http://127.0.0.1:9187/metrics, /healthz and /readyz\n"
     "  steelyard exporter live --ready-share 0.9\n"
     "      ready once nine books of ten are live\n"
     "\n"
     "Exit status:\n"
     "  0  stopped\n"
     "  1  the address is in use, or is none of this machine"},
    {"tail",
     "Examples:\n"
     "  steelyard tail demo\n"
     "  steelyard tail demo --symbol BTCUSDT --format json\n"
     "      one JSON object a record, for jq and its like\n"
     "  steelyard tail live --format csv --count 100000\n"
     "      a sample as a table\n"
     "\n"
     "Exit status:\n"
     "  0  done\n"
     "  1  no publisher in time"},
    {"status",
     "Examples:\n"
     "  steelyard status live\n"
     "  steelyard status live --json\n"
     "      the same for programs; watch instruments_live\n"
     "\n"
     "Exit status:\n"
     "  0  alive\n"
     "  1  dead, or not there"},
    {"signals",
     "Examples:\n"
     "  steelyard signals\n"
     "  steelyard signals pbi_10bp ofi_*\n"
     "      these, and when not to trust them\n"
     "  steelyard signals --config config/live.toml --json\n"
     "      what this configuration publishes, for programs\n"
     "\n"
     "Exit status:\n"
     "  0  done\n"
     "  2  there is no such column"},
    {"replay",
     "Examples:\n"
     "  steelyard replay session.sly --digest\n"
     "      the hash that the recording daemon printed\n"
     "  steelyard replay session.sly --csv rows.csv --columns ts,sym,mid,pbi_10bp --only book\n"
     "      these columns of every change of a book\n"
     "  steelyard replay btc.ndjson.zst --config config/live.toml --csv -\n"
     "      with the parameters of a configuration, to standard output\n"
     "  steelyard replay session.sly --speed 10 --publish again\n"
     "      ten times as fast as it was, to shared memory: `steelyard top again`\n"
     "  steelyard replay session.sly --json | jq '.instruments[] | {symbol, gaps, checksums_bad}'\n"
     "      what was found, for programs\n"
     "\n"
     "Exit status:\n"
     "  0  done\n"
     "  1  a book was lost and did not come back\n"
     "  2  unusable arguments or input; what came before a damaged place was replayed"},
    {"record",
     "Examples:\n"
     "  steelyard record --config config/live.toml --out session-%t.sly --seconds 60\n"
     "      %t is the start time; prints the digest that replay must give\n"
     "\n"
     "Exit status:\n"
     "  0  done\n"
     "  2  unusable arguments or configuration, or a venue does not answer"},
    {"sim",
     "Examples:\n"
     "  steelyard sim\n"
     "      the venues of config/demo.toml, on loopback\n"
     "\n"
     "Exit status:\n"
     "  0  stopped\n"
     "  2  unusable arguments"},
    {"venues",
     "Examples:\n"
     "  steelyard venues\n"
     "  steelyard venues okx\n"
     "  steelyard venues --json\n"
     "\n"
     "Exit status:\n"
     "  0  done\n"
     "  2  there is no such venue"},
    {"instruments",
     "Examples:\n"
     "  steelyard instruments okx BTC-*\n"
     "  steelyard instruments binance-usdm --json\n"
     "\n"
     "Exit status:\n"
     "  0  done\n"
     "  1  the venue does not answer, or nothing matches\n"
     "  2  there is no such venue"},
    {"doctor",
     "Examples:\n"
     "  steelyard doctor\n"
     "      the host, against a daemon with defaults\n"
     "  steelyard doctor --config config/live.toml\n"
     "      against this configuration, and whether each of its venues can be reached\n"
     "  steelyard doctor --json\n"
     "\n"
     "Exit status:\n"
     "  0  nothing is bad (warnings may be)\n"
     "  1  something is\n"
     "  2  unusable arguments or configuration"},
    {"bench",
     "Examples:\n"
     "  steelyard bench --quick\n"
     "  steelyard bench --only read --json\n"
     "      one measurement, for programs\n"
     "\n"
     "Exit status:\n"
     "  0  done\n"
     "  1  something could not be measured: standard error says what"},
    {"completion",
     "Examples:\n"
     "  steelyard completion bash\n"
     "      eval \"$(steelyard completion bash)\" in ~/.bashrc\n"
     "  steelyard completion zsh\n"
     "      to a file _steelyard in a folder of $fpath\n"
     "  steelyard completion fish\n"
     "      to ~/.config/fish/completions/steelyard.fish\n"
     "\n"
     "Exit status:\n"
     "  0  done"},
    {"man",
     "Examples:\n"
     "  steelyard man top\n"
     "      steelyard man top | man -l -\n"
     "  steelyard man --dir /usr/local/share/man\n"
     "      writes all pages there\n"
     "\n"
     "Exit status:\n"
     "  0  done\n"
     "  1  the folder cannot be written\n"
     "  2  there is no such command"},
};

}  // namespace

std::string examples_of(const std::string& command) {
  for (const Foot& foot : kFeet) {
    if (command == foot.command) return foot.text;
  }
  return {};
}

}  // namespace steelyard
