#pragma once

#include <string>

namespace bench {

/// On what the figures were measured, and how busy it was just before: one line.
std::string describe_machine();

}  // namespace bench
