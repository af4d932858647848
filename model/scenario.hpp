#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "state.hpp"

namespace vagus::model {

/// How stores reach memory.
enum class MemoryKind : std::uint8_t {
  tso,  ///< x86: a buffer for each thread, first in, first out, seen by the thread itself
  weak  ///< stores overtake each other as on ARM, but for what release and seq_cst forbid
};

/// What a thread does.
enum class Role : std::uint8_t {
  none,
  sender,         ///< A: sends all records; waits for space by itself, or parks
  sender_loop,    ///< A: a thread of its event loop
  sender_closer,  ///< A: closes the link at any moment
  asker,          ///< A: arms the event loop for space while the sender sleeps for it
  stranger,       ///< A: sleeps on the bell that A itself rings, which only a peer that lies would do
  reader,         ///< B: reads and sleeps, for good
  first_reader,   ///< B: reads, then leaves the reader role to the event loop
  guest,          ///< B: takes the role now and then as a caller of Session does, may sleep, gives it back
  reader_loop,    ///< B: a thread of its event loop
  reader_closer,  ///< B: closes the link at any moment
  back_sender     ///< B: sends one record to A
};

enum class Side : std::uint8_t { none, a, b };

constexpr Side side_of(Role role) noexcept {
  if (role == Role::none) return Side::none;
  return role <= Role::stranger ? Side::a : Side::b;
}

/// What is taken out of the protocol, or put in its wrong place.
enum class Fault : std::uint8_t {
  none,
  // RingWriter
  header_released_only,
  header_relaxed,
  next_header_not_cleared,
  next_header_cleared_late,
  next_header_not_kept_free,
  padding_published_first,
  // Ringer
  record_ticket_read_first,
  record_ticket_read_relaxed,
  space_ticket_read_relaxed,
  bell_not_changed,
  nobody_woken,
  woken_before_bell_changes,
  // BellWaiter and Sleeper
  record_ticket_released_only,
  space_ticket_released_only,
  no_second_look,
  no_second_look_for_room,
  second_look_relaxed,
  second_look_for_room_relaxed,
  bell_heard_late,
  ticket_number_reused,
  other_wishes_dropped,
  no_new_number_for_a_wish,
  no_wish_for_space,
  // RingReader
  header_read_relaxed,
  given_back_before_read,
  consumed_released_only,
  given_back_too_late,
  // Arming
  early_bell_not_noticed,
  early_bells_forgotten_late,
  looks_after_arming,
  armed_before_ticket,
  taken_in_two_steps,
  // Ending
  call_not_looked_for,
  asleep_relaxed,
  called_relaxed,
  called_read_relaxed,
  asleep_read_relaxed,
  called_once,
  wake_up_believed,
  ended_after_the_call,
  end_not_looked_at,
  role_not_looked_at
};

/// One closed system to explore.
struct Scenario {
  std::string_view name;
  std::string_view says;
  MemoryKind memory = MemoryKind::tso;
  Fault fault = Fault::none;
  Property expected = Property::none;  ///< what the fault breaks

  std::array<Role, max_threads> threads{};
  std::uint8_t slots = 4;  ///< of the ring
  std::uint8_t circle =
      99;                  ///< RingWriter goes back to the start of the ring from this slot on, where it can
  std::uint8_t batch = 1;  ///< so many slots are read before they are given back
  std::string_view records = "1";  ///< how many slots each has, 1 or 2
  std::uint8_t false_wakes = 0;    ///< so many sleeps end for no reason
  std::uint8_t rounds = 1;         ///< so often a guest takes the role
  Side mortal = Side::none;        ///< dies at any moment, or not at all
  bool ends = false;               ///< the link may end by closing or death
  bool session = false;            ///< the reader role is passed on as Session does it
  bool parks = false;              ///< the sender leaves waiting for space to the event loop
  bool waits_for_both = false;     ///< the sender waits for records too
  bool reads_late = false;         ///< B's reader begins once A has read the record back
  bool answers_late = false;       ///< B sends its record once it has read all
};
static_assert(std::is_trivially_destructible_v<Scenario>);

/// The protocol as it is.
std::vector<Scenario> positive_scenarios();
/// The protocol with one fault each.
std::vector<Scenario> negative_controls();

}  // namespace vagus::model
