#include "shm/link_making.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include "posix/datagram.hpp"
#include "posix/peer_credentials.hpp"
#include "posix/system_error.hpp"
#include "ring/ring_link.hpp"
#include "shm/greeting.hpp"
#include "shm/socket_lifeline.hpp"

namespace vagus::transport::shm {

namespace {

constexpr LinkTraits shm_traits{.scheme = "shm", .sees_death = true, .crosses_processes = true};

struct Segments {
  OwnSegment own;
  PeerSegment peer;
};

}  // namespace

bool send_hello(int socket, const TransportContext& context, OwnPart& own) {
  const ring::OwnMemory memory = own.segment.memory();
  const Bytes hello = encode_hello(context.hello, memory.ring_bytes, memory.arena.size());
  const std::array descriptors{own.segment.fd(), own.bell.write_end.get(), own.segment.arena_fd()};
  const int error = posix::send_datagram(
      socket, hello, std::span(descriptors).first(hello_descriptors(memory.arena.size())));
  if (error == EPIPE || error == ECONNRESET) return false;
  if (error != 0) posix::throw_system_error("sendmsg", "hello", error);
  own.segment.close_files();
  own.bell.write_end.reset();
  return true;
}

PeerPart check_hello(FirstDatagram::Outcome& outcome) {
  // Closed on the way out: mapped and opened anew, they have served.
  const posix::Datagram datagram = std::exchange(outcome.datagram, {});
  if (datagram.truncated) throw ProtocolError("the peer's first datagram is larger than any hello");
  PeerGreeting greeting = decode_hello(outcome.bytes);
  const std::size_t expected = hello_descriptors(greeting.arena_bytes);
  // Not the peer's fault: later there may be some.
  if (datagram.descriptors_lost && datagram.descriptor_count < expected) {
    throw TransportDisconnectedError("no descriptors are free for those that came with the hello");
  }
  if (datagram.descriptor_count != expected) {
    throw ProtocolError("the peer's hello carries " + std::to_string(datagram.descriptor_count) +
                        " descriptors, not " + std::to_string(expected));
  }
  const int arena = greeting.arena_bytes == 0 ? -1 : datagram.descriptors[2].get();
  return {
      .hello = std::move(greeting.hello),
      .segment = PeerSegment(datagram.descriptors[0].get(), greeting.ring_bytes, arena, greeting.arena_bytes),
      .bell = posix::open_passed_pipe(datagram.descriptors[1].get())};
}

std::unique_ptr<Link> make_link(const TransportContext& context, const ring::LinkOptions& options,
                                std::string description, OwnPart own, PeerPart peer, Dialled line,
                                std::shared_ptr<void> place) {
  const Credentials credentials = line.peer;
  auto lifeline = std::make_shared<SocketLifeline>(
      context.loop, context.log,
      LifelineDescriptors{std::move(line.socket), std::move(own.bell.read_end), std::move(peer.bell)},
      posix::to_string(credentials), std::move(line.fate));
  auto segments = std::make_shared<const Segments>(Segments{std::move(own.segment), std::move(peer.segment)});

  ring::RingLinkParts parts;
  parts.traits = &shm_traits;
  parts.peer_credentials = credentials;
  parts.max_received_size = context.limits.message_size;
  parts.max_sent_size = static_cast<std::size_t>(
      std::min<std::uint64_t>(context.limits.message_size, peer.hello.max_message_size));
  parts.peer_hello = std::move(peer.hello);
  parts.wait_policy = options.wait_policy;
  parts.trusts_peer = options.trusts_peer;
  parts.place = std::move(place);
  const ring::OwnMemory written = segments->own.memory();
  const ring::PeerMemory read = segments->peer.memory();
  if (!written.arena.empty()) {
    parts.arena = std::make_shared<ring::Arena>(written.arena, *read.control, segments);
    parts.trimmer = std::make_unique<ring::ArenaTrimmer>(context.loop, parts.arena);
  }
  parts.state = std::make_shared<ring::LinkState>(
      context.loop, context.log, std::move(description) + " with " + posix::to_string(credentials),
      ring::LinkMemory{.own = written, .peer = read, .owner = std::move(segments)}, std::move(lifeline));
  return std::make_unique<ring::RingLink>(std::move(parts));
}

}  // namespace vagus::transport::shm
