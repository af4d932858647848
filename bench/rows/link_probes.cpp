#include "rows/link_probes.hpp"

#include <string>
#include <thread>

#include "workloads/idle_connections.hpp"
#include "workloads/pairs.hpp"

namespace bench {

namespace {

using namespace std::chrono_literals;

Pair idle_heads(Waiting waiting, unsigned heads) {
  BodyOptions options;
  options.url = shm_url(waiting);
  return body_and_heads(Pin::none, options, heads, calls_with(0));
}

// Microseconds of processor time a second, of both ends, after a call.
double idle_cpu(Waiting waiting, nanoseconds patience) {
  RunningPair pair(idle_heads(waiting, 1));
  pair.run_slice(10ms);
  std::this_thread::sleep_for(200ms);  // what the calls have left to do
  const double before = pair.cpu_seconds();
  std::this_thread::sleep_for(patience);
  return (pair.cpu_seconds() - before) * 1e6 / std::chrono::duration<double>(patience).count();
}

// Kibibytes of both ends together, each head with an ApiArb of its own.
double memory_per_link() {
  constexpr unsigned links = 64;
  const RunningPair few(idle_heads(Waiting::adaptive, 1));
  const RunningPair many(idle_heads(Waiting::adaptive, 1 + links));
  return (many.proportional_memory() - few.proportional_memory()) / links;
}

constexpr unsigned idle_connections = 5000;

// Kibibytes of the body alone, in user space.
double memory_per_connection(nanoseconds patience) {
  allow_descriptors(4 * idle_connections);
  RunningPair pair(body_and_connections(tcp_url(Waiting::adaptive), idle_connections / 2));
  const double before = pair.server_memory();
  pair.run_slice(patience);
  pair.run_slice(patience);
  std::this_thread::sleep_for(2s);  // until the links have noticed that they are idle
  return (pair.server_memory() - before) / idle_connections;
}

}  // namespace

void add_link_probes(std::vector<Probe>& probes) {
  for (const Waiting waiting : {Waiting::adaptive, Waiting::spin, Waiting::block}) {
    Probe probe;
    probe.name = {"shm.idle_cpu", to_string(waiting), to_string(Pin::none), "none"};
    probe.unit = "us/s";
    probe.quick = waiting == Waiting::adaptive;
    probe.measure = [waiting](nanoseconds patience) { return idle_cpu(waiting, patience); };
    probes.push_back(std::move(probe));
  }
  Probe probe;
  probe.name = {"shm.link_memory", to_string(Waiting::adaptive), to_string(Pin::none), "none"};
  probe.unit = "KiB";
  probe.measure = [](nanoseconds) { return memory_per_link(); };
  probes.push_back(std::move(probe));
  Probe connections;
  connections.name = {"tcp.idle_connections_" + std::to_string(idle_connections), to_string(Waiting::block),
                      to_string(Pin::none), "none"};
  connections.unit = "KiB";
  connections.quick = false;
  connections.measure = memory_per_connection;
  probes.push_back(std::move(connections));
}

}  // namespace bench
