#pragma once

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include <vagus/core/log.hpp>

#include "support/core/flag.hpp"

namespace vagus::testing {

/// Lines in the order in which they were written, from any thread.
class Notes {
 public:
  void add(std::string line) {
    std::lock_guard lock(mutex_);
    lines_.push_back(std::move(line));
    changed_.notify_all();
  }
  /// Waits for at least so many lines; false if they do not come.
  bool await(std::size_t count) const {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, generous, [&] { return lines_.size() >= count; });
  }
  /// Waits for a line that contains the text.
  bool await_line(std::string_view text) const {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, generous, [&] { return has(text); });
  }
  bool contains(std::string_view text) const {
    std::lock_guard lock(mutex_);
    return has(text);
  }
  std::vector<std::string> lines() const {
    std::lock_guard lock(mutex_);
    return lines_;
  }

 private:
  bool has(std::string_view text) const {
    return std::any_of(lines_.begin(), lines_.end(),
                       [&](const std::string& line) { return line.find(text) != std::string::npos; });
  }

  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  std::vector<std::string> lines_;
};

/// A log that is written down instead of shown.
class RecordedLog {
 public:
  explicit RecordedLog(LogLevel level = LogLevel::info)
      : log_([this](LogLevel, std::string_view line) { transcript_.add(std::string(line)); }, level) {}

  Log& log() noexcept { return log_; }
  const Notes& transcript() const noexcept { return transcript_; }

 private:
  Notes transcript_;
  Log log_;
};

}  // namespace vagus::testing
