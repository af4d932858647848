#pragma once

#include <condition_variable>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <vagus/core/deadline.hpp>
#include <vagus/core/mutex.hpp>
#include <vagus/testing/transcript.hpp>

#include "spoken.hpp"

namespace vagus::testing {

/// The lines of a transcript, shared with the links that are recorded. Safe from any thread.
class Transcript::Record {
 public:
  explicit Record(const TranscriptOptions& options) : options_(options), begun_(Deadline::now()) {}

  const TranscriptOptions& options() const noexcept { return options_; }

  /// One message of a link. Its `spoken` is used with the lock of the lines held.
  void add(Spoken& spoken, const std::string& name, bool sent, std::span<const std::byte> bytes);
  /// Nothing is added from now on.
  void end();
  std::vector<std::string> lines() const;
  void clear();
  void wait_for(std::string_view text, Duration timeout) const;

 private:
  bool has(std::string_view text) const VAGUS_REQUIRES(mutex_);

  const TranscriptOptions options_;
  const TimePoint begun_;

  mutable Mutex mutex_;
  mutable std::condition_variable changed_;
  bool ended_ VAGUS_GUARDED_BY(mutex_) = false;
  std::vector<std::string> lines_ VAGUS_GUARDED_BY(mutex_);
};

}  // namespace vagus::testing
