// tests/support/sim_stream.hpp -- a recording made by the simulated venues' protocols, without a
// network.
#pragma once

#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "sim/binance_sim.hpp"
#include "sim/okx_sim.hpp"

namespace steelyard {

// One line of ndjson: what a client of the simulator received.
struct SimLine {
  std::int64_t ts;
  std::string url;
  std::string text;
  bool is_delta = false;
  std::string symbol;  // of a delta
};

class RecordingSession final : public sim::Session {
 public:
  void send(std::string text) override { received.push_back(std::move(text)); }
  void send_binary(std::string bytes) override { send(std::move(bytes)); }
  void send_slowly(sim::WireFrame frame) override { send(std::move(frame.bytes)); }
  void ping() override {}
  void close() override {}
  void tear() override {}
  [[nodiscard]] std::size_t queued() const override { return 0; }
  std::vector<std::string> received;
};

inline std::string json_quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

// `ticks` rounds of a venue, each 100 ms; Binance gets its snapshots after the third.
inline std::vector<SimLine> simulate(const std::string& venue, int ticks, std::uint64_t seed) {
  sim::VenueSimOptions options;
  options.seed = seed;
  RecordingSession session;
  std::vector<SimLine> lines;
  std::int64_t ts = 1'700'000'000'000'000'000;
  const auto flush = [&](const std::string& url) {
    for (std::string& text : session.received) {
      SimLine line{ts += 1000, url, std::move(text)};
      line.is_delta = line.text.find("depthUpdate") != std::string::npos ||
                      line.text.find("\"action\":\"update\"") != std::string::npos;
      const bool okx = line.text.find("\"instId\":\"") != std::string::npos;
      const std::string key = okx ? "\"instId\":\"" : "\"s\":\"";
      const std::size_t at = line.text.find(key);
      if (at != std::string::npos) {
        const std::size_t from = at + key.size();
        line.symbol = line.text.substr(from, line.text.find('"', from) - from);
      }
      lines.push_back(std::move(line));
    }
    session.received.clear();
  };
  std::unique_ptr<sim::VenueSim> of;
  std::string url, rest, subscribe;
  std::vector<std::string> symbols;
  if (venue == "okx") {
    of = std::make_unique<sim::OkxSim>(sim::okx_instruments(), options);
    url = "wss://ws.okx.com:8443/ws/v5/public";
    std::string args;
    for (const auto& [symbol, market] : of->markets()) {
      for (const char* const channel : {"books", "trades", "bbo-tbt"}) {
        args += (args.empty() ? "" : ",") + std::string{"{\"channel\":\""} + channel +
                "\",\"instId\":\"" + symbol + "\"}";
      }
    }
    subscribe = "{\"op\":\"subscribe\",\"args\":[" + args + "]}";
    session.path = "/ws/v5/public";
    rest = "https://www.okx.com";
  } else {
    const bool futures = venue != "binance-spot";
    of = std::make_unique<sim::BinanceSim>(
        futures ? sim::binance_usdm_instruments() : sim::binance_spot_instruments(), options,
        futures);
    url = futures ? "wss://fstream.binance.com/public/stream"
                  : "wss://stream.binance.com:9443/stream";
    rest = futures ? "https://fapi.binance.com/fapi/v1" : "https://api.binance.com/api/v3";
    session.path = futures ? "/public/stream" : "/stream";
    std::string params;
    for (const auto& [symbol, market] : of->markets()) {
      std::string low = symbol;
      for (char& c : low) c = static_cast<char>(c - 'A' + 'a');
      for (const char* const stream : {"@depth@100ms", "@bookTicker"}) {
        params += (params.empty() ? "\"" : ",\"") + low + stream + '"';
      }
      symbols.push_back(symbol);
    }
    subscribe = "{\"method\":\"SUBSCRIBE\",\"params\":[" + params + "],\"id\":1}";
    lines.push_back({ts, rest + "/exchangeInfo", of->on_request("/exchangeInfo").body, false, {}});
  }
  if (venue == "okx") {
    for (const char* const type : {"SPOT", "SWAP", "FUTURES"}) {
      const std::string target = std::string{"/api/v5/public/instruments?instType="} + type;
      lines.push_back({ts, rest + target, of->on_request(target).body, false, {}});
    }
  }
  of->on_open(session);
  of->on_text(session, subscribe);
  flush(url);
  for (int tick = 0; tick < ticks; ++tick) {
    of->on_tick();
    flush(url);
    if (tick == 2) {
      for (const std::string& symbol : symbols) {
        const std::string target = "/depth?symbol=" + symbol + "&limit=1000";
        lines.push_back({ts += 1000, rest + target, of->on_request(target).body, false, {}});
      }
    }
    ts += 100'000'000;
  }
  return lines;
}

inline void write_ndjson(const std::string& path, const std::vector<SimLine>& lines) {
  std::ofstream out{path};
  for (const SimLine& line : lines) {
    out << "{\"ts\":" << line.ts << ",\"dir\":\"in\",\"conn\":\"c\",\"url\":\"" << line.url
        << "\",\"msg\":" << json_quoted(line.text) << "}\n";
  }
}

}  // namespace steelyard
