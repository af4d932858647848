/// The steps of all threads. Each has one access to shared memory or to the kernel at most: whatever happens
/// in between happens between steps. Beside each stands the code that it models.
#pragma once

#include <cstdint>

#include "state.hpp"

// clang-format off
#define VAGUS_MODEL_STEPS(step)                                              \
  step(done,                     "the thread has ended")                     \
  step(start,                    "")                                         \
  /* sending.cpp */                                                          \
  step(claim,                    "RingLink::try_claim")                      \
  step(refresh,                  "RingWriter::refresh")                      \
  step(write_bytes,              "the bytes of the record")                  \
  step(clear_next_header,        "RingWriter::publish")                      \
  step(write_behind_padding,     "RingWriter::publish")                      \
  step(publish,                  "RingWriter::publish")                      \
  step(publish_back,             "RingWriter::publish")                      \
  step(receive_back,             "RingReader::peek")                         \
  step(park,                     "Session::end_turn")                        \
  step(wish_for_event_loop,      "BellWaiter::arm_for_space")                \
  step(look_for_room_armed,      "BellWaiter::arm_for_space")                \
  step(take_wish_back,           "BellWaiter::take_armed_for_space")         \
  step(unpark,                   "Session::end_turn")                        \
  step(take_armed_for_space,     "LinkState::on_bell")                       \
  step(on_writable,              "Session::on_writable")                     \
  /* ringing.cpp */                                                          \
  step(look_at_record_ticket,    "Ringer::after_record")                     \
  step(look_at_space_ticket,     "Ringer::after_space")                      \
  step(look_at_back_ticket,      "Ringer::after_record")                     \
  step(change_bell,              "ring_futex")                               \
  step(wake,                     "ring_futex")                               \
  step(ring_event_loop,          "Lifeline::ring")                           \
  /* waiting.cpp */                                                          \
  step(look_for_record,          "RingLink::wait_readable, ready")           \
  step(look_for_room,            "RingLink::wait_writable, ready")           \
  step(look_for_end,             "RingLink::wait_readable, ready")           \
  step(look_for_call,            "Sleeper::called")                          \
  step(hear_bell,                "Sleeper::rings")                           \
  step(show_record_ticket,       "BellWaiter::show_record_ticket")           \
  step(add_space_wish,           "BellWaiter::add_space_wish")               \
  step(say_asleep,               "Sleeper::sleep")                           \
  step(look_for_call_asleep,     "Sleeper::sleep")                           \
  step(sleep,                    "posix::futex_wait")                        \
  step(asleep,                   "posix::futex_wait")                        \
  step(say_awake,                "Sleeper::sleep")                           \
  step(withdraw_record_ticket,   "BellWaiter::withdraw_record_ticket")       \
  step(remove_space_wish,        "BellWaiter::remove_space_wish")            \
  step(look_for_call_to_take,    "Sleeper::take_call")                       \
  step(take_call,                "Sleeper::take_call")                       \
  /* reading.cpp */                                                          \
  step(read_ahead,               "a load that overtakes another")            \
  step(peek,                     "RingReader::peek")                         \
  step(peek_behind_padding,      "RingReader::peek")                         \
  step(give_back_early,          "RingReader::give_back")                    \
  step(read_bytes,               "the bytes of the record")                  \
  step(give_back,                "RingReader::give_back")                    \
  step(look_at_end,              "LinkState::ended")                         \
  step(look_at_session_end,      "Session::read_as")                         \
  /* role.cpp */                                                             \
  step(lock_to_take_role,        "Session::queue_for_reading, on_readable")  \
  step(disarm,                   "BellWaiter::disarm_for_records")           \
  step(disarm_ticket,            "BellWaiter::disarm_for_records")           \
  step(unlock,                   "Session::reader_mutex_")                   \
  step(lock_to_give_role,        "Session::give_role_up")                    \
  step(look_at_end_locked,       "Session::give_role_up")                    \
  step(forget_early_bells,       "BellWaiter::arm_for_records")              \
  step(arm_ticket,               "BellWaiter::arm_for_records")              \
  step(look_before_arming,       "BellWaiter::arm_for_records")              \
  step(arm,                      "BellWaiter::arm_for_records")              \
  step(take_armed_back,          "with a fault only")                        \
  step(arm_withdraw,             "BellWaiter::arm_for_records")              \
  step(on_readable,              "ObserverCalls::begin")                     \
  step(readable_returns,         "ObserverCalls::end")                       \
  /* ending.cpp */                                                           \
  step(idle,                     "the event loop waits")                     \
  step(take_armed,               "LinkState::on_bell")                       \
  step(take_armed_store,         "LinkState::on_bell")                       \
  step(set_ended,                "LinkState::set_ended")                     \
  step(call,                     "Sleeper::call")                            \
  step(look_whether_asleep,      "Sleeper::call")                            \
  step(wake_called,              "Sleeper::call")                            \
  step(take_armed_at_end,        "LinkState::on_peer_gone")                  \
  step(close_lifeline,           "LinkState::end")                           \
  step(end_session,              "Session::on_closed")                       \
  step(call_again,               "Session::on_closed, interrupt")            \
  step(lock_to_end,              "Session::on_closed")
// clang-format on

namespace vagus::model {

enum class Step : std::uint8_t {
#define VAGUS_MODEL_STEP(name, code) name,
  VAGUS_MODEL_STEPS(VAGUS_MODEL_STEP)
#undef VAGUS_MODEL_STEP
      count
};

}  // namespace vagus::model
