#include "rare_log.hpp"

#include <chrono>
#include <utility>

namespace vagus {

namespace {

// Enough for a person to see what is going on.
constexpr int most_lines = 20;
constexpr Duration counted_time = std::chrono::seconds(30);

}  // namespace

void RareLog::warning(const std::string& line) { warning_at(Deadline::now(), line); }

void RareLog::warning_at(TimePoint now, const std::string& line) {
  std::uint64_t left_out = 0;
  {
    MutexLock lock(mutex_);
    if (now - counted_since_ >= counted_time) {
      counted_since_ = now;
      written_ = 0;
    }
    if (written_ >= most_lines) {
      ++left_out_;
      return;
    }
    ++written_;
    left_out = std::exchange(left_out_, 0);
  }
  log_.warning(left_out == 0 ? line : line + " (" + std::to_string(left_out) + " such lines were left out)");
}

}  // namespace vagus
