#include "rows/socket_rows.hpp"

#include <string>
#include <utility>

#include "limits/limits.hpp"
#include "process/shared_memory.hpp"
#include "workloads/pairs.hpp"

namespace bench {

namespace {

constexpr bool quick = true;

// What the limit sends when the call carries an `int`.
constexpr std::size_t small_record = 64;

struct Socket {
  const char* scheme;
  std::string (*url)();
  Pair (*echo)(Pin pin, std::size_t payload);
};

constexpr Socket sockets[] = {{"unix", unix_url, unix_socket_echo}, {"tcp", tcp_url, tcp_socket_echo}};

Group group_of(const Socket& socket, const char* what, std::size_t size, Pair pair, bool is_quick) {
  Group group;
  group.quick = is_quick;
  group.limit = socket.echo(pair.pin, size > 0 ? size : small_record);
  Subject subject;
  subject.name = {std::string(socket.scheme) + "." + what, to_string(Waiting::block), to_string(pair.pin),
                  size > 0 ? std::to_string(size) : "int"};
  subject.pair = std::move(pair);
  group.subjects.push_back(std::move(subject));
  return group;
}

Group calling(const Socket& socket, Pin pin, std::size_t size, bool is_quick) {
  Group group =
      group_of(socket, "sync", size, body_and_head(pin, {.url = socket.url()}, calls_with(size)), is_quick);
  // Where the kernel puts the two ends, and how often a socket's buffer is full, differs from run to run.
  group.steady = pin != Pin::none && size <= 4096;
  return group;
}

Group in_flight(const Socket& socket, Pin pin, bool is_quick) {
  const Use use = [](std::shared_ptr<Head> head) { return calls_in_flight(std::move(head), 64); };
  Group group = group_of(socket, "pipelined", 0, body_and_head(pin, {.url = socket.url()}, use), is_quick);
  group.subjects.front().ratio_of = RatioOf::throughput;
  return group;
}

Group posting(const Socket& socket) {
  BodyOptions options{.url = socket.url(), .events = make_shared_memory<EventsHeard>()};
  const Use use = [heard = options.events](std::shared_ptr<Head> head) { return events(head, heard); };
  Group group = group_of(socket, "event", 0, body_and_head(Pin::split, options, use), !quick);
  group.subjects.front().ratio_of = RatioOf::throughput;
  group.subjects.front().name.size = std::to_string(sizeof(Reading));
  return group;
}

Group calling_at_once(const Socket& socket, unsigned threads) {
  const Use use = [threads](std::shared_ptr<Head> head) {
    return calls_of_threads(std::move(head), threads);
  };
  Group group = group_of(socket, ("sync.callers_" + std::to_string(threads)).c_str(), 0,
                         body_and_head(Pin::split, {.url = socket.url()}, use), !quick);
  group.subjects.front().ratio_of = RatioOf::throughput;
  group.steady = false;  // they get in each other's way as the kernel likes
  return group;
}

void add_rows_of(const Socket& socket, std::vector<Group>& groups) {
  constexpr std::size_t kibi = 1024;
  for (const Pin pin : {Pin::split, Pin::one, Pin::none}) {
    groups.push_back(calling(socket, pin, 0, pin != Pin::none));
  }
  for (const std::size_t size : {4 * kibi, 64 * kibi, kibi * kibi}) {
    groups.push_back(calling(socket, Pin::split, size, size == kibi * kibi));
  }
  groups.push_back(in_flight(socket, Pin::split, quick));
  groups.push_back(in_flight(socket, Pin::one, !quick));
  groups.push_back(posting(socket));
  groups.push_back(calling_at_once(socket, 4));
}

}  // namespace

void add_socket_rows(Catalogue& catalogue) {
  for (const Socket& socket : sockets) add_rows_of(socket, catalogue.groups);
}

}  // namespace bench
