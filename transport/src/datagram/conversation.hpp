#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>

#include <vagus/core/event_loop.hpp>
#include <vagus/core/home_process.hpp>
#include <vagus/transport/transport.hpp>

#include "common/observer_calls.hpp"
#include "datagram/port.hpp"
#include "datagram/reception.hpp"
#include "datagram/repetition.hpp"

namespace vagus::transport::datagram {

/// What makes a conversation.
struct Parties {
  std::shared_ptr<Port> port;
  Address address;         ///< of the peer
  std::string text;        ///< who that is, for people
  wire::Hello hello;       ///< the peer's; of version 0: a plain one
  std::uint64_t link = 0;  ///< the number that this side gave the link
  std::uint64_t peer_link = 0;
  std::shared_ptr<void> place;  ///< among the links of a listener
  Duration keep_alive{};        ///< between two pings; of a plain peer, how long it is remembered
  int unanswered_pings = 0;     ///< that the peer may leave, and is taken for gone then; 0: any number
};

/// All that a link over datagrams does, for whoever holds it: the port, the timers, the link.
///
/// Everything is guarded by the mutex of the port. A function that says "locked" is called while holding it,
/// all others without. Clang's analysis does not see that this is the mutex of the very port, and is spared
/// it.
class Conversation final : public std::enable_shared_from_this<Conversation> {
 public:
  explicit Conversation(Parties parties);

  const Address& address() const noexcept { return parties_.address; }
  const std::string& text() const noexcept { return parties_.text; }
  const wire::Hello& hello() const noexcept { return parties_.hello; }
  std::uint64_t link() const noexcept { return parties_.link; }
  bool plain() const noexcept { return parties_.hello.version == 0; }
  std::size_t max_message_size() const noexcept { return max_message_size_; }
  Log& log() const noexcept { return parties_.port->context().log; }
  /// Is it with the peer that has given its link this number?
  bool answers(std::uint64_t peer_link) const noexcept { return !plain() && parties_.peer_link == peer_link; }

  // What the port gives; locked --------------------------------------------------------------------

  bool is_addressed(const Frame& frame) const noexcept;
  void take(const Frame& frame, std::span<const std::byte> message,
            Calls& calls) VAGUS_NO_THREAD_SAFETY_ANALYSIS;
  void take_plain(std::span<const std::byte> message, Calls& calls);
  /// The link has ended.
  void end(const ErrorPtr& reason, Calls& calls) VAGUS_NO_THREAD_SAFETY_ANALYSIS;
  std::condition_variable& changed() noexcept { return changed_; }

  // What a waiting thread asks; locked --------------------------------------------------------------

  /// Is there a reason to end the wait? Takes an interrupt.
  bool take_wake_up(bool or_writable) noexcept;
  /// Until when it may sleep without a look.
  Deadline next_look(Deadline deadline, bool or_writable) const noexcept;
  void wait_readable(MutexLock& lock, Deadline deadline, bool or_writable);

  // What the link does ----------------------------------------------------------------------------------

  /// Begins the timers; once, after it was added to the port.
  void begin();
  void start(LinkObserver& observer);
  bool ended() const noexcept { return ended_.load(); }
  /// Sends a datagram that has room for the frame at its front; false: no space for it now.
  bool send(std::span<std::byte> datagram);
  void wait_writable(Deadline deadline);
  bool arm_writable();
  std::optional<std::span<const std::byte>> try_receive();
  void release() noexcept;
  void disarm() noexcept;
  void wait_readable(Deadline deadline, bool or_writable);
  bool arm();
  void interrupt() noexcept;
  void close(const ErrorPtr& reason) noexcept;
  void stop() noexcept;

 private:
  enum class Refusal : std::uint8_t { none, socket, window };

  // locked
  bool readable() const noexcept { return !ready_.empty() || ended_.load(); }
  bool writable() noexcept VAGUS_NO_THREAD_SAFETY_ANALYSIS;
  bool send_message(std::span<std::byte> datagram, Calls& calls) VAGUS_NO_THREAD_SAFETY_ANALYSIS;
  bool is_valid(std::span<const std::byte> message) VAGUS_NO_THREAD_SAFETY_ANALYSIS;
  void heard() noexcept;
  void acknowledge(Calls& calls) VAGUS_NO_THREAD_SAFETY_ANALYSIS;
  void told_space(Calls& calls) VAGUS_NO_THREAD_SAFETY_ANALYSIS;
  void delivered(Calls& calls) VAGUS_NO_THREAD_SAFETY_ANALYSIS;
  Repetition::Send repeating(Calls& calls);
  void schedule(TimePoint now);
  void look_after(TimePoint now, Calls& calls) VAGUS_NO_THREAD_SAFETY_ANALYSIS;

  void on_timer();
  void post(Calls& calls);

  const Parties parties_;
  const detail::HomeProcess home_;  // a forked child says nothing to the peer
  const std::size_t max_message_size_;
  ObserverCalls observer_calls_;

  std::atomic<bool> ended_{false};  // written while locked
  ErrorPtr reason_;
  std::condition_variable changed_;  // something to read, space, an interrupt, the end, or nobody leads
  bool started_ = false;
  bool armed_ = false;
  bool armed_writable_ = false;
  bool reading_interrupted_ = false;
  bool writing_interrupted_ = false;

  std::deque<Bytes> ready_;  // to be read, the oldest first; that which is being read stays until its release
  std::size_t ready_bytes_ = 0;
  Losses losses_;
  Reception reception_{losses_};

  std::uint32_t number_ = 0;         // of the last message sent
  std::uint32_t reliable_ = 0;       // of the last reliable one
  Refusal refusal_ = Refusal::none;  // what had no room last
  Repetition repetition_;

  TimePoint heard_at_;
  TimePoint ping_at_;
  int pings_unanswered_ = 0;
  TimePoint due_ = TimePoint::max();  // of the timer
  Timer timer_;
};

}  // namespace vagus::transport::datagram
