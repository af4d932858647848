#include "report/machine.hpp"

#include <sys/utsname.h>

#include <fstream>

#include "process/cores.hpp"

namespace bench {

namespace {

std::string processor_model() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    const auto colon = line.find(": ");
    if (line.rfind("model name", 0) == 0 && colon != std::string::npos) return line.substr(colon + 2);
  }
  return "a processor that does not say what it is";
}

}  // namespace

std::string describe_machine() {
  utsname system{};
  ::uname(&system);
  std::string load;
  std::ifstream("/proc/loadavg") >> load;
  return processor_model() + ", " + std::to_string(processors().size()) + " processors, " + system.sysname +
         " " + system.release + ", compiler " + __VERSION__ + ", load before " + load;
}

}  // namespace bench
