// LinkState and Sleeper::call: what the event loop does when it is rung or the peer is gone, and closing.
#include <array>

#include "machine.hpp"

namespace vagus::model {

bool Machine::idle() {
  World& world = state_.world;
  enum class Event : std::uint8_t { letter, end, task };
  std::array<Event, 3> events{};
  unsigned count = 0;
  if ((on_a() ? world.letter_for_a : world.letter_for_b) != 0) events[count++] = Event::letter;
  if ((on_a() ? world.end_for_a : world.end_for_b) != 0) events[count++] = Event::end;
  if (!on_a() && world.task_readable != 0) events[count++] = Event::task;
  if (count == 0) return false;
  switch (events[choose(count)]) {
    case Event::letter:
      (on_a() ? world.letter_for_a : world.letter_for_b) = 0;
      go(on_a() ? Step::take_armed_for_space : Step::take_armed);
      return true;
    case Event::task:
      world.task_readable = 0;
      go(Step::lock_to_take_role);
      return true;
    case Event::end:
      return begin_end();
  }
  return false;
}

bool Machine::begin_end() {
  World& world = state_.world;
  // The kernel closes the descriptors of a process when it no longer runs: what it wrote is in memory.
  const Side peer = on_a() ? Side::b : Side::a;
  const bool peer_is_dead = (peer == Side::a ? world.a_dead : world.b_dead) != 0;
  for (unsigned i = 0; peer_is_dead && i < max_threads; ++i) {
    if (side_of(scenario_.threads[i]) == peer && state_.threads[i].store_count != 0) return false;
  }
  (on_a() ? world.end_for_a : world.end_for_b) = 0;
  if (world.a_dead != 0) world.must_deliver = state_.writer.visible;
  go(is(Fault::ended_after_the_call) ? Step::call : Step::set_ended);
  return true;
}

bool Machine::set_ended() {
  const Word was_ended = exchange(own(ended_a, ended_b), 1);
  if (!was_ended) return false;
  state_.world.ended = 1;
  if (*was_ended != 0) {
    leave();
  } else if (is(Fault::ended_after_the_call)) {
    sleepers_called();
  } else {
    go(Step::call);
  }
  return true;
}

bool Machine::call() {
  // PAIR call-or-sleep
  if (!store(own(called_a, called_b), 1, unless(Fault::called_relaxed, Order::relaxed))) return false;
  go(Step::look_whether_asleep);
  return true;
}

bool Machine::call_again() {
  me_.again = 1;
  return call();
}

bool Machine::look_whether_asleep() {
  const Word asleep = load(own(asleep_a, asleep_b), unless(Fault::asleep_read_relaxed, Order::relaxed));
  if (!asleep) return false;
  if (*asleep != 0) {
    go(Step::wake_called);
  } else {
    after_call();
  }
  return true;
}

bool Machine::wake_called() {
  const bool woken = wake_all(own_bell());  // whom is not known: threads of the peer may sleep there, too
  if (is(Fault::called_once) || (woken && is(Fault::wake_up_believed))) {
    after_call();
  } else {
    go(Step::look_whether_asleep);
  }
  return true;
}

void Machine::after_call() {
  if (me_.again != 0) {
    me_.again = 0;
    go(Step::lock_to_end);
  } else if (is(Fault::ended_after_the_call)) {
    go(Step::set_ended);
  } else {
    sleepers_called();
  }
}

void Machine::sleepers_called() {
  if (role_ == Role::sender_closer || role_ == Role::reader_closer) return go(Step::close_lifeline);
  if (role_ == Role::reader_loop && scenario_.session) return go(Step::take_armed_at_end);
  leave();
}

bool Machine::close_lifeline() {
  World& world = state_.world;
  if (on_a()) {
    world.end_for_b = 1;
    world.must_deliver = state_.writer.visible;
  } else {
    world.end_for_a = 1;
  }
  leave();
  return true;
}

// The event loop of a link that is rung, and of one that has ended
// ---------------------------------------------

bool Machine::take_armed() {
  const bool atomic = !is(Fault::taken_in_two_steps);
  const Word was = atomic ? exchange(armed, rung_unarmed) : load(armed, Order::seq_cst);
  if (!was) return false;
  if (*was != is_armed) {
    leave();
  } else if (atomic) {
    taken_by_event_loop();
  } else {
    go(Step::take_armed_store);
  }
  return true;
}

bool Machine::take_armed_store() {
  if (!store(armed, rung_unarmed, Order::seq_cst)) return false;
  taken_by_event_loop();
  return true;
}

void Machine::taken_by_event_loop() {
  if (scenario_.session) return go(Step::lock_to_take_role);
  take_role(callback);
  go(Step::on_readable);
}

bool Machine::take_armed_at_end() {
  const Word was = exchange(armed, rung_unarmed);
  if (!was) return false;
  if (*was == is_armed) state_.world.task_readable = 1;
  go(Step::end_session);
  return true;
}

bool Machine::end_session() {
  if (!store(session_ended, 1, Order::seq_cst)) return false;
  go(Step::call_again);
  return true;
}

bool Machine::lock_to_end() {
  if (!lock(reader_mutex)) return false;
  if (state_.reader.role_taken != 0 || is(Fault::role_not_looked_at)) {
    me_.then = Step::idle;
  } else {
    state_.reader.role_taken = 1;
    take_role(static_cast<std::uint8_t>(id_ + 1));
    me_.then = Step::peek;
  }
  go(Step::unlock);
  return true;
}

}  // namespace vagus::model
