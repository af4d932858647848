#include "datagram/port.hpp"

#include <poll.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <utility>

#include <vagus/core/asio_context.hpp>
#include <vagus/wire/decode_error.hpp>

#include "datagram/conversation.hpp"
#include "datagram/greeting.hpp"
#include "posix/system_error.hpp"

namespace vagus::transport::datagram {

namespace {

// The largest datagram and a byte, so that one that is cut off by us would be seen.
constexpr std::size_t buffer_size = 65'536;
// Others want the mutex now and then.
constexpr int received_at_once = 64;

posix::FileDescriptor make_eventfd() {
  posix::FileDescriptor made(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC));
  if (!made) posix::throw_system_error("eventfd", "", errno);
  return made;
}

posix::FileDescriptor make_watch(int socket) {
  posix::FileDescriptor made(::epoll_create1(EPOLL_CLOEXEC));
  if (!made) posix::throw_system_error("epoll_create1", "", errno);
  epoll_event nothing{};
  if (::epoll_ctl(made.get(), EPOLL_CTL_ADD, socket, &nothing) != 0) {
    posix::throw_system_error("epoll_ctl", "add", errno);
  }
  return made;
}

timespec to_timespec(Duration duration) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(duration);
  return {static_cast<std::time_t>(seconds.count()), static_cast<long>((duration - seconds).count())};
}

}  // namespace

Port::Port(const TransportContext& context, Socket socket, std::string text)
    : context_(context),
      text_(std::move(text)),
      wake_up_(make_eventfd()),
      socket_(std::move(socket)),
      buffer_(buffer_size),
      watch_(asio_context(context.loop)) {
  posix::FileDescriptor descriptor = make_watch(socket_.get());
  boost::system::error_code error;
  watch_.assign(descriptor.get(), error);
  if (error) posix::throw_system_error("epoll_ctl", "add", error.value());
  descriptor.release();
}

Port::~Port() {
  if (dropped_ != 0) {
    context_.log.info(text_ + ": " + std::to_string(dropped_) + " datagrams were dropped, of no use here");
  }
}

void Port::open(std::shared_ptr<Door> door) {
  MutexLock lock(mutex_);
  door_ = std::move(door);
  watch();
  update_wait();
}

void Port::close_door() noexcept {
  std::shared_ptr<Door> gone;  // destroyed without the mutex
  MutexLock lock(mutex_);
  gone.swap(door_);
  update_wait();
  lock.unlock();
}

void Port::post(Calls& calls) {
  for (auto& call : std::exchange(calls, {})) context_.loop.post(std::move(call));
}

// Those that talk
// -----------------------------------------------------------------------------------------------------

void Port::add(const std::shared_ptr<Conversation>& conversation, Calls& calls) {
  if (const auto former = find(conversation->address())) {
    former->end(make_error<TransportDisconnectedError>(former->text() +
                                                       " has begun anew, as a restarted process does"),
                calls);
  }
  conversations_[conversation->address()] = conversation;
  update_wait();
}

void Port::remove(const Conversation& conversation) noexcept {
  const auto found = conversations_.find(conversation.address());
  if (found == conversations_.end() || found->second.get() != &conversation) return;
  conversations_.erase(found);
  update_wait();
}

std::shared_ptr<Conversation> Port::find(const Address& address) const {
  const auto found = conversations_.find(address);
  return found == conversations_.end() ? nullptr : found->second;
}

// Sending
// -------------------------------------------------------------------------------------------------------------

bool Port::send(std::span<const std::byte> datagram, const Address& to, Calls& calls) {
  const Socket::Sent sent = socket_.send(datagram, to);
  if (sent.status == Socket::Status::nothing) return false;
  if (sent.error != 0) take_errors(calls);
  if (sent.status == Socket::Status::failed && !std::exchange(send_failed_, true)) {
    context_.log.warning(
        text_ + ": a datagram of " + std::to_string(datagram.size()) +
        " bytes is lost, as further ones may be: " + posix::describe("send", to_string(to), sent.error));
  }
  return true;
}

void Port::send(const Frame& frame, const Address& to, Calls& calls) {
  std::array<std::byte, Frame::size> datagram{};
  write(datagram, frame);
  // Without room it is lost, as on its way it might be.
  static_cast<void>(send(datagram, to, calls));
}

bool Port::has_room() const noexcept {
  pollfd socket{socket_.get(), POLLOUT, 0};
  return ::poll(&socket, 1, 0) != 0;
}

// Receiving
// -----------------------------------------------------------------------------------------------------------

void Port::receive(Calls& calls) {
  int received = 0;
  for (; received < received_at_once; ++received) {
    const Socket::Received got = socket_.receive(buffer_);
    if (got.status == Socket::Status::nothing) break;
    if (got.status == Socket::Status::done) {
      take(got.from, std::span(buffer_).first(std::min(got.size, buffer_.size())), calls);
    } else {
      take_errors(calls);
    }
  }
  // Errors that a send has told of are still in their queue, and would wake us again and again.
  if (received == 0) take_errors(calls);
}

void Port::take(const Address& from, std::span<const std::byte> datagram, Calls& calls) {
  if (is_framed(datagram)) return take_frame(from, datagram, calls);
  try {
    // A hello may be longer than the messages that this side takes.
    wire::Limits limits = context_.limits;
    limits.message_size = std::max(limits.message_size, max_datagram);
    const wire::Message message = wire::parse(datagram, limits);
    const auto conversation = find(from);
    if (conversation && conversation->plain() && !is_question(message)) {
      conversation->take_plain(datagram, calls);
    } else if (door_) {
      const auto door = door_;
      door->on_message(from, message, datagram, calls);
    } else {
      drop(from, "nobody here takes new links any more");
    }
  } catch (const wire::DecodeError& error) {
    drop(from, std::string("it is no message: ") + error.what());
  }
}

void Port::take_frame(const Address& from, std::span<const std::byte> datagram, Calls& calls) {
  const auto frame = read_frame(datagram);
  if (!frame) return drop(from, "it is too short, or of a kind that is not known");
  const auto message = datagram.subspan(Frame::size);
  auto conversation = find(from);
  if (conversation && conversation->is_addressed(*frame)) return conversation->take(*frame, message, calls);
  const auto door = door_;
  if (door && door->on_frame(from, *frame, calls)) {
    conversation = find(from);
    if (conversation) conversation->take(*frame, message, calls);
    return;
  }
  // So that who talks to a process that is gone need not wait until he has missed it.
  const bool asks = frame->kind == FrameKind::message || frame->kind == FrameKind::reliable ||
                    frame->kind == FrameKind::ping;
  if (asks) send(Frame{.kind = FrameKind::unknown_link, .link = frame->link}, from, calls);
}

void Port::take_errors(Calls& calls) {
  for (;;) {
    const Socket::Received error = socket_.take_error();
    if (error.status == Socket::Status::nothing) return;
    if (error.status != Socket::Status::refused) continue;  // on the way there; that may pass
    if (const auto conversation = find(error.from)) {
      conversation->end(make_error<TransportDisconnectedError>(conversation->text() +
                                                               " is gone: its system refuses datagrams"),
                        calls);
    } else if (const auto door = door_) {
      door->on_refused(error.from, calls);
    }
  }
}

void Port::drop(const Address& from, const std::string& why) {
  if (dropped_++ != 0) return;
  context_.log.warning(text_ + ": a datagram from " + to_string(from) + " is dropped: " + why +
                       "; further ones are counted only");
}

// Waiting
// -------------------------------------------------------------------------------------------------------------

void Port::wait_readable(Conversation& waiting, Deadline deadline, bool or_writable) {
  Calls calls;
  MutexLock lock(mutex_);
  while (!waiting.take_wake_up(or_writable) && !deadline.passed()) {
    if (leader_ == nullptr) {
      lead(waiting, deadline, or_writable, lock, calls);
      if (calls.empty()) continue;
      lock.unlock();
      post(calls);
      lock.lock();
    } else {
      const auto place = followers_.insert(followers_.end(), &waiting);
      waiting.wait_readable(lock, deadline, or_writable);
      followers_.erase(place);
    }
  }
  hand_on();
}

void Port::lead(Conversation& leader, Deadline deadline, bool or_writable, MutexLock& lock, Calls& calls) {
  leader_ = &leader;
  stop_watching();
  const Deadline until = leader.next_look(deadline, or_writable);
  const timespec timeout = to_timespec(until.is_never() ? Duration::zero() : until.remaining());
  std::array<pollfd, 2> wait{pollfd{socket_.get(), POLLIN, 0}, pollfd{wake_up_.get(), POLLIN, 0}};
  lock.unlock();
  ::ppoll(wait.data(), wait.size(), until.is_never() ? nullptr : &timeout, nullptr);
  lock.lock();
  leader_ = nullptr;
  if (wait[1].revents != 0) {
    std::uint64_t count = 0;
    static_cast<void>(::read(wake_up_.get(), &count, sizeof count) + 0);
  }
  if (wait[0].revents != 0) receive(calls);
}

void Port::hand_on() {
  if (leader_ != nullptr) return;
  if (followers_.empty()) return watch();
  followers_.front()->changed().notify_all();
}

void Port::notify(Conversation& conversation) noexcept {
  conversation.changed().notify_all();
  if (leader_ != &conversation) return;
  const std::uint64_t one = 1;
  static_cast<void>(::write(wake_up_.get(), &one, sizeof one) + 0);
}

// The event loop
// ------------------------------------------------------------------------------------------------------

void Port::watch() {
  if (!watched_) set_watched(true);
}

void Port::stop_watching() {
  if (watched_) set_watched(false);
}

void Port::set_watched(bool watched) {
  watched_ = watched;
  epoll_event event{};
  if (watched) event.events = EPOLLIN;
  if (::epoll_ctl(watch_.native_handle(), EPOLL_CTL_MOD, socket_.get(), &event) != 0) {
    context_.log.error(text_ + ": " + posix::describe("epoll_ctl", "modify", errno));
  }
}

void Port::update_wait() noexcept {
  if (in_use() == waits_) return;
  if (waits_) {
    boost::system::error_code ignored;
    watch_.cancel(ignored);
    return;
  }
  waits_ = true;
  watch_.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                    [weak = weak_from_this()](boost::system::error_code error) {
                      if (const auto self = weak.lock()) self->on_watch(!error);
                    });
}

void Port::on_watch(bool readable) {
  Calls calls;
  {
    MutexLock lock(mutex_);
    waits_ = false;
    if (readable && leader_ == nullptr) receive(calls);  // else one came in between
    update_wait();                                       // what is left wakes us again
  }
  for (const auto& call : calls) call();
}

}  // namespace vagus::transport::datagram
