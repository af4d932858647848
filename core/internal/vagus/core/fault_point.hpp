/// Places in the library at which a process can be made to die or to halt, for `./dev chaos`.
///
/// Only a build with VAGUS_FAULT_POINTS has them; in every other one a point is nothing at all.
#pragma once

#ifdef VAGUS_FAULT_POINTS

#include <functional>
#include <string_view>

namespace vagus::fault_points {

/// Has `action` run once, on whatever thread comes to this passage of the point; the first one from now on is
/// number 1. A former arming is void. From the start of a process, without a call, the environment does it:
/// `VAGUS_FAULT=ring.published:3:kill`, or `stop`, sends the process this signal.
void arm(std::string_view point, unsigned passage, std::function<void()> action);

/// A thread comes by. What the action throws ends the program.
void passed(std::string_view point) noexcept;

}  // namespace vagus::fault_points

#define VAGUS_FAULT_POINT(name) ::vagus::fault_points::passed(name)

#else

#define VAGUS_FAULT_POINT(name) static_cast<void>(0)

#endif
