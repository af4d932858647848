#include "process/usage.hpp"

#include <cerrno>
#include <fstream>
#include <stdexcept>
#include <string>
#include <system_error>

#include <time.h>

namespace bench {

double cpu_seconds(pid_t process) {
  clockid_t clock{};
  timespec time{};
  const int code = ::clock_getcpuclockid(process, &clock);
  if (code != 0) throw std::system_error(code, std::generic_category(), "clock_getcpuclockid");
  if (::clock_gettime(clock, &time) != 0) {
    throw std::system_error(errno, std::generic_category(), "clock_gettime");
  }
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

double proportional_memory(pid_t process) {
  std::ifstream file("/proc/" + std::to_string(process) + "/smaps_rollup");
  for (std::string word; file >> word;) {
    if (word != "Pss:") continue;
    double kibibytes = 0;
    file >> kibibytes;
    return kibibytes;
  }
  throw std::runtime_error("the kernel does not say how much memory a process uses");
}

}  // namespace bench
