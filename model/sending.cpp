// RingWriter, Sender and how the send turn passes to the event loop.
#include "machine.hpp"

namespace vagus::model {

std::uint8_t Machine::size_of_record() const noexcept {
  return static_cast<std::uint8_t>(scenario_.records[state_.writer.record] - '0');
}

bool Machine::fits(unsigned size) const noexcept {
  return state_.writer.tail + size - state_.writer.seen <= scenario_.slots;
}

std::uint8_t Machine::padding_for(std::uint8_t size) const noexcept {
  const unsigned offset = state_.writer.tail % scenario_.slots;
  const auto to_end = static_cast<std::uint8_t>(scenario_.slots - offset);
  if (size > to_end) return to_end;
  const bool could_go_back = offset >= scenario_.circle && fits(to_end + size + 1u);
  return could_go_back ? to_end : 0;
}

std::uint8_t Machine::needed() const noexcept {
  const std::uint8_t size = size_of_record();
  const int next_header = is(Fault::next_header_not_kept_free) ? 0 : 1;
  return static_cast<std::uint8_t>(padding_for(size) + size + next_header);
}

void Machine::begin_record() {
  const bool all_sent = state_.writer.record == scenario_.records.size();
  // It may also have nothing more to say.
  if (all_sent || choose(2) == 1) {
    finish_sending();
  } else {
    claim_again();
  }
}

void Machine::claim_again() {
  if (scenario_.ends) {
    go(Step::claim);
  } else if (fits(needed())) {
    grant();
  } else {
    go(Step::refresh);
  }
}

bool Machine::claim() {
  const Word ended = load(ended_a, Order::seq_cst);
  if (!ended) return false;
  if (*ended != 0) {
    finish_sending();
  } else if (fits(needed())) {
    grant();
  } else {
    go(Step::refresh);
  }
  return true;
}

bool Machine::refresh() {
  Writer& writer = state_.writer;
  // PAIR space-given-back
  const Word position = load(consumed, Order::acquire);
  if (!position) return false;
  if (*position < writer.seen || *position > writer.tail) fail(Property::once_in_order);
  writer.seen = *position;
  if (fits(needed())) {
    grant();
  } else {
    writer.wanted = static_cast<std::uint8_t>(writer.tail + needed() - scenario_.slots);
    wait_for_space();
  }
  return true;
}

void Machine::grant() {
  Writer& writer = state_.writer;
  writer.granted = static_cast<std::uint8_t>(writer.tail + needed());
  writer.padding = padding_for(size_of_record());
  me_.word = 1;
  go(Step::write_bytes);
}

void Machine::wait_for_space() {
  if (scenario_.parks) {
    go(Step::park);
  } else {
    wait(scenario_.waits_for_both ? for_both : for_space);
  }
}

void Machine::finish_sending() {
  state_.writer.finished = 1;
  state_.writer.wanted = 0;
  leave();
}

// A record --------------------------------------------------------------------------------------------

bool Machine::write_bytes() {
  const Writer& writer = state_.writer;
  const auto start = static_cast<std::uint8_t>(writer.tail + writer.padding);
  const auto place = static_cast<Location>(header_at(start) + me_.word);
  const auto tag = static_cast<std::uint8_t>(first_tag + writer.record);
  if (!store(place, tag, Order::relaxed)) return false;
  if (++me_.word == words_per_slot * size_of_record()) {
    me_.word = 0;
    next_of_publish(Step::write_bytes);
  }
  return true;
}

bool Machine::clear_next_header() {
  const auto next = static_cast<std::uint8_t>(state_.writer.tail + state_.writer.padding + size_of_record());
  if (!store(header_at(next), no_header, Order::relaxed)) return false;
  next_of_publish(Step::clear_next_header);
  return true;
}

bool Machine::write_behind_padding() {
  const auto start = static_cast<std::uint8_t>(state_.writer.tail + state_.writer.padding);
  const auto header = static_cast<std::uint8_t>(behind_padding | size_of_record());
  if (!store(header_at(start), header, Order::relaxed)) return false;
  next_of_publish(Step::write_behind_padding);
  return true;
}

bool Machine::publish() {
  const std::uint8_t header = state_.writer.padding != 0 ? padding_header : size_of_record();
  // PAIR record-published, PAIR record-or-ticket
  const Order order =
      is(Fault::header_relaxed) ? Order::relaxed : unless(Fault::header_released_only, Order::release);
  if (!store(header_at(state_.writer.tail), header, order)) return false;
  next_of_publish(Step::publish);
  return true;
}

/// The order of the steps above, and the wrong ones.
void Machine::next_of_publish(Step just_made) {
  const bool padded = state_.writer.padding != 0;
  const bool clears_first = !is(Fault::next_header_not_cleared) && !is(Fault::next_header_cleared_late);
  const bool padding_first = padded && is(Fault::padding_published_first);
  switch (just_made) {
    case Step::write_bytes:
      if (is(Fault::record_ticket_read_first)) return go(Step::look_at_record_ticket);
      [[fallthrough]];
    case Step::look_at_record_ticket:
      if (clears_first) return go(Step::clear_next_header);
      return go(padded ? Step::write_behind_padding : Step::publish);
    case Step::clear_next_header:
      if (!clears_first) return record_published();
      return go(padded && !padding_first ? Step::write_behind_padding : Step::publish);
    case Step::write_behind_padding:
      if (padding_first) return record_published();
      return go(Step::publish);
    default:
      if (padding_first) return go(Step::write_behind_padding);
      if (is(Fault::next_header_cleared_late)) return go(Step::clear_next_header);
      return record_published();
  }
}

void Machine::record_published() {
  Writer& writer = state_.writer;
  writer.tail = static_cast<std::uint8_t>(writer.tail + writer.padding + size_of_record());
  writer.padding = 0;
  ++writer.record;
  if (!is(Fault::record_ticket_read_first)) return go(Step::look_at_record_ticket);
  const std::uint8_t ticket = me_.early;
  me_.early = 0;
  ring_for(ticket, writer.rung, after_record);
}

// The one record back ---------------------------------------------------------------------------------

bool Machine::publish_back() {
  if (!store(back_header, 1, unless(Fault::header_released_only, Order::release))) return false;
  state_.world.back_published = 1;
  go(Step::look_at_back_ticket);
  return true;
}

bool Machine::receive_back() {
  if (state_.world.back_delivered == 0) {
    const Word header = load(back_header, Order::acquire);
    if (!header) return false;
    if (*header != no_header) state_.world.back_delivered = 1;
  }
  go(Step::refresh);
  return true;
}

// Waiting for space left to the event loop ------------------------------------------------------------

bool Machine::park() {
  state_.writer.parked = 1;
  go(Step::wish_for_event_loop);
  return true;
}

bool Machine::wish_for_event_loop() {
  if (!add_wish(event_loop_wish)) return false;
  if (is(Fault::no_second_look_for_room)) {
    left_to_event_loop();
  } else {
    go(Step::look_for_room_armed);
  }
  return true;
}

bool Machine::look_for_room_armed() {
  const Word position = load(consumed, unless(Fault::second_look_for_room_relaxed, Order::relaxed));
  if (!position) return false;
  if (*position >= state_.writer.wanted) {
    go(Step::take_wish_back);
  } else {
    left_to_event_loop();
  }
  return true;
}

bool Machine::take_wish_back() {
  const Word wished = drop_wish(event_loop_wish);
  if (!wished) return false;
  if (*wished == 0) {
    left_to_event_loop();
  } else if (role_ == Role::asker) {
    leave();
  } else {
    go(Step::unpark);
  }
  return true;
}

void Machine::left_to_event_loop() {
  if (role_ == Role::asker) state_.world.asked = 1;
  leave();
}

bool Machine::unpark() {
  if (state_.writer.parked == 0) {
    leave();
    return true;
  }
  state_.writer.parked = 0;
  claim_again();
  return true;
}

bool Machine::take_armed_for_space() {
  const Word wished = drop_wish(event_loop_wish);
  if (!wished) return false;
  if (*wished == 0) {
    leave();
  } else {
    go(Step::on_writable);
  }
  return true;
}

bool Machine::on_writable() {
  state_.world.writable = 1;
  return unpark();
}

}  // namespace vagus::model
