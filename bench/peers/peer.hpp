/// What somebody might use instead.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "limits/limits.hpp"
#include "process/pair.hpp"

namespace bench {

struct Peer {
  std::string name;      ///< `zeromq`
  std::string packages;  ///< of Debian, that it takes to build it; empty if it was built
  /// The ways to wait that it knows: block, and perhaps spin.
  std::vector<Waiting> modes = {};
  /// One request with so many bytes at a time, which come back.
  std::function<Pair(Pin, Waiting, std::size_t size)> echo = {};
  /// So many requests of 16 bytes under way; empty: it cannot.
  std::function<Pair(Pin, Waiting, std::size_t count)> in_flight = {};
};

/// One that only knows to block. `pair_of` makes a pair for requests of a size, so many of them under way.
Peer blocking_peer(std::string name, std::function<Pair(Pin, std::size_t size, std::size_t count)> pair_of);
/// One that can spin as well.
Peer waiting_peer(std::string name,
                  std::function<Pair(Pin, Waiting, std::size_t size, std::size_t count)> pair_of);

/// All, also those that were not built.
std::vector<Peer> peers();

// Each is defined only where it is built.
Peer boost_message_queue_peer();
Peer zeromq_peer();
Peer nng_peer();
Peer sd_bus_peer();
Peer capnproto_peer();
Peer grpc_peer();
Peer nats_peer();

}  // namespace bench
