#include "scenario.hpp"

namespace vagus::model {

namespace {

using enum Role;

constexpr Scenario threads{.name = "threads",
                           .says = "a thread sends, a thread reads; each sleeps when it has to wait",
                           .threads = {sender, reader},
                           .records = "12212",
                           .false_wakes = 1};

constexpr Scenario batches{.name = "batches",
                           .says = "the same in a larger ring, space given back in batches, going back early",
                           .threads = {sender, reader},
                           .slots = 6,
                           .circle = 3,
                           .batch = 2,
                           .records = "1212211"};

constexpr Scenario both{.name = "both",
                        .says = "a thread waits for space and for a record at once",
                        .threads = {sender, reader, back_sender},
                        .slots = 3,
                        .records = "111",
                        .waits_for_both = true};

constexpr Scenario both_reads_late = [] {
  Scenario scenario = both;
  scenario.name = "both, a record only";
  scenario.says = "the same; the peer reads when its record was read";
  scenario.reads_late = true;
  return scenario;
}();

constexpr Scenario both_answers_late = [] {
  Scenario scenario = both;
  scenario.name = "both, space only";
  scenario.says = "the same; the peer sends its record when it has read all";
  scenario.answers_late = true;
  return scenario;
}();

constexpr Scenario asked{.name = "two wishes",
                         .says = "a thread sleeps for space, another arms the event loop for it",
                         .threads = {sender, asker, sender_loop, reader},
                         .slots = 2,
                         .records = "111"};

constexpr Scenario parked{.name = "parked",
                          .says = "the event loop goes on sending when there is space",
                          .threads = {sender, sender_loop, reader},
                          .slots = 3,
                          .records = "11111",
                          .parks = true};

constexpr Scenario armed_loop{.name = "armed",
                              .says = "a thread leaves reading to an event loop of two threads",
                              .threads = {sender, first_reader, reader_loop, reader_loop},
                              .records = "1111"};

constexpr Scenario session{.name = "session",
                           .says = "a caller takes the reader role from the event loop and gives it back",
                           .threads = {sender, guest, reader_loop},
                           .records = "121",
                           .rounds = 2,
                           .session = true};

constexpr Scenario dead_sender{.name = "dead sender",
                               .says = "the sending process dies at any moment",
                               .threads = {sender, reader, reader_loop},
                               .records = "1221",
                               .mortal = Side::a,
                               .ends = true};

constexpr Scenario dead_reader{.name = "dead reader",
                               .says = "the reading process dies at any moment",
                               .threads = {sender, reader, sender_loop},
                               .records = "1221",
                               .mortal = Side::b,
                               .ends = true};

constexpr Scenario sender_closes{.name = "sender closes",
                                 .says = "the sending side closes at any moment, from another thread",
                                 .threads = {sender, sender_closer, reader, reader_loop},
                                 .slots = 3,
                                 .records = "111",
                                 .ends = true};

constexpr Scenario reader_closes{.name = "reader closes",
                                 .says = "the reading side closes at any moment, from another thread",
                                 .threads = {sender, sender_loop, reader, reader_closer},
                                 .slots = 3,
                                 .records = "111",
                                 .ends = true};

constexpr Scenario dead_session{.name = "session ends",
                                .says = "the sending process dies while the reader role goes to and fro",
                                .threads = {sender, guest, reader_loop, reader_loop},
                                .records = "12",
                                .mortal = Side::a,
                                .ends = true,
                                .session = true};

constexpr Scenario stranger_sleeps{
    .name = "stranger",
    .says = "the sending process sleeps on its own bell; the reading side closes",
    .threads = {sender, stranger, reader, reader_closer},
    .records = "1",
    .ends = true};

/// A fault, and the smallest system that shows it.
Scenario control(std::string_view name, Fault fault, const Scenario& base, Property expected,
                 MemoryKind memory = MemoryKind::tso) {
  Scenario scenario = base;
  scenario.says = base.name;
  scenario.name = name;
  scenario.fault = fault;
  scenario.expected = expected;
  scenario.memory = memory;
  return scenario;
}

Scenario with_records(Scenario scenario, std::string_view records) {
  scenario.records = records;
  scenario.false_wakes = 0;
  return scenario;
}

}  // namespace

std::vector<Scenario> positive_scenarios() {
  std::vector<Scenario> scenarios;
  for (const MemoryKind memory : {MemoryKind::tso, MemoryKind::weak}) {
    for (Scenario scenario :
         {threads, batches, both, both_reads_late, both_answers_late, asked, parked, armed_loop, session,
          dead_sender, dead_reader, sender_closes, reader_closes, stranger_sleeps, dead_session}) {
      scenario.memory = memory;
      scenarios.push_back(scenario);
    }
  }
  return scenarios;
}

std::vector<Scenario> negative_controls() {
  using enum Property;
  constexpr MemoryKind weak = MemoryKind::weak;
  const Scenario few = with_records(threads, "12");
  const Scenario lap = with_records(threads, "12212");
  return {
      // Publishing
      control("header published by release", Fault::header_released_only, few, record_wakes),
      control("header published relaxed", Fault::header_relaxed, few, published_before_read, weak),
      control("next header not cleared", Fault::next_header_not_cleared, lap, published_before_read),
      control("next header cleared after publishing", Fault::next_header_cleared_late, lap,
              published_before_read),
      control("place of the next header not kept free", Fault::next_header_not_kept_free, lap, record_wakes),
      control("padding published ahead of the record behind it", Fault::padding_published_first, lap,
              once_in_order),
      control("bytes read ahead of the header (no acquire)", Fault::header_read_relaxed, few,
              published_before_read),
      // Records wake
      control("ticket looked at before publishing", Fault::record_ticket_read_first, few, record_wakes),
      control("ticket looked at relaxed", Fault::record_ticket_read_relaxed, few, record_wakes, weak),
      control("ticket shown by release", Fault::record_ticket_released_only, few, record_wakes),
      control("no second look after the ticket", Fault::no_second_look, few, record_wakes),
      control("second look relaxed", Fault::second_look_relaxed, few, record_wakes, weak),
      control("bell heard after the second look", Fault::bell_heard_late, few, record_wakes),
      control("ticket with a former number", Fault::ticket_number_reused, few, record_wakes),
      control("bell not changed", Fault::bell_not_changed, few, record_wakes),
      control("bell changed, nobody woken", Fault::nobody_woken, few, record_wakes),
      control("woken before the bell changes", Fault::woken_before_bell_changes, few, record_wakes),
      // Space
      control("space given back before it is read", Fault::given_back_before_read, lap,
              released_before_overwritten),
      control("space given back by release", Fault::consumed_released_only, lap, space_wakes),
      control("ticket for space looked at relaxed", Fault::space_ticket_read_relaxed, lap, space_wakes, weak),
      control("ticket for space shown by release", Fault::space_ticket_released_only, lap, space_wakes),
      control("space given back when the ring is empty", Fault::given_back_too_late, lap, space_wakes),
      control("no second look for room", Fault::no_second_look_for_room, lap, space_wakes),
      control("no second look for room, parked", Fault::no_second_look_for_room, parked, space_wakes),
      control("second look for room relaxed", Fault::second_look_for_room_relaxed, lap, space_wakes, weak),
      control("a wish replaces that of another", Fault::other_wishes_dropped, asked, space_wakes),
      control("a wish without a new number", Fault::no_new_number_for_a_wish, asked, space_wakes),
      control("waits for both, shows one ticket", Fault::no_wish_for_space, both_answers_late, space_wakes),
      // The event loop
      control("armed by a plain store, early bells unnoticed", Fault::early_bell_not_noticed, armed_loop,
              record_wakes),
      control("armed, then looked, early bells unnoticed", Fault::looks_after_arming, armed_loop,
              record_wakes),
      control("early bells forgotten after the look", Fault::early_bells_forgotten_late, armed_loop,
              record_wakes),
      control("armed before the ticket", Fault::armed_before_ticket, armed_loop, one_reader),
      control("armed without a look", Fault::no_second_look, armed_loop, record_wakes),
      control("the look before arming relaxed", Fault::second_look_relaxed, armed_loop, record_wakes, weak),
      control("armed taken in two steps", Fault::taken_in_two_steps, armed_loop, one_reader),
      control("ticket of the armed shown by release", Fault::record_ticket_released_only, armed_loop,
              record_wakes),
      // The end
      control("no look for a call before the sleep", Fault::call_not_looked_for, dead_sender, end_wakes),
      control("asleep said relaxed", Fault::asleep_relaxed, dead_sender, end_wakes),
      control("call made relaxed", Fault::called_relaxed, dead_sender, end_wakes),
      control("called looked at relaxed", Fault::called_read_relaxed, dead_sender, end_wakes, weak),
      control("asleep looked at relaxed", Fault::asleep_read_relaxed, dead_sender, end_wakes, weak),
      control("call wakes once only", Fault::called_once, dead_sender, end_wakes),
      control("call believes that it has woken its own", Fault::wake_up_believed, stranger_sleeps, end_wakes),
      control("ended set after the call", Fault::ended_after_the_call, dead_sender, end_wakes),
      control("writer: no look for a call", Fault::call_not_looked_for, dead_reader, end_wakes),
      control("role given up without a look at the end", Fault::end_not_looked_at, dead_session, end_wakes),
      control("end without a look at the role", Fault::role_not_looked_at, dead_session, end_wakes),
  };
}

}  // namespace vagus::model
