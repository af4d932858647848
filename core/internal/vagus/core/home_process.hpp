/// Telling a process from one that was forked from it.
#pragma once

namespace vagus::detail {

/// How many forks lie between this process and the first of its ancestors that had this library. Costs one
/// relaxed load.
unsigned forks_so_far() noexcept;

/// The process in which something was made. In a child that was forked from it there is a copy of the thing,
/// with locks that nobody gives back and without the threads that it had, and what it shares with others is
/// its parent's.
class HomeProcess {
 public:
  /// Is this one forked from it?
  bool left() const noexcept { return forks_so_far() != made_after_; }

 private:
  unsigned made_after_ = forks_so_far();
};

}  // namespace vagus::detail
