/// One computation, in a process of its own.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>
#include <vector>

namespace pi {

/// What that process does: `pi job`. Only compute_in_child() starts it, and kills it.
void run_job();

struct JobOrder {
  std::vector<std::string> command;  ///< a program that calls run_job()
  std::int64_t digits = 0;
  std::chrono::nanoseconds deadline{};  ///< for all of it, starting the process included
};

/// Starts the process, has it compute, and kills it whatever comes of it; at once after the deadline or when
/// a stop is requested. `on_progress` hears from 0 to 1 how far it is, not any more when this has returned.
/// Throws std::runtime_error that says why there are no digits.
std::string compute_in_child(const JobOrder& order, const std::stop_token& stop,
                             const std::function<void(double)>& on_progress);

}  // namespace pi
