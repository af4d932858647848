#include "workloads/pairs.hpp"

#include <unistd.h>

#include <utility>
#include <vector>

#include "workloads/served_echo.hpp"

namespace bench {

namespace {

/// A body and a head in one process. The head goes first.
struct BothEnds {
  explicit BothEnds(unsigned workers) : api({.workers = workers}) {
    arb.attach(api);
    arb.start();
    head = std::make_shared<Head>("inproc://bench");
  }

  ServedEcho api;
  vagus::ApiArb arb{vagus::listen("inproc://bench")};
  std::shared_ptr<Head> head;
};

}  // namespace

Use calls(std::function<RoundTrip(std::shared_ptr<Head>)> call, const Pace& pace) {
  return [call = std::move(call), pace](std::shared_ptr<Head> head) {
    return at_pace(pace, call(std::move(head)));
  };
}

Use calls_with(std::size_t size) {
  if (size == 0) return calls(call_with_int);
  return calls([size](std::shared_ptr<Head> head) { return call_with_span(std::move(head), size); });
}

namespace {

std::string fresh_name() {
  static int number = 0;
  return "vagus-bench-" + std::to_string(::getpid()) + "-" + std::to_string(++number);
}

std::string waiting_by(Waiting waiting, const std::string& url) {
  return url + "?wait=" + to_string(waiting);
}

}  // namespace

std::string shm_url(Waiting waiting) { return waiting_by(waiting, "shm://" + fresh_name()); }

std::string unix_url(Waiting waiting) { return waiting_by(waiting, "unix://@" + fresh_name()); }

// A loopback address of this process's own, so that the port is free.
std::string tcp_url(Waiting waiting) {
  static int port = 20'000;
  const auto id = static_cast<unsigned>(::getpid());
  const std::string address = std::to_string(1 + (id >> 16) % 254) + "." + std::to_string((id >> 8) % 256) +
                              "." + std::to_string(id % 256);
  return waiting_by(waiting, "tcp://127." + address + ":" + std::to_string(++port));
}

Pair body_and_head(Pin pin, const BodyOptions& options, Use use) {
  return body_and_heads(pin, options, 1, std::move(use));
}

namespace {

using Heads = std::vector<std::shared_ptr<Head>>;

Pair body_and_all_of(Pin pin, const BodyOptions& options, unsigned heads,
                     std::function<SliceRunner(const Heads&)> use) {
  Pair pair;
  pair.pin = pin;
  pair.serve = body(options);
  pair.server_end = Child::End::ask;
  pair.caller = [url = options.url, heads, use = std::move(use)] {
    const auto all = std::make_shared<Heads>();
    for (unsigned index = 0; index < heads; ++index) all->push_back(std::make_shared<Head>(url));
    return [all, run = use(*all)](Slice& slice) { run(slice); };
  };
  return pair;
}

}  // namespace

Pair body_and_heads(Pin pin, const BodyOptions& options, unsigned heads, Use use) {
  return body_and_all_of(pin, options, heads,
                         [use = std::move(use)](const Heads& all) { return use(all.front()); });
}

Pair body_and_heads_in_turn(Pin pin, const BodyOptions& options, unsigned heads) {
  return body_and_all_of(pin, options, heads, [](const Heads& all) {
    std::vector<RoundTrip> calls;
    for (const auto& head : all) calls.push_back(call_with_int(head));
    return at_pace({}, [calls = std::move(calls), next = std::size_t{0}]() mutable {
      calls[next]();
      next = (next + 1) % calls.size();
    });
  });
}

Pair in_one_process(unsigned workers, Use use) {
  Pair pair;
  pair.caller = [workers, use = std::move(use)] {
    const auto both = std::make_shared<BothEnds>(workers);
    return [both, run = use(both->head)](Slice& slice) { run(slice); };
  };
  return pair;
}

}  // namespace bench
