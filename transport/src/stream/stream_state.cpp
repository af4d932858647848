#include "stream/stream_state.hpp"

#include <poll.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <exception>
#include <utility>

#include <vagus/core/asio_context.hpp>
#include <vagus/core/fault_point.hpp>
#include <vagus/wire/message.hpp>
#include <vagus/wire/reader.hpp>

namespace vagus::transport::stream {

namespace {

using namespace std::chrono_literals;

// Whoever reads finds the end behind what came before it, and knows best what it means. For so long the event
// loop, which has seen the end as well, leaves it to him.
constexpr auto time_for_reader = 20ms;
constexpr auto longest_linger = 2s;

// So much of what is sent may wait for company.
constexpr std::size_t most_gathered = 16 * 1024;

// Memory is kept until nothing has come for so long.
constexpr auto idle_time = 1s;

std::uint32_t to_epoll(short events) noexcept {
  return ((events & POLLIN) != 0 ? EPOLLIN : 0U) | ((events & POLLOUT) != 0 ? EPOLLOUT : 0U);
}

constexpr std::uint32_t end_events = EPOLLRDHUP | EPOLLHUP | EPOLLERR;

}  // namespace

StreamState::StreamState(EventLoop& loop, Log& log, std::string description, OpenStream open)
    : loop_(loop),
      log_(log),
      description_(std::move(description)),
      times_(open.times),
      side_(open.side),
      takes_pings_(open.takes_pings),
      owner_(::getpid()),
      watch_(std::move(open.watch)),
      stream_(std::move(open.stream)),
      input_(std::move(open.input)),
      output_(std::move(open.output)),
      write_events_(POLLOUT),
      last_heard_(Deadline::now()),
      end_timer_(asio_context(loop)),
      silence_timer_(asio_context(loop)) {}

StreamState::~StreamState() { watch_->close(); }

void StreamState::start(LinkObserver& observer) {
  calls_.start(observer);
  started_.store(true, std::memory_order_release);  // PAIR link-started
  watch_->start([weak = weak_from_this()](std::uint32_t events) {
    if (const auto self = weak.lock()) self->on_ready(events);
  });
  MutexLock lock(mutex_);
  flush();
  update_watch();
  watch_over();
}

void StreamState::on_ready(std::uint32_t events) {
  bool readable = false;
  {
    MutexLock lock(mutex_);
    asked_ = 0;
    const bool at_end = (events & end_events) != 0;
    if (at_end) peer_gone_ = true;
    if (link_gone_.load(std::memory_order_seq_cst)) return linger();
    readable = armed_events_ != 0 && (at_end || (events & to_epoll(armed_events_)) != 0);
    if (readable) armed_events_ = 0;
    flush();
    if (at_end) expect_end();
    update_watch();
  }
  if (readable) calls_.readable();
}

/// What the event loop has to look for.
void StreamState::update_watch() {
  std::uint32_t wanted = to_epoll(armed_events_);
  // What is gathered was not refused by the system; somebody is about to write it.
  if (output_.pending() != 0 && !gathered_.load(std::memory_order_relaxed)) wanted |= to_epoll(write_events_);
  if (!peer_gone_) wanted |= EPOLLRDHUP;
  if (std::exchange(asked_, wanted) != wanted) watch_->ask(wanted);
}

void StreamState::flush() {
  if (output_.pending() == 0) return;
  gathered_.store(false, std::memory_order_relaxed);
  if (!write_over_) {
    const std::size_t before = output_.pending();
    const Transfer transfer = output_.flush(*stream_);
    // It takes some again: so the peer, which need say nothing while it reads a large message, lives.
    if (stuck_ && output_.pending() < before) note_heard();
    stuck_ = transfer.status == Transfer::Status::again;
    if (stuck_) {
      write_events_ = transfer.events;
      return tell_of_room();
    }
    write_over_ = transfer.status != Transfer::Status::done;
  }
  if (write_over_) {
    // Nobody reads that any more; the reader finds the end, and what it means.
    output_.drop();
    expect_end();
  }
  if (ended()) finish_writing();
  tell_of_room();
}

/// Whoever has made the room, a thread that waits or the event loop: what was written may have left none for
/// the socket to tell the others of.
void StreamState::tell_of_room() {
  if (!output_.has_room(refused_size_)) return;
  if (std::exchange(writer_waits_, false)) writer_sleeper_.call();
  if (std::exchange(reader_waits_for_room_, false)) reader_sleeper_.call();
  if (!std::exchange(armed_writable_, false)) return;
  // By a task of its own: no lock is held, and no other call of the observer waits for it.
  loop_.post([self = shared_from_this()] { self->calls_.writable(); });
}

void StreamState::finish_writing() {
  // A child of fork() that destroys its copy says nothing in its parent's name.
  if (output_.pending() != 0 || std::exchange(finished_, true) || ::getpid() != owner_) return;
  VAGUS_FAULT_POINT("close.before_farewell");
  stream_->finish_writing();
}

void StreamState::expect_end() {
  // Once: whoever goes on sending does not put the end off.
  if (ended() || expects_end_) return;
  end_timer_.expires_after(time_for_reader);
  // Made here: when the timer expires, the stream may be gone.
  const std::string text = "the peer, " + stream_->peer() + ", closed the connection, or died";
  end_timer_.async_wait([weak = weak_from_this(), text](error_code error) {
    const auto self = weak.lock();
    if (!error && self) self->end(make_error<TransportDisconnectedError>(text));
  });
  expects_end_ = true;
}

// The end -----------------------------------------------------------------------------------------

void StreamState::end(const ErrorPtr& reason) noexcept {
  if (ended_.exchange(true, std::memory_order_seq_cst)) return;
  if (log_.wants(LogLevel::debug)) log_.debug(description_ + " has ended: " + reason->what());
  // After the flag: whoever is called finds it.
  call_sleepers();
  {
    MutexLock lock(mutex_);
    end_timer_.cancel();
    silence_timer_.cancel();
    if (trim_timer_) trim_timer_->cancel();
    flush();
    finish_writing();
    if (started_.load(std::memory_order_acquire)) update_watch();  // PAIR link-started
  }
  if (!started_.load(std::memory_order_acquire)) return;  // nobody to tell. PAIR link-started.
  try {
    loop_.post([self = shared_from_this(), reason] { self->calls_.closed(reason); });
  } catch (const std::exception& error) {
    log_.error(description_ + ": the end of the link could not be told: " + error.what());
  }
}

void StreamState::call_sleepers() noexcept {
  reader_sleeper_.call();
  writer_sleeper_.call();
}

void StreamState::stop() noexcept {
  end(make_error<TransportFinishedError>(description_ + " was closed at this end"));
  calls_.stop();
  MutexLock lock(mutex_);
  begin_to_linger();
}

void StreamState::let_go() noexcept {
  MutexLock lock(mutex_);
  link_destroyed_ = true;
  output_.abandon();
  begin_to_linger();
  if (linger_over_) stream_.reset();
}

/// From here on the event loop alone sends what is left, for a bounded time: who holds the link beyond its
/// stop keeps neither the loop nor the peer from their end.
void StreamState::begin_to_linger() noexcept {
  if (link_gone_.exchange(true, std::memory_order_seq_cst)) return;
  armed_events_ = 0;
  armed_writable_ = false;
  try {
    end_timer_.expires_after(longest_linger);
    end_timer_.async_wait([self = shared_from_this()](error_code error) {
      if (error) return;
      MutexLock late(self->mutex_);
      // What the peer has not taken by now it will not; it is to see the end all the same.
      const ::linger none{1, 0};
      if (self->stream_) ::setsockopt(self->stream_->descriptor(), SOL_SOCKET, SO_LINGER, &none, sizeof none);
      self->close_stream();
    });
    // It holds this object no longer than the timer does.
    watch_->start([weak = weak_from_this()](std::uint32_t events) {
      if (const auto self = weak.lock()) self->on_ready(events);
    });
    linger();
  } catch (const std::exception& error) {
    log_.error(description_ + ": what was sent last may be lost: " + error.what());
    close_stream();
  }
}

/// Nobody reads any more: sends what is left, and stays until the peer has it.
void StreamState::linger() {
  if (linger_over_) return;
  flush();
  finish_writing();
  bool over = write_over_ || ::getpid() != owner_;
  if (!over && output_.pending() == 0) {
    over = !stream_->lingers();
    // What the peer sent and nobody took would make the system reset the connection, at the peer's end too.
    std::byte scratch[4096];
    MutexLock lock(read_mutex_);
    for (int times = 0; !over && times < 16; ++times) {
      const Transfer transfer = stream_->read(scratch);
      if (transfer.status == Transfer::Status::again) break;
      over = transfer.status != Transfer::Status::done;
    }
  }
  if (over) return close_stream();
  const std::uint32_t wanted = output_.pending() != 0 ? to_epoll(write_events_) : std::uint32_t{EPOLLIN};
  asked_ = wanted;
  watch_->ask(wanted);
}

void StreamState::close_stream() {
  if (std::exchange(linger_over_, true)) return;
  end_timer_.cancel();
  watch_->close();
  if (link_destroyed_) {
    stream_.reset();
  } else if (::getpid() == owner_) {
    // The descriptor goes with the link, which somebody still has; the peer need not wait for that.
    ::shutdown(stream_->descriptor(), SHUT_RDWR);
  }
}

// Sending -----------------------------------------------------------------------------------------

ClaimStatus StreamState::claim(std::size_t size, std::span<std::byte>& place) {
  MutexLock lock(mutex_);
  if (ended()) return ClaimStatus::closed;
  if (!output_.has_room(size)) flush();
  if (!output_.has_room(size)) {
    refused_size_ = size;
    return ClaimStatus::full;
  }
  place = output_.claim(size);
  return ClaimStatus::claimed;
}

void StreamState::commit(std::size_t used) {
  MutexLock lock(mutex_);
  if (ended()) return output_.abandon();
  output_.commit(used);
  if (may_gather()) return gathered_.store(true, std::memory_order_relaxed);
  flush();
  if (output_.pending() != 0) update_watch();
}

bool StreamState::may_gather() {
  if (!gather_until_ || output_.pending() >= most_gathered) return false;
  const TimePoint now = Deadline::now();
  if (now < *gather_until_) return true;
  gather_until_ = now + times_.gathering;
  return false;
}

void StreamState::flush_gathered() {
  MutexLock lock(mutex_);
  flush();
  if (output_.pending() != 0) update_watch();
}

void StreamState::abandon() noexcept {
  MutexLock lock(mutex_);
  output_.abandon();
}

void StreamState::wait_writable(Deadline deadline) {
  while (!writer_sleeper_.called() && !ended()) {
    short events = 0;
    {
      MutexLock lock(mutex_);
      flush();
      if (output_.has_room(refused_size_)) break;
      events = write_events_;
      writer_waits_ = true;
    }
    writer_sleeper_.sleep(stream_->descriptor(), events, deadline);
    if (deadline.passed()) break;
  }
  {
    MutexLock lock(mutex_);
    writer_waits_ = false;  // nobody calls for room after this
  }
  writer_sleeper_.take_call();
}

bool StreamState::arm_writable() {
  MutexLock lock(mutex_);
  flush();
  if (output_.has_room(refused_size_)) return false;
  armed_writable_ = true;
  update_watch();
  return true;
}

// Receiving ---------------------------------------------------------------------------------------

Transfer StreamState::fill() {
  MutexLock lock(read_mutex_);
  // PAIR lingers: whoever lingers set it before it took this lock to read.
  if (link_gone_.load(std::memory_order_seq_cst)) return Transfer::end();
  return input_.fill(*stream_);
}

void StreamState::found_empty(bool gather) {
  if (!gather) return write_gathered();
  MutexLock lock(mutex_);
  flush();
  if (output_.pending() != 0) update_watch();
  gather_until_ = Deadline::now() + times_.gathering;
}

bool StreamState::write_all() {
  MutexLock lock(mutex_);
  gather_until_.reset();
  flush();
  if (output_.pending() == 0) return true;
  update_watch();  // for when there is no wait after all
  return false;
}

void StreamState::disarm() {
  MutexLock lock(mutex_);
  if (std::exchange(armed_events_, 0) == 0) return;
  update_watch();
}

void StreamState::arm(short events) {
  MutexLock lock(mutex_);
  gather_until_.reset();
  flush();
  if (ended()) return;  // it was told, or is about to be
  armed_events_ = events;
  trim_later();
  update_watch();
}

// The memory of an idle link ------------------------------------------------------------------------

/// The next message may come soon, and new memory costs more than to copy into it.
void StreamState::trim_later() {
  armed_since_ = true;
  if (output_.capacity() + input_.capacity() + decompressed_.capacity() == 0) return;
  if (!trim_timer_runs_) start_trim_timer();
}

void StreamState::start_trim_timer() {
  trim_timer_runs_ = true;
  armed_since_ = false;
  if (!trim_timer_) trim_timer_ = std::make_unique<boost::asio::steady_timer>(asio_context(loop_));
  trim_timer_->expires_after(idle_time);
  trim_timer_->async_wait([weak = weak_from_this()](error_code error) {
    const auto self = weak.lock();
    if (!error && self) self->on_trim_time();
  });
}

void StreamState::on_trim_time() {
  MutexLock lock(mutex_);
  trim_timer_runs_ = false;
  if (ended()) return;
  // Somebody may be reading now, so that nothing of the reader's is looked at.
  if (armed_since_) return start_trim_timer();
  output_.trim();
  if (armed_events_ == 0) return;  // arm() looks after the rest
  input_.trim();
  decompressed_.trim();
}

void StreamState::wait_readable(short events, Deadline deadline, bool or_writable, bool empty) {
  while (!reader_sleeper_.called() && !ended()) {
    short wanted = events;
    {
      MutexLock lock(mutex_);
      gather_until_.reset();
      flush();
      if (or_writable && output_.has_room(refused_size_)) break;
      reader_waits_for_room_ = or_writable;
      if (output_.pending() != 0) wanted = static_cast<short>(wanted | write_events_);
    }
    const short ready = empty && wanted == POLLIN
                            ? reader_sleeper_.sleep_for_input(stream_->descriptor(), deadline)
                            : reader_sleeper_.sleep(stream_->descriptor(), wanted, deadline);
    if ((ready & (events | POLLERR | POLLHUP)) != 0 || deadline.passed()) break;
  }
  if (or_writable) {
    MutexLock lock(mutex_);
    reader_waits_for_room_ = false;
  }
  reader_sleeper_.take_call();
}

// Silence -----------------------------------------------------------------------------------------

void StreamState::watch_over() {
  const Duration least = std::min(times_.idle, times_.keep_alive);
  if (least == no_timeout || ended()) return;
  silence_timer_.expires_after(std::chrono::duration_cast<std::chrono::steady_clock::duration>(least / 2));
  silence_timer_.async_wait([weak = weak_from_this()](error_code error) {
    const auto self = weak.lock();
    if (!error && self) self->on_silence();
  });
}

void StreamState::on_silence() {
  ErrorPtr reason;
  {
    MutexLock lock(mutex_);
    if (ended()) return;
    reason = silence();
    if (!reason) return watch_over();
  }
  log_.warning(description_ + ": " + reason->what());
  end(reason);
}

/// Why the link has to end, if it has.
ErrorPtr StreamState::silence() {
  const TimePoint now = Deadline::now();
  int unread = 0;
  // What lies there unread was said, too: it is this process that has stood still.
  const bool waits = ::ioctl(stream_->descriptor(), FIONREAD, &unread) == 0 && unread > 0;
  if (heard_.exchange(false, std::memory_order_relaxed) || waits) {
    last_heard_ = now;
    ping_under_way_ = false;
    return nullptr;
  }
  const auto seconds = [](Duration duration) {
    return std::to_string(std::chrono::duration<double>(duration).count()) + " s";
  };
  if (now - last_heard_ >= times_.idle) {
    return make_error<TransportDisconnectedError>("the peer, " + stream_->peer() + ", has said nothing for " +
                                                  seconds(times_.idle) + " (?idle)");
  }
  if (ping_under_way_ && now - ping_sent_ >= times_.keep_alive) {
    return make_error<TransportDisconnectedError>("the peer, " + stream_->peer() +
                                                  ", has not answered a ping within " +
                                                  seconds(times_.keep_alive) + " (?keep_alive)");
  }
  if (now - last_heard_ >= times_.keep_alive && !ping_under_way_) send_ping(now);
  return nullptr;
}

void StreamState::send_ping(TimePoint now) {
  if (!takes_pings_ || output_.is_claimed()) return;
  std::byte bytes[16];
  wire::Writer writer{bytes};
  wire::begin_request(writer, ping_id(), "$ping", false);
  writer.array(0);
  // Before it is written: relaxed, since its pong comes from a peer that has read it.
  unanswered_pings_.fetch_add(1, std::memory_order_relaxed);
  output_.append(std::span(bytes).first(writer.size()));
  ping_under_way_ = true;
  ping_sent_ = now;
  flush();
  update_watch();
}

bool StreamState::takes_as_pong(std::span<const std::byte> message) noexcept {
  // No more than were asked for: a peer that sends them without end would keep the reader here for ever.
  if (unanswered_pings_.load(std::memory_order_relaxed) == 0) return false;
  // A response to an id that nobody else uses.
  if (message.size() < 4 || message[0] != std::byte{0x94} || message[1] != std::byte{1}) return false;
  wire::Reader reader{message.subspan(2)};
  if (reader.peek() != wire::Kind::integer || reader.any_integer().bits != ping_id()) return false;
  unanswered_pings_.fetch_sub(1, std::memory_order_relaxed);  // which nobody else does
  return true;
}

}  // namespace vagus::transport::stream
