// The reader role. At any moment it is taken by one thread, or the link is armed and the event loop calls
// on_readable() for the next message. Whoever is about to give it up passes it on to a caller that waits for
// its answer, if there is one, else arms the link; arming fails if a message has come meanwhile, and then the
// thread is still the reader.
//
// The end: on_closed() sets ended_ before it looks, under reader_mutex_, whether there is a reader. Whoever
// gives the role up looks at ended_ under the same lock. So one of them sees the other: the reader finishes
// the session, or on_closed() finds the role free and has the event loop do it.

#include <algorithm>
#include <chrono>
#include <utility>

#include "session.hpp"

namespace vagus {

namespace {

// A worker that has just been busy on a link stays there for so long: the next request of the same caller
// then finds it without the detour over the event loop.
constexpr Duration linger_time = std::chrono::microseconds(500);

// How much is read into queues while a request waits for this very thread to run it.
constexpr int max_read_ahead = 32;

/// Work that a reader runs which has found it; null session: it has the role again.
struct FoundWork {
  Session* session;
  const Work* work;
  FoundWork* outer;
};
thread_local FoundWork* found_work = nullptr;  // the innermost on this thread's stack

}  // namespace

bool Session::read_one(AdmittedWork* inline_work) {
  const auto message = link_->try_receive();
  if (!message) return false;
  owner_.dispatch(*this, *message, inline_work);
  link_->release();
  return true;
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
  MutexLock lock(reader_mutex_);
  if (!role_taken_) {
    role_taken_ = true;
    link_->disarm();
    sleeper.begin_reading(*link_);
    return;
  }
  if (ended_.load()) return;
  waiting_.push_back(&sleeper);
  if (lingering_) link_->interrupt();
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
    // The clock is looked at only when the deadline may have come: after a wait, or what was for others.
    if (transaction.done() || ((read || waited) && deadline.passed())) break;
    if (read) continue;
    waited = true;
    if (sleeper.is_reader()) {
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
  {
    MutexLock lock(reader_mutex_);
    if (!ended_.load()) {
      if (pass_role_on()) return;
      if (link_->arm()) {
        role_taken_ = false;
        return;
      }
    }
  }
  // Something has arrived, or the link has ended: a worker goes on, with the role.
  owner_.loop().post([self = shared_from_this()] { self->read_on_loop(); });
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
  for (;;) {
    AdmittedWork admitted;
    while (!admitted && read_one(&admitted)) {
    }
    if (admitted) {
      if (!run_released(admitted)) return;
      continue;
    }
    if (ended_.load()) {
      finish();
      return;
    }
    if (linger()) continue;
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
  if (!release_for_work()) {
    owner_.loop().post([self = shared_from_this()] { self->read_on_loop(); });
    admitted.intake->run_admitted(admitted.work);
    return false;
  }
  FoundWork found{this, admitted.work.get(), std::exchange(found_work, &found)};
  admitted.intake->run_admitted(admitted.work);
  found_work = found.outer;
  return found.session == nullptr || take_role_again();
}

void Session::handler_returned(const Work& work) noexcept {
  if (found_work == nullptr || found_work->work != &work || found_work->session == nullptr) return;
  if (found_work->session->take_role_again()) found_work->session = nullptr;
}

bool Session::release_for_work() {
  for (int read_ahead = 0; read_ahead < max_read_ahead; ++read_ahead) {
    {
      MutexLock lock(reader_mutex_);
      if (ended_.load()) return false;
      if (pass_role_on()) return true;
      if (link_->arm()) {
        role_taken_ = false;
        return true;
      }
    }
    read_one(nullptr);
  }
  return false;
}

bool Session::take_role_again() {
  MutexLock lock(reader_mutex_);
  if (std::exchange(role_taken_, true)) return false;
  link_->disarm();
  return true;
}

bool Session::linger() {
  if (!owner_.begin_linger()) return false;
  {
    MutexLock lock(reader_mutex_);
    if (!waiting_.empty()) {
      owner_.end_linger();
      return false;
    }
    lingering_ = true;
  }
  const Deadline until = Deadline::after(linger_time);
  link_->wait_readable(until);
  {
    MutexLock lock(reader_mutex_);
    lingering_ = false;
  }
  owner_.end_linger();
  return !until.passed();
}

}  // namespace vagus
