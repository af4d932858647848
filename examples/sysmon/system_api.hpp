/// The contract between head and body: what the monitor can ask, declared once for both processes.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <vagus/vagus.hpp>

namespace sysmon {

// Plain structs travel as they are.

struct MemoryUsage {
  std::uint64_t total_bytes = 0;
  std::uint64_t available_bytes = 0;  ///< what programs can still get without swapping
  std::uint64_t swap_total_bytes = 0;
  std::uint64_t swap_free_bytes = 0;

  bool operator==(const MemoryUsage&) const = default;
};
VAGUS_FIELDS(MemoryUsage, total_bytes, available_bytes, swap_total_bytes, swap_free_bytes)

struct ProcessInfo {
  std::int64_t id = 0;
  std::string command;
  std::string state;  ///< one letter, as in ps
  std::uint32_t threads = 0;
  double cpu = 0.0;  ///< 1.0 is one core kept busy
  std::uint64_t memory_bytes = 0;
};
VAGUS_FIELDS(ProcessInfo, id, command, state, threads, cpu, memory_bytes)

enum class SortBy : std::uint8_t { cpu, memory };
VAGUS_ENUMERATORS(SortBy, cpu, memory)

class CpuApi : public vagus::ApiBase {
 public:
  using ApiBase::ApiBase;

  vagus::Method<std::vector<double>()> load{this, "load", "How busy each core is, from 0 to 1."};
  vagus::Event<void(std::vector<double> load)> changed{this, "changed",
                                                       "Sent each second: the load of each core."};
};

class MemoryApi : public vagus::ApiBase {
 public:
  using ApiBase::ApiBase;

  vagus::Method<MemoryUsage()> usage{this, "usage", "Main memory and swap."};
};

class ProcessesApi : public vagus::ApiBase {
 public:
  using ApiBase::ApiBase;

  vagus::Method<std::vector<ProcessInfo>(std::uint32_t count, vagus::Default<SortBy> sort_by)> top{
      this, "top", "The processes that use most.",
      vagus::params("count", vagus::param("sort_by", SortBy::cpu))};

  vagus::Method<void(std::int64_t process_id, int number)> signal{
      this, "signal", "Sends a signal, if the body was started with --allow-signal.",
      vagus::params("process_id", "number")};
};

/// The root: `system.cpu.load`, `system.memory.usage`, and so on.
class SystemApi : public vagus::ApiBase {
 public:
  using ApiBase::ApiBase;

  CpuApi cpu{this, "cpu"};
  MemoryApi memory{this, "memory"};
  ProcessesApi processes{this, "processes"};
};

/// What the demonstration tries out on its body: `lab.wait`, `lab.echo`.
class LabApi : public vagus::ApiBase {
 public:
  using ApiBase::ApiBase;

  vagus::Method<void(double seconds)> wait{this, "wait", "Returns after so long.", vagus::params("seconds")};
  vagus::Method<int(int number)> echo{this, "echo", "Returns its argument.", vagus::params("number")};
};

}  // namespace sysmon
