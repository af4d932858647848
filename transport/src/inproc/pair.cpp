#include "inproc/pair.hpp"

#include <unistd.h>

#include <algorithm>
#include <new>

#include "inproc/pair_lifeline.hpp"
#include "posix/memory_mapping.hpp"
#include "ring/hand_over.hpp"
#include "ring/ring_link.hpp"

namespace vagus::transport::inproc {

namespace {

// Large messages on their way to one end, in rings: they lie outside of it, but are bounded like it.
constexpr std::size_t rings_of_large_messages = 4;

/// What one end writes.
struct Half {
  ring::Control* control;
  std::byte* ring;
  std::size_t ring_bytes;
  std::shared_ptr<ring::HandOver> large;

  Half(std::byte* memory, std::size_t bytes)
      : control(::new (memory) ring::Control),
        ring(memory + ring::ring_offset),
        ring_bytes(bytes),
        large(std::make_shared<ring::HandOver>(rings_of_large_messages * bytes)) {
    control->ring_bytes = bytes;
  }
};

Credentials own_credentials() { return {::getpid(), ::geteuid(), ::getegid()}; }

std::unique_ptr<Link> make_end(const PairEnd& own, const PairEnd& peer, const Half& written, const Half& read,
                               std::shared_ptr<const void> memory, std::shared_ptr<ring::Lifeline> lifeline) {
  static constexpr LinkTraits traits{.scheme = "inproc", .sees_death = true, .crosses_processes = false};
  ring::RingLinkParts parts;
  parts.traits = &traits;
  parts.peer_hello = peer.context.hello;
  parts.peer_credentials = own_credentials();
  parts.max_received_size = own.context.limits.message_size;
  parts.max_sent_size = std::min(own.context.limits.message_size, peer.context.limits.message_size);
  parts.wait_policy = own.options.wait_policy;
  parts.trusts_peer = true;  // it is this process
  parts.hand_over_out = written.large;
  parts.hand_over_in = read.large;
  parts.place = own.place;
  parts.state = std::make_shared<ring::LinkState>(
      own.context.loop, own.context.log, own.description,
      ring::LinkMemory{.own = {written.control, written.ring, written.ring_bytes},
                       .peer = {read.control, read.ring, read.ring_bytes},
                       .owner = std::move(memory)},
      std::move(lifeline));
  return std::make_unique<ring::RingLink>(std::move(parts));
}

}  // namespace

Pair make_pair(const PairEnd& head, const PairEnd& body) {
  const std::size_t head_size = ring::memory_size(head.options.ring_bytes);
  const auto memory = std::make_shared<const posix::MemoryMapping>(
      posix::MemoryMapping::anonymous(head_size + ring::memory_size(body.options.ring_bytes)));
  const Half by_head{memory->data(), head.options.ring_bytes};
  const Half by_body{memory->data() + head_size, body.options.ring_bytes};
  const auto lifelines =
      PairLifeline::make({&head.context.loop, &body.context.loop}, {&head.context.log, &body.context.log});
  Pair pair;
  pair.head = make_end(head, body, by_head, by_body, memory, lifelines[0]);
  pair.body = make_end(body, head, by_body, by_head, memory, lifelines[1]);
  return pair;
}

}  // namespace vagus::transport::inproc
