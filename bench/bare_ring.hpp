/// The limit: two processes that pass a cache line to and fro in shared memory, and nothing else.
#pragma once

#include <sys/types.h>

namespace bench {

/// A word and 56 bytes in one cache line each way. The echoing side is a child process; it sleeps between
/// slices. Waits by spinning, or with `block` by a futex at once.
class BareRing {
 public:
  BareRing(int echo_core, bool block);
  ~BareRing();
  BareRing(const BareRing&) = delete;
  BareRing& operator=(const BareRing&) = delete;

  /// Between these two the echoing side is awake.
  void begin();
  void end();
  void round_trip();

 private:
  struct Shared;
  void echo();
  void pass(char mark);

  Shared* const shared_;
  const bool block_;
  pid_t child_ = -1;
  unsigned round_ = 0;
};

}  // namespace bench
