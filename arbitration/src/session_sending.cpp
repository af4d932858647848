// The send turn. Exactly one thread has it, or nobody, or it is *parked*: a message of the outbox is sent in
// part, and on_writable() goes on with it. Who ends its turn first empties the outbox; if that does not fit,
// the link is armed to call on_writable(), which takes a turn of its own. So the outbox is never left behind:
//   - kept while somebody has the turn: that one looks at the outbox, under send_mutex_, before it gives the
//   turn up;
//   - kept while nobody has it: the one that keeps takes the turn itself.

#include <utility>

#include "session.hpp"

namespace vagus {

namespace {

std::size_t size_of(Session::MessageWriter write) {
  auto counter = wire::Writer::counting();
  write(counter);
  return counter.size();
}

Bytes bytes_of(Session::MessageWriter write) {
  Bytes bytes(size_of(write));
  wire::Writer writer{bytes};
  write(writer);
  return bytes;
}

}  // namespace

ErrorPtr Session::full_error() const {
  return make_error<OverloadedError>("the link to " + url_ +
                                     " is full: the peer does not read as fast as this side "
                                     "writes");
}

MessageTooLargeError Session::too_large_error(std::size_t size) const {
  return MessageTooLargeError("a message of " + std::to_string(size) + " bytes; the link to " + url_ +
                              " takes at most " + std::to_string(link_->max_message_size()) +
                              " (max_message_size, at both ends)");
}

bool Session::try_take_turn() {
  MutexLock lock(send_mutex_);
  if (turn_taken_) return false;
  turn_taken_ = true;
  return true;
}

bool Session::take_turn(Deadline deadline, WhenFull when_full) {
  MutexLock lock(send_mutex_);
  while (turn_taken_ && !ended_.load()) {
    if (when_full != WhenFull::wait) {
      // The turn itself is short; only one that waits for space is not worth waiting for.
      if (turn_parked_ || !outbox_.empty()) return false;
    }
    if (!wait_until(turn_free_, lock, deadline)) return false;
  }
  if (turn_taken_) return false;
  turn_taken_ = true;
  return true;
}

Session::Attempt Session::attempt(std::size_t size, MessageWriter write, transport::Slot& slot) {
  switch (link_->try_claim(size, slot)) {
    case transport::ClaimStatus::claimed:
      break;
    case transport::ClaimStatus::full:
      return Attempt::full;
    case transport::ClaimStatus::too_large:
      return Attempt::too_large;
    case transport::ClaimStatus::closed:
      return Attempt::closed;
  }
  wire::Writer writer{slot.bytes.first(size)};
  try {
    write(writer);
    if (writer.overflowed() || writer.size() != size) {
      throw ApiParamError("an argument changed its size while it was being packed");
    }
  } catch (...) {
    link_->abandon(slot);
    throw;
  }
  return link_->commit(slot, size) ? Attempt::sent : Attempt::partly;
}

Session::Attempt Session::attempt(const Bytes& message, transport::Slot& slot) {
  return attempt(
      message.size(), [&](wire::Writer& writer) { writer.raw(message); }, slot);
}

ErrorPtr Session::send(MessageWriter write, Deadline deadline, WhenFull when_full, Sleeper* reader) {
  const std::size_t size = size_of(write);
  if (!try_take_turn()) {
    // Whoever has the turn may wait for the peer, which may wait for us to read: read no more than nobody
    // does.
    if (reader != nullptr) leave(*reader);
    if (!take_turn(deadline, when_full)) return ended() ? closed_error() : full_error();
    if (reader != nullptr) queue_for_reading(*reader);
  }
  ErrorPtr error;
  try {
    error = send_in_turn(size, write, deadline, when_full, reader);
  } catch (...) {
    end_turn();
    throw;
  }
  end_turn();
  return error;
}

ErrorPtr Session::send_in_turn(std::size_t size, MessageWriter write, Deadline deadline, WhenFull when_full,
                               Sleeper* reader) {
  for (;;) {
    transport::Slot slot;
    flush_in_turn();
    switch (outbox_filled_.load() ? Attempt::full : attempt(size, write, slot)) {
      case Attempt::sent:
        return nullptr;
      case Attempt::partly:
        return push_rest(slot, deadline, reader);
      case Attempt::closed:
        return closed_error();
      case Attempt::too_large:
        return std::make_shared<const MessageTooLargeError>(too_large_error(size));
      case Attempt::full:
        break;
    }
    if (when_full != WhenFull::wait || !wait_for_space(deadline, reader)) {
      return ended() ? closed_error() : full_error();
    }
  }
}

bool Session::wait_for_space(Deadline deadline, Sleeper* reader) {
  if (ended() || deadline.passed()) return false;
  if (reader == nullptr || !reader->is_reader()) {
    link_->wait_writable(deadline);
    return true;
  }
  link_->wait_readable(deadline, true);
  // Into the queues only: no handler runs on this thread, which is in the middle of sending.
  while (read_one(nullptr)) {
  }
  return true;
}

ErrorPtr Session::push_rest(transport::Slot& slot, Deadline deadline, Sleeper* reader) {
  while (!link_->push(slot)) {
    if (wait_for_space(deadline, reader)) continue;
    link_->abandon(slot);
    return ended() ? closed_error() : full_error();
  }
  return nullptr;
}

void Session::send_soon(MessageWriter write) {
  if (ended()) return;
  if (!try_take_turn()) {
    keep(bytes_of(write));
    return;
  }
  Attempt outcome = Attempt::full;
  transport::Slot slot;
  try {
    flush_in_turn();
    if (!outbox_filled_.load()) outcome = attempt(size_of(write), write, slot);
    if (outcome == Attempt::full) keep(bytes_of(write));
    if (outcome == Attempt::too_large) throw too_large_error(size_of(write));
    if (outcome == Attempt::partly) {
      // The rest goes the way of the outbox, ahead of what others may have kept there meanwhile.
      partial_ = slot;
      partial_pending_ = true;
      partial_size_ = 0;
      MutexLock lock(send_mutex_);
      outbox_.emplace_front();
      outbox_filled_.store(true);
    }
  } catch (...) {
    end_turn();
    throw;
  }
  end_turn();
}

void Session::keep(Bytes message) {
  if (message.size() > link_->max_message_size()) throw too_large_error(message.size());
  bool mine = false;
  bool overfull = false;
  {
    MutexLock lock(send_mutex_);
    if (ended_.load()) return;
    overfull = !outbox_.empty() && outbox_size_ + message.size() > max_unsent_;
    if (!overfull) {
      outbox_size_ += message.size();
      outbox_.push_back(std::move(message));
      outbox_filled_.store(true);
      mine = !std::exchange(turn_taken_, true);
    }
  }
  if (overfull) {
    owner_.log().warning("the peer " + peer_.name + " at " + url_ + " is cut off: it left " +
                         std::to_string(max_unsent_) + " bytes unread (max_unsent)");
    link_->close(make_error<OverloadedError>("the peer did not read what it was sent"));
    return;
  }
  if (mine) end_turn();
}

Session::Attempt Session::send_outbox_front() {
  if (partial_pending_) return link_->push(partial_) ? Attempt::sent : Attempt::partly;
  Bytes front;
  {
    MutexLock lock(send_mutex_);
    if (outbox_.empty()) return Attempt::closed;  // the link has ended
    front.swap(outbox_.front());
  }
  const Attempt outcome = attempt(front, partial_);
  if (outcome == Attempt::full) {
    MutexLock lock(send_mutex_);
    if (!outbox_.empty()) outbox_.front().swap(front);  // emptied only if the link has ended
  }
  if (outcome == Attempt::partly) {
    partial_pending_ = true;
    partial_size_ = front.size();
  }
  if (outcome == Attempt::sent || outcome == Attempt::closed) partial_size_ = front.size();
  return outcome;
}

void Session::flush_in_turn() {
  while (outbox_filled_.load()) {
    const Attempt outcome = send_outbox_front();
    if (outcome == Attempt::full || outcome == Attempt::partly) return;
    partial_pending_ = false;
    MutexLock lock(send_mutex_);
    if (outbox_.empty()) return;  // the link has ended meanwhile
    outbox_.pop_front();
    outbox_filled_.store(!outbox_.empty());
    outbox_size_ -= partial_size_;
  }
}

void Session::end_turn() {
  for (;;) {
    flush_in_turn();
    {
      MutexLock lock(send_mutex_);
      if (outbox_.empty() || ended_.load()) {
        drop_partial();
        turn_taken_ = false;
        turn_free_.notify_one();
        return;
      }
      turn_parked_ = true;
    }
    if (link_->arm_writable()) return;
    // There is space already: nobody will be called, go on.
    MutexLock lock(send_mutex_);
    if (!std::exchange(turn_parked_, false))
      return;  // the link has ended, or on_writable() came all the same
  }
}

void Session::drop_partial() noexcept {
  if (std::exchange(partial_pending_, false)) link_->abandon(partial_);
}

void Session::on_writable() {
  {
    MutexLock lock(send_mutex_);
    if (!std::exchange(turn_parked_, false)) return;
  }
  end_turn();
}

}  // namespace vagus
