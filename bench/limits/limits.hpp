/// The least that two processes can do: pass bytes to and fro, without any call.
#pragma once

#include <cstddef>

#include "process/pair.hpp"
#include "timing/pace.hpp"

namespace bench {

/// How threads wait for the other side.
enum class Waiting {
  spin,      ///< they look until something is there
  adaptive,  ///< they look for 30 us if the other side last ran elsewhere, and then sleep
  block      ///< they sleep at once
};

const char* to_string(Waiting waiting) noexcept;

/// A record round a ring in shared memory each way.
struct RingEcho {
  Waiting waiting = Waiting::adaptive;
  /// What goes with the record, in blocks of memory that is there already; 0: nothing.
  std::size_t payload = 0;
  /// 2: in by the caller, read where it is, passed back, out by the caller. 4: in and out on either side.
  int copies = 2;
  Pace pace = {};
};

Pair ring_echo(Pin pin, const RingEcho& echo);
/// The caller's payload is 56 B, and lies in one cache line with the word that says whose turn it is; both
/// spin.
Pair line_echo(Pin pin);

/// Bytes through a socket; over TCP by the loopback interface.
struct SocketEcho {
  /// Adaptive: unless both ends share a processor, they look for 50 us whether something has come, and then
  /// read as all do who block.
  Waiting waiting = Waiting::block;
  std::size_t payload = 64;
  Pace pace = {};
};

Pair unix_socket_echo(Pin pin, const SocketEcho& echo);
Pair tcp_socket_echo(Pin pin, const SocketEcho& echo);

}  // namespace bench
