/// The digits of pi.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

namespace pi {

/// "3.", and so many digits, from 1 on; the last one is cut off, not rounded. By Chudnovsky's series and
/// binary splitting. `on_progress` hears from 0 to 1 how much of the work is done, again and again.
///
/// GMP ends the process when there is not enough memory.
std::string compute_pi(std::int64_t digits, const std::function<void(double)>& on_progress);

}  // namespace pi
