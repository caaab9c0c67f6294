#include "core/agent.hpp"

#include <pthread.h>
#include <sched.h>
#include <time.h>

#include <cstring>

namespace steelyard {
namespace {

inline void pause_cpu() noexcept {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

}  // namespace

AgentStart enter_agent(const AgentOptions& options) noexcept {
  AgentStart refused;
  char name[16] = {};
  std::strncpy(name, options.name.c_str(), sizeof name - 1);
  pthread_setname_np(pthread_self(), name);
  if (options.core >= 0) {
    cpu_set_t cores;
    CPU_ZERO(&cores);
    CPU_SET(static_cast<std::size_t>(options.core), &cores);
    refused.pin_error = pthread_setaffinity_np(pthread_self(), sizeof cores, &cores);
  }
  if (options.scheduling == Scheduling::Fifo) {
    sched_param parameter{};
    parameter.sched_priority = options.fifo_priority;
    refused.scheduling_error = pthread_setschedparam(pthread_self(), SCHED_FIFO, &parameter);
  }
  return refused;
}

void Idler::idle(bool did_work) noexcept {
  constexpr std::uint32_t kSpins = 200;
  if (did_work) {
    rounds_ = 0;
    return;
  }
  if (policy_ == IdlePolicy::Spin || rounds_ < kSpins) {
    ++rounds_;
    pause_cpu();
  } else if (policy_ == IdlePolicy::Yield) {
    sched_yield();
  } else {
    const timespec nap{0, 50'000};
    nanosleep(&nap, nullptr);
  }
}

}  // namespace steelyard
