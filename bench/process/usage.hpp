/// What processes have used.
#pragma once

#include <sys/types.h>

namespace bench {

/// Seconds of processor time of all its threads so far, to the nanosecond. Throws std::system_error if there
/// is no such process.
double cpu_seconds(pid_t process);

/// Kibibytes of memory, what is shared with others counted in part: all processes together make the whole.
double proportional_memory(pid_t process);

}  // namespace bench
