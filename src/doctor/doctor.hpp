// src/doctor/doctor.hpp -- looks at a host as an expert would who has to run the daemon on it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "doctor/finding.hpp"
#include "doctor/host_files.hpp"

namespace steelyard {

// What is to run there; the defaults are those of the daemon.
struct DoctorPlan {
  std::string file;  // of the configuration; empty: none was given
  std::uint32_t io = 1;
  std::uint32_t shards = 1;
  std::vector<int> cores;  // pinned to, of io threads and shards
  bool spins = false;
  bool fifo = false;
  bool huge_pages = false;
  std::string shm_directory = "/dev/shm";
  std::uint64_t segment_bytes = 0;  // at least; 0: not known
  struct Venue {
    std::string name, host, port, path;
  };
  std::vector<Venue> venues;  // endpoints, WebSocket and REST
  std::string ca_file;        // empty: the system's
  std::string proxy;          // host:port
};

// Each looks at one area, by files alone; a test hands in its own.
void look_at_cpu(const HostFiles& files, const DoctorPlan& plan, std::vector<Finding>& out);
void look_at_clock(const HostFiles& files, std::vector<Finding>& out);
void look_at_memory(const HostFiles& files, const DoctorPlan& plan, std::vector<Finding>& out);
void look_at_network(const HostFiles& files, std::vector<Finding>& out);

// These ask the kernel about this process and this machine.
void look_at_clock_calls(std::vector<Finding>& out);
void look_at_limits(const DoctorPlan& plan, std::vector<Finding>& out);
void look_at_coalescing(const std::string& interface, std::vector<Finding>& out);

// DNS, TCP, TLS and clock of each endpoint, one after another, at most five seconds each.
void look_at_venues(const DoctorPlan& plan, std::vector<Finding>& out);

// The interface of the default route; empty if there is none.
[[nodiscard]] std::string default_interface(const HostFiles& files);

// All of it, but the venues.
[[nodiscard]] std::vector<Finding> examine_host(const DoctorPlan& plan);

}  // namespace steelyard
