// The reader role. At any moment it is taken by one thread, or the link is armed and the event loop calls
// on_readable() for the next message. Whoever is about to give it up passes it on to a caller that waits for
// its answer, if there is one, else arms the link; arming fails if a message has come meanwhile, and then the
// thread is still the reader.
//
// Armed, the next message costs the peer a system call and this side a thread that wakes up. While many calls
// are under way that would be so for nearly every message, since whoever has caught up with the peer gives
// the role up and takes it again for each. So a busy link is *left to the watch* instead of armed: the role
// is free, whoever comes may take it, and a timer looks after what nobody came for. When nobody has left the
// link to the watch between two looks, it is armed again and the timer ends.
//
// The end: on_closed() sets ended_ before it looks, under reader_mutex_, whether there is a reader. Whoever
// gives the role up looks at ended_ under the same lock. So one of them sees the other: the reader finishes
// the session, or on_closed() finds the role free and has the event loop do it.

#include <algorithm>
#include <chrono>
#include <functional>
#include <utility>

#include <vagus/core/fault_point.hpp>

#include "session.hpp"

namespace vagus {

namespace {

// A worker that has just run a request of a link stays there for so long: the next request of the same caller
// then finds it without the detour over the event loop. For replies nobody stays: who waits for one reads by
// himself, and would only lose the core to a worker that looks for it.
constexpr Duration linger_time = std::chrono::milliseconds(20);

// How many messages, at most, whoever gives the role up still takes off the link: a bell for the event loop
// costs more than to queue several requests or to end several calls.
constexpr int max_read_ahead = 128;

// So many messages, at most, a worker reads that it cannot run at once: then others have their turn with it.
constexpr int max_read_at_once = 1024;

// How long a message may lie on a busy link until the watch finds it. A look wakes two threads of the loop,
// which costs some 20 us: rarely enough to matter little.
constexpr Duration watch_time = std::chrono::microseconds(500);

/// When a watch that begins now looks: at once if another clock is in use, which may stand.
TimePoint end_of_watch() noexcept {
  const bool may_stand =
      detail::clock_in_use.load(std::memory_order_acquire) != nullptr;  // PAIR clock-in-use
  return Deadline::now() + (may_stand ? Duration::zero() : watch_time);
}

/// Work that a reader runs which has found it.
struct FoundWork {
  Session* session;  // null: the role is not to be taken again before the answer
  const Work* work;
  bool has_role = false;
  FoundWork* outer = nullptr;
};
thread_local FoundWork* found_work = nullptr;  // the innermost on this thread's stack

}  // namespace

bool Session::read_one(AdmittedWork* inline_work) {
  const auto message = link_->try_receive();
  if (!message) return false;
  VAGUS_FAULT_POINT("read.received");
  message_ = *message;
  traffic_.count_received(message->size());
  owner_.dispatch(*this, *message, inline_work);
  VAGUS_FAULT_POINT("read.dispatched");
  link_->release();
  return true;
}

std::shared_ptr<const void> Session::keep(std::span<const std::byte> bytes) {
  const std::less_equal<> before;
  const bool inside = before(message_.data(), bytes.data()) &&
                      before(bytes.data() + bytes.size(), message_.data() + message_.size());
  return inside ? link_->keep() : nullptr;
}

void Session::finish() {
  while (read_one(nullptr)) {
  }
  if (finished_.exchange(true)) return;
  owner_.session_ended(shared_from_this(), closed_error());
}

// Callers that read
// ---------------------------------------------------------------------------------------------------

void Session::queue_for_reading(Sleeper& sleeper) {
  {
    MutexLock lock(reader_mutex_);
    if (!role_taken_) {
      role_taken_ = true;
      link_->disarm();
      sleeper.begin_reading(*link_);
      return;
    }
    if (ended_.load()) return;
    waiting_.push_back(&sleeper);
    if (!lingering_) return;
  }
  // Without the lock: it may take until that thread runs. One that has stopped lingering looks once too
  // often.
  link_->interrupt();
}

void Session::leave(Sleeper& sleeper) {
  if (!sleeper.is_reader()) {
    MutexLock lock(reader_mutex_);
    waiting_.remove(&sleeper);
    if (!sleeper.is_reader()) return;  // handed over at the last moment otherwise
  }
  sleeper.end_reading();
  give_role_up();
}

void Session::wait(Transaction& transaction, Sleeper& sleeper, Deadline deadline) {
  for (bool waited = false;;) {
    if (sleeper.has_delivered()) {
      // What is run here may wait on this very link: it needs a reader then, and that cannot be us meanwhile.
      leave(sleeper);
      sleeper.run_delivered();
      queue_for_reading(sleeper);
    }
    const bool read = sleeper.is_reader() && !transaction.done() && read_as(sleeper);
    if (transaction.link() != id_) break;  // this link has ended, and the call goes elsewhere
    // The clock is looked at only when the deadline may have come: after a wait, or what was for others.
    if (transaction.done() || ((read || waited) && deadline.passed())) break;
    if (read) continue;
    waited = true;
    // Not is_reader(): the role may just have been handed over, and only who has begun to read is woken in
    // the link. sleep() returns at once then.
    if (sleeper.is_reading()) {
      link_->wait_readable(deadline);
    } else {
      sleeper.sleep(deadline);
    }
  }
  leave(sleeper);
}

bool Session::read_as(Sleeper& sleeper) {
  if (!sleeper.is_reading()) sleeper.begin_reading(*link_);  // the role was handed over
  if (read_one(nullptr)) return true;
  if (!ended_.load()) return false;
  finish();
  return true;
}

bool Session::pass_role_on() {
  if (waiting_.empty()) return false;
  Sleeper* const next = waiting_.front();
  waiting_.pop_front();
  next->make_reader();
  return true;
}

void Session::give_role_up() {
  if (release_role(awaited_.load(std::memory_order_relaxed) != 0) != Release::kept) return;
  // So much has arrived, or the link has ended: a worker goes on, with the role.
  owner_.loop().post([self = shared_from_this()] { self->read_on_loop(); });
}

Session::Release Session::release_role(bool busy) {
  Release released = Release::at_once;
  for (int read_ahead = 0; read_ahead < max_read_ahead; ++read_ahead) {
    {
      MutexLock lock(reader_mutex_);
      if (ended_.load()) return Release::kept;
      if (pass_role_on()) return released;
      if (!busy && link_->arm()) {
        role_taken_ = false;
        return released;
      }
    }
    busy = true;
    if (read_one(nullptr)) {
      released = Release::after_more;
      continue;
    }
    MutexLock lock(reader_mutex_);
    if (ended_.load()) return Release::kept;
    if (!pass_role_on()) leave_to_watch();
    return released;
  }
  return Release::kept;
}

// Workers that read
// ---------------------------------------------------------------------------------------------------

void Session::on_readable() {
  {
    MutexLock lock(reader_mutex_);
    if (std::exchange(role_taken_, true)) return;  // a caller reads by itself now
    link_->disarm();
  }
  // Not in here: a handler that this thread may come to run would hold the link's callback up.
  owner_.loop().post([self = shared_from_this()] { self->read_on_loop(); });
}

void Session::read_on_loop() {
  Deadline linger_until;
  bool may_linger = false;  // requests were run
  for (bool served = false;;) {
    AdmittedWork admitted;
    int read = 0;
    while (!admitted && read < max_read_at_once && read_one(&admitted)) ++read;
    if (!admitted && read == max_read_at_once) {
      owner_.loop().post([self = shared_from_this()] { self->read_on_loop(); });
      return;
    }
    if (admitted) {
      if (!run_released(admitted)) return;
      served = true;
      continue;
    }
    if (ended_.load()) {
      finish();
      return;
    }
    // The clock is read here, while the peer is at work, and not when its next request has come.
    if (std::exchange(served, false)) {
      linger_until = Deadline::after(linger_time);
      may_linger = true;
    } else if (may_linger && linger_until.passed()) {
      may_linger = false;
    }
    if (may_linger && linger(linger_until)) continue;
    MutexLock lock(reader_mutex_);
    if (ended_.load()) continue;
    if (pass_role_on()) return;
    if (link_->arm()) {
      role_taken_ = false;
      return;
    }
  }
}

bool Session::run_released(AdmittedWork& admitted) {
  const Release release = release_role(false);
  if (release == Release::kept) {
    owner_.loop().post([self = shared_from_this()] { self->read_on_loop(); });
    admitted.intake->run_admitted(admitted.work);
    admitted.intake->go_on();
    return false;
  }
  // What was read meanwhile is run by this thread before it reads again.
  FoundWork found{release == Release::at_once ? this : nullptr, admitted.work.get(), false,
                  std::exchange(found_work, &found)};
  admitted.intake->run_admitted(admitted.work);
  found_work = found.outer;
  if (found.has_role) {
    admitted.intake->hand_on();  // whoever has the role must not wait for anything but the link
    return true;
  }
  admitted.intake->go_on();
  return take_role_again();
}

void Session::handler_returned(const Work& work) noexcept {
  if (found_work == nullptr || found_work->work != &work || found_work->session == nullptr) return;
  if (!found_work->has_role) found_work->has_role = found_work->session->take_role_again();
}

bool Session::take_role_again() {
  if (home_.left()) return false;
  MutexLock lock(reader_mutex_);
  if (std::exchange(role_taken_, true)) return false;
  link_->disarm();
  return true;
}

void Session::leave_to_watch() {
  role_taken_ = false;
  left_to_watch_ = true;
  if (std::exchange(watching_, true)) return;
  if (!watch_) {
    watch_ = std::make_unique<Timer>(owner_.loop(), [weak = weak_from_this()] {
      if (const auto self = weak.lock()) self->on_watch();
    });
  }
  watch_->start(end_of_watch());
}

void Session::on_watch() {
  {
    MutexLock lock(reader_mutex_);
    watching_ = std::exchange(left_to_watch_, false);
    if (watching_) watch_->start(end_of_watch());
    if (std::exchange(role_taken_, true)) return;
    link_->disarm();
  }
  look_after();
}

void Session::look_after() {
  for (int read = 0; read < max_read_ahead && read_one(nullptr); ++read) {
  }
  {
    MutexLock lock(reader_mutex_);
    if (watching_ && !ended_.load()) {
      if (!pass_role_on()) role_taken_ = false;
      return;
    }
  }
  owner_.loop().post([self = shared_from_this()] { self->read_on_loop(); });
}

bool Session::linger(Deadline until) {
  if (!owner_.begin_linger()) return false;
  {
    MutexLock lock(reader_mutex_);
    if (!waiting_.empty()) {
      owner_.end_linger();
      return false;
    }
    lingering_ = true;
  }
  link_->wait_readable(until);
  {
    MutexLock lock(reader_mutex_);
    lingering_ = false;
  }
  owner_.end_linger();
  return true;
}

}  // namespace vagus
