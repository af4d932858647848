/// Log lines that a peer can cause.
#pragma once

#include <cstdint>
#include <string>

#include <vagus/core/deadline.hpp>
#include <vagus/core/log.hpp>
#include <vagus/core/mutex.hpp>

namespace vagus {

/// Warns at once, and when that comes too often, rarely: whoever causes it must not fill the log. What was
/// left out is counted, and told with the next line. Safe from any thread.
class RareLog {
 public:
  explicit RareLog(Log& log) : log_(log) {}

  void warning(const std::string& line);
  void warning_at(TimePoint now, const std::string& line);

 private:
  Log& log_;
  Mutex mutex_;
  TimePoint counted_since_ VAGUS_GUARDED_BY(mutex_){};
  int written_ VAGUS_GUARDED_BY(mutex_) = 0;  // since then
  std::uint64_t left_out_ VAGUS_GUARDED_BY(mutex_) = 0;
};

}  // namespace vagus
