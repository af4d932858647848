// What ./dev bench --peers runs: Vagus beside what somebody might use instead. Only what waits in the same
// way stands in one group.

#include <cstdio>
#include <exception>
#include <string>
#include <utility>

#include "peers/peer.hpp"
#include "report/run.hpp"
#include "rows/limit_rows.hpp"
#include "workloads/pairs.hpp"

namespace {

using namespace bench;

bool knows(const Peer& peer, Waiting waiting) {
  for (const Waiting mode : peer.modes) {
    if (mode == waiting) return true;
  }
  return false;
}

void add(Group& group, const std::string& name, Waiting waiting, const std::string& size, Pair pair,
         RatioOf ratio_of = RatioOf::latency) {
  Subject subject;
  subject.name = {name, to_string(waiting), to_string(pair.pin), size};
  subject.pair = std::move(pair);
  subject.ratio_of = ratio_of;
  group.subjects.push_back(std::move(subject));
}

/// What Vagus does over shared memory, and over the sockets that most peers use.
void add_vagus(Group& group, const std::string& what, Pin pin, Waiting waiting, const std::string& size,
               const Use& use, RatioOf ratio_of = RatioOf::latency) {
  const auto add_over = [&](const std::string& transport, std::string url) {
    BodyOptions options;
    options.url = std::move(url);
    add(group, transport + what, waiting, size, body_and_head(pin, options, use), ratio_of);
  };
  add_over("shm", shm_url(waiting));
  add_over("unix", unix_url(waiting));
}

Group one_at_a_time(Pin pin, Waiting waiting, std::size_t size, const std::vector<Peer>& peers) {
  Group group;
  group.limit = limit_of(pin, waiting, size > 56 ? size : 0);
  add_vagus(group, ".sync", pin, waiting, std::to_string(size), calls_with(size));
  for (const Peer& peer : peers) {
    if (knows(peer, waiting)) {
      add(group, "peer." + peer.name, waiting, std::to_string(size), peer.echo(pin, waiting, size));
    }
  }
  return group;
}

Group in_flight(Pin pin, Waiting waiting, const std::vector<Peer>& peers) {
  constexpr std::size_t count = 64;
  const Use use = [](std::shared_ptr<Head> head) { return calls_in_flight(std::move(head), count); };
  Group group;
  group.limit = limit_of(pin, waiting);
  add_vagus(group, ".pipelined", pin, waiting, "int", use, RatioOf::throughput);
  for (const Peer& peer : peers) {
    if (!peer.in_flight || !knows(peer, waiting)) continue;
    add(group, "peer." + peer.name + ".pipelined", waiting, "16", peer.in_flight(pin, waiting, count),
        RatioOf::throughput);
  }
  return group;
}

Catalogue peer_catalogue(const std::vector<Peer>& peers) {
  Catalogue all;
  for (const Waiting waiting : {Waiting::block, Waiting::spin}) {
    for (const Pin pin : {Pin::split, Pin::one}) {
      if (pin == Pin::one && waiting == Waiting::spin) continue;  // each would keep the other from running
      for (const std::size_t size : {std::size_t{16}, std::size_t{4} << 10, std::size_t{1} << 20}) {
        all.groups.push_back(one_at_a_time(pin, waiting, size, peers));
        all.groups.back().quick = pin == Pin::split;
      }
    }
    all.groups.push_back(in_flight(Pin::split, waiting, peers));
  }
  return all;
}

void say_what_is_missing(const std::vector<Peer>& peers) {
  for (const Peer& peer : peers) {
    if (!peer.packages.empty()) {
      std::printf("not measured: %s, which needs: apt install %s\n", peer.name.c_str(),
                  peer.packages.c_str());
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  int code = 0;
  try {
    const auto line = CommandLine::parse(argc, argv, code);
    if (!line) return code;
    const auto all = peers();
    code = run(*line, peer_catalogue(all), true);
    say_what_is_missing(all);
    return code;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "vagus_bench_peers: %s\n", error.what());
    return 1;
  }
}
