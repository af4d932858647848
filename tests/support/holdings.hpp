#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>

namespace vagus::testing {

/// What this process holds at one moment and a test may leave behind.
struct Holdings {
  std::set<std::string> threads;             ///< their ids
  std::set<std::string> children;            ///< their process ids, zombies too
  std::map<std::string, std::string> files;  ///< open file descriptors, and what each refers to
  std::set<std::string> shared_memory;       ///< files in /dev/shm with vagus in their name
  std::set<std::string> temporary_files;     ///< all below the temporary directory
};

/// Looks at this process. Threads that begin or end meanwhile may be missed.
Holdings look_at_this_process(const std::string& temporary_directory);

/// What `after` holds that `before` did not, one line for each thing. Empty if nothing is left.
std::string left_over(const Holdings& before, const Holdings& after);

/// Looks until nothing is left over, but for 5 s at most: threads and killed children take a moment to
/// vanish.
Holdings settled(const Holdings& before, const std::function<Holdings()>& look);

/// Ends and removes what would outlive this process, so that a failed test is no burden to the next one.
void clear_away(const Holdings& before, const Holdings& after);

/// Makes a directory and points TMPDIR and TEST_TMPDIR to it. To be called before there is a second thread.
std::string use_own_temporary_directory();

}  // namespace vagus::testing
