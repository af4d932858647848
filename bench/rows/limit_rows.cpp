#include "rows/limit_rows.hpp"

#include <utility>

namespace bench {

namespace {

void add(Catalogue& catalogue, const char* name, Waiting waiting, std::size_t size, Pair pair,
         bool quick = true) {
  Group group;
  group.quick = quick;
  Subject subject;
  subject.name = {name, to_string(waiting), to_string(pair.pin), std::to_string(size)};
  subject.pair = std::move(pair);
  group.subjects.push_back(std::move(subject));
  catalogue.groups.push_back(std::move(group));
}

}  // namespace

Pair limit_of(Pin pin, Waiting waiting, std::size_t payload, const Pace& pace) {
  RingEcho echo;
  echo.waiting = waiting;
  echo.payload = payload;
  echo.pace = pace;
  return ring_echo(pin, echo);
}

void add_limit_rows(Catalogue& catalogue) {
  constexpr std::size_t record = 56;
  add(catalogue, "limit.line", Waiting::spin, record, line_echo(Pin::split));
  add(catalogue, "limit.ring", Waiting::spin, record, limit_of(Pin::split, Waiting::spin));
  for (const Pin pin : {Pin::split, Pin::one, Pin::none}) {
    add(catalogue, "limit.ring", Waiting::adaptive, record, limit_of(pin, Waiting::adaptive));
    add(catalogue, "limit.futex", Waiting::block, record, limit_of(pin, Waiting::block), pin != Pin::none);
    for (const Waiting waiting : {Waiting::adaptive, Waiting::block}) {
      const bool quick = pin == Pin::split || (pin == Pin::one && waiting == Waiting::block);
      add(catalogue, "limit.unix", waiting, 64, unix_socket_echo(pin, {.waiting = waiting}), quick);
      add(catalogue, "limit.tcp", waiting, 64, tcp_socket_echo(pin, {.waiting = waiting}), quick);
    }
  }
  for (const std::size_t size : {std::size_t{4} << 10, std::size_t{64} << 10, std::size_t{1} << 20}) {
    add(catalogue, "limit.ring", Waiting::adaptive, size, limit_of(Pin::split, Waiting::adaptive, size),
        false);
    add(catalogue, "limit.unix", Waiting::block, size, unix_socket_echo(Pin::split, {.payload = size}),
        false);
    add(catalogue, "limit.tcp", Waiting::block, size, tcp_socket_echo(Pin::split, {.payload = size}), false);
  }
}

}  // namespace bench
