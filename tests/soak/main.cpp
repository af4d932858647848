// What ./dev soak runs: a body and a head under load, for so many minutes, while APIs, handlers and peers
// come and go; what they hold must not grow.
#include <poll.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>

#include "load/child.hpp"
#include "soak/process.hpp"
#include "soak/trend.hpp"

namespace {

using namespace std::chrono_literals;
using namespace vagus::soak;
using vagus::load::Child;
using Clock = std::chrono::steady_clock;

constexpr auto between_samples = 1s;
constexpr auto time_to_end = 10s;
constexpr double warm_up = 0.25;  // of the time: caches and arenas find their size
// By how much each may have grown, by its trend, in the time after that.
constexpr double most_kibibytes = 1024;
constexpr double most_allocated = 256;
constexpr double most_others = 0.5;

const char* const usage = "usage: vagus_soak [--minutes N]   (30)\n";

struct Watched {
  const char* name;
  std::unique_ptr<Child> child;
  std::vector<Sample> samples;
};

void check(Watched& watched) {
  bool ended = false;
  while (const auto line = watched.child->channel().receive_what_came(ended)) {
    if (line->starts_with("fault "))
      throw std::runtime_error(std::string(watched.name) + ": " + line->substr(6));
  }
  watched.child->look();
  if (watched.child->ended()) {
    throw std::runtime_error(std::string(watched.name) + " has ended with " +
                             std::to_string(watched.child->status()));
  }
}

void end(Watched& watched) {
  watched.child->channel().send("end");
  for (const auto until = Clock::now() + time_to_end; Clock::now() < until && !watched.child->ended();) {
    ::poll(nullptr, 0, 5);
    watched.child->look();
  }
  if (!watched.child->ended()) throw std::runtime_error(std::string(watched.name) + " does not end");
  bool closed = false;
  while (const auto line = watched.child->channel().receive_what_came(closed)) {
    std::fprintf(stderr, "%s: %s\n", watched.name, line->c_str());
  }
  if (watched.child->status() != 0) {
    throw std::runtime_error(std::string(watched.name) + " ended with " +
                             std::to_string(watched.child->status()));
  }
}

/// Whether it stayed within its bound.
bool judge(const Watched& watched, const char* what, double Sample::*quantity, double most) {
  const auto first = watched.samples.begin() +
                     static_cast<std::ptrdiff_t>(warm_up * static_cast<double>(watched.samples.size()));
  const std::vector<Sample> counted(first, watched.samples.end());
  const double time = counted.back().seconds - counted.front().seconds;
  const double growth = slope_of(counted, quantity) * time;
  const bool good = growth <= most;
  std::printf(
      "%-5s %-12s first %9.1f  last %9.1f  trend %+9.2f in %.0f s (%+.1f an hour), at most %.1f: %s\n",
      watched.name, what, counted.front().*quantity, counted.back().*quantity, growth, time,
      growth / time * 3600, most, good ? "flat" : "GROWS");
  return good;
}

bool run(double minutes) {
  const std::string url = "shm://soak-" + std::to_string(::getpid());
  const auto start = [&](const char* role) {
    return std::make_unique<Child>(std::vector<std::string>{"--process", role, url},
                                   std::map<std::string, std::string>());
  };
  Watched body{"body", start("body"), {}};
  Watched head{"head", start("head"), {}};
  std::unique_ptr<Child> visitor;
  const auto begin = Clock::now();
  const auto seconds = [&] { return std::chrono::duration<double>(Clock::now() - begin).count(); };
  std::printf("%8s  %6s %10s %9s %6s %8s\n", "seconds", "", "KiB", "allocated", "files", "threads");
  for (int count = 0; seconds() < 60 * minutes; ++count) {
    // One visitor after the other; each second one leaves in order, the others are killed.
    if (visitor && count % 2 == 0) visitor->channel().send("end");
    if (count % 2 == 1) visitor.reset();
    if (!visitor) visitor = start("visitor");
    std::this_thread::sleep_for(between_samples);
    for (Watched* const watched : {&body, &head}) {
      check(*watched);
      Sample& sample = watched->samples.emplace_back(take_sample(watched->child->id(), seconds()));
      sample.allocated = static_cast<double>(watched->child->figures().allocated.load()) / 1024;
      if (count % 20 != 0) continue;
      std::printf("%8.0f  %6s %10.0f %9.0f %6.0f %8.0f\n", sample.seconds, watched->name, sample.kibibytes,
                  sample.allocated, sample.descriptors, sample.threads);
      std::fflush(stdout);
    }
  }
  visitor.reset();
  bool good = true;
  for (const Watched* const watched : {&body, &head}) {
    good = judge(*watched, "KiB", &Sample::kibibytes, most_kibibytes) && good;
    good = judge(*watched, "allocated", &Sample::allocated, most_allocated) && good;
    good = judge(*watched, "descriptors", &Sample::descriptors, most_others) && good;
    good = judge(*watched, "threads", &Sample::threads, most_others) && good;
    const auto& figures = watched->child->figures();
    std::printf("%-5s made %llu calls, served %llu; the latest %.1f ms after its deadline\n", watched->name,
                static_cast<unsigned long long>(figures.calls.load()),
                static_cast<unsigned long long>(figures.served.load()),
                static_cast<double>(figures.excess_ns.load()) / 1e6);
  }
  body.child->channel().send("peer_ends");
  std::this_thread::sleep_for(100ms);
  end(head);
  end(body);
  return good;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 4 && std::strcmp(argv[1], "--process") == 0) {
    if (std::strcmp(argv[2], "visitor") == 0) return run_visitor(argv[3]);
    return run_resident(std::strcmp(argv[2], "body") == 0, argv[3]);
  }
  double minutes = 30;
  if (argc == 3 && std::strcmp(argv[1], "--minutes") == 0) {
    minutes = std::strtod(argv[2], nullptr);
  } else if (argc != 1) {
    minutes = 0;
  }
  if (!(minutes > 0)) {
    std::fputs(usage, stderr);
    return 2;
  }
  try {
    const bool good = run(minutes);
    std::puts(good ? "passed" : "FAILED");
    return good ? 0 : 1;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "vagus_soak: %s\n", error.what());
    return 1;
  }
}
