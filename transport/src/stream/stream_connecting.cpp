#include "stream/stream_connecting.hpp"

#include <sys/epoll.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <exception>
#include <utility>

#include <vagus/core/asio_context.hpp>
#include <vagus/core/fault_point.hpp>

#include "posix/system_error.hpp"
#include "stream/stream_making.hpp"

namespace vagus::transport::stream {

namespace {

using namespace std::chrono_literals;

constexpr auto retry_pause = 2ms;
// For one of several addresses, where there is no deadline to share.
constexpr Duration time_for_address = 10s;

}  // namespace

StreamConnecting::StreamConnecting(Parts parts, const TransportContext& context, Deadline deadline,
                                   ConnectHandler connected)
    : parts_(std::move(parts)),
      context_(with_offers(context, parts_.options)),
      deadline_(deadline),
      connected_(std::move(connected)),
      timer_(asio_context(context.loop)) {
  if (parts_.greeting == Greeting::none && parts_.options.compression) {
    throw ApiParamError(parts_.dialer->text() +
                        ": a server that speaks MessagePack-RPC and no more takes nothing compressed");
  }
}

void StreamConnecting::run() {
  guarded([this] {
    std::uint64_t round = 0;
    {
      MutexLock lock(mutex_);
      if (cancelled_) return;
      round = begin_wait(deadline_);
    }
    parts_.dialer->find([self = shared_from_this(), round](Result<std::vector<SocketTarget>> targets) {
      self->on_found(round, std::move(targets));
    });
  });
}

/// Each step of the attempt runs in here: what it throws ends the attempt.
template <typename Step>
void StreamConnecting::guarded(const Step& step) {
  const std::string& text = parts_.dialer->text();
  try {
    step();
  } catch (const Error& error) {
    finish(make_error(error.code(), text + ": " + error.what(), {}));
  } catch (const std::exception& error) {  // no memory, or Asio's
    finish(make_error<TransportDisconnectedError>(text + ": " + error.what()));
  }
}

void StreamConnecting::on_found(std::uint64_t round, Result<std::vector<SocketTarget>> targets) {
  {
    MutexLock lock(mutex_);
    if (!end_wait(round)) return;
  }
  guarded([&] {
    targets_ = std::move(targets).value();
    try_next();
  });
}

void StreamConnecting::try_next() {
  while (next_ < targets_.size()) {
    if (deadline_.passed()) break;
    if (begin(targets_[next_++])) return;
  }
  if (deadline_.passed()) refused(ErrorCode::connection_timeout, "no connection came about in time");
  finish(make_error(refusal_, parts_.dialer->text() + ": " + refusals_, {}));
}

bool StreamConnecting::begin(const SocketTarget& target) {
  posix::FileDescriptor socket{
      ::socket(target.address.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
  if (!socket) return refused(errno);
  if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&target.address), target.size) == 0) {
    greet(std::move(socket), nullptr);
  } else if (errno == EINPROGRESS || errno == EINTR) {
    await_connection(std::move(socket));
  } else if (errno == EAGAIN) {
    // The backlog of a UNIX socket is full: too many others wait to be let in.
    --next_;
    retry_later();
  } else {
    return refused(errno);
  }
  return true;
}

bool StreamConnecting::refused(int error_number) {
  switch (error_number) {
    case ECONNREFUSED:
    case ENOENT:
      return refused(ErrorCode::transport_disconnected, "nobody listens there");
    case EPROTOTYPE:
      return refused(ErrorCode::protocol, "who listens there does not speak by a stream of bytes");
    case EACCES:
    case EPERM:
      return refused(ErrorCode::permission_denied, posix::describe("connect", "", error_number));
    default:
      return refused(ErrorCode::transport_disconnected, posix::describe("connect", "", error_number));
  }
}

bool StreamConnecting::refused(ErrorCode code, const std::string& why) {
  const std::string& address = targets_[std::max<std::size_t>(next_, 1) - 1].text;
  if (!refusals_.empty()) refusals_ += "; ";
  refusals_ += targets_.size() > 1 ? address + ": " + why : why;
  refusal_ = code;
  return false;
}

void StreamConnecting::retry_later() {
  MutexLock lock(mutex_);
  if (cancelled_) return;
  timer_.expires_after(retry_pause);
  timer_.async_wait([self = shared_from_this()](error_code error) {
    if (!error) self->guarded([&self] { self->try_next(); });
  });
}

/// The time that the address may take which is tried now.
Deadline StreamConnecting::share() const {
  const auto others = targets_.size() - next_;
  if (others == 0) return deadline_;
  if (deadline_.is_never()) return Deadline::after(time_for_address);
  return Deadline::after(deadline_.remaining() / static_cast<Duration::rep>(others + 1));
}

/// The number of the wait, which ends by end_wait() or in on_too_slow().
std::uint64_t StreamConnecting::begin_wait(Deadline until) {
  ++round_;
  wait_until_ = until;
  if (!until.is_never()) start_timer();
  return round_;
}

void StreamConnecting::start_timer() {
  timer_.expires_at(
      std::chrono::time_point_cast<std::chrono::steady_clock::duration>(wait_until_.sleep_until()));
  timer_.async_wait([self = shared_from_this(), round = round_](error_code error) {
    if (!error) self->guarded([&] { self->on_too_slow(round); });
  });
}

/// False: it is over already.
bool StreamConnecting::end_wait(std::uint64_t round) {
  if (cancelled_ || round != round_) return false;
  ++round_;
  timer_.cancel();
  return true;
}

void StreamConnecting::await_connection(posix::FileDescriptor socket) {
  auto watch = std::make_shared<LoopWatch>(context_.loop, socket.get());
  const Deadline until = share();
  MutexLock lock(mutex_);
  if (cancelled_) return watch->close();
  socket_ = std::move(socket);
  watch_ = std::move(watch);
  const std::uint64_t round = begin_wait(until);
  watch_->start([weak = weak_from_this(), round](std::uint32_t) {
    if (const auto self = weak.lock()) self->guarded([&] { self->on_connected(round); });
  });
  watch_->ask(EPOLLOUT);
}

void StreamConnecting::on_connected(std::uint64_t round) {
  posix::FileDescriptor socket;
  std::shared_ptr<LoopWatch> watch;
  {
    MutexLock lock(mutex_);
    if (!end_wait(round)) return;
    socket = std::move(socket_);
    watch.swap(watch_);
  }
  int error = 0;
  socklen_t size = sizeof error;
  if (::getsockopt(socket.get(), SOL_SOCKET, SO_ERROR, &error, &size) != 0) error = errno;
  if (error == 0) return greet(std::move(socket), std::move(watch));
  watch->close();
  refused(error);
  try_next();
}

void StreamConnecting::on_too_slow(std::uint64_t round) {
  {
    MutexLock lock(mutex_);
    if (cancelled_ || round != round_) return;
    if (!wait_until_.passed()) return start_timer();
    ++round_;
    if (watch_) watch_->close();
    watch_.reset();
    socket_.reset();
  }
  if (targets_.empty()) {
    parts_.dialer->cancel();
    throw ConnectionTimeoutError("the name was not looked up in time");
  }
  refused(ErrorCode::connection_timeout, "no connection came about in time");
  try_next();
}

void StreamConnecting::greet(posix::FileDescriptor socket, std::shared_ptr<LoopWatch> watch) {
  VAGUS_FAULT_POINT("connect.connected");
  if (!watch) watch = std::make_shared<LoopWatch>(context_.loop, socket.get());
  std::unique_ptr<ByteStream> stream = parts_.kind->connected(std::move(socket));
  auto handshake =
      std::make_shared<Handshake>(context_, std::move(stream), std::move(watch), parts_.greeting);
  {
    MutexLock lock(mutex_);
    if (cancelled_) return handshake->cancel();
    handshake_ = handshake;
  }
  handshake->start(deadline_, [self = shared_from_this()](Handshake::Outcome outcome) {
    self->guarded([&] { self->on_greeted(std::move(outcome)); });
  });
}

void StreamConnecting::on_greeted(Handshake::Outcome outcome) {
  VAGUS_FAULT_POINT("connect.hello_received");
  const std::string& text = parts_.dialer->text();
  if (outcome.error) {
    outcome.watch->close();
    return finish(make_error(outcome.error->code(),
                             text + ": " + outcome.stream->peer() + ": " + outcome.error->what(), {}));
  }
  finish(make_link(context_, parts_.options, text, Side::head, std::move(outcome), nullptr));
}

void StreamConnecting::finish(Outcome outcome) {
  {
    MutexLock lock(mutex_);
    // What has failed may have begun to wait before.
    ++round_;
    timer_.cancel();
    handshake_.reset();
  }
  try {
    gate_.run([&] { connected_(std::move(outcome)); });
  } catch (const std::exception& error) {
    context_.log.error(parts_.dialer->text() + ": the handler of a new link threw: " + error.what());
  }
}

void StreamConnecting::cancel() noexcept {
  std::shared_ptr<Handshake> handshake;
  {
    MutexLock lock(mutex_);
    cancelled_ = true;
    timer_.cancel();
    if (watch_) watch_->close();
    watch_.reset();
    socket_.reset();
    handshake.swap(handshake_);
  }
  parts_.dialer->cancel();
  if (handshake) handshake->cancel();
  gate_.close();
}

}  // namespace vagus::transport::stream
