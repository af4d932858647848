// The send turn. Exactly one thread has it, or nobody, or it is *parked*: a message of the outbox is sent in
// part, and on_writable() goes on with it. Who ends its turn first empties the outbox; if that does not fit,
// the link is armed to call on_writable(), which takes a turn of its own. So the outbox is never left behind:
//   - kept while somebody has the turn: the turn is wanted then, and that one looks at the outbox, under
//   send_mutex_, before it gives the turn up;
//   - kept while nobody has it: the one that keeps takes the turn itself.

#include <algorithm>
#include <chrono>
#include <utility>

#include <vagus/wire/codec.hpp>

#include "session.hpp"

namespace vagus {

namespace {

// A message up to this size is packed right into the link, without being counted before.
constexpr std::size_t small_message = 256;

// What a message says of the time that is left is no older than this when it is sent.
constexpr Duration oldest_count = std::chrono::milliseconds(10);

// So many messages are read at once by a thread that waits for space.
constexpr int max_read_meanwhile = 128;

std::size_t size_of(Session::MessageWriter write, wire::Attachments& blocks) {
  auto counter = wire::Writer::counting();
  counter.set_attachments(&blocks);
  write(counter);
  return counter.size();
}

}  // namespace

ErrorPtr Session::full_error() const {
  return make_error<OverloadedError>("the link to " + url_ +
                                     " is full: the peer does not read as fast as this side "
                                     "writes");
}

ErrorPtr Session::no_space_error() const {
  if (ended()) return closed_error();
  if (!stopping_.load()) return full_error();
  return make_error<TransportFinishedError>("the ApiArb was stopped while the link to " + url_ + " was full");
}

void Session::end_waits() noexcept {
  {
    MutexLock lock(send_mutex_);
    stopping_.store(true);
    turn_changed_.notify_all();
  }
  link_->interrupt();
}

MessageTooLargeError Session::too_large_error(std::size_t size) const {
  const std::size_t most = link_->max_message_size();
  const std::size_t by_kind = link_->traits().largest_message;
  return MessageTooLargeError(
      "a message of " + std::to_string(size) + " bytes; the link to " + url_ + " takes at most " +
      std::to_string(most) +
      (by_kind != 0 && most >= by_kind ? ", as one datagram does" : " (max_message_size, at both ends)"));
}

bool Session::try_take_turn() noexcept {
  unsigned expected = turn_free;
  return turn_.compare_exchange_strong(expected, turn_taken);
}

bool Session::want_turn() noexcept { return (turn_.fetch_or(turn_taken | turn_wanted) & turn_taken) == 0; }

bool Session::take_turn(Deadline deadline, WhenFull when_full) {
  MutexLock lock(send_mutex_);
  while (!want_turn()) {
    if (ended_.load() || stopping_.load()) return false;
    // The turn itself is short; only one that waits for space is not worth waiting for.
    const bool full = turn_parked_ || turn_waits_ || !outbox_.empty();
    if (full && when_full != WhenFull::wait) return false;
    if (!wait_until(turn_changed_, lock, deadline)) return false;
  }
  return true;
}

transport::ClaimStatus Session::claim(Extent& extent, MessageWriter write, transport::Slot& slot) {
  const auto status = link_->try_claim(extent.size, slot, extent.blocks.blocks());
  if (status != transport::ClaimStatus::unlendable) return status;
  extent.blocks = wire::Attachments(nullptr);
  extent.size = size_of(write, extent.blocks);
  return link_->try_claim(extent.size, slot);
}

Session::Attempt Session::attempt(Extent& extent, MessageWriter write, transport::Slot& slot) {
  switch (claim(extent, write, slot)) {
    case transport::ClaimStatus::claimed:
      break;
    case transport::ClaimStatus::full:
      return Attempt::full;
    case transport::ClaimStatus::too_large:
    case transport::ClaimStatus::unlendable:  // no block is left in it
      return Attempt::too_large;
    case transport::ClaimStatus::closed:
      return Attempt::closed;
  }
  wire::Writer writer{slot.bytes.first(extent.size)};
  wire::Attachments blocks(extent.blocks.lender());
  writer.set_attachments(&blocks);
  try {
    write(writer);
    if (writer.overflowed() || writer.size() != extent.size ||
        blocks.blocks().size() != extent.blocks.blocks().size()) {
      throw ApiParamError("an argument changed its size while it was being packed");
    }
  } catch (...) {
    link_->abandon(slot);
    throw;
  }
  traffic_.count_sent(extent.size);
  return link_->commit(slot, extent.size) ? Attempt::sent : Attempt::partly;
}

Session::Attempt Session::attempt(const Bytes& message, transport::Slot& slot) {
  Extent extent(nullptr);
  extent.size = message.size();
  return attempt(
      extent, [&](wire::Writer& writer) { writer.raw(message); }, slot);
}

Session::Attempt Session::attempt_small(MessageWriter write, transport::Slot& slot, Extent& extent) {
  const std::size_t room = std::min(small_message, link_->max_message_size());
  if (outbox_filled_.load() || link_->try_claim(room, slot) != transport::ClaimStatus::claimed) {
    extent.size = size_of(write, extent.blocks);
    return Attempt::full;
  }
  wire::Writer writer{slot.bytes.first(room)};
  writer.set_attachments(&extent.blocks);
  try {
    write(writer);
  } catch (...) {
    link_->abandon(slot);
    throw;
  }
  extent.size = writer.size();
  if (!writer.overflowed() && extent.blocks.empty()) {
    traffic_.count_sent(extent.size);
    return link_->commit(slot, extent.size) ? Attempt::sent : Attempt::partly;
  }
  link_->abandon(slot);
  return Attempt::full;
}

ErrorPtr Session::send(MessageWriter write, Deadline deadline, WhenFull when_full, Sleeper* reader,
                       Deadline begin_by) {
  begin_by = std::min(begin_by, deadline);
  if (!plain_) return send_written(write, deadline, when_full, reader, begin_by);
  const Bytes message = plain_message(write);
  return send_written([&](wire::Writer& writer) { writer.raw(message); }, deadline, when_full, reader,
                      begin_by);
}

ErrorPtr Session::send_written(MessageWriter write, Deadline deadline, WhenFull when_full, Sleeper* reader,
                               Deadline begin_by) {
  bool late = false;
  if (!try_take_turn()) {
    const TimePoint begin = Deadline::now();
    // Whoever has the turn may wait for the peer, which may wait for us to read: read no more than nobody
    // does.
    if (reader != nullptr) leave(*reader);
    if (!take_turn(begin_by, when_full)) return no_space_error();
    if (reader != nullptr) queue_for_reading(*reader);
    late = Deadline::now() - begin > oldest_count;
  }
  ErrorPtr error;
  try {
    transport::Slot slot;
    Extent extent(link_->lender());
    if (late) extent.size = size_of(write, extent.blocks);
    const Attempt outcome = late ? Attempt::full : attempt_small(write, slot, extent);
    if (outcome == Attempt::partly) error = push_rest(slot, deadline, reader);
    if (outcome == Attempt::full) error = send_in_turn(extent, write, deadline, when_full, reader, begin_by);
  } catch (...) {
    end_turn();
    throw;
  }
  end_turn();
  return error;
}

ErrorPtr Session::send_in_turn(Extent& extent, MessageWriter write, Deadline deadline, WhenFull when_full,
                               Sleeper* reader, Deadline begin_by) {
  for (TimePoint counted = Deadline::now();;) {
    transport::Slot slot;
    flush_in_turn();
    switch (outbox_filled_.load() ? Attempt::full : attempt(extent, write, slot)) {
      case Attempt::sent:
        return nullptr;
      case Attempt::partly:
        return push_rest(slot, deadline, reader);
      case Attempt::closed:
        return closed_error();
      case Attempt::too_large:
        return std::make_shared<const MessageTooLargeError>(too_large_error(extent.size));
      case Attempt::full:
        break;
    }
    if (when_full != WhenFull::wait || !wait_for_space(begin_by, reader)) {
      return no_space_error();
    }
    if (const TimePoint now = Deadline::now(); now - counted > oldest_count) {
      extent = Extent(link_->lender());
      extent.size = size_of(write, extent.blocks);
      counted = now;
    }
  }
}

bool Session::reads_while_it_sends(Sleeper& sleeper) {
  if (!sleeper.is_reader()) {
    // Whoever gives the role up must not hand it to a thread that sleeps in wait_writable().
    MutexLock lock(reader_mutex_);
    waiting_.remove(&sleeper);
    if (!sleeper.is_reader()) return false;  // handed over at the last moment otherwise
  }
  if (!sleeper.is_reading()) sleeper.begin_reading(*link_);
  return true;
}

bool Session::wait_for_space(Deadline deadline, Sleeper* reader) {
  if (ended() || stopping_.load() || deadline.passed()) return false;
  {
    MutexLock lock(send_mutex_);
    turn_waits_ = true;
    turn_changed_.notify_all();  // who does not want to wait for space need not wait for the turn either
  }
  if (reader == nullptr || !reads_while_it_sends(*reader)) {
    link_->wait_writable(deadline);
    if (reader != nullptr) queue_for_reading(*reader);
  } else {
    link_->wait_readable(deadline, true);
    // Into the queues only: no handler runs on this thread, which is in the middle of sending. A peer that
    // sends without a pause must not keep it from that.
    for (int read = 0; read < max_read_meanwhile && read_one(nullptr); ++read) {
    }
  }
  MutexLock lock(send_mutex_);
  turn_waits_ = false;
  return true;
}

ErrorPtr Session::push_rest(transport::Slot& slot, Deadline deadline, Sleeper* reader) {
  while (!link_->push(slot)) {
    if (wait_for_space(deadline, reader)) continue;
    link_->abandon(slot);
    return no_space_error();
  }
  return nullptr;
}

void Session::send_soon(MessageWriter write) { send_any_soon({}, write); }

void Session::send_last(std::string_view key, MessageWriter write) { send_any_soon(key, write); }

void Session::send_any_soon(std::string_view key, MessageWriter write) {
  if (ended() || home_.left()) return;
  if (!plain_) {
    send_written_soon(key, write);
    return;
  }
  const Bytes message = plain_message(write);
  send_written_soon(key, [&](wire::Writer& writer) { writer.raw(message); });
}

void Session::send_written_soon(std::string_view key, MessageWriter write) {
  if (!try_take_turn()) {
    put_into_outbox(key, wire::written(write));
    return;
  }
  transport::Slot slot;
  Extent extent(link_->lender());
  try {
    Attempt outcome = attempt_small(write, slot, extent);
    if (outcome == Attempt::full) {
      flush_in_turn();
      if (!outbox_filled_.load()) outcome = attempt(extent, write, slot);
    }
    if (outcome == Attempt::full) put_into_outbox(key, wire::written(write));
    if (outcome == Attempt::too_large) throw too_large_error(extent.size);
    if (outcome == Attempt::partly) {
      // The rest goes the way of the outbox, ahead of what others may have kept there meanwhile.
      partial_ = slot;
      partial_pending_ = true;
      partial_size_ = 0;
      MutexLock lock(send_mutex_);
      outbox_.emplace_front();
      outbox_filled_.store(true);
      want_turn();  // it is ours; to be ended with the outbox
    }
  } catch (...) {
    end_turn();
    throw;
  }
  end_turn();
}

bool Session::replace_in_outbox(std::string_view key, Bytes& message) {
  if (key.empty()) return false;
  // The last of them: one that was being sent, and found no room, stands before a newer one again.
  const auto former = std::find_if(outbox_.rbegin(), outbox_.rend(), [&](const Kept& kept) {
    return kept.key == key && !kept.message.empty();
  });
  if (former == outbox_.rend()) return false;
  outbox_size_ = outbox_size_ - former->message.size() + message.size();
  former->message = std::move(message);
  return true;
}

void Session::put_into_outbox(std::string_view key, Bytes message) {
  if (message.size() > link_->max_message_size()) throw too_large_error(message.size());
  bool mine = false;
  bool overfull = false;
  {
    MutexLock lock(send_mutex_);
    if (ended_.load() || replace_in_outbox(key, message)) return;
    overfull = !outbox_.empty() && outbox_size_ + message.size() > max_unsent_;
    if (!overfull) {
      outbox_size_ += message.size();
      outbox_.push_back({std::move(message), std::string(key)});
      outbox_filled_.store(true);
      mine = want_turn();
    }
  }
  if (overfull) {
    owner_.log().warning("the peer " + peer_.name + " at " + url_ + " is cut off: it left " +
                         std::to_string(max_unsent_) + " bytes unread (max_unsent)");
    link_->close(make_error<TransportDisconnectedError>(
        "the link to " + url_ + " was closed: the peer did not read what it was sent (max_unsent)"));
    return;
  }
  if (mine) end_turn();
}

void Session::drain(Deadline deadline) {
  MutexLock lock(send_mutex_);
  while (!outbox_.empty() && !ended_.load() && wait_until(turn_changed_, lock, deadline)) {
  }
}

Session::Attempt Session::send_outbox_front() {
  if (partial_pending_) return link_->push(partial_) ? Attempt::sent : Attempt::partly;
  Bytes front;
  {
    MutexLock lock(send_mutex_);
    if (outbox_.empty()) return Attempt::closed;  // the link has ended
    front.swap(outbox_.front().message);
  }
  const Attempt outcome = attempt(front, partial_);
  if (outcome == Attempt::full) {
    MutexLock lock(send_mutex_);
    if (!outbox_.empty()) outbox_.front().message.swap(front);  // emptied only if the link has ended
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
  unsigned expected = turn_taken;
  if (turn_.compare_exchange_strong(expected, turn_free)) return;
  for (;;) {
    flush_in_turn();
    {
      MutexLock lock(send_mutex_);
      if (outbox_.empty() || ended_.load()) {
        drop_partial();
        turn_.store(turn_free);
        turn_changed_.notify_all();  // who waits for the turn, and who waits for the outbox
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
