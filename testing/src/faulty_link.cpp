#include "faulty_link.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

namespace vagus::testing {

using namespace transport;

using Script = FaultyTransport::Script;

namespace {

/// Where a message is but bytes between others, and tells by itself where it ends.
bool is_byte_stream(std::string_view scheme) {
  return scheme == "unix" || scheme == "tcp" || scheme == "tls";
}

}  // namespace

FaultyLink::FaultyLink(std::unique_ptr<Link> inner, std::shared_ptr<Script> script, EventLoop& loop)
    : ForwardingLink(std::move(inner)),
      script_(std::move(script)),
      number_(script_->next_link()),
      timer_(std::make_unique<Timer>(loop, [this] { tell_readable(); })) {}

FaultyLink::~FaultyLink() {
  script_->remove(this);
  FaultyLink::stop();
}

void FaultyLink::start(LinkObserver& observer) {
  observer_ = &observer;
  ForwardingLink::start(*this);
  script_->add(this);  // not before: until then it may not be closed
}

// Sending
// ----------------------------------------------------------------------------------------------------------

bool FaultyLink::commit(Slot& slot, std::size_t used) {
  const Faults faults = script_->faults();
  FaultRandom random = Script::random_for(faults, number_, ++sent_);
  const double fault = share(random);
  double limit = faults.cut;
  if (fault < limit) {
    script_->count();
    abandon(slot);
    close(make_fault());
    return true;
  }
  if (fault < (limit += faults.hang_up)) {
    script_->count();
    const bool sent = ForwardingLink::commit(slot, used);
    if (!sent) abandon(slot);
    close(make_fault());
    return true;
  }
  if (used != 0 && fault < (limit += faults.truncate)) {
    script_->count();
    const bool sent = ForwardingLink::commit(slot, below(random, used));
    // Else the next messages would be taken for what is missing.
    if (is_byte_stream(traits().scheme)) close(make_fault());
    return sent;
  }
  if (used != 0 && fault < limit + faults.garble) {
    script_->count();
    for (std::size_t bytes = 1 + below(random, 4); bytes != 0; --bytes) {
      slot.bytes[below(random, used)] = static_cast<std::byte>(random());
    }
  }
  return ForwardingLink::commit(slot, used);
}

// Receiving
// ----------------------------------------------------------------------------------------------------------

std::optional<std::span<const std::byte>> FaultyLink::try_receive() {
  if (!held_) {
    held_ = ForwardingLink::try_receive();
    if (!held_) return {};
    begin_delay();
  }
  if (is_delayed()) return {};
  return held_;
}

void FaultyLink::release() {
  held_.reset();
  ForwardingLink::release();
}

void FaultyLink::disarm() {
  {
    MutexLock lock(mutex_);
    if (timer_) timer_->stop();
  }
  ForwardingLink::disarm();
}

void FaultyLink::wait_readable(Deadline deadline, bool or_writable) {
  if (!held_) return ForwardingLink::wait_readable(deadline, or_writable);
  MutexLock lock(mutex_);
  const Deadline until = shown_at_ < deadline ? shown_at_ : deadline;
  while (!std::exchange(interrupted_, false) && !ended_ && wait_until(changed_, lock, until)) {
  }
}

bool FaultyLink::arm() {
  if (!held_) return ForwardingLink::arm();
  MutexLock lock(mutex_);
  if (ended_ || shown_at_.passed()) return false;
  if (timer_) timer_->start(shown_at_.at());
  return true;
}

void FaultyLink::tell_readable() {
  if (calls_.fetch_add(1) != 0) return;
  for (unsigned seen = 1;;) {
    observer_->on_readable();
    const unsigned former = calls_.fetch_sub(seen);
    if (former == seen) return;
    seen = former - seen;
  }
}

void FaultyLink::begin_delay() {
  const Faults faults = script_->faults();
  // Counted apart from what is sent.
  FaultRandom random = Script::random_for(faults, ~number_, ++received_);
  const bool delayed = share(random) < faults.delay && faults.longest_delay.count() > 0;
  const auto most = static_cast<std::size_t>(std::max<std::int64_t>(faults.longest_delay.count(), 1));
  const Duration delay{delayed ? static_cast<std::int64_t>(below(random, most)) : 0};
  MutexLock lock(mutex_);
  shown_at_ = Deadline::after(delay);
}

bool FaultyLink::is_delayed() {
  MutexLock lock(mutex_);
  return !ended_ && !shown_at_.passed();
}

// Its end
// ----------------------------------------------------------------------------------------------------------

void FaultyLink::interrupt() noexcept {
  {
    MutexLock lock(mutex_);
    interrupted_ = true;
    changed_.notify_all();
  }
  ForwardingLink::interrupt();
}

void FaultyLink::on_closed(const ErrorPtr& reason) {
  {
    MutexLock lock(mutex_);
    ended_ = true;  // what had arrived is shown at once
    changed_.notify_all();
  }
  observer_->on_closed(reason);
}

void FaultyLink::stop() noexcept {
  std::unique_ptr<Timer> timer;  // destroyed outside of the lock: it waits for what it calls
  {
    MutexLock lock(mutex_);
    timer = std::move(timer_);
  }
  timer.reset();
  ForwardingLink::stop();
}

}  // namespace vagus::testing
