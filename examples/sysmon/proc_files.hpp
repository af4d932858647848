/// What the files in /proc say. The functions here only read text, so that they can be tested with any.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "system_api.hpp"

namespace sysmon {

/// Clock ticks since the machine was started.
struct CpuTimes {
  std::uint64_t busy = 0;
  std::uint64_t total = 0;
};

/// One entry per core, from the text of /proc/stat.
std::vector<CpuTimes> parse_cpu_times(std::string_view stat);

/// How busy each core was between the two, from 0 to 1. A core that was not there before counts as idle.
std::vector<double> load_between(const std::vector<CpuTimes>& before, const std::vector<CpuTimes>& after);

/// From the text of /proc/meminfo.
MemoryUsage parse_memory(std::string_view meminfo);

/// What /proc/PID/stat says about a process.
struct ProcessStat {
  std::string name;
  char state = '?';
  std::uint64_t ticks = 0;  ///< of processor time, since it was started
  std::uint32_t threads = 0;
  std::uint64_t started = 0;  ///< tells it from a later process of the same id
  std::uint64_t resident_pages = 0;
};

/// Empty if the text is not what it should be.
std::optional<ProcessStat> parse_process(std::string_view stat);

/// The command line from the text of /proc/PID/cmdline, without the program's folder and safe to show:
/// nothing but printable ASCII. Empty for a thread of the kernel.
std::string parse_command_line(std::string_view cmdline);

/// The whole file; empty if it cannot be read, as that of a process that has just ended.
std::string read_file(const std::string& path);

}  // namespace sysmon
