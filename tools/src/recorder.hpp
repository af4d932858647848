/// What is going on, written down as it comes.
#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include <vagus/core/mutex.hpp>

#include "commands.hpp"
#include "end.hpp"
#include "recording.hpp"

namespace vagus::tools {

/// Has the end come when there is enough, or when it cannot be written. Safe from any thread.
class Recorder {
 public:
  /// All but the head have to outlive it. The beginning is now.
  Recorder(RecordingWriter& writer, RecordingHead head, const RecordOptions& options, End& end)
      : head_(std::move(head)), options_(options), end_(end), writer_(writer) {}

  /// Begins the recording, unless something that came before has done so: until then a file that is there is
  /// as it was.
  void begin();

  /// `missed`: so many before it were lost.
  void event(const HeardEvent& event, std::uint64_t missed);
  /// A call that was made at that time, and what it came to now.
  void call(const HeardEvent& called, TimePoint began, const Result<Value>& outcome);
  /// When nothing comes any more.
  void finish();
  /// What was written.
  std::string summary();

 private:
  void ensure_begun() VAGUS_REQUIRES(mutex_);
  bool has_enough() const VAGUS_REQUIRES(mutex_) {
    return options_.count != 0 && events_ + calls_ >= options_.count;
  }

  const RecordingHead head_;
  const RecordOptions& options_;
  End& end_;
  const TimePoint began_ = Deadline::now();
  Mutex mutex_;
  RecordingWriter& writer_ VAGUS_GUARDED_BY(mutex_);
  bool begun_ VAGUS_GUARDED_BY(mutex_) = false;
  std::uint64_t events_ VAGUS_GUARDED_BY(mutex_) = 0;
  std::uint64_t calls_ VAGUS_GUARDED_BY(mutex_) = 0;
  std::uint64_t lost_ VAGUS_GUARDED_BY(mutex_) = 0;
  Duration time_ VAGUS_GUARDED_BY(mutex_) = {};
};

}  // namespace vagus::tools
