// Ringer.
#include "machine.hpp"

namespace vagus::model {

/// Looks at the peer's ticket, and rings for it if it has not yet.
bool Machine::look(Location ticket, std::uint8_t& rung, After after, Fault relaxed) {
  const Word seen = load(ticket, unless(relaxed, Order::relaxed));
  if (!seen) return false;
  ring_for(*seen, rung, after);
  return true;
}

bool Machine::look_at_record_ticket() {
  if (!is(Fault::record_ticket_read_first)) {
    // PAIR record-or-ticket
    return look(record_ticket, state_.writer.rung, after_record, Fault::record_ticket_read_relaxed);
  }
  const Word seen = load(record_ticket, Order::seq_cst);
  if (!seen) return false;
  me_.early = *seen;
  next_of_publish(Step::look_at_record_ticket);
  return true;
}

bool Machine::look_at_space_ticket() {
  // PAIR space-or-ticket
  return look(space_ticket, state_.reader.rung, after_space, Fault::space_ticket_read_relaxed);
}

bool Machine::look_at_back_ticket() {
  return look(back_record_ticket, state_.world.back_rung, after_back, Fault::record_ticket_read_relaxed);
}

void Machine::ring_for(std::uint8_t ticket, std::uint8_t& rung, After after) {
  me_.ringing = after;
  me_.wishes = 0;
  if (ticket != 0 && ticket != rung) {
    rung = ticket;
    me_.wishes = ticket & all_wishes;
  }
  ring_next();
}

/// Which futex the lowest wish is about: one in the memory of the side that rings.
Location Machine::bell() const noexcept {
  if (on_a()) return record_bell;
  return (me_.wishes & record_bell_wish) != 0 ? back_record_bell : space_bell;
}

void Machine::ring_next() {
  if ((me_.wishes & (record_bell_wish | space_bell_wish)) != 0) {
    const bool wake_first = is(Fault::bell_not_changed) || is(Fault::woken_before_bell_changes);
    return go(wake_first ? Step::wake : Step::change_bell);
  }
  if (me_.wishes != 0) return go(Step::ring_event_loop);
  const auto after = static_cast<After>(me_.ringing);
  me_.ringing = after_nothing;
  switch (after) {
    case after_record:
      return begin_record();
    case after_space:
      return start_reading();
    default:
      return leave();
  }
}

bool Machine::change_bell() {
  const Location word = bell();
  const int changed = heard_by_anybody(word) ? state_.memory[word] + 1 : 0;
  // PAIR bell-rung
  if (!exchange(word, static_cast<std::uint8_t>(changed))) return false;
  if (is(Fault::nobody_woken) || is(Fault::woken_before_bell_changes)) {
    me_.wishes &= static_cast<std::uint8_t>(me_.wishes - 1);
    ring_next();
  } else {
    go(Step::wake);
  }
  return true;
}

bool Machine::wake() {
  wake_all(bell());
  if (is(Fault::woken_before_bell_changes)) {
    go(Step::change_bell);
  } else {
    me_.wishes &= static_cast<std::uint8_t>(me_.wishes - 1);
    ring_next();
  }
  return true;
}

bool Machine::wake_all(Location word) noexcept {
  bool woken = false;
  for (Thread& thread : state_.threads) {
    if (thread.sleeps_on != word) continue;
    thread.sleeps_on = nowhere;
    woken = true;
  }
  return woken;
}

bool Machine::ring_event_loop() {
  (on_a() ? state_.world.letter_for_b : state_.world.letter_for_a) = 1;
  me_.wishes = 0;
  ring_next();
  return true;
}

}  // namespace vagus::model
