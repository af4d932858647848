#include "datagram/conversation.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include <vagus/wire/decode_error.hpp>

#include "datagram/greeting.hpp"

namespace vagus::transport::datagram {

namespace {

using namespace std::chrono_literals;

// What has come and nobody has read, of one peer. Beyond it datagrams are dropped, as the system does where
// its buffer is full.
constexpr std::size_t most_ready_bytes = 4 << 20;
constexpr std::size_t bytes_of_each = 64;  // what a message takes beside itself

// A socket that takes no more is a matter of a few packets on their way to the wire.
constexpr Duration look_for_room = 1ms;

/// Is it a notification of the peers' own, `[2, "$...", ...]`? They tell of what lasts, such as who listens
/// to what, and of parts of answers: what is lost of it is missed later, by nobody's deadline.
bool is_to_last(std::span<const std::byte> message) noexcept {
  constexpr std::byte notification{2};
  constexpr std::byte dollar{'$'};
  return message.size() > 3 && (message[0] & std::byte{0xf0}) == std::byte{0x90} &&
         message[1] == notification && (message[2] & std::byte{0xe0}) == std::byte{0xa0} &&
         message[3] == dollar;
}

std::size_t message_limit(const Parties& parties) {
  const std::uint64_t agreed =
      std::min<std::uint64_t>(parties.port->context().limits.message_size, parties.hello.max_message_size);
  const std::size_t frame = parties.hello.version == 0 ? 0 : Frame::size;
  return static_cast<std::size_t>(std::min<std::uint64_t>(agreed, max_datagram - frame));
}

}  // namespace

Conversation::Conversation(Parties parties)
    : parties_(std::move(parties)),
      max_message_size_(message_limit(parties_)),
      heard_at_(Deadline::now()),
      ping_at_(heard_at_ + parties_.keep_alive),
      timer_(parties_.port->context().loop, [this] { on_timer(); }) {}

void Conversation::post(Calls& calls) {
  if (!calls.empty()) parties_.port->post(calls);
}

void Conversation::begin() {
  MutexLock lock(parties_.port->mutex());
  schedule(Deadline::now());
}

void Conversation::start(LinkObserver& observer) {
  observer_calls_.start(observer);
  Calls calls;
  {
    MutexLock lock(parties_.port->mutex());
    started_ = true;
    if (ended()) {
      calls.emplace_back(
          [self = shared_from_this(), reason = reason_] { self->observer_calls_.closed(reason); });
    }
  }
  post(calls);
}

// What arrives
// --------------------------------------------------------------------------------------------------------

bool Conversation::is_addressed(const Frame& frame) const noexcept {
  if (plain()) return false;
  return frame.link == (frame.kind == FrameKind::unknown_link ? parties_.peer_link : parties_.link);
}

bool Conversation::is_valid(std::span<const std::byte> message) {
  // The analysis forgets in a lambda what is held around it.
  const auto unreadable = [&](const std::string& why) VAGUS_NO_THREAD_SAFETY_ANALYSIS {
    ++losses_.unreadable;
    parties_.port->drop(parties_.address, why);
    return false;
  };
  const wire::Limits& limits = parties_.port->context().limits;
  if (message.size() > limits.message_size) {
    return unreadable("it is larger than this side takes, " + std::to_string(limits.message_size) + " bytes");
  }
  try {
    static_cast<void>(wire::parse(message, limits));
    return true;
  } catch (const wire::DecodeError& error) {
    return unreadable(std::string("it is no message: ") + error.what());
  }
}

void Conversation::heard() noexcept {
  heard_at_ = Deadline::now();
  ping_at_ = heard_at_ + parties_.keep_alive;
  pings_unanswered_ = 0;
}

void Conversation::take(const Frame& frame, std::span<const std::byte> message, Calls& calls) {
  if (ended()) return;
  switch (frame.kind) {
    case FrameKind::message:
    case FrameKind::reliable: {
      if (!is_valid(message)) return;
      heard();
      // What is reliable and finds no space is not acknowledged, and comes again.
      if (ready_bytes_ + message.size() + bytes_of_each > most_ready_bytes) {
        ++losses_.overflowed;
        return;
      }
      const std::size_t before = ready_.size();
      if (frame.kind == FrameKind::message) {
        reception_.take(frame, Bytes(message.begin(), message.end()), ready_);
      } else {
        reception_.take_reliable(frame, Bytes(message.begin(), message.end()), ready_);
        acknowledge(calls);
      }
      for (std::size_t place = before; place < ready_.size(); ++place) {
        ready_bytes_ += ready_[place].size() + bytes_of_each;
      }
      if (ready_.size() != before) delivered(calls);
      return;
    }
    case FrameKind::acknowledgement:
      heard();
      repetition_.acknowledge(frame.reliable, heard_at_, repeating(calls));
      told_space(calls);
      return;
    case FrameKind::ping:
      heard();
      parties_.port->send(Frame{.kind = FrameKind::pong, .link = parties_.peer_link}, parties_.address,
                          calls);
      return;
    case FrameKind::pong:
      heard();
      return;
    case FrameKind::bye:
      return end(make_error<TransportDisconnectedError>(text() + " has closed the link"), calls);
    case FrameKind::unknown_link:
      return end(make_error<TransportDisconnectedError>(
                     text() + " does not know the link any more: it was started anew, or has missed us"),
                 calls);
  }
}

void Conversation::take_plain(std::span<const std::byte> message, Calls& calls) {
  if (ended() || !is_valid(message)) return;
  heard();
  if (ready_bytes_ + message.size() + bytes_of_each > most_ready_bytes) {
    ++losses_.overflowed;
    return;
  }
  ready_.emplace_back(message.begin(), message.end());
  ready_bytes_ += message.size() + bytes_of_each;
  delivered(calls);
}

void Conversation::acknowledge(Calls& calls) {
  parties_.port->send(Frame{.kind = FrameKind::acknowledgement,
                            .link = parties_.peer_link,
                            .number = number_,
                            .reliable = reception_.reliable()},
                      parties_.address, calls);
}

void Conversation::delivered(Calls& calls) {
  parties_.port->notify(*this);
  if (!std::exchange(armed_, false)) return;
  calls.emplace_back([self = shared_from_this()] { self->observer_calls_.readable(); });
}

std::optional<std::span<const std::byte>> Conversation::try_receive() {
  Calls calls;
  std::optional<std::span<const std::byte>> message;
  {
    MutexLock lock(parties_.port->mutex());
    if (ready_.empty() && !ended()) parties_.port->receive(calls);
    if (!ready_.empty()) message = ready_.front();
  }
  post(calls);
  return message;
}

void Conversation::release() noexcept {
  Bytes gone;  // freed without the mutex
  MutexLock lock(parties_.port->mutex());
  if (ready_.empty()) return;
  gone.swap(ready_.front());
  ready_.pop_front();
  ready_bytes_ -= gone.size() + bytes_of_each;
  lock.unlock();
}

void Conversation::disarm() noexcept {
  MutexLock lock(parties_.port->mutex());
  armed_ = false;
}

bool Conversation::arm() {
  MutexLock lock(parties_.port->mutex());
  if (!ready_.empty()) return false;
  armed_ = !ended();
  return true;
}

bool Conversation::take_wake_up(bool or_writable) noexcept {
  if (std::exchange(reading_interrupted_, false)) return true;
  return readable() || (or_writable && writable());
}

Deadline Conversation::next_look(Deadline deadline, bool or_writable) const noexcept {
  if (!or_writable || refusal_ != Refusal::socket) return deadline;
  return std::min(deadline, Deadline::after(look_for_room));
}

void Conversation::wait_readable(MutexLock& lock, Deadline deadline, bool or_writable) {
  wait_until(changed_, lock, next_look(deadline, or_writable));
}

void Conversation::wait_readable(Deadline deadline, bool or_writable) {
  parties_.port->wait_readable(*this, deadline, or_writable);
}

// What is sent
// --------------------------------------------------------------------------------------------------------

bool Conversation::send(std::span<std::byte> datagram) {
  if (home_.left()) return true;
  Calls calls;
  bool sent = true;
  {
    MutexLock lock(parties_.port->mutex());
    sent = ended() || send_message(datagram, calls);
  }
  post(calls);
  return sent;
}

bool Conversation::send_message(std::span<std::byte> datagram, Calls& calls) {
  refusal_ = Refusal::none;
  const auto message = datagram.subspan(Frame::size);
  Port& port = *parties_.port;
  if (plain()) {
    const bool sent = port.send(message, parties_.address, calls);
    if (!sent) refusal_ = Refusal::socket;
    return sent || ended();
  }
  const auto frame_at = datagram.first<Frame::size>();
  if (is_to_last(message)) {
    if (repetition_.full()) {
      refusal_ = Refusal::window;
      return false;
    }
    write(frame_at, {FrameKind::reliable, parties_.peer_link, number_, ++reliable_});
    const TimePoint now = Deadline::now();
    repetition_.add(reliable_, Bytes(datagram.begin(), datagram.end()), now);
    static_cast<void>(port.send(datagram, parties_.address, calls));  // what has no room now is repeated
    schedule(now);
    return true;
  }
  write(frame_at, {FrameKind::message, parties_.peer_link, number_ + 1, reliable_});
  if (!port.send(datagram, parties_.address, calls)) {
    refusal_ = Refusal::socket;
    return ended();
  }
  ++number_;
  return true;
}

Repetition::Send Conversation::repeating(Calls& calls) {
  return [this, &calls](const Bytes& datagram) VAGUS_NO_THREAD_SAFETY_ANALYSIS {
    static_cast<void>(parties_.port->send(datagram, parties_.address, calls));
  };
}

bool Conversation::writable() noexcept {
  switch (refusal_) {
    case Refusal::none:
      return true;
    case Refusal::window:
      return !repetition_.full();
    case Refusal::socket:
      return parties_.port->has_room();
  }
  return true;
}

void Conversation::told_space(Calls& calls) {
  if (refusal_ != Refusal::window || !writable()) return;
  parties_.port->notify(*this);
  if (!std::exchange(armed_writable_, false)) return;
  calls.emplace_back([self = shared_from_this()] { self->observer_calls_.writable(); });
}

void Conversation::wait_writable(Deadline deadline) {
  MutexLock lock(parties_.port->mutex());
  while (!ended() && !std::exchange(writing_interrupted_, false) && !writable() && !deadline.passed()) {
    wait_until(changed_, lock, next_look(deadline, true));
  }
}

bool Conversation::arm_writable() {
  MutexLock lock(parties_.port->mutex());
  if (ended() || writable()) return false;
  armed_writable_ = true;
  schedule(Deadline::now());
  return true;
}

// Life and end
// --------------------------------------------------------------------------------------------------------

void Conversation::interrupt() noexcept {
  MutexLock lock(parties_.port->mutex());
  reading_interrupted_ = true;
  writing_interrupted_ = true;
  parties_.port->notify(*this);
}

void Conversation::schedule(TimePoint now) {
  TimePoint next = std::min(repetition_.due(), parties_.keep_alive > 0ns ? ping_at_ : TimePoint::max());
  if (armed_writable_ && refusal_ == Refusal::socket) next = std::min(next, now + look_for_room);
  if (next == TimePoint::max() || ended()) return;
  // One that runs out too early looks again.
  if (due_ <= next && due_ > now) return;
  due_ = next;
  timer_.start(next);
}

void Conversation::on_timer() {
  // The timer does not keep the conversation, which ends it when it goes.
  const auto self = weak_from_this().lock();
  if (!self || home_.left()) return;
  Calls calls;
  {
    MutexLock lock(parties_.port->mutex());
    const TimePoint now = Deadline::now();
    due_ = TimePoint::max();
    if (!ended()) look_after(now, calls);
    schedule(now);
  }
  for (const auto& call : calls) call();
}

void Conversation::look_after(TimePoint now, Calls& calls) {
  repetition_.repeat(now, repeating(calls));
  if (armed_writable_ && writable()) {
    armed_writable_ = false;
    calls.emplace_back([self = shared_from_this()] { self->observer_calls_.writable(); });
  }
  if (parties_.keep_alive == 0ns || now < ping_at_) return;
  // If this process was stopped for a while, what the peer has sent meanwhile is there to be read.
  parties_.port->receive(calls);
  if (ended() || now < ping_at_) return;
  const auto silence = std::chrono::duration_cast<std::chrono::milliseconds>(now - heard_at_).count();
  const std::string heard_nothing = "nothing has been heard of " + text() + " for " + std::to_string(silence);
  if (plain()) return end(make_error<TransportDisconnectedError>(heard_nothing + " ms"), calls);
  if (parties_.unanswered_pings != 0 && pings_unanswered_ >= parties_.unanswered_pings) {
    return end(make_error<TransportDisconnectedError>(heard_nothing + " ms, " +
                                                      std::to_string(pings_unanswered_) + " pings included"),
               calls);
  }
  ++pings_unanswered_;
  ping_at_ = now + parties_.keep_alive;
  parties_.port->send(Frame{.kind = FrameKind::ping, .link = parties_.peer_link}, parties_.address, calls);
}

void Conversation::end(const ErrorPtr& reason, Calls& calls) {
  if (ended()) return;
  reason_ = reason;
  ended_.store(true);
  armed_ = armed_writable_ = false;
  timer_.stop();
  const auto self = shared_from_this();  // the port may be the last to hold it
  parties_.port->remove(*this);
  parties_.port->notify(*this);
  if (losses_.total() != 0) {
    parties_.port->context().log.info(text() + ": of its datagrams " + std::to_string(losses_.repeated) +
                                      " came twice, " + std::to_string(losses_.overtaken) + " too late, " +
                                      std::to_string(losses_.unreadable) + " were unreadable and " +
                                      std::to_string(losses_.overflowed) + " had no room");
  }
  if (started_) calls.emplace_back([self, reason] { self->observer_calls_.closed(reason); });
}

void Conversation::close(const ErrorPtr& reason) noexcept {
  Calls calls;
  {
    MutexLock lock(parties_.port->mutex());
    if (ended()) return;
    if (!plain() && !home_.left()) {
      const Frame bye{FrameKind::bye, parties_.peer_link, number_, reliable_};
      parties_.port->send(bye, parties_.address, calls);
    }
    end(reason, calls);
  }
  post(calls);
}

void Conversation::stop() noexcept {
  close(make_error<TransportFinishedError>("the link to " + text() + " was closed"));
  observer_calls_.stop();
}

}  // namespace vagus::transport::datagram
