#include "environment.hpp"

#include <array>
#include <cstddef>

#include "machine.hpp"

namespace vagus::model {

namespace {

bool die(const Scenario& scenario, Side side, State& state) {
  World& world = state.world;
  std::uint8_t& dead = side == Side::a ? world.a_dead : world.b_dead;
  if (scenario.mortal != side || dead != 0) return false;
  dead = 1;
  world.ended = 1;
  (side == Side::a ? world.end_for_b : world.end_for_a) = 1;
  for (std::size_t i = 0; i < max_threads; ++i) {
    if (side_of(scenario.threads[i]) != side) continue;
    // What is in the store buffer is not lost: the kernel runs on that processor next.
    Thread gone;
    gone.store_count = state.threads[i].store_count;
    gone.stores = state.threads[i].stores;
    state.threads[i] = gone;
  }
  return true;
}

bool goes_on_for_ever(Role role) noexcept {
  return role == Role::sender_loop || role == Role::reader_loop || role == Role::stranger;
}

bool asker_waits(const Scenario& scenario, const State& state) {
  for (std::size_t i = 0; i < max_threads; ++i) {
    if (scenario.threads[i] != Role::asker) continue;
    // Where the sender was never refused, there is nothing to ask for.
    if (state.threads[i].step != Step::done) return state.threads[i].step != Step::start;
    return state.world.asked != 0 && state.world.writable == 0;
  }
  return false;
}

bool waits_for_back(const Scenario& scenario, const State& state) {
  return scenario.waits_for_both && state.world.back_delivered == 0 && state.writer.finished == 0;
}

constexpr std::array<const char*, static_cast<std::size_t>(Step::count)> step_names{
#define VAGUS_MODEL_STEP(name, code) #name "  [" code "]",
    VAGUS_MODEL_STEPS(VAGUS_MODEL_STEP)
#undef VAGUS_MODEL_STEP
};

constexpr const char* role_names[] = {"nobody", "sender",        "sender's loop",   "sender's closer",
                                      "asker",  "stranger",      "reader",          "first reader",
                                      "guest",  "reader's loop", "reader's closer", "back sender"};

std::string location_name(const Scenario& scenario, Location location) {
  constexpr const char* others[] = {
      "record_bell",  "space_ticket", "back_record_ticket", "consumed",   "record_ticket",
      "space_bell",   "back_header",  "back_record_bell",   "ended (A)",  "called (A)",
      "asleep (A)",   "ended (B)",    "called (B)",         "asleep (B)", "armed",
      "reader_mutex", "session ended"};
  if (location >= record_bell) return others[location - record_bell];
  const std::string slot = std::to_string(location / words_per_slot % scenario.slots);
  return (location % words_per_slot == 0 ? "first word of slot " : "second word of slot ") + slot;
}

}  // namespace

bool is_certain(const Scenario& scenario, const Move& move, const State& before) noexcept {
  if (move.kind != Move::Kind::step) return move.kind == Move::Kind::drain;
  const Role role = scenario.threads[move.thread];
  const bool closes = role == Role::sender_closer || role == Role::reader_closer;
  return !closes || before.threads[move.thread].step != Step::start;
}

bool make(const Scenario& scenario, const Move& move, State& state, unsigned& alternatives) {
  Thread& thread = state.threads[move.thread];
  switch (move.kind) {
    case Move::Kind::step: {
      Machine machine(scenario, state, move.thread, move.detail);
      const bool made = machine.run();
      alternatives = machine.alternatives();
      return made;
    }
    case Move::Kind::drain:
      if (move.detail >= thread.store_count || !may_drain(thread, move.detail, scenario.memory)) return false;
      drain(state, move.thread, move.detail);
      return true;
    case Move::Kind::false_wake:
      if (thread.sleeps_on == nowhere || state.world.false_wakes == 0) return false;
      --state.world.false_wakes;
      thread.sleeps_on = nowhere;
      return true;
    case Move::Kind::death:
      return die(scenario, side_of(scenario.threads[move.thread]), state);
  }
  return false;
}

bool is_complete(const Scenario& scenario, const State& state) {
  const World& world = state.world;
  if (world.ended == 0) {
    return state.writer.finished != 0 && state.reader.delivered == state.writer.record &&
           !asker_waits(scenario, state);
  }
  if (world.b_dead == 0 && state.reader.finished == 0) return false;
  if (world.a_dead == 0 && state.writer.finished == 0) return false;
  for (std::size_t i = 0; i < max_threads; ++i) {
    if (goes_on_for_ever(scenario.threads[i])) continue;
    if (state.threads[i].step != Step::done) return false;
  }
  return true;
}

Property broken_by_staying(const Scenario& scenario, const State& state) {
  if (state.world.ended != 0) return Property::end_wakes;
  if (waits_for_back(scenario, state) && state.memory[back_header] != 0) return Property::record_wakes;
  if (!scenario.waits_for_both && state.reader.delivered < state.writer.visible)
    return Property::record_wakes;
  if (state.writer.finished == 0 || asker_waits(scenario, state)) return Property::space_wakes;
  return Property::no_dead_end;
}

const char* name_of(Property property) noexcept {
  switch (property) {
    case Property::none:
      return "nothing";
    case Property::published_before_read:
      return "nothing is read before it is published";
    case Property::released_before_overwritten:
      return "nothing is overwritten before it is released";
    case Property::once_in_order:
      return "every record comes once, in order";
    case Property::record_wakes:
      return "a record wakes its reader";
    case Property::space_wakes:
      return "space wakes its writer";
    case Property::end_wakes:
      return "the end wakes whoever waits";
    case Property::one_reader:
      return "one reader at a time";
    case Property::no_dead_end:
      return "no dead end";
  }
  return "?";
}

std::string describe(const Scenario& scenario, const Move& move, const State& before) {
  const Thread& thread = before.threads[move.thread];
  const Role role = scenario.threads[move.thread];
  const std::string who = role_names[static_cast<std::size_t>(role)];
  switch (move.kind) {
    case Move::Kind::step:
      return who + ": " + step_names[static_cast<std::size_t>(thread.step)];
    case Move::Kind::drain: {
      const Store& store = thread.stores[move.detail];
      return "  memory: " + location_name(scenario, store.location()) + " = " + std::to_string(store.value) +
             " of the " + who;
    }
    case Move::Kind::false_wake:
      return who + ": wakes for no reason";
    case Move::Kind::death:
      return "side " + std::string(side_of(role) == Side::a ? "A" : "B") + " dies";
  }
  return "?";
}

}  // namespace vagus::model
