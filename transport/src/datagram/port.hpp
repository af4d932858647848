#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <boost/asio/posix/stream_descriptor.hpp>

#include <vagus/core/mutex.hpp>
#include <vagus/transport/transport.hpp>
#include <vagus/wire/message.hpp>

#include "datagram/frame.hpp"
#include "datagram/socket.hpp"

namespace vagus::transport::datagram {

class Conversation;

/// What is to be called once the port's mutex is free, on a thread of the event loop.
using Calls = std::vector<std::function<void()>>;

/// What takes the datagrams that belong to no conversation. All functions are called while the port's mutex
/// is held, by whatever thread receives.
class Door {
 public:
  virtual ~Door() = default;
  /// A datagram of a link that the port does not know: begins the conversation if it may; true if there is
  /// one now.
  virtual bool on_frame(const Address& from, const Frame& frame, Calls& calls) = 0;
  /// A message in no frame, from whom there is no plain conversation with.
  virtual void on_message(const Address& from, const wire::Message& message,
                          std::span<const std::byte> datagram, Calls& calls) = 0;
  /// The system of this address says that nobody is there; no conversation is with it.
  virtual void on_refused(const Address& from, Calls& calls) = 0;
};

/// A socket and those that talk over it. One mutex guards it and all of its conversations: what happens under
/// it is short, and no call but of the socket.
///
/// Who receives: a thread that waits in wait_readable() waits for the socket itself, and receives for all
/// others, too; it is the *leader*. Others that wait meanwhile sleep, and one of them leads when it leaves.
/// While nobody leads, the event loop watches the socket. Made by make_shared; all functions are safe from
/// any thread unless they say otherwise.
class Port : public std::enable_shared_from_this<Port> {
 public:
  Port(const TransportContext& context, Socket socket, std::string text);
  ~Port();
  Port(const Port&) = delete;
  Port& operator=(const Port&) = delete;

  const std::string& text() const noexcept { return text_; }
  const TransportContext& context() const noexcept { return context_; }
  Mutex& mutex() noexcept VAGUS_THREAD_ANNOTATION(lock_returned(mutex_)) { return mutex_; }

  /// Begins to receive.
  void open(std::shared_ptr<Door> door);
  /// The door is called no more; conversations go on.
  void close_door() noexcept;

  /// See Link::wait_readable().
  void wait_readable(Conversation& waiting, Deadline deadline, bool or_writable);
  /// Makes the calls on the event loop.
  void post(Calls& calls);

  // All below: while holding the mutex ------------------------------------------------------------

  /// Ends a conversation that is with this address already.
  void add(const std::shared_ptr<Conversation>& conversation, Calls& calls) VAGUS_REQUIRES(mutex_);
  void remove(const Conversation& conversation) noexcept VAGUS_REQUIRES(mutex_);
  std::shared_ptr<Conversation> find(const Address& address) const VAGUS_REQUIRES(mutex_);

  /// False if there is no room for it now. What cannot be sent at all is lost, and logged the first time.
  bool send(std::span<const std::byte> datagram, const Address& to, Calls& calls) VAGUS_REQUIRES(mutex_);
  void send(const Frame& frame, const Address& to, Calls& calls) VAGUS_REQUIRES(mutex_);
  bool has_room() const noexcept VAGUS_REQUIRES(mutex_);

  /// Receives what is there.
  void receive(Calls& calls) VAGUS_REQUIRES(mutex_);
  /// One datagram, from elsewhere perhaps.
  void take(const Address& from, std::span<const std::byte> datagram, Calls& calls) VAGUS_REQUIRES(mutex_);
  /// Counts a datagram that is of no use, and logs the first.
  void drop(const Address& from, const std::string& why) VAGUS_REQUIRES(mutex_);
  std::uint64_t dropped() const noexcept VAGUS_REQUIRES(mutex_) { return dropped_; }

  /// Has a thread that waits in wait_readable() for this conversation look again.
  void notify(Conversation& conversation) noexcept VAGUS_REQUIRES(mutex_);

 private:
  /// Holds the mutex, by `lock`, before and after, and not while it waits.
  void lead(Conversation& leader, Deadline deadline, bool or_writable, MutexLock& lock,
            Calls& calls) VAGUS_NO_THREAD_SAFETY_ANALYSIS;
  void hand_on() VAGUS_REQUIRES(mutex_);
  void take_frame(const Address& from, std::span<const std::byte> datagram, Calls& calls)
      VAGUS_REQUIRES(mutex_);
  void take_errors(Calls& calls) VAGUS_REQUIRES(mutex_);
  void watch() VAGUS_REQUIRES(mutex_);
  void stop_watching() VAGUS_REQUIRES(mutex_);
  void set_watched(bool watched) VAGUS_REQUIRES(mutex_);
  /// Is there anybody to receive for?
  bool in_use() const noexcept VAGUS_REQUIRES(mutex_) { return door_ != nullptr || !conversations_.empty(); }
  /// Waits for the watch while it is in use, and no longer: the event loop ends when nothing waits there, and
  /// who owes a reply may keep the port until long after that.
  void update_wait() noexcept VAGUS_REQUIRES(mutex_);
  void on_watch(bool readable);

  const TransportContext context_;
  const std::string text_;
  posix::FileDescriptor wake_up_;  // an eventfd; ends the leader's wait

  Mutex mutex_;
  Socket socket_ VAGUS_GUARDED_BY(mutex_);
  std::shared_ptr<Door> door_ VAGUS_GUARDED_BY(mutex_);
  std::map<Address, std::shared_ptr<Conversation>> conversations_ VAGUS_GUARDED_BY(mutex_);
  Conversation* leader_ VAGUS_GUARDED_BY(mutex_) = nullptr;
  std::list<Conversation*> followers_ VAGUS_GUARDED_BY(mutex_);
  std::uint64_t dropped_ VAGUS_GUARDED_BY(mutex_) = 0;
  bool send_failed_ VAGUS_GUARDED_BY(mutex_) = false;  // and was logged
  std::vector<std::byte> buffer_ VAGUS_GUARDED_BY(mutex_);
  // An epoll descriptor with the socket in it, which Asio watches: so the loop is woken only while nobody
  // leads.
  bool watched_ VAGUS_GUARDED_BY(mutex_) = false;
  bool waits_ VAGUS_GUARDED_BY(mutex_) = false;  // a wait for it has begun, and on_watch() was not called
  boost::asio::posix::stream_descriptor watch_ VAGUS_GUARDED_BY(mutex_);
};

}  // namespace vagus::transport::datagram
