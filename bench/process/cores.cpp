#include "process/cores.hpp"

#include <sched.h>

#include <cerrno>
#include <fstream>
#include <string>
#include <system_error>

namespace bench {

namespace {

std::vector<int> allowed() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (::sched_getaffinity(0, sizeof set, &set) != 0) {
    throw std::system_error(errno, std::generic_category(), "sched_getaffinity");
  }
  std::vector<int> found;
  for (int processor = 0; processor < CPU_SETSIZE; ++processor) {
    if (CPU_ISSET(static_cast<unsigned>(processor), &set)) found.push_back(processor);
  }
  return found;
}

// What the kernel says of the place of a processor; empty where it says nothing.
std::string place_of(int processor) {
  const std::string folder = "/sys/devices/system/cpu/cpu" + std::to_string(processor) + "/topology/";
  std::string package;
  std::string core;
  std::ifstream(folder + "physical_package_id") >> package;
  std::ifstream(folder + "core_id") >> core;
  return package + ":" + core;
}

}  // namespace

const char* to_string(Pin pin) noexcept {
  switch (pin) {
    case Pin::split:
      return "split";
    case Pin::one:
      return "one";
    case Pin::none:
      return "none";
  }
  return "?";
}

const std::vector<int>& processors() {
  static const std::vector<int> all = allowed();
  return all;
}

Cores cores_of(Pin pin) {
  if (pin == Pin::none) return {};
  const int first = processors().front();
  if (pin == Pin::one || processors().size() == 1) return {first, first};
  for (const int other : processors()) {
    if (other != first && place_of(other) != place_of(first)) return {first, other};
  }
  return {first, processors()[1]};
}

void pin_to(int processor) {
  cpu_set_t set;
  CPU_ZERO(&set);
  for (const int each : processors()) {
    if (processor < 0 || each == processor) CPU_SET(static_cast<unsigned>(each), &set);
  }
  if (::sched_setaffinity(0, sizeof set, &set) != 0) {
    throw std::system_error(errno, std::generic_category(), "sched_setaffinity");
  }
}

}  // namespace bench
