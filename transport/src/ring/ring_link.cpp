#include "ring/ring_link.hpp"

#include <chrono>
#include <exception>
#include <utility>

#include <vagus/core/fault_point.hpp>

namespace vagus::transport::ring {

namespace {

// About as long as it takes to wake a sleeping thread: to look on for longer costs more than it can save.
constexpr Duration longest_look = std::chrono::microseconds(30);

}  // namespace

RingLink::RingLink(RingLinkParts parts)
    : parts_(std::move(parts)),
      state_(*parts_.state),
      waiter_(state_.waiter()),
      presence_(*state_.memory().own.control, *state_.memory().peer.control),
      ringer_(*state_.memory().own.control, *state_.memory().peer.control, state_.lifeline()),
      sender_(state_.memory().own, *state_.memory().peer.control, ringer_, parts_.hand_over_out.get(),
              parts_.arena.get()),
      receiver_(state_.memory().peer, *state_.memory().own.control, state_.memory().owner, ringer_,
                parts_.hand_over_in.get(), parts_.max_received_size,
                parts_.trusts_peer ? Decoding::in_place : Decoding::copied) {}

RingLink::~RingLink() { state_.stop(); }

void RingLink::start(LinkObserver& observer) { state_.start(observer); }

// Sending -----------------------------------------------------------------------------------------

std::shared_ptr<wire::Block> RingLink::borrow(std::size_t size) {
  if (!parts_.arena || size > parts_.arena->size() || state_.ended()) return nullptr;
  parts_.trimmer->used();
  if (auto block = parts_.arena->allocate(size)) {
    VAGUS_FAULT_POINT("loan.borrowed");
    return block;
  }
  if (const char* violation = parts_.arena->violation()) {
    state_.end_for(violation);
    return nullptr;
  }
  throw OverloadedError("no " + std::to_string(size) + " bytes can be lent: of the " +
                        std::to_string(parts_.arena->size()) +
                        " bytes that both ends of the link see, too many are in use, here or by a peer that "
                        "keeps what it was sent: let go of loans, or say a larger ?arena= in the URL");
}

ClaimStatus RingLink::try_claim(std::size_t size, Slot& slot, Blocks blocks) {
  if (size > parts_.max_sent_size) return ClaimStatus::too_large;
  if (state_.ended()) return ClaimStatus::closed;
  const ClaimStatus status = sender_.try_claim(size, slot, blocks);
  if (sender_.uses_arena(size) && parts_.trimmer) parts_.trimmer->used();
  if (status == ClaimStatus::closed) after_sending(true);
  return status;
}

bool RingLink::commit(Slot& slot, std::size_t used) {
  presence_.note();
  return after_sending(sender_.commit(slot, used));
}

bool RingLink::push(Slot& slot) {
  presence_.note();
  return after_sending(sender_.push(slot));
}

bool RingLink::after_sending(bool sent) noexcept {
  if (sent && sender_.violation() == nullptr) [[likely]]
    return true;
  if (sender_.violation() != nullptr) state_.end_for(sender_.violation());
  return state_.ended();
}

void RingLink::abandon(Slot& slot) noexcept { sender_.abandon(slot); }

void RingLink::wait_writable(Deadline deadline) {
  presence_.note();
  Sleeper& sleeper = waiter_.space_sleeper();
  const auto ready = [this] { return sender_.has_room() || state_.ended(); };
  if (!look_on([&] { return ready() || sleeper.called(); }, deadline))
    waiter_.sleep_for_space(ready, deadline);
  sleeper.take_call();
}

bool RingLink::arm_writable() {
  return waiter_.arm_for_space([this] { return sender_.has_room(); });
}

// Receiving ---------------------------------------------------------------------------------------

std::optional<std::span<const std::byte>> RingLink::try_receive() {
  if (state_.ended()) [[unlikely]] {
    // A peer that goes on for ever must not keep a link alive that has ended.
    receiver_.end();
    if (receiver_.at_end()) return std::nullopt;
  }
  try {
    auto message = receiver_.try_receive();
    if (!message && receiver_.violation() != nullptr) [[unlikely]]
      state_.end_for(receiver_.violation());
    return message;
  } catch (const std::exception& error) {  // no memory for a large message
    receiver_.end_here();
    state_.end_unable_to_receive(error);
    return std::nullopt;
  }
}

wire::ReceivedBlock RingLink::attached(std::uint32_t place) { return receiver_.attached(place); }

std::shared_ptr<const void> RingLink::keep() { return receiver_.keep(); }

void RingLink::release() { receiver_.release(); }

void RingLink::disarm() { waiter_.disarm_for_records(); }

void RingLink::wait_readable(Deadline deadline, bool or_writable) {
  presence_.note();
  Sleeper& sleeper = waiter_.record_sleeper();
  const auto ready = [this, or_writable] {
    return receiver_.has_record() || state_.ended() || (or_writable && sender_.has_room());
  };
  if (!look_on([&] { return ready() || sleeper.called(); }, deadline)) {
    waiter_.sleep_for_records(ready, deadline, or_writable);
  }
  sleeper.take_call();
}

bool RingLink::arm() {
  // What a peer left there that broke the rules is not to be received, nor what it wrote after the end:
  // nothing comes any more.
  if (receiver_.violation() != nullptr || receiver_.at_end()) return true;
  return waiter_.arm_for_records(receiver_.next_header());
}

// -------------------------------------------------------------------------------------------------

/// Looks without sleeping, as the policy says; whether it is ready.
template <typename Ready>
bool RingLink::look_on(const Ready& ready, Deadline deadline) {
  switch (parts_.wait_policy) {
    case WaitPolicy::spin:
      return spin_until(ready, no_timeout, deadline);
    case WaitPolicy::adaptive:
      if (presence_.peer_runs_elsewhere()) return spin_until(ready, longest_look, deadline);
      break;
    case WaitPolicy::block:
      break;
  }
  return ready();
}

void RingLink::interrupt() noexcept { state_.call_sleepers(); }

void RingLink::close(const ErrorPtr& reason) noexcept { state_.end(reason); }

void RingLink::stop() noexcept {
  state_.stop();
  if (parts_.trimmer) parts_.trimmer->stop();
}

}  // namespace vagus::transport::ring
