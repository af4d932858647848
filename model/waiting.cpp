// BellWaiter::sleep_for_records, sleep_for_space and Sleeper::sleep. Side A waits for space, or for space and
// a record; side B for records.
#include "machine.hpp"

namespace vagus::model {

void Machine::wait(Waits waits) {
  me_.waits = waits;
  begin_look();
}

// Is it there? ------------------------------------------------------------------------------------------

void Machine::begin_look() {
  const bool for_room = me_.waits == for_space;
  const Fault left_out = for_room ? Fault::no_second_look_for_room : Fault::no_second_look;
  if (me_.again != 0 && is(left_out)) return seen_nothing();
  go((me_.waits & for_records) != 0 ? Step::look_for_record : Step::look_for_room);
}

void Machine::look_further(Step just_made) {
  if (just_made == Step::look_for_record && me_.waits == for_both) return go(Step::look_for_room);
  if (scenario_.ends) return go(Step::look_for_end);
  seen_nothing();
}

bool Machine::look_for_record() {
  Word header = std::uint8_t{no_header};
  if (!on_a()) {
    header = load(header_at(state_.reader.head), look_order(Fault::second_look_relaxed));
  } else if (state_.world.back_delivered == 0) {
    header = load(back_header, look_order(Fault::second_look_relaxed));
  }
  if (!header) return false;
  if (*header != no_header) {
    seen_ready();
  } else {
    look_further(Step::look_for_record);
  }
  return true;
}

bool Machine::look_for_room() {
  // PAIR space-or-ticket
  const Word position = load(consumed, look_order(Fault::second_look_for_room_relaxed));
  if (!position) return false;
  if (*position >= state_.writer.wanted) {
    seen_ready();
  } else {
    look_further(Step::look_for_room);
  }
  return true;
}

bool Machine::look_for_end() {
  const Word ended = load(own(ended_a, ended_b), Order::seq_cst);
  if (!ended) return false;
  if (*ended != 0) {
    seen_ready();
  } else if (me_.again != 0) {
    seen_nothing();
  } else {
    go(Step::look_for_call);
  }
  return true;
}

bool Machine::look_for_call() {
  const Word called = load(own(called_a, called_b), Order::relaxed);
  if (!called) return false;
  if (*called != 0) {
    leave_wait();
  } else {
    seen_nothing();
  }
  return true;
}

void Machine::seen_ready() {
  if (me_.again == 0) return leave_wait();
  hear_no_more();
  withdraw();
}

void Machine::seen_nothing() {
  if (me_.again == 0) {
    if (!is(Fault::bell_heard_late)) return go(Step::hear_bell);
    return go(me_.waits == for_space ? Step::add_space_wish : Step::show_record_ticket);
  }
  if (is(Fault::bell_heard_late) && me_.hears == nowhere) return go(Step::hear_bell);
  go(scenario_.ends ? Step::say_asleep : Step::sleep);
}

// The tickets -------------------------------------------------------------------------------------------

bool Machine::hear_bell() {
  const Word rings = load(own_bell(), Order::seq_cst);
  if (!rings) return false;
  me_.heard = *rings;
  me_.hears = own_bell();
  if (me_.again != 0) {
    seen_nothing();  // the wrong order
  } else {
    go(me_.waits == for_space ? Step::add_space_wish : Step::show_record_ticket);
  }
  return true;
}

bool Machine::show_record_ticket() {
  // PAIR record-or-ticket
  if (!store(own_record_ticket(), new_ticket(own_record_ticket(), record_bell_wish),
             unless(Fault::record_ticket_released_only, Order::release))) {
    return false;
  }
  if (me_.waits == for_both && !is(Fault::no_wish_for_space)) {
    go(Step::add_space_wish);
  } else {
    shown();
  }
  return true;
}

bool Machine::add_space_wish() {
  if (!add_wish(me_.waits == for_both ? record_bell_wish : space_bell_wish)) return false;
  shown();
  return true;
}

void Machine::shown() {
  me_.again = 1;
  begin_look();
}

void Machine::withdraw() {
  go(me_.waits == for_space ? Step::remove_space_wish : Step::withdraw_record_ticket);
}

bool Machine::withdraw_record_ticket() {
  if (!store(own_record_ticket(), 0, Order::relaxed)) return false;
  me_.again = 0;
  if (me_.waits == for_both && !is(Fault::no_wish_for_space)) {
    go(Step::remove_space_wish);
  } else {
    begin_look();
  }
  return true;
}

bool Machine::remove_space_wish() {
  if (!drop_wish(me_.waits == for_both ? record_bell_wish : space_bell_wish)) return false;
  me_.again = 0;
  begin_look();
  return true;
}

bool Machine::add_wish(Wish wish) {
  if (!may_enter_wishes()) return false;
  Writer& writer = state_.writer;
  if (is(Fault::other_wishes_dropped)) writer.wishes = 0;
  writer.wishes |= wish;
  const bool keeps_number = is(Fault::no_new_number_for_a_wish) && writer.number != 0;
  const std::uint8_t ticket = keeps_number
                                  ? static_cast<std::uint8_t>(writer.number << wish_bits | writer.wishes)
                                  : new_ticket(space_ticket, writer.wishes);
  writer.number = static_cast<std::uint8_t>(ticket >> wish_bits);
  // PAIR space-or-ticket
  return store(space_ticket, ticket, unless(Fault::space_ticket_released_only, Order::release));
}

Machine::Word Machine::drop_wish(Wish wish) {
  if (!may_enter_wishes()) return {};
  Writer& writer = state_.writer;
  const bool wished = (writer.wishes & wish) != 0;
  writer.wishes = static_cast<std::uint8_t>(writer.wishes & ~wish);
  if (writer.wishes == 0) writer.number = 0;  // no longer of any meaning
  const auto ticket = static_cast<std::uint8_t>(writer.number << wish_bits | writer.wishes);
  if (!store(space_ticket, ticket, Order::relaxed)) return {};
  return std::uint8_t{wished};
}

std::uint8_t Machine::new_ticket(Location ticket, std::uint8_t wishes) const noexcept {
  const std::uint8_t number = is(Fault::ticket_number_reused) ? 1 : fresh_number(ticket);
  return static_cast<std::uint8_t>(number << wish_bits | wishes);
}

/// What was never used before and what nobody knows any more cannot be told apart, so that there are few.
std::uint8_t Machine::fresh_number(Location ticket) const noexcept {
  unsigned used = 1u << (state_.memory[ticket] >> wish_bits);
  const std::uint8_t rung = ticket == record_ticket  ? state_.writer.rung
                            : ticket == space_ticket ? state_.reader.rung
                                                     : state_.world.back_rung;
  used |= 1u << (rung >> wish_bits);
  if (ticket == space_ticket) used |= 1u << state_.writer.number;
  for (const Thread& thread : state_.threads) {
    for (unsigned i = 0; i < thread.store_count; ++i) {
      if (thread.stores[i].location() == ticket) used |= 1u << (thread.stores[i].value >> wish_bits);
    }
  }
  std::uint8_t number = 1;
  while ((used >> number & 1u) != 0) ++number;
  return number;
}

// Sleep -------------------------------------------------------------------------------------------------

Location Machine::own_bell() const noexcept {
  if (!on_a()) return record_bell;
  return scenario_.waits_for_both ? back_record_bell : space_bell;
}

bool Machine::say_asleep() {
  // PAIR call-or-sleep
  if (!store(own(asleep_a, asleep_b), 1, unless(Fault::asleep_relaxed, Order::relaxed))) return false;
  go(is(Fault::call_not_looked_for) ? Step::sleep : Step::look_for_call_asleep);
  return true;
}

bool Machine::look_for_call_asleep() {
  const Word called = load(own(called_a, called_b), unless(Fault::called_read_relaxed, Order::relaxed));
  if (!called) return false;
  if (*called != 0) {
    hear_no_more();
    go(Step::say_awake);
  } else {
    go(Step::sleep);
  }
  return true;
}

/// The kernel looks at the bell and puts the thread to sleep under one lock.
bool Machine::sleep() {
  if (state_.memory[me_.hears] == me_.heard) me_.sleeps_on = me_.hears;
  hear_no_more();
  go(Step::asleep);
  return true;
}

bool Machine::asleep() {
  if (me_.sleeps_on != nowhere) return false;
  if (role_ == Role::stranger) return start();
  if (scenario_.ends) return say_awake();
  withdraw();
  return true;
}

bool Machine::say_awake() {
  if (!store(own(asleep_a, asleep_b), 0, Order::release)) return false;
  withdraw();
  return true;
}

/// Nobody can tell how often the bell has rung but by what he heard before: it counts from there.
void Machine::hear_no_more() noexcept {
  const Location bell = me_.hears;
  me_.hears = nowhere;
  me_.heard = 0;
  if (bell != nowhere && !heard_by_anybody(bell)) state_.memory[bell] = 0;
}

bool Machine::heard_by_anybody(Location bell) const noexcept {
  for (const Thread& thread : state_.threads) {
    if (thread.hears == bell) return true;
  }
  return false;
}

// The end of the wait -----------------------------------------------------------------------------------

void Machine::leave_wait() {
  if (scenario_.ends) return go(Step::look_for_call_to_take);
  waited();
}

bool Machine::look_for_call_to_take() {
  const Word called = load(own(called_a, called_b), Order::relaxed);
  if (!called) return false;
  if (*called != 0) {
    go(Step::take_call);
  } else {
    waited();
  }
  return true;
}

bool Machine::take_call() {
  if (!exchange(own(called_a, called_b), 0)) return false;
  waited();
  return true;
}

void Machine::waited() {
  me_.waits = 0;
  if (!on_a()) return start_reading();
  if (scenario_.waits_for_both) return go(Step::receive_back);
  go(scenario_.ends ? Step::claim : Step::refresh);
}

}  // namespace vagus::model
