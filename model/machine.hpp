#pragma once

#include <cstdint>
#include <optional>

#include "scenario.hpp"
#include "state.hpp"
#include "steps.hpp"

namespace vagus::model {

// How stores reach memory, memory.cpp -----------------------------------------------------------------

/// Whether this store may become visible now.
bool may_drain(const Thread& thread, unsigned store, MemoryKind memory) noexcept;
/// Lets it.
void drain(State& state, unsigned thread, unsigned store) noexcept;

/// What is there at first, machine.cpp.
State initial_state(const Scenario& scenario);

/// Makes one step of one thread, in place.
class Machine {
 public:
  /// `choice`: which of the alternatives, where the step has several.
  Machine(const Scenario& scenario, State& state, unsigned thread, unsigned choice) noexcept
      : scenario_(scenario),
        state_(state),
        id_(static_cast<std::uint8_t>(thread)),
        role_(scenario.threads[thread]),
        me_(state.threads[thread]),
        choice_(choice) {}

  /// False: the step cannot be made in this state.
  bool run();
  /// Known after run().
  unsigned alternatives() const noexcept { return alternatives_; }

 private:
  using Word = std::optional<std::uint8_t>;

#define VAGUS_MODEL_STEP(name, code) bool name();
  VAGUS_MODEL_STEPS(VAGUS_MODEL_STEP)
#undef VAGUS_MODEL_STEP

  // Memory: nothing, or false, where the processor has to wait for its store buffer -------------------
  Word load(Location location, Order order) const noexcept;
  bool store(Location location, std::uint8_t value, Order order) noexcept;
  Word exchange(Location location, std::uint8_t value) noexcept;
  Word exchange_if(Location location, std::uint8_t expected, std::uint8_t value) noexcept;
  bool lock(Location mutex) noexcept;
  /// Whether no other thread is about to leave the mutex that guards the ticket for space.
  bool may_enter_wishes() const noexcept;

  // Sending
  std::uint8_t size_of_record() const noexcept;
  bool fits(unsigned size) const noexcept;
  std::uint8_t padding_for(std::uint8_t size) const noexcept;
  std::uint8_t needed() const noexcept;
  void begin_record();
  void claim_again();
  void grant();
  void wait_for_space();
  void finish_sending();
  void record_published();
  void next_of_publish(Step just_made);
  void left_to_event_loop();

  // Ringing
  enum After : std::uint8_t { after_nothing, after_record, after_space, after_back };
  bool look(Location ticket, std::uint8_t& rung, After after, Fault relaxed);
  void ring_for(std::uint8_t ticket, std::uint8_t& rung, After after);
  void ring_next();
  bool wake_all(Location word) noexcept;
  Location bell() const noexcept;

  // Waiting
  enum Waits : std::uint8_t { for_records = 1, for_space = 2, for_both = for_records | for_space };
  void wait(Waits waits);
  void begin_look();
  void look_further(Step just_made);
  void seen_ready();
  void seen_nothing();
  void shown();
  void withdraw();
  void leave_wait();
  void waited();
  void hear_no_more() noexcept;
  // Each in one step, since under a mutex. drop_wish(): whether it was there.
  bool add_wish(Wish wish);
  Word drop_wish(Wish wish);
  std::uint8_t fresh_number(Location ticket) const noexcept;
  std::uint8_t new_ticket(Location ticket, std::uint8_t wishes) const noexcept;
  Location own(Location of_a, Location of_b) const noexcept { return on_a() ? of_a : of_b; }
  bool heard_by_anybody(Location bell) const noexcept;
  Location own_bell() const noexcept;
  Location own_record_ticket() const noexcept { return own(back_record_ticket, record_ticket); }
  /// Of the looks at what is waited for.
  Order look_order(Fault relaxed) const noexcept {
    return me_.again != 0 ? unless(relaxed, Order::relaxed) : Order::seq_cst;
  }

  // Reading
  bool holds_role() noexcept;
  void accept(std::uint8_t header);
  void nothing_to_read();
  void record_read();
  void finish_reading();
  Location header_at(std::uint8_t position) const noexcept;

  // The reader role
  void take_role(std::uint8_t holder);
  void start_reading();
  void begin_arming();
  void role_is_given();
  void end_round();
  void taken_by_event_loop();

  // Ending
  bool on_a() const noexcept { return side_of(role_) == Side::a; }
  bool begin_end();
  void after_call();
  void sleepers_called();
  void leave();

  bool is(Fault fault) const noexcept { return scenario_.fault == fault; }
  /// The order that the code has, or the one that the fault puts there.
  Order unless(Fault fault, Order wrong, Order right = Order::seq_cst) const noexcept {
    return is(fault) ? wrong : right;
  }
  void go(Step step) noexcept { me_.step = step; }
  void fail(Property property) noexcept {
    if (state_.world.broken == Property::none) state_.world.broken = property;
  }
  /// One of `count` ways to go on; once in a step.
  unsigned choose(unsigned count) noexcept {
    alternatives_ = count;
    return choice_;
  }

  const Scenario& scenario_;
  State& state_;
  const std::uint8_t id_;
  const Role role_;
  Thread& me_;
  const unsigned choice_;
  unsigned alternatives_ = 1;
};

}  // namespace vagus::model
