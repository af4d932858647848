#include "rows/call_rows.hpp"

#include <utility>

#include "process/shared_memory.hpp"
#include "rows/limit_rows.hpp"
#include "rows/link_probes.hpp"
#include "workloads/pairs.hpp"

namespace bench {

namespace {

using namespace std::chrono_literals;

constexpr bool quick = true;

/// Over shared memory; back to back with an `int`, unless it says otherwise.
struct Kind {
  std::string name = "shm.sync";
  Waiting waiting = Waiting::adaptive;
  Pin pin = Pin::split;
  std::size_t size = 0;
  Pace pace = {};
};

Group group_of(const Kind& kind, Pair pair, bool is_quick) {
  Group group;
  group.quick = is_quick;
  // Where the kernel puts the two ends differs from run to run.
  group.steady = kind.pin != Pin::none;
  group.limit = limit_of(kind.pin, kind.waiting, kind.size > 56 ? kind.size : 0, kind.pace);
  Subject subject;
  subject.name = {kind.name, to_string(kind.waiting), to_string(kind.pin),
                  kind.size > 0 ? std::to_string(kind.size) : "int"};
  subject.pair = std::move(pair);
  group.subjects.push_back(std::move(subject));
  return group;
}

BodyOptions body_of(const Kind& kind) {
  BodyOptions options;
  options.url = shm_url(kind.waiting);
  return options;
}

Group calling(const Kind& kind, bool is_quick) {
  const Use use = kind.size > 0 ? calls_with(kind.size) : calls(call_with_int, kind.pace);
  return group_of(kind, body_and_head(kind.pin, body_of(kind), use), is_quick);
}

// The plain call, wherever the two ends are and however they wait.
void add_plain(std::vector<Group>& groups) {
  for (const Waiting waiting : {Waiting::adaptive, Waiting::spin, Waiting::block}) {
    groups.push_back(calling({.waiting = waiting}, quick));
    Group one = calling({.waiting = waiting, .pin = Pin::one}, waiting != Waiting::spin);
    if (waiting == Waiting::spin)
      one.slice_factor = 2;  // each call takes what the kernel gives the other end
    groups.push_back(std::move(one));
    groups.push_back(calling({.waiting = waiting, .pin = Pin::none}, waiting == Waiting::adaptive));
  }
}

void add_sizes(std::vector<Group>& groups) {
  constexpr std::size_t kibi = 1024;
  for (const std::size_t size : {std::size_t{16}, 4 * kibi, 64 * kibi, kibi * kibi}) {
    groups.push_back(calling({.size = size}, quick));
    // In many parts, each of which may have to wait until the kernel lets the other end run.
    if (size > 64 * kibi) groups.back().steady = false;
    groups.push_back(calling({.waiting = Waiting::block, .size = size}, !quick));
  }
  for (const std::size_t size : {4 * kibi, 64 * kibi, kibi * kibi}) {
    const Kind kind{.name = "shm.sync.loaned", .size = size};
    const Use use =
        calls([size](std::shared_ptr<Head> head) { return call_with_loan(std::move(head), size); });
    Group group = group_of(kind, body_and_head(kind.pin, body_of(kind), use), size == kibi * kibi);
    group.limit = limit_of(kind.pin, kind.waiting, 0, {});  // nothing is copied
    groups.push_back(std::move(group));
  }
  for (const std::size_t size : {4 * kibi, kibi * kibi}) {
    const Kind kind{.name = "shm.sync.owned", .size = size};
    const Use use =
        calls([size](std::shared_ptr<Head> head) { return call_with_bytes(std::move(head), size); });
    Group group = group_of(kind, body_and_head(kind.pin, body_of(kind), use), !quick);
    group.limit = ring_echo(kind.pin, {.payload = size, .copies = 4});
    groups.push_back(std::move(group));
  }
}

void add_throughput(std::vector<Group>& groups) {
  const auto add = [&](const Kind& kind, Pair pair, bool is_quick) {
    Group group = group_of(kind, std::move(pair), is_quick);
    group.subjects.front().ratio_of = RatioOf::throughput;
    group.steady =
        kind.name == "shm.pipelined";  // several callers get in each other's way as the kernel likes
    groups.push_back(std::move(group));
  };
  for (const Waiting waiting : {Waiting::adaptive, Waiting::block}) {
    for (const Pin pin : {Pin::split, Pin::one}) {
      const Kind in_flight{.name = "shm.pipelined", .waiting = waiting, .pin = pin};
      const Use use = [](std::shared_ptr<Head> head) { return calls_in_flight(std::move(head), 64); };
      add(in_flight, body_and_head(pin, body_of(in_flight), use), pin == Pin::split);
    }
    Kind event{.name = "shm.event", .waiting = waiting};
    BodyOptions options = body_of(event);
    options.events = make_shared_memory<EventsHeard>();
    Group group = group_of(
        event,
        body_and_head(event.pin, options,
                      [heard = options.events](std::shared_ptr<Head> head) { return events(head, heard); }),
        waiting == Waiting::adaptive);
    group.subjects.front().ratio_of = RatioOf::throughput;
    group.subjects.front().name.size = std::to_string(sizeof(Reading));
    groups.push_back(std::move(group));
  }
  for (const unsigned threads : {4U, 16U}) {
    const Kind callers{.name = "shm.sync.callers_" + std::to_string(threads)};
    const Use use = [threads](std::shared_ptr<Head> head) {
      return calls_of_threads(std::move(head), threads);
    };
    add(callers, body_and_head(callers.pin, body_of(callers), use), threads == 4);
  }
  for (const unsigned workers : {2U, 4U}) {
    const Kind callers{.name = "shm.sync.callers_4.workers_" + std::to_string(workers)};
    BodyOptions options = body_of(callers);
    options.workers = workers;
    const Use use = [](std::shared_ptr<Head> head) { return calls_of_threads(std::move(head), 4); };
    add(callers, body_and_head(callers.pin, options, use), !quick);
  }
}

// One caller, but more around it.
void add_company(std::vector<Group>& groups) {
  for (const unsigned workers : {2U, 4U}) {
    const Kind kind{.name = "shm.sync.workers_" + std::to_string(workers)};
    BodyOptions options = body_of(kind);
    options.workers = workers;
    groups.push_back(group_of(kind, body_and_head(kind.pin, options, calls_with(0)), workers == 2));
  }
  const Kind methods{.name = "shm.sync.methods_10000"};
  BodyOptions options = body_of(methods);
  options.further_methods = 10'000;
  groups.push_back(group_of(methods, body_and_head(methods.pin, options, calls_with(0)), quick));
  for (const unsigned heads : {2U, 16U, 128U, 1000U}) {
    const Kind kind{.name = "shm.sync.heads_" + std::to_string(heads)};
    groups.push_back(
        group_of(kind, body_and_heads(kind.pin, body_of(kind), heads, calls_with(0)), heads == 16));
    const Kind in_turn{.name = "shm.sync.heads_in_turn_" + std::to_string(heads)};
    groups.push_back(
        group_of(in_turn, body_and_heads_in_turn(in_turn.pin, body_of(in_turn), heads), heads == 16));
    groups.back().steady = false;  // whichever thread the kernel finds for each link
  }
}

void add_paces(std::vector<Group>& groups) {
  for (const Waiting waiting : {Waiting::adaptive, Waiting::block, Waiting::spin}) {
    for (const auto pause : {50us, 500us}) {
      Kind kind{.name = "shm.sync.paced_" + std::to_string(pause.count()) + "us", .waiting = waiting};
      kind.pin = Pin::none;
      kind.pace.pause = pause;
      groups.push_back(calling(kind, waiting == Waiting::adaptive));
    }
  }
  for (const int thousands : {10, 100, 300}) {
    Kind kind{.name = "shm.sync.rate_" + std::to_string(thousands) + "k"};
    kind.pace.per_second = 1e3 * thousands;
    groups.push_back(calling(kind, thousands == 100));
    groups.back().steady = false;  // a call that something else held up holds up those behind it
  }
  for (const Waiting waiting : {Waiting::adaptive, Waiting::block}) {
    Group group = calling({.name = "shm.sync.hogs", .waiting = waiting}, waiting == Waiting::adaptive);
    group.hogs = true;
    group.steady = false;
    group.slice_factor = 4;  // several turns of the hogs
    groups.push_back(std::move(group));
  }
}

void add_inproc(std::vector<Group>& groups) {
  for (const unsigned workers : {1U, 0U}) {
    Kind kind{.name = workers > 0 ? "inproc.sync" : "inproc.sync.inline"};
    Group group = group_of(kind, in_one_process(workers, calls_with(0)), quick);
    group.subjects.front().name.pin = to_string(Pin::none);
    group.steady = workers == 0;  // else it is where the kernel puts the threads that counts
    groups.push_back(std::move(group));
  }
}

}  // namespace

void add_call_rows(Catalogue& catalogue) {
  add_plain(catalogue.groups);
  add_sizes(catalogue.groups);
  add_throughput(catalogue.groups);
  add_company(catalogue.groups);
  add_paces(catalogue.groups);
  add_inproc(catalogue.groups);
  add_link_probes(catalogue.probes);
}

}  // namespace bench
