#pragma once

#include <cstdint>
#include <stdexcept>

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

/// Throws if a peer failed.
inline void require(bool well, const char* what) {
  if (!well) throw std::runtime_error(what);
}

}  // namespace bench
