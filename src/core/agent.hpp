// src/core/agent.hpp -- a thread you can name: its core, its scheduling, and what it does when
// idle.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <thread>

namespace steelyard {

enum class IdlePolicy : std::uint8_t {
  Spin,   // never gives the core away: lowest latency, one core gone
  Yield,  // spins for a while, then yields: for cores shared with others
  Sleep,  // spins briefly, then sleeps 50 us at a time: for a laptop
};

enum class Scheduling : std::uint8_t { Normal, Fifo };

struct AgentOptions {
  std::string name;  // as seen in `ps -L`; 15 bytes are shown
  int core = -1;     // -1: wherever the kernel puts it
  IdlePolicy idle = IdlePolicy::Sleep;
  Scheduling scheduling = Scheduling::Normal;
  int fifo_priority = 10;  // 1 .. 49; below the kernel's interrupt threads
};

// What an agent was refused when it started: the agent runs all the same, and says so.
struct AgentStart {
  int pin_error = 0;         // errno of the refused pinning, or 0
  int scheduling_error = 0;  // errno of the refused scheduling class, or 0
};

// Sets the calling thread up as the options say.
AgentStart enter_agent(const AgentOptions& options) noexcept;

// What to do after a round of work that found nothing. One per agent.
class Idler {
 public:
  explicit Idler(IdlePolicy policy) noexcept : policy_{policy} {}
  void idle(bool did_work) noexcept;

 private:
  IdlePolicy policy_;
  std::uint32_t rounds_ = 0;
};

// Runs `work` (int do_work() noexcept: how much it did) on its own thread until stopped. The duty
// counter moves once a round, so that a supervisor can tell a hung agent from an idle one.
class AgentRunner {
 public:
  AgentRunner() = default;
  ~AgentRunner() { stop(); }
  AgentRunner(const AgentRunner&) = delete;
  AgentRunner& operator=(const AgentRunner&) = delete;

  template <typename Work>
  void start(const AgentOptions& options, Work* work) {
    thread_ = std::thread{[this, options, work] {
      const AgentStart refused = enter_agent(options);
      pin_error_.store(refused.pin_error, std::memory_order_relaxed);
      scheduling_error_.store(refused.scheduling_error, std::memory_order_relaxed);
      Idler idler{options.idle};
      while (!stop_.load(std::memory_order_relaxed)) {
        idler.idle(work->do_work() != 0);
        duty_.store(duty_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
      }
    }};
  }

  void stop() noexcept {
    stop_.store(true, std::memory_order_relaxed);
    if (thread_.joinable()) thread_.join();
  }

  [[nodiscard]] std::uint64_t duty() const noexcept {
    return duty_.load(std::memory_order_relaxed);
  }
  [[nodiscard]] AgentStart refused() const noexcept {
    return {pin_error_.load(std::memory_order_relaxed),
            scheduling_error_.load(std::memory_order_relaxed)};
  }

 private:
  std::thread thread_;
  std::atomic<bool> stop_{false};
  std::atomic<std::uint64_t> duty_{0};
  std::atomic<int> pin_error_{0};
  std::atomic<int> scheduling_error_{0};
};

}  // namespace steelyard
