// RingReader and Receiver, by whoever has the reader role.
#include "machine.hpp"

namespace vagus::model {

Location Machine::header_at(std::uint8_t position) const noexcept {
  return static_cast<Location>(ring_words + position % scenario_.slots * words_per_slot);
}

bool Machine::holds_role() noexcept {
  if (state_.reader.holder == id_ + 1) return true;
  fail(Property::one_reader);
  return false;
}

void Machine::start_reading() { go(is(Fault::header_read_relaxed) ? Step::read_ahead : Step::peek); }

/// Without acquire, a load of the bytes may be made ahead of that of the header.
bool Machine::read_ahead() {
  if (choose(2) == 1) {
    const auto place = static_cast<Location>(header_at(state_.reader.head) + 1);
    me_.early = static_cast<std::uint8_t>(load(place, Order::relaxed).value_or(0) + 1);
  }
  go(Step::peek);
  return true;
}

bool Machine::peek() {
  if (!holds_role()) return true;
  // PAIR record-published
  const Word header = load(header_at(state_.reader.head), Order::acquire);
  if (!header) return false;
  if (*header == no_header) {
    me_.early = 0;
    nothing_to_read();
  } else if (*header == padding_header) {
    me_.early = 0;
    const auto offset = static_cast<std::uint8_t>(state_.reader.head % scenario_.slots);
    if (offset == 0) fail(Property::published_before_read);
    state_.reader.head = static_cast<std::uint8_t>(state_.reader.head + scenario_.slots - offset);
    go(Step::peek_behind_padding);
  } else {
    accept(*header);
  }
  return true;
}

bool Machine::peek_behind_padding() {
  const Word header = load(header_at(state_.reader.head), Order::acquire);
  if (!header) return false;
  if (*header == no_header) {
    nothing_to_read();
  } else {
    accept(*header);
  }
  return true;
}

void Machine::accept(std::uint8_t header) {
  Reader& reader = state_.reader;
  const auto size = static_cast<std::uint8_t>(header & ~behind_padding);
  // Bytes of a record, or the header of one that was read long ago.
  if (size == 0 || size >= padding_header || reader.delivered >= state_.writer.visible) {
    return fail(Property::published_before_read);
  }
  if (size != scenario_.records[reader.delivered] - '0') return fail(Property::once_in_order);
  reader.size = size;
  me_.word = 1;
  if (me_.early != 0) {
    const int tag = first_tag + reader.delivered;
    if (me_.early - 1 != tag) return fail(Property::published_before_read);
    me_.early = 0;
    if (++me_.word == words_per_slot * size) return record_read();
  }
  go(is(Fault::given_back_before_read) ? Step::give_back_early : Step::read_bytes);
}

bool Machine::give_back_early() {
  Reader& reader = state_.reader;
  const auto position = static_cast<std::uint8_t>(reader.head + reader.size);
  if (!store(consumed, position, Order::seq_cst)) return false;
  reader.given_back = position;
  go(Step::read_bytes);
  return true;
}

bool Machine::read_bytes() {
  if (!holds_role()) return true;
  const Reader& reader = state_.reader;
  const auto place = static_cast<Location>(header_at(reader.head) + me_.word);
  const Word bytes = load(place, Order::relaxed);
  if (!bytes) return false;
  if (*bytes != first_tag + reader.delivered) {
    const bool overwritten = state_.writer.granted > reader.head + scenario_.slots;
    fail(overwritten ? Property::released_before_overwritten : Property::published_before_read);
  }
  if (++me_.word == words_per_slot * reader.size) record_read();
  return true;
}

void Machine::record_read() {
  Reader& reader = state_.reader;
  me_.word = 0;
  ++reader.delivered;
  reader.head = static_cast<std::uint8_t>(reader.head + reader.size);
  reader.size = 0;
  if (is(Fault::given_back_before_read)) return go(Step::look_at_space_ticket);
  const int batch = is(Fault::given_back_too_late) ? scenario_.slots : scenario_.batch;
  if (reader.head - reader.given_back < batch) return start_reading();
  go(Step::give_back);
}

bool Machine::give_back() {
  if (!holds_role()) return true;
  // PAIR space-given-back, PAIR space-or-ticket
  if (!store(consumed, state_.reader.head, unless(Fault::consumed_released_only, Order::release)))
    return false;
  state_.reader.given_back = state_.reader.head;
  go(Step::look_at_space_ticket);
  return true;
}

// When there is nothing -----------------------------------------------------------------------------------

void Machine::nothing_to_read() {
  if (me_.last != 0) return finish_reading();
  switch (role_) {
    case Role::reader:
      if (scenario_.ends) return go(Step::look_at_end);
      return wait(for_records);
    case Role::guest:
      if (scenario_.ends) return go(Step::look_at_session_end);
      if (choose(2) == 1) return go(Step::lock_to_give_role);
      return wait(for_records);
    default:
      if (scenario_.session) return go(Step::lock_to_give_role);
      return begin_arming();
  }
}

bool Machine::look_at_end() {
  const Word ended = load(ended_b, Order::seq_cst);
  if (!ended) return false;
  if (*ended == 0) {
    wait(for_records);
  } else {
    me_.last = 1;
    start_reading();
  }
  return true;
}

bool Machine::look_at_session_end() {
  const Word ended = load(session_ended, Order::seq_cst);
  if (!ended) return false;
  if (*ended != 0) {
    me_.last = 1;
    start_reading();
  } else if (choose(2) == 1) {
    go(Step::lock_to_give_role);
  } else {
    wait(for_records);
  }
  return true;
}

void Machine::finish_reading() {
  state_.reader.finished = 1;
  if (state_.reader.delivered < state_.world.must_deliver) fail(Property::once_in_order);
  leave();
}

}  // namespace vagus::model
