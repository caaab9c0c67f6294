#include "app/log.hpp"

#include <spdlog/async.h>
#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <chrono>
#include <ctime>
#include <memory>
#include <stdexcept>

namespace steelyard {
namespace {

struct State {
  std::shared_ptr<spdlog::logger> logger;
  bool json = false;
  LogLevel least = LogLevel::Info;
};
State& state() {
  static State held;
  return held;
}

constexpr std::string_view kLevels[] = {"trace", "debug", "info", "warn", "error"};

void escape(std::string& out, std::string_view text) {
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      char code[8];
      std::snprintf(code, sizeof code, "\\u%04x", static_cast<unsigned>(c));
      out += code;
    } else {
      out += c;
    }
  }
}

[[nodiscard]] std::string now_text() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const auto us = std::chrono::duration_cast<std::chrono::microseconds>(now).count();
  const std::time_t seconds = us / 1'000'000;
  std::tm utc{};
  gmtime_r(&seconds, &utc);
  char text[48];
  const std::size_t size = std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &utc);
  std::snprintf(text + size, sizeof text - size, ".%06dZ", static_cast<int>(us % 1'000'000));
  return text;
}

}  // namespace

std::string format_event(bool json, LogLevel level, std::string_view time, std::string_view event,
                         const LogFields& fields) {
  const std::string_view name = kLevels[static_cast<std::size_t>(level)];
  std::string line;
  if (json) {
    line.append("{\"time\":\"").append(time).append("\",\"level\":\"").append(name);
    line.append("\",\"event\":\"");
    escape(line, event);
    line += '"';
    for (const auto& [key, value] : fields) {
      line.append(",\"").append(key).append("\":\"");
      escape(line, value);
      line += '"';
    }
    return line += '}';
  }
  line.append(time).append(1, ' ').append(name).append(6 - name.size(), ' ').append(event);
  for (const auto& [key, value] : fields) {
    line.append(1, ' ').append(key).append(1, '=');
    const bool plain = !value.empty() && value.find_first_of(" \"=\n\r\t") == std::string::npos;
    if (plain) {
      line += value;
    } else {
      line += '"';
      escape(line, value);
      line += '"';
    }
  }
  return line;
}

void start_log(const Config::Log& config) {
  State& held = state();
  held.json = config.json;
  for (std::size_t i = 0; i < std::size(kLevels); ++i) {
    if (kLevels[i] == config.level) held.least = static_cast<LogLevel>(i);
  }
  try {
    spdlog::init_thread_pool(8192, 1);
    held.logger =
        config.path.empty()
            ? spdlog::create_async_nb<spdlog::sinks::stderr_sink_mt>("steelyard")
            : spdlog::create_async_nb<spdlog::sinks::basic_file_sink_mt>("steelyard", config.path);
  } catch (const spdlog::spdlog_ex& error) {
    throw std::runtime_error{"log.path = \"" + config.path + "\": " + error.what()};
  }
  held.logger->set_pattern("%v");
  held.logger->set_level(spdlog::level::trace);
  held.logger->flush_on(spdlog::level::info);
}

void stop_log() {
  state().logger.reset();
  spdlog::shutdown();
}

void log_event(LogLevel level, std::string_view event, const LogFields& fields) {
  State& held = state();
  if (held.logger == nullptr || level < held.least) return;
  const std::string line = format_event(held.json, level, now_text(), event, fields);
  constexpr spdlog::level::level_enum kMap[] = {spdlog::level::trace, spdlog::level::debug,
                                                spdlog::level::info, spdlog::level::warn,
                                                spdlog::level::err};
  held.logger->log(kMap[static_cast<std::size_t>(level)], "{}", line);
}

}  // namespace steelyard
