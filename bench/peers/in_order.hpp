#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <stdexcept>

#include "timing/pace.hpp"
#include "timing/slice.hpp"

namespace bench {

/// Keeps `count` requests under way. `send` sends one, `receive` gets the oldest answer. The samples are of
/// one in `count`.
template <typename Send, typename Receive>
void run_in_order(Slice& slice, std::size_t count, const Send& send, const Receive& receive) {
  Clock::time_point first_sent{};
  const auto turn = [&] {
    receive();
    const auto now = Clock::now();
    const auto took = now - first_sent;
    first_sent = now;
    send();
    for (std::size_t index = 1; index < count; ++index) {
      receive();
      send();
    }
    return took;
  };
  for (std::size_t index = 0; index < count; ++index) send();
  const auto warm = Clock::now() + slice.warm_up();
  do turn();
  while (Clock::now() < warm);
  std::uint64_t done = 0;
  for (const auto end = slice.begin() + slice.budget(); Clock::now() < end; done += count) slice.note(turn());
  slice.end(done);
  for (std::size_t index = 0; index < count; ++index) receive();
}

/// One request at a time, each timed, or `count` of them under way.
template <typename Send, typename Receive>
SliceRunner one_or_many(std::size_t count, Send send, Receive receive) {
  if (count > 1) return [=](Slice& slice) { run_in_order(slice, count, send, receive); };
  return at_pace({}, [=] {
    send();
    receive();
  });
}

/// The same of a peer that has a function for one request and its answer: one at a time is done by that.
template <typename Caller>
SliceRunner one_or_many_of(const std::shared_ptr<Caller>& caller, std::size_t count) {
  if (count == 1) return at_pace({}, [caller] { caller->call(); });
  return one_or_many(
      count, [caller] { caller->send(); }, [caller] { caller->receive(); });
}

/// Throws if a peer failed.
inline void require(bool well, const char* what) {
  if (!well) throw std::runtime_error(what);
}

}  // namespace bench
