#include "support/own_address.hpp"

#include <unistd.h>

namespace vagus::testing {

std::string own_loopback_address() {
  const auto process = static_cast<unsigned>(::getpid());
  return "127." + std::to_string(1 + (process >> 16) % 200) + "." + std::to_string((process >> 8) % 256) +
         "." + std::to_string(process % 256);
}

}  // namespace vagus::testing
