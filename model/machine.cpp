#include "machine.hpp"

#include <array>
#include <cstddef>

namespace vagus::model {

State initial_state(const Scenario& scenario) {
  State state;
  for (std::size_t i = 0; i < max_threads; ++i) {
    Thread& thread = state.threads[i];
    const auto number = static_cast<std::uint8_t>(i + 1);
    switch (scenario.threads[i]) {
      case Role::none:
        break;
      case Role::sender_loop:
        thread.step = Step::idle;
        break;
      case Role::reader_loop:
        // In a session the event loop reads first; else the first reader leaves the role to it.
        thread.step = Step::idle;
        if (scenario.session && state.reader.holder == nobody) {
          thread.step = Step::peek;
          state.reader.holder = number;
        }
        break;
      case Role::reader:
      case Role::first_reader:
        thread.step = Step::start;
        state.reader.holder = number;
        break;
      case Role::guest:
        thread.step = Step::start;
        thread.rounds = scenario.rounds;
        break;
      default:
        thread.step = Step::start;
        break;
    }
  }
  state.reader.role_taken = scenario.session ? 1 : 0;
  state.world.false_wakes = scenario.false_wakes;
  return state;
}

bool Machine::run() {
  using Function = bool (Machine::*)();
#define VAGUS_MODEL_STEP(name, code) &Machine::name,
  static constexpr std::array<Function, static_cast<std::size_t>(Step::count)> steps{
      VAGUS_MODEL_STEPS(VAGUS_MODEL_STEP)};
#undef VAGUS_MODEL_STEP
  return (this->*steps[static_cast<std::size_t>(me_.step)])();
}

bool Machine::done() { return false; }

bool Machine::start() {
  switch (role_) {
    case Role::sender:
      begin_record();
      return true;
    case Role::reader:
      if (scenario_.reads_late && state_.world.back_delivered == 0 && state_.writer.finished == 0) {
        return false;
      }
      start_reading();
      return true;
    case Role::first_reader:
      start_reading();
      return true;
    case Role::guest:
      go(Step::lock_to_take_role);
      return true;
    case Role::back_sender:
      if (scenario_.answers_late && state_.reader.delivered < scenario_.records.size()) return false;
      go(Step::publish_back);
      return true;
    case Role::stranger:
      me_.sleeps_on = record_bell;
      go(Step::asleep);
      return true;
    case Role::asker:
      // It asks for space for what was refused.
      if (state_.writer.wanted == 0) return false;
      go(Step::wish_for_event_loop);
      return true;
    default:
      go(is(Fault::ended_after_the_call) ? Step::call : Step::set_ended);
      return true;
  }
}

/// The thread has done what it was there for; one of an event loop waits for the next event.
void Machine::leave() {
  const bool loop = role_ == Role::sender_loop || role_ == Role::reader_loop;
  me_.last = 0;
  go(loop ? Step::idle : Step::done);
}

}  // namespace vagus::model
