#include "stream/stream_link.hpp"

#include <poll.h>

#include <algorithm>
#include <chrono>
#include <exception>
#include <utility>

#include <vagus/wire/decode_error.hpp>

namespace vagus::transport::stream {

namespace {

// A peer that sleeps wakes up in about half of it, so that its answer is still seen.
constexpr Duration longest_look = std::chrono::microseconds(50);

// More than the system keeps of what a peer has sent.
constexpr std::size_t most_late_bytes = 8 << 20;

}  // namespace

StreamLink::StreamLink(StreamLinkParts parts)
    : parts_(std::move(parts)), state_(*parts_.state), read_events_(POLLIN) {}

StreamLink::~StreamLink() {
  state_.stop();
  state_.let_go();
}

// Sending -----------------------------------------------------------------------------------------

ClaimStatus StreamLink::try_claim(std::size_t size, Slot& slot, Blocks blocks) {
  if (size > parts_.max_sent_size) return ClaimStatus::too_large;
  if (!blocks.empty()) return ClaimStatus::unlendable;
  return state_.claim(size, slot.bytes);
}

bool StreamLink::commit(Slot& slot, std::size_t used) {
  if (parts_.compresses && used >= least_compressed_size) used = compress_in_place(slot.bytes.first(used));
  state_.commit(used);
  slot = {};
  return true;
}

bool StreamLink::push(Slot& /*slot*/) { return true; }

void StreamLink::abandon(Slot& slot) noexcept {
  state_.abandon();
  slot = {};
}

// Receiving ---------------------------------------------------------------------------------------

std::optional<std::span<const std::byte>> StreamLink::try_receive() {
  state_.write_gathered();
  for (;;) {
    const Message message = next_message();
    if (message && state_.takes_as_pong(*message)) {
      state_.input().release();
    } else if (message && parts_.compresses && is_compressed(*message)) {
      return decompress(*message);
    } else if (message || input_over_ || !fill()) {
      return message;
    }
  }
}

StreamLink::Message StreamLink::next_message() {
  if (input_over_ && violated_) return std::nullopt;
  try {
    return state_.input().next();
  } catch (const wire::MalformedError& error) {
    end_for(error.what());
    return std::nullopt;
  }
}

StreamLink::Message StreamLink::decompress(std::span<const std::byte> message) {
  try {
    return state_.decompressed().take(message, parts_.max_received_size);
  } catch (const wire::DecodeError& error) {
    end_for(std::string("in compressed form, ") + error.what());
  } catch (const std::exception& error) {  // no memory for what it becomes
    end_unable_to_receive(error);
  }
  return std::nullopt;
}

/// False: nothing is there.
bool StreamLink::fill() {
  Transfer transfer;
  try {
    transfer = state_.fill();
  } catch (const std::exception& error) {  // no memory for a large message
    end_unable_to_receive(error);
    return false;
  }
  switch (transfer.status) {
    case Transfer::Status::done:
      state_.note_heard();
      drained_ = !state_.input().was_filled();
      empty_ = false;
      // What had come before the end is still given; but a peer that goes on for ever must not keep a link
      // alive that has ended.
      if (state_.ended() &&
          (late_bytes_ += transfer.size) > std::max(parts_.max_received_size, most_late_bytes)) {
        input_over_ = true;
      }
      return true;
    case Transfer::Status::again:
      read_events_ = transfer.events;
      drained_ = empty_ = true;
      state_.found_empty(std::exchange(taken_, 0) > 1);
      return false;
    default:
      end_of_input(transfer);
      return false;
  }
}

void StreamLink::end_of_input(const Transfer& transfer) {
  input_over_ = true;
  const std::string& peer = state_.stream().peer();
  const std::size_t rest = state_.input().unread();
  const std::string in_message =
      rest == 0 ? std::string()
                : " in the middle of a message, " + std::to_string(rest) + " bytes of which had come";
  if (rest != 0) state_.warn("the peer, " + peer + ", left" + in_message);
  if (transfer.status == Transfer::Status::failed) return state_.end(transfer.error);
  state_.end(
      make_error<TransportDisconnectedError>("the peer, " + peer + ", closed the connection" + in_message));
}

void StreamLink::end_for(const std::string& violation) {
  input_over_ = violated_ = true;
  const std::string text =
      "the peer, " + state_.stream().peer() + ", sent what is no valid message: " + violation;
  state_.warn(text);
  state_.end(make_error<ProtocolError>(state_.description() + ": " + text));
}

/// Ends it since this side cannot take what the peer has sent.
void StreamLink::end_unable_to_receive(const std::exception& why) {
  input_over_ = violated_ = true;
  const std::string text =
      "what the peer, " + state_.stream().peer() + ", has sent cannot be received: " + why.what();
  state_.warn(text);
  state_.end(make_error<TransportFinishedError>(state_.description() + ": " + text));
}

void StreamLink::release() {
  ++taken_;
  state_.input().release();
}

void StreamLink::wait_readable(Deadline deadline, bool or_writable) {
  if (!input_over_ && (state_.input().has_message() || state_.stream().has_buffered())) {
    state_.take_reader_call();
    return;
  }
  taken_ = 0;
  if (looks_on(or_writable) && look_on(deadline)) return state_.take_reader_call();
  state_.wait_readable(read_events_, deadline, or_writable, std::exchange(empty_, false));
}

/// Only where nothing but input is waited for: for room, the system has to be asked.
bool StreamLink::looks_on(bool or_writable) {
  if (or_writable || read_events_ != POLLIN || input_over_) return false;
  if (parts_.wait_policy == WaitPolicy::block) return false;
  if (parts_.wait_policy == WaitPolicy::adaptive && !looking_on_.due()) {
    looking_on_.note(false);
    return false;
  }
  return state_.write_all();
}

/// Looks for a while whether something comes; whether it has, or nothing more will.
bool StreamLink::look_on(Deadline deadline) {
  constexpr unsigned looks_per_clock = 8;  // each of them is a system call
  const bool for_ever = parts_.wait_policy == WaitPolicy::spin;
  const auto over_now = [this] {
    return state_.reader_called() || state_.ended() || (state_.stream().may_have_input() && fill()) ||
           input_over_;
  };
  const bool over = spin_until(over_now, for_ever ? no_timeout : longest_look, deadline, looks_per_clock);
  looking_on_.note(!over);
  return over;
}

bool StreamLink::arm() {
  // What came after the peer broke the rules is not received, and after an end nothing comes.
  if (violated_) return true;
  if (state_.input().has_message()) return false;
  if (input_over_) return true;
  if (!drained_ && fill()) return false;
  if (state_.stream().has_buffered()) return false;
  empty_ = false;
  drained_ = false;
  state_.arm(read_events_);
  return true;
}

}  // namespace vagus::transport::stream
