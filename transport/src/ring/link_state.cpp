#include "ring/link_state.hpp"

#include <exception>
#include <utility>

namespace vagus::transport::ring {

LinkState::LinkState(EventLoop& loop, Log& log, std::string description, LinkMemory memory,
                     std::shared_ptr<Lifeline> lifeline)
    : loop_(loop),
      log_(log),
      description_(std::move(description)),
      memory_(std::move(memory)),
      lifeline_(std::move(lifeline)),
      waiter_(*memory_.own.control, *memory_.peer.control) {}

void LinkState::start(LinkObserver& observer) {
  calls_.start(observer);
  started_.store(true, std::memory_order_release);  // PAIR link-started
  lifeline_->start(weak_from_this());
}

bool LinkState::set_ended(const ErrorPtr& reason) noexcept {
  if (ended_.exchange(true, std::memory_order_seq_cst)) return false;
  if (log_.wants(LogLevel::debug)) log_.debug(description_ + " has ended: " + reason->what());
  // After the flag: whoever is called finds it.
  call_sleepers();
  return true;
}

void LinkState::call_sleepers() noexcept {
  waiter_.record_sleeper().call();
  waiter_.space_sleeper().call();
}

void LinkState::end(const ErrorPtr& reason) noexcept {
  if (!set_ended(reason)) return;
  lifeline_->close();
  if (!started_.load(std::memory_order_acquire)) return;  // nobody to tell. PAIR link-started.
  try {
    loop_.post([self = shared_from_this(), reason] { self->calls_.closed(reason); });
  } catch (const std::exception& error) {
    log_.error(description_ + ": the end of the link could not be told: " + error.what());
  }
}

void LinkState::end_for(const char* violation) noexcept {
  if (violated_.exchange(true, std::memory_order_relaxed)) return;  // said already
  const std::string text = description_ + ": the peer broke the rules of shared memory, it made " + violation;
  log_.warning(text);
  end(make_error<ProtocolError>(text));
}

void LinkState::end_unable_to_receive(const std::exception& why) {
  const std::string text = description_ + ": what the peer has sent cannot be received: " + why.what();
  log_.error(text);
  end(make_error<TransportFinishedError>(text));
}

void LinkState::stop() noexcept {
  end(make_error<TransportFinishedError>(description_ + " was closed at this end"));
  calls_.stop();
}

void LinkState::on_bell(Bell bell) {
  if (bell == Bell::records && waiter_.take_armed_for_records()) calls_.readable();
  if (bell == Bell::space && waiter_.take_armed_for_space()) calls_.writable();
}

void LinkState::on_peer_gone(const ErrorPtr& reason) {
  if (!set_ended(reason)) return;
  if (reason->code() == ErrorCode::protocol) log_.warning(description_ + ": " + reason->what());
  lifeline_->close();
  // What the peer published and died before it could ring for it. By a task of its own: neither call waits
  // for the other.
  if (waiter_.take_armed_for_records()) {
    loop_.post([self = shared_from_this()] { self->calls_.readable(); });
  }
  calls_.closed(reason);
}

}  // namespace vagus::transport::ring
