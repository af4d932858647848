// Who has the reader role: BellWaiter::arm_for_records and disarm_for_records, and those who call them. In a
// session the role changes hands under a mutex, as in Session; else the event loop has it from the moment in
// which it finds the link armed.
#include "machine.hpp"

namespace vagus::model {

void Machine::take_role(std::uint8_t holder) {
  if (state_.reader.holder != nobody) fail(Property::one_reader);
  state_.reader.holder = holder;
}

// Taking it -----------------------------------------------------------------------------------------------

bool Machine::lock_to_take_role() {
  if (!lock(reader_mutex)) return false;
  if (state_.reader.role_taken != 0) {
    end_round();
    go(Step::unlock);
  } else {
    state_.reader.role_taken = 1;
    take_role(static_cast<std::uint8_t>(id_ + 1));
    go(Step::disarm);
  }
  return true;
}

bool Machine::disarm() {
  if (!store(armed, not_armed, Order::relaxed)) return false;
  go(Step::disarm_ticket);
  return true;
}

bool Machine::disarm_ticket() {
  if (!store(record_ticket, 0, Order::relaxed)) return false;
  me_.then = Step::peek;
  go(Step::unlock);
  return true;
}

bool Machine::unlock() {
  if (!store(reader_mutex, 0, Order::release)) return false;
  go(me_.then);
  me_.then = Step::done;
  return true;
}

/// Chooses where the thread goes on after it has unlocked the mutex, without the role.
void Machine::end_round() {
  if (role_ == Role::reader_loop) {
    me_.then = Step::idle;
  } else {
    --me_.rounds;
    me_.then = me_.rounds == 0 ? Step::done : Step::lock_to_take_role;
  }
}

// Giving it to the event loop -------------------------------------------------------------------------------

bool Machine::lock_to_give_role() {
  if (!lock(reader_mutex)) return false;
  if (scenario_.ends && !is(Fault::end_not_looked_at)) {
    go(Step::look_at_end_locked);
  } else {
    begin_arming();
  }
  return true;
}

bool Machine::look_at_end_locked() {
  const Word ended = load(session_ended, Order::seq_cst);
  if (!ended) return false;
  if (*ended == 0) {
    begin_arming();
  } else {
    me_.last = 1;
    me_.then = Step::peek;
    go(Step::unlock);
  }
  return true;
}

void Machine::begin_arming() {
  me_.next = static_cast<std::uint8_t>(state_.reader.head % scenario_.slots);
  if (is(Fault::armed_before_ticket)) return go(Step::arm);
  go(is(Fault::early_bells_forgotten_late) ? Step::arm_ticket : Step::forget_early_bells);
}

bool Machine::forget_early_bells() {
  if (!store(armed, not_armed, Order::relaxed)) return false;
  go(is(Fault::early_bells_forgotten_late) ? Step::arm : Step::arm_ticket);
  return true;
}

bool Machine::arm_ticket() {
  const bool given_away = is(Fault::armed_before_ticket) && state_.reader.holder == nobody;
  if (!given_away && !holds_role()) return true;
  // PAIR record-or-ticket
  if (!store(record_ticket, new_ticket(record_ticket, event_loop_wish),
             unless(Fault::record_ticket_released_only, Order::release))) {
    return false;
  }
  go(is(Fault::looks_after_arming) || is(Fault::no_second_look) ? Step::arm : Step::look_before_arming);
  return true;
}

bool Machine::look_before_arming() {
  // PAIR record-or-ticket
  const Word header = load(header_at(me_.next), unless(Fault::second_look_relaxed, Order::relaxed));
  if (!header) return false;
  if (is(Fault::looks_after_arming) || is(Fault::armed_before_ticket)) {
    if (*header == no_header) {
      role_is_given();
    } else {
      go(Step::take_armed_back);
    }
  } else if (*header != no_header) {
    go(Step::arm_withdraw);
  } else {
    go(is(Fault::early_bells_forgotten_late) ? Step::forget_early_bells : Step::arm);
  }
  return true;
}

bool Machine::arm() {
  // PAIR reader-role, PAIR bell-or-armed
  const bool blindly = is(Fault::early_bell_not_noticed) || is(Fault::looks_after_arming);
  const Word former = blindly ? exchange(armed, is_armed) : exchange_if(armed, not_armed, is_armed);
  if (!former) return false;
  if (!blindly && *former != not_armed) {
    go(Step::arm_withdraw);
    return true;
  }
  state_.reader.holder = nobody;
  if (is(Fault::armed_before_ticket)) {
    go(Step::arm_ticket);
  } else if (is(Fault::looks_after_arming)) {
    go(Step::look_before_arming);
  } else {
    role_is_given();
  }
  return true;
}

/// Where the look comes after arming, what was armed has to be taken back.
bool Machine::take_armed_back() {
  const Word former = exchange_if(armed, is_armed, not_armed);
  if (!former) return false;
  if (*former == is_armed) {
    take_role(static_cast<std::uint8_t>(id_ + 1));
    go(Step::arm_withdraw);
  } else {
    role_is_given();
  }
  return true;
}

bool Machine::arm_withdraw() {
  if (!store(record_ticket, 0, Order::relaxed)) return false;
  me_.next = 0;
  me_.then = Step::peek;
  go(scenario_.session ? Step::unlock : Step::peek);
  return true;
}

void Machine::role_is_given() {
  me_.next = 0;
  if (scenario_.session) {
    state_.reader.role_taken = 0;
    end_round();
    go(Step::unlock);
  } else if (role_ == Role::reader_loop) {
    go(Step::readable_returns);
  } else {
    leave();
  }
}

// What the event loop calls when it finds the link armed, outside of a session ------------------------------

bool Machine::on_readable() {
  World& world = state_.world;
  if (world.readable_running != 0) {
    world.readable_again = 1;
    leave();
    return true;
  }
  world.readable_running = 1;
  state_.reader.holder = static_cast<std::uint8_t>(id_ + 1);
  start_reading();
  return true;
}

bool Machine::readable_returns() {
  World& world = state_.world;
  if (world.readable_again == 0) {
    world.readable_running = 0;
    leave();
    return true;
  }
  world.readable_again = 0;
  state_.reader.holder = static_cast<std::uint8_t>(id_ + 1);
  start_reading();
  return true;
}

}  // namespace vagus::model
