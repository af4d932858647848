/// The contract between what carries messages and what makes calls of them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include <vagus/core/deadline.hpp>
#include <vagus/core/error.hpp>
#include <vagus/core/result.hpp>
#include <vagus/wire/block.hpp>
#include <vagus/wire/hello.hpp>

namespace vagus::transport {

/// What a kind of link can promise; the conformance suite asks here which cases apply.
struct LinkTraits {
  const char* scheme = "";
  bool sees_death = true;  ///< the peer's death is noticed at once, not by a timeout
  bool crosses_processes = true;
  /// What was sent arrives, or the link ends. Without it a message may be lost, and what waits for it ends at
  /// its deadline; that it comes once at most, and after those that were sent before it, holds for every
  /// link.
  bool reliable = true;
  std::size_t largest_message = 0;  ///< bytes: what no option raises; 0: there is no such limit
};

/// Who the peer is, as far as the transport can vouch for it. -1 where it cannot.
struct Credentials {
  std::int64_t process_id = -1;
  std::int64_t user_id = -1;
  std::int64_t group_id = -1;
  std::string certificate_name = {};  ///< in the TLS certificate that it has shown, checked; empty: none
  std::string address = {};           ///< of a peer on the network, without its port; empty: not from there
};

/// Space for one message that is about to be sent.
struct Slot {
  std::span<std::byte> bytes;  ///< write the message here
  std::uintptr_t token = 0;    ///< the link's own
};

/// What a message brings along besides its bytes.
using Blocks = std::span<const std::shared_ptr<wire::Block>>;

enum class ClaimStatus : std::uint8_t {
  claimed,
  full,        ///< no space now: wait_writable() or arm_writable(), then again
  too_large,   ///< over max_message_size(), never fits
  unlendable,  ///< too large, or with too many blocks, to bring them along now: pack it anew, with copies
  closed
};

/// What the receiver of a link's events implements. The calls come on threads of the event loop, no lock
/// held; those of one link may overlap each other, each kind never overlaps itself: one that falls due while
/// the same is under way follows it on that thread, so a long on_readable() holds up the next. None may
/// throw.
class LinkObserver {
 public:
  virtual ~LinkObserver() = default;
  /// After Link::arm(): there may be something to read. One that was on its way when the link was disarmed
  /// may still come.
  virtual void on_readable() = 0;
  /// After Link::arm_writable(): there may be space again.
  virtual void on_writable() = 0;
  /// Once, when the link has ended: TransportDisconnectedError if the peer died or left, ProtocolError if it
  /// broke the rules, the reason that close() was given. What had arrived before can still be received.
  virtual void on_closed(const ErrorPtr& reason) = 0;
};

/// One live connection to one peer. Messages arrive in the order in which they were sent, whole, once.
///
/// Sending: one thread at a time holds the *send turn* and calls try_claim, commit, push, abandon,
/// wait_writable. Receiving: one thread at a time holds the *reader role* and calls try_receive, release,
/// wait_readable, arm. The two may overlap. Who holds them is the caller's business. interrupt(), close() and
/// the getters are safe from any thread. Nothing blocks but the functions named wait_.
///
/// Lifetime: start() first, once. close() returns at once; stop() closes, and when it has returned no call
/// into the observer is under way or comes (called from inside the observer it does not wait for that call).
/// Destruction stops. No function waits for the peer: a frozen or hostile one costs time only in the
/// functions named wait_, up to their deadline.
class Link {
 public:
  virtual ~Link() = default;

  virtual const LinkTraits& traits() const noexcept = 0;
  /// The peer's hello; known before the link is handed out. Its version is 0 if it said none.
  virtual const wire::Hello& peer_hello() const noexcept = 0;
  virtual Credentials peer_credentials() const noexcept = 0;
  /// The largest message that may be sent: what both ends allow.
  virtual std::size_t max_message_size() const noexcept = 0;

  /// Begins to call the observer, which has to outlive stop().
  virtual void start(LinkObserver& observer) = 0;

  // Memory that both ends see; by any thread ------------------------------------------------------

  /// What the blocks of this link have as their lender; null: it shares no memory.
  virtual const void* lender() const noexcept = 0;
  /// Memory to be filled and sent with a message; its contents are those of former messages to this peer.
  /// Null if this link lends none of this size; OverloadedError if it could, but the peer has given back too
  /// little.
  virtual std::shared_ptr<wire::Block> borrow(std::size_t size) = 0;

  // Sending ---------------------------------------------------------------------------------------

  /// Space for one message of `size` bytes, in the link's own memory where it fits there. The send turn is
  /// kept until commit or push have returned true, or abandon. `blocks`, borrowed from this link, come with
  /// it.
  virtual ClaimStatus try_claim(std::size_t size, Slot& slot, Blocks blocks) = 0;
  ClaimStatus try_claim(std::size_t size, Slot& slot) { return try_claim(size, slot, {}); }

  /// Sends the first `used` bytes of the slot, and wakes the peer if it sleeps. True: sent, the slot is gone.
  /// False: so large that only a part fits for now; go on with push() when there is space. After the link has
  /// ended: true.
  virtual bool commit(Slot& slot, std::size_t used) = 0;

  /// Sends more of a message of which commit() returned false; true when all of it is sent or the link has
  /// ended.
  virtual bool push(Slot& slot) = 0;

  /// Gives a claimed slot back unsent, or breaks off a message that is sent in part: the peer never sees it.
  virtual void abandon(Slot& slot) noexcept = 0;

  /// Waits, holding the send turn but not the reader role, until there may be space for what was refused
  /// last, the link has ended or was interrupted, or the deadline.
  virtual void wait_writable(Deadline deadline) = 0;

  /// Asks for one on_writable() when there is space again for what was refused last. False: there is already,
  /// and no call will come. Safe from any thread.
  virtual bool arm_writable() = 0;

  // Receiving -------------------------------------------------------------------------------------

  /// The next message in place, valid until release(), which comes before the next try_receive(); empty if
  /// there is none now, or only a part of one. Messages that arrived before the link ended are still given. A
  /// peer that breaks the rules of the transport ends the link. Where the peer shares the memory, and breaks
  /// the rules, the bytes may change while they are read: check what was copied, and nothing that is read
  /// twice.
  virtual std::optional<std::span<const std::byte>> try_receive() = 0;

  /// Of the message last received, until release(): what came with it as this place; without a keeper if
  /// nothing did.
  virtual wire::ReceivedBlock attached(std::uint32_t place) = 0;
  /// Keeps the bytes of the message last received where they are, beyond its release() and the end of the
  /// link; null: this link cannot do that with this message.
  virtual std::shared_ptr<const void> keep() = 0;

  /// Gives the space of the message last received back to the peer, but for what is kept.
  virtual void release() = 0;

  /// Says that the caller receives by itself, until arm(): the peer need not call the event loop. Meanwhile
  /// what is sent may wait for the next try_receive(), wait_ or arm(). The reader role has to be held.
  virtual void disarm() = 0;

  /// Waits, holding the reader role, until there may be something to receive - with `or_writable`, which
  /// needs the send turn too, or space to send -, the link has ended or was interrupted, or the deadline. May
  /// spin first, as the link's waiting policy says.
  virtual void wait_readable(Deadline deadline, bool or_writable = false) = 0;

  /// Gives the reader role up to the event loop: one on_readable() comes when something arrives. False:
  /// something has arrived already, nothing will come, the role is still the caller's.
  virtual bool arm() = 0;

  // -----------------------------------------------------------------------------------------------

  /// Ends every wait_ under way; if there is none, the next one of each kind returns at once.
  virtual void interrupt() noexcept = 0;

  /// Ends the link in order: the peer reads what was sent, then sees TransportDisconnectedError. `reason` is
  /// what on_closed() gets here.
  virtual void close(const ErrorPtr& reason) noexcept = 0;

  virtual void stop() noexcept = 0;
};

}  // namespace vagus::transport
