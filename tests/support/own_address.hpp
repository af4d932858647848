#pragma once

#include <string>

namespace vagus::testing {

/// One of 127.0.0.0/8 that no other process that tests uses, so that its ports are free.
std::string own_loopback_address();

}  // namespace vagus::testing
