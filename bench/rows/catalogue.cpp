#include "rows/catalogue.hpp"

#include <utility>

#include <fnmatch.h>

#include "rows/call_rows.hpp"
#include "rows/limit_rows.hpp"
#include "rows/socket_rows.hpp"

namespace bench {

namespace {

bool matches(const std::string& pattern, const RowName& name) {
  const std::string path = name.path();
  if (pattern.find_first_of("*?[") == std::string::npos) return path.find(pattern) != std::string::npos;
  return ::fnmatch(pattern.c_str(), path.c_str(), 0) == 0;
}

// Two processors are needed for a split, and for two ends that both never sleep.
bool possible(const Group& group) {
  if (processors().size() > 1) return true;
  for (const Subject& subject : group.subjects) {
    if (subject.pair.pin == Pin::split || subject.name.mode == to_string(Waiting::spin)) return false;
  }
  return true;
}

}  // namespace

void Catalogue::keep_quick() {
  std::erase_if(groups, [](const Group& group) { return !group.quick; });
  std::erase_if(probes, [](const Probe& probe) { return !probe.quick; });
}

void Catalogue::keep_only(const std::string& pattern) {
  std::erase_if(groups, [&](const Group& group) {
    for (const Subject& subject : group.subjects) {
      if (matches(pattern, subject.name)) return false;
    }
    return true;
  });
  std::erase_if(probes, [&](const Probe& probe) { return !matches(pattern, probe.name); });
}

Catalogue catalogue() {
  Catalogue all;
  add_limit_rows(all);
  add_call_rows(all);
  add_socket_rows(all);
  std::erase_if(all.groups, [](const Group& group) { return !possible(group); });
  return all;
}

}  // namespace bench
