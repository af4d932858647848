#include "shm/socket_lifeline.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <utility>

#include <vagus/core/asio_context.hpp>
#include <vagus/core/fault_point.hpp>

#include "posix/system_error.hpp"
#include "shm/greeting.hpp"

namespace vagus::transport::shm {

namespace {

using ring::Bell;

using namespace std::chrono_literals;

// A dying process loses its sockets a moment before its parent is told how it died; one that has not ended at
// all, but lost its socket in some other way, is not waited for.
constexpr auto time_for_fate = 500ms;
constexpr auto fate_pause = 1ms;

constexpr char letter(Bell bell) noexcept { return bell == Bell::records ? 'r' : 's'; }

/// What has been rung; a pipe that has ended (a peer that closed all of it) rings no more.
struct Rung {
  bool records = false;
  bool space = false;
  bool ended = false;
};

Rung read_bell(int fd) noexcept {
  std::array<char, 64> letters{};
  const ssize_t size = ::read(fd, letters.data(), letters.size());
  const auto end = letters.begin() + std::max<ssize_t>(size, 0);
  const auto has = [&](Bell bell) { return std::find(letters.begin(), end, letter(bell)) != end; };
  return {.records = has(Bell::records), .space = has(Bell::space), .ended = size == 0};
}

}  // namespace

SocketLifeline::SocketLifeline(EventLoop& loop, Log& log, LifelineDescriptors descriptors, std::string peer,
                               std::shared_ptr<const PeerFate> fate)
    : log_(log),
      peer_(std::move(peer)),
      fate_(std::move(fate)),
      owner_(::getpid()),
      socket_(watch(loop, std::move(descriptors.socket))),
      bell_(watch(loop, std::move(descriptors.bell))),
      peer_bell_(std::move(descriptors.peer_bell)),
      fate_timer_(asio_context(loop)) {}

void SocketLifeline::start(std::weak_ptr<ring::LifelineObserver> observer) {
  MutexLock lock(mutex_);
  if (closed_) return;
  observer_ = std::move(observer);
  wait_for_bell();
  wait_for_socket();
}

void SocketLifeline::wait_for_bell() {
  async_wait_readable(bell_, [self = shared_from_this()](error_code error) {
    if (!error) self->on_bell_readable();
  });
}

void SocketLifeline::wait_for_socket() {
  async_wait_readable(socket_, [self = shared_from_this()](error_code error) {
    if (!error) self->on_socket_readable();
  });
}

void SocketLifeline::on_bell_readable() {
  Rung rung;
  std::shared_ptr<ring::LifelineObserver> observer;
  {
    MutexLock lock(mutex_);
    if (closed_) return;
    rung = read_bell(bell_.native_handle());
    if (!rung.ended) wait_for_bell();
    observer = observer_.lock();
  }
  if (!observer) return;
  if (rung.records) observer->on_bell(Bell::records);
  if (rung.space) observer->on_bell(Bell::space);
}

void SocketLifeline::on_socket_readable() {
  // What a peer has sent along may take as long as it likes to close: that comes last, and without the lock.
  posix::Datagram datagram;
  std::shared_ptr<ring::LifelineObserver> observer;
  ErrorPtr reason;
  {
    MutexLock lock(mutex_);
    if (closed_) return;
    reason = read_socket(datagram);
    if (!reason) return fate_deadline_.is_never() ? wait_for_socket() : wait_for_fate();
    observer = observer_.lock();
  }
  if (observer) observer->on_peer_gone(reason);
}

void SocketLifeline::wait_for_fate() {
  fate_timer_.expires_after(fate_pause);
  fate_timer_.async_wait([self = shared_from_this()](error_code error) {
    if (!error) self->on_fate_due();
  });
}

void SocketLifeline::on_fate_due() {
  std::shared_ptr<ring::LifelineObserver> observer;
  ErrorPtr reason;
  {
    MutexLock lock(mutex_);
    if (closed_) return;
    reason = read_fate();
    if (!reason) return wait_for_fate();
    observer = observer_.lock();
  }
  if (observer) observer->on_peer_gone(reason);
}

ErrorPtr SocketLifeline::read_fate() const {
  std::string fate = fate_ ? fate_->text() : "died";
  if (fate.empty() && fate_deadline_.passed()) fate = "died";
  return fate.empty() ? nullptr : make_error<TransportDisconnectedError>("the peer, " + peer_ + ", " + fate);
}

ErrorPtr SocketLifeline::read_socket(posix::Datagram& datagram) {
  std::array<std::byte, 64> buffer{};
  datagram = posix::receive_datagram(socket_.native_handle(), buffer);
  if (datagram.status == posix::Datagram::Status::nothing) return nullptr;
  if (datagram.status == posix::Datagram::Status::ended) {
    fate_deadline_ = Deadline::after(time_for_fate);
    return read_fate();
  }
  if (is_closing(std::span(buffer).first(datagram.size))) {
    return make_error<TransportDisconnectedError>("the peer, " + peer_ + ", closed the link");
  }
  return make_error<ProtocolError>("the peer, " + peer_ + ", sent an unknown datagram over the life-line");
}

void SocketLifeline::ring(Bell bell) noexcept {
  MutexLock lock(mutex_);
  if (closed_) return;
  const char byte = letter(bell);
  while (::write(peer_bell_.get(), &byte, sizeof byte) < 0) {
    if (errno == EINTR) continue;
    // Full: the peer has enough to wake up for.
    if (errno != EAGAIN) log_.error(posix::describe("write", "bell of " + peer_, errno));
    return;
  }
}

void SocketLifeline::close() noexcept {
  MutexLock lock(mutex_);
  if (closed_) return;
  closed_ = true;
  VAGUS_FAULT_POINT("close.before_farewell");
  // A child of fork() that destroys its copy says nothing in its parent's name. An error is of no interest: a
  // peer that is gone needs no farewell.
  if (::getpid() == owner_) posix::send_datagram(socket_.native_handle(), encode_closing());
  error_code ignored;
  socket_.close(ignored);
  bell_.close(ignored);
  peer_bell_.reset();
  fate_timer_.cancel();
}

}  // namespace vagus::transport::shm
