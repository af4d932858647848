#include <atomic>
#include <cstdint>
#include <cstring>
#include <memory>

#include "limits/limits.hpp"
#include "process/shared_memory.hpp"

namespace bench {

namespace {

struct alignas(64) Line {
  char payload[56];
  std::atomic<std::uint32_t> turn;  // odd: that of the echoing side
};

void wait_for_turn(const Line& line, std::uint32_t turn) {
  while (line.turn.load(std::memory_order_acquire) != turn) pause_processor();  // PAIR line
}

[[noreturn]] void echo(Line& line) {
  char payload[sizeof line.payload];
  for (std::uint32_t turn = 1;; turn += 2) {
    wait_for_turn(line, turn);
    std::memcpy(payload, line.payload, sizeof payload);
    std::memcpy(line.payload, payload, sizeof payload);
    line.turn.store(turn + 1, std::memory_order_release);  // PAIR line
  }
}

}  // namespace

Pair line_echo(Pin pin) {
  const auto line = make_shared_memory<Line>();
  Pair pair;
  pair.pin = pin;
  pair.serve = [line](Server& server) {
    std::construct_at(line.get());  // it may have been used in another run
    server.ready();
    echo(*line);
  };
  pair.caller = [line] {
    return at_pace({}, [line, turn = std::uint32_t{1}]() mutable {
      char payload[sizeof line->payload] = {'x'};
      std::memcpy(line->payload, payload, sizeof payload);
      line->turn.store(turn, std::memory_order_release);  // PAIR line
      wait_for_turn(*line, turn + 1);
      std::memcpy(payload, line->payload, sizeof payload);
      turn += 2;
    });
  };
  return pair;
}

}  // namespace bench
