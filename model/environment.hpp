#pragma once

#include <cstdint>
#include <string>

#include "scenario.hpp"
#include "state.hpp"

namespace vagus::model {

/// What may happen next in a state.
struct Move {
  enum class Kind : std::uint8_t {
    step,        ///< of a thread; `detail`: which alternative
    drain,       ///< a store of a thread reaches memory; `detail`: which
    false_wake,  ///< a thread's sleep ends for no reason
    death        ///< of the process of that thread
  };
  Kind kind = Kind::step;
  std::uint8_t thread = 0;
  std::uint8_t detail = 0;
};

/// Whether it happens some time if it can. Nobody may rely on the others: on death, on a sleep that ends for
/// no reason, on somebody who closes.
bool is_certain(const Scenario& scenario, const Move& move, const State& before) noexcept;

/// Makes the move in place; false: it cannot happen. `alternatives`: of the step.
bool make(const Scenario& scenario, const Move& move, State& state, unsigned& alternatives);

/// Whether all is done that had to be done.
bool is_complete(const Scenario& scenario, const State& state);

/// What is broken by never coming further than this.
Property broken_by_staying(const Scenario& scenario, const State& state);

const char* name_of(Property property) noexcept;
std::string describe(const Scenario& scenario, const Move& move, const State& before);

}  // namespace vagus::model
