#pragma once

#include <memory>
#include <span>
#include <string>

#include <vagus/transport/transport.hpp>

#include "posix/pipe.hpp"
#include "ring/link_options.hpp"
#include "shm/dialer.hpp"
#include "shm/first_datagram.hpp"
#include "shm/segment.hpp"

namespace vagus::transport::shm {

/// What this side brings into a link.
struct OwnPart {
  explicit OwnPart(std::size_t ring_bytes, std::size_t arena_bytes = 0)
      : segment(ring_bytes, arena_bytes), bell(posix::create_pipe()) {}

  OwnSegment segment;
  posix::Pipe bell;
};

/// Sends our hello with our memory and our bell. False if the peer has left: what it said before can still be
/// read. Throws if the system refuses.
[[nodiscard]] bool send_hello(int socket, const TransportContext& context, OwnPart& own);

/// What a peer brings into a link.
struct PeerPart {
  wire::Hello hello;
  PeerSegment segment;
  posix::FileDescriptor bell;
};

/// Checks what a peer has sent as its hello, and closes the descriptors that came with it. Throws
/// ProtocolError if it is none of ours, and what the peer says if it refuses.
PeerPart check_hello(FirstDatagram::Outcome& outcome);

/// Puts a link together. `description`: for messages. `line`: the socket, and who is at its other end.
std::unique_ptr<Link> make_link(const TransportContext& context, const ring::LinkOptions& options,
                                std::string description, OwnPart own, PeerPart peer, Dialled line,
                                std::shared_ptr<void> place);

}  // namespace vagus::transport::shm
