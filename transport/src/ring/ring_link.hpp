#pragma once

#include <memory>
#include <string>

#include <vagus/transport/link.hpp>

#include "common/spin.hpp"
#include "ring/arena_trimmer.hpp"
#include "ring/hand_over.hpp"
#include "ring/link_state.hpp"
#include "ring/presence.hpp"
#include "ring/receiver.hpp"
#include "ring/sender.hpp"

namespace vagus::transport::ring {

/// All that a link is made of. `traits` lives for ever.
struct RingLinkParts {
  const LinkTraits* traits = nullptr;
  wire::Hello peer_hello;
  Credentials peer_credentials;
  std::size_t max_sent_size = 0;      ///< of a message
  std::size_t max_received_size = 0;  ///< of a message
  WaitPolicy wait_policy = WaitPolicy::adaptive;
  bool trusts_peer = false;  ///< small messages are decoded where it could still write
  std::shared_ptr<LinkState> state;
  std::shared_ptr<HandOver> hand_over_out;  ///< both null where the peer is in another process
  std::shared_ptr<HandOver> hand_over_in;
  std::shared_ptr<Arena> arena;           ///< what we send from; null: none
  std::unique_ptr<ArenaTrimmer> trimmer;  ///< null with that
  std::shared_ptr<void> place;            ///< in the listener's count of links
};

/// A link over two rings in memory that both ends see: shm and inproc differ in where the memory comes from
/// and in their lifeline.
class RingLink final : public Link {
 public:
  explicit RingLink(RingLinkParts parts);
  ~RingLink() override;
  RingLink(const RingLink&) = delete;
  RingLink& operator=(const RingLink&) = delete;

  const LinkTraits& traits() const noexcept override { return *parts_.traits; }
  const wire::Hello& peer_hello() const noexcept override { return parts_.peer_hello; }
  Credentials peer_credentials() const noexcept override { return parts_.peer_credentials; }
  std::size_t max_message_size() const noexcept override { return parts_.max_sent_size; }

  void start(LinkObserver& observer) override;

  const void* lender() const noexcept override { return parts_.arena.get(); }
  std::shared_ptr<wire::Block> borrow(std::size_t size) override;

  using Link::try_claim;
  ClaimStatus try_claim(std::size_t size, Slot& slot, Blocks blocks) override;
  bool commit(Slot& slot, std::size_t used) override;
  bool push(Slot& slot) override;
  void abandon(Slot& slot) noexcept override;
  void wait_writable(Deadline deadline) override;
  bool arm_writable() override;

  std::optional<std::span<const std::byte>> try_receive() override;
  wire::ReceivedBlock attached(std::uint32_t place) override;
  std::shared_ptr<const void> keep() override;
  void release() override;
  void disarm() override;
  void wait_readable(Deadline deadline, bool or_writable) override;
  bool arm() override;

  void interrupt() noexcept override;
  void close(const ErrorPtr& reason) noexcept override;
  void stop() noexcept override;

 private:
  template <typename Ready>
  bool look_on(const Ready& ready, Deadline deadline);
  bool after_sending(bool sent) noexcept;

  const RingLinkParts parts_;
  LinkState& state_;
  BellWaiter& waiter_;
  Presence presence_;
  Ringer ringer_;
  Sender sender_;      // the send turn's
  Receiver receiver_;  // the reader role's
};

}  // namespace vagus::transport::ring
