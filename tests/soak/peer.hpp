#pragma once

#include <string>

#include "load/child.hpp"

namespace vagus::soak {

/// One of the processes of a soak. Throws std::runtime_error for whatever a process must not do.
class Peer {
 public:
  /// `role` is body, head or visitor; they meet at `url`.
  Peer(const std::string& role, const std::string& url);

  const std::string& role() const noexcept { return role_; }
  load::Child& child() noexcept { return child_; }

  /// Nothing is wrong, and it runs.
  void check();
  /// Tells it to end, and waits until it has; nothing may be wrong then either.
  void end_in_order();

 private:
  void look_for_faults();

  std::string role_;
  load::Child child_;
};

}  // namespace vagus::soak
