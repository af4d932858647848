/// What the explorer tells states apart by: memory, store buffers, threads, and what the kernel knows.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace vagus::model {

inline constexpr std::size_t max_slots = 6;
inline constexpr std::size_t words_per_slot = 2;
inline constexpr std::size_t max_threads = 4;
inline constexpr std::size_t max_stores = 6;  // in one store buffer

/// The words of shared memory. Side A sends, side B reads; only one direction carries records, but for a
/// single header back. "A's" memory is what A writes.
enum Location : std::uint8_t {
  ring_words = 0,                            // A's: header place and one word of bytes for each slot
  record_bell = max_slots * words_per_slot,  // A's
  space_ticket,                              // A's
  back_record_ticket,                        // A's
  consumed,                                  // B's
  record_ticket,                             // B's
  space_bell,                                // B's
  back_header,                               // B's
  back_record_bell,                          // B's
  ended_a,
  called_a,
  asleep_a,  // A's own: LinkState::ended_, Sleeper::called_ and asleep_
  ended_b,
  called_b,
  asleep_b,  // B's own
  armed,     // B's own: BellWaiter::armed_for_records_
  reader_mutex,
  session_ended,  // B's own: Session::reader_mutex_ and ended_
  location_count,
  nowhere = 63
};

enum class Order : std::uint8_t { relaxed, acquire, release, seq_cst };

// The words in the ring. A header behind padding is told from others so that the model can count what is
// published; the reader makes no difference.
inline constexpr std::uint8_t no_header = 0;
inline constexpr std::uint8_t padding_header = 3;  // 1 and 2: a record of so many slots
inline constexpr std::uint8_t behind_padding = 4;
inline constexpr std::uint8_t first_tag = 16;  // from here on: bytes of a record, each knows of which

/// The bells that a ticket asks for, as in doorbell.hpp; the number of the ticket is above them.
enum Wish : std::uint8_t { record_bell_wish = 1, space_bell_wish = 2, event_loop_wish = 4 };
inline constexpr unsigned wish_bits = 3;
inline constexpr std::uint8_t all_wishes = 7;

// BellWaiter::armed_for_records_
inline constexpr std::uint8_t not_armed = 0;
inline constexpr std::uint8_t is_armed = 1;
inline constexpr std::uint8_t rung_unarmed = 2;  // since the link was last about to be armed

/// What has to hold in every state, or be within reach from it.
enum class Property : std::uint8_t {
  none,
  published_before_read,
  released_before_overwritten,
  once_in_order,
  record_wakes,
  space_wakes,
  end_wakes,
  one_reader,
  no_dead_end
};

enum class Step : std::uint8_t;

struct Store {
  std::uint8_t order_and_location = 0;
  std::uint8_t value = 0;

  Location location() const noexcept { return static_cast<Location>(order_and_location & 63u); }
  Order order() const noexcept { return static_cast<Order>(order_and_location >> 6); }
};

struct Thread {
  Step step{};
  Step then{};               // after a mutex is released
  std::uint8_t word = 0;     // of the record that is written or read
  std::uint8_t early = 0;    // a word that was read ahead of the header
  std::uint8_t waits = 0;    // for what: see waiting.cpp
  std::uint8_t again = 0;    // it has looked, shown its ticket, and looks once more
  std::uint8_t heard = 0;    // the bell before that
  Location hears = nowhere;  // the bell of which `heard` is the value
  Location sleeps_on = nowhere;
  std::uint8_t wishes = 0;   // of the ticket that is being rung for
  std::uint8_t ringing = 0;  // after what: see ringing.cpp
  std::uint8_t next = 0;     // the slot of the header that arm() looks at
  std::uint8_t last = 0;     // the link has ended: reads what is left
  std::uint8_t rounds = 0;   // how often it has yet to take the reader role
  std::uint8_t store_count = 0;
  std::array<Store, max_stores> stores{};
};

/// RingWriter and what goes with the send turn. Passed on with the turn, hence without a buffer.
struct Writer {
  std::uint8_t tail = 0;
  std::uint8_t seen = 0;  // peer_consumed_
  std::uint8_t padding = 0;
  std::uint8_t record = 0;  // so many are published
  std::uint8_t rung = 0;    // rung_for_records_
  std::uint8_t wanted = 0;
  std::uint8_t wishes = 0;  // space_wishes_
  std::uint8_t number = 0;  // space_ticket_number_
  std::uint8_t parked = 0;  // Session::turn_parked_
  std::uint8_t finished = 0;
  // Known to nobody but the properties:
  std::uint8_t granted = 0;  // up to where it was given space
  std::uint8_t visible = 0;  // so many published records are in memory
};

/// RingReader and what goes with the reader role.
struct Reader {
  std::uint8_t head = 0;
  std::uint8_t given_back = 0;
  std::uint8_t size = 0;
  std::uint8_t delivered = 0;
  std::uint8_t rung = 0;        // rung_for_space_
  std::uint8_t role_taken = 0;  // Session::role_taken_, under reader_mutex
  std::uint8_t finished = 0;
  // Known to nobody but the properties:
  std::uint8_t holder = 0;  // the thread that has the reader role, plus 1
};
inline constexpr std::uint8_t nobody = 0;
inline constexpr std::uint8_t callback = 100;  // the next on_readable() has the role

/// What is outside both processes, and what may yet befall them.
struct World {
  std::uint8_t letter_for_a = 0;  // in the pipes that ring the event loops
  std::uint8_t letter_for_b = 0;
  std::uint8_t end_for_a = 0;  // the lifeline has ended, and the event loop has not looked yet
  std::uint8_t end_for_b = 0;
  std::uint8_t ended = 0;  // by death or closing, on either side
  std::uint8_t a_dead = 0;
  std::uint8_t b_dead = 0;
  std::uint8_t false_wakes = 0;       // so many are left
  std::uint8_t task_readable = 0;     // a task of B's event loop: on_readable() after the end
  std::uint8_t readable_running = 0;  // ObserverCalls: running, again
  std::uint8_t readable_again = 0;
  std::uint8_t asked = 0;     // the asker was promised a call ...
  std::uint8_t writable = 0;  // ... and it came
  std::uint8_t back_rung = 0;
  std::uint8_t back_published = 0;
  std::uint8_t back_delivered = 0;
  std::uint8_t must_deliver = 0;  // so much was published before A closed
  Property broken = Property::none;
};

struct State {
  std::array<std::uint8_t, location_count> memory{};
  std::array<Thread, max_threads> threads{};
  Writer writer;
  Reader reader;
  World world;
};
// Compared and hashed by its bytes.
static_assert(std::has_unique_object_representations_v<State> && std::is_trivially_copyable_v<State>);

}  // namespace vagus::model
