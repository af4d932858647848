#include "rows/socket_rows.hpp"

#include <chrono>
#include <string>
#include <utility>

#include "limits/limits.hpp"
#include "process/shared_memory.hpp"
#include "workloads/pairs.hpp"

namespace bench {

namespace {

using namespace std::chrono_literals;

constexpr bool quick = true;

struct Socket {
  const char* scheme;
  std::string (*url)(Waiting);
  Pair (*echo)(Pin pin, const SocketEcho& echo);
};

constexpr Socket sockets[] = {{"unix", unix_url, unix_socket_echo}, {"tcp", tcp_url, tcp_socket_echo}};

/// Back to back with an `int`, unless it says otherwise.
struct Kind {
  std::string name = "sync";
  Waiting waiting = Waiting::adaptive;
  Pin pin = Pin::split;
  std::size_t size = 0;
  Pace pace = {};
};

Group group_of(const Socket& socket, const Kind& kind, Pair pair, bool is_quick) {
  Group group;
  group.quick = is_quick;
  SocketEcho echo{.waiting = kind.waiting, .pace = kind.pace};
  if (kind.size > 0) echo.payload = kind.size;
  group.limit = socket.echo(kind.pin, echo);
  Subject subject;
  subject.name = {std::string(socket.scheme) + "." + kind.name, to_string(kind.waiting), to_string(kind.pin),
                  kind.size > 0 ? std::to_string(kind.size) : "int"};
  subject.pair = std::move(pair);
  group.subjects.push_back(std::move(subject));
  return group;
}

Group calling(const Socket& socket, const Kind& kind, bool is_quick) {
  const Use use = kind.size > 0 ? calls_with(kind.size) : calls(call_with_int, kind.pace);
  Group group =
      group_of(socket, kind, body_and_head(kind.pin, {.url = socket.url(kind.waiting)}, use), is_quick);
  // Where the kernel puts the two ends, and how often a socket's buffer is full, differs from run to run.
  group.steady = kind.pin != Pin::none && kind.size <= 4096;
  return group;
}

Group in_flight(const Socket& socket, Waiting waiting, Pin pin, bool is_quick) {
  const Use use = [](std::shared_ptr<Head> head) { return calls_in_flight(std::move(head), 64); };
  Group group = group_of(socket, {.name = "pipelined", .waiting = waiting, .pin = pin},
                         body_and_head(pin, {.url = socket.url(waiting)}, use), is_quick);
  group.subjects.front().ratio_of = RatioOf::throughput;
  return group;
}

Group posting(const Socket& socket, Waiting waiting) {
  BodyOptions options{.url = socket.url(waiting), .events = make_shared_memory<EventsHeard>()};
  const Use use = [heard = options.events](std::shared_ptr<Head> head) { return events(head, heard); };
  Group group = group_of(socket, {.name = "event", .waiting = waiting},
                         body_and_head(Pin::split, options, use), !quick);
  group.subjects.front().ratio_of = RatioOf::throughput;
  group.subjects.front().name.size = std::to_string(sizeof(Reading));
  return group;
}

Group calling_at_once(const Socket& socket, Waiting waiting, unsigned threads) {
  const Use use = [threads](std::shared_ptr<Head> head) {
    return calls_of_threads(std::move(head), threads);
  };
  Group group = group_of(socket, {.name = "sync.callers_" + std::to_string(threads), .waiting = waiting},
                         body_and_head(Pin::split, {.url = socket.url(waiting)}, use), !quick);
  group.subjects.front().ratio_of = RatioOf::throughput;
  group.steady = false;  // they get in each other's way as the kernel likes
  return group;
}

Group calling_in_turn(const Socket& socket, Waiting waiting, unsigned heads) {
  Group group = group_of(socket, {.name = "sync.heads_in_turn_" + std::to_string(heads), .waiting = waiting},
                         body_and_heads_in_turn(Pin::split, {.url = socket.url(waiting)}, heads), !quick);
  group.steady = false;  // whichever thread the kernel finds for each link
  return group;
}

Group calling_beside_hogs(const Socket& socket, Waiting waiting) {
  Group group = calling(socket, {.name = "sync.hogs", .waiting = waiting}, !quick);
  group.hogs = true;
  group.steady = false;
  group.slice_factor = 4;  // several turns of the hogs
  return group;
}

void add_rows_of(const Socket& socket, Waiting waiting, std::vector<Group>& groups) {
  constexpr std::size_t kibi = 1024;
  for (const Pin pin : {Pin::split, Pin::one, Pin::none}) {
    groups.push_back(calling(socket, {.waiting = waiting, .pin = pin}, pin != Pin::none));
  }
  for (const std::size_t size : {4 * kibi, 64 * kibi, kibi * kibi}) {
    const bool is_quick = size == kibi * kibi && waiting == Waiting::adaptive;
    groups.push_back(calling(socket, {.waiting = waiting, .size = size}, is_quick));
  }
  for (const auto pause : {50us, 500us}) {
    groups.push_back(calling(socket,
                             {.name = "sync.paced_" + std::to_string(pause.count()) + "us",
                              .waiting = waiting,
                              .pace = {.pause = pause}},
                             !quick));
  }
  groups.push_back(in_flight(socket, waiting, Pin::split, quick));
  groups.push_back(in_flight(socket, waiting, Pin::one, !quick));
  groups.push_back(posting(socket, waiting));
  groups.push_back(calling_at_once(socket, waiting, 4));
  groups.push_back(calling_in_turn(socket, waiting, 16));
  groups.push_back(calling_beside_hogs(socket, waiting));
}

}  // namespace

void add_socket_rows(Catalogue& catalogue) {
  for (const Socket& socket : sockets) {
    for (const Waiting waiting : {Waiting::adaptive, Waiting::block}) {
      add_rows_of(socket, waiting, catalogue.groups);
    }
  }
}

}  // namespace bench
