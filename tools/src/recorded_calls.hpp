/// Calls that were recorded, to be answered again.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include <vagus/core/mutex.hpp>

#include "recording.hpp"

namespace vagus::tools {

/// Knows what was answered to which method with which arguments. Safe from any thread.
class RecordedCalls {
 public:
  /// A call, in the order of the recording.
  void add(const RecordedEntry& call);
  bool empty() const;
  /// What was answered the first time, the next time the next; after the last one, the last again. None if
  /// there was no answer in time. Throws the error if it has failed, and UnsupportedApiError for what was not
  /// recorded.
  std::optional<Value> answer(const HeardEvent& called);

 private:
  struct Answers {
    std::vector<std::variant<Value, wire::ErrorMessage>> all;
    std::size_t next = 0;
  };

  const ExceptionTypes exceptions_;
  mutable Mutex mutex_;
  std::map<std::string, Answers> answers_ VAGUS_GUARDED_BY(mutex_);  // by name and arguments
  std::set<std::string> methods_ VAGUS_GUARDED_BY(mutex_);
};

}  // namespace vagus::tools
