// What ./dev soak runs: a body and a head under load, for so many minutes, while APIs, handlers and peers
// come and go; what they hold must not grow.
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "soak/peer.hpp"
#include "soak/process.hpp"
#include "soak/trend.hpp"

namespace {

using namespace std::chrono_literals;
using namespace vagus::soak;
namespace load = vagus::load;
using Clock = std::chrono::steady_clock;

constexpr auto between_samples = 1s;
constexpr int samples_for_a_visitor = 2;
constexpr double warm_up = 0.25;  // of the time: caches and arenas find their size
// By how much each may have grown, by its trend, in the time after that.
constexpr double most_kibibytes = 1024;
constexpr double most_allocated = 256;
constexpr double most_others = 0.5;

const char* const usage = "usage: vagus_soak [--minutes N]   (30)\n";

struct Watched {
  Peer peer;
  std::vector<Sample> samples;
};

/// One after the other comes, and is killed or ended in order by turns: what is kept for those that are gone
/// would be seen to grow.
class Visitors {
 public:
  explicit Visitors(std::string url) : url_(std::move(url)) {}

  /// The one that is there goes, and the next one comes.
  void change() {
    leave();
    visitor_.emplace("visitor", url_);
  }

  void leave() {
    if (!visitor_) return;
    const bool killed = ++gone_ % 2 == 0;
    if (killed) {
      visitor_->check();  // it dies with its calls under way
    } else {
      visitor_->end_in_order();
    }
    visitor_.reset();
  }

  int gone() const noexcept { return gone_; }

 private:
  const std::string url_;
  std::optional<Peer> visitor_;
  int gone_ = 0;
};

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
      watched.peer.role().c_str(), what, counted.front().*quantity, counted.back().*quantity, growth, time,
      growth / time * 3600, most, good ? "flat" : "GROWS");
  return good;
}

bool run(double minutes) {
  const std::string url = "shm://soak-" + std::to_string(::getpid());
  Watched body{Peer("body", url), {}};
  Watched head{Peer("head", url), {}};
  Visitors visitors(url);
  const auto begin = Clock::now();
  const auto seconds = [&] { return std::chrono::duration<double>(Clock::now() - begin).count(); };
  std::printf("%8s  %6s %10s %9s %8s %6s %8s\n", "seconds", "", "KiB", "allocated", "mappings", "files",
              "threads");
  for (int count = 0; seconds() < 60 * minutes; ++count) {
    if (count % samples_for_a_visitor == 0) visitors.change();
    std::this_thread::sleep_for(between_samples);
    for (Watched* const watched : {&body, &head}) {
      watched->peer.check();
      load::Child& child = watched->peer.child();
      Sample& sample = watched->samples.emplace_back(take_sample(child.id(), seconds()));
      sample.allocated = static_cast<double>(child.figures().allocated.load()) / 1024;
      if (count % 20 != 0) continue;
      std::printf("%8.0f  %6s %10.0f %9.0f %8.0f %6.0f %8.0f\n", sample.seconds, watched->peer.role().c_str(),
                  sample.kibibytes, sample.allocated, sample.mappings, sample.descriptors, sample.threads);
      std::fflush(stdout);
    }
  }
  visitors.leave();
  bool good = true;
  for (Watched* const watched : {&body, &head}) {
    good = judge(*watched, "KiB", &Sample::kibibytes, most_kibibytes) && good;
    good = judge(*watched, "allocated", &Sample::allocated, most_allocated) && good;
    good = judge(*watched, "mappings", &Sample::mappings, most_others) && good;
    good = judge(*watched, "descriptors", &Sample::descriptors, most_others) && good;
    good = judge(*watched, "threads", &Sample::threads, most_others) && good;
    const auto& figures = watched->peer.child().figures();
    std::printf("%-5s made %llu calls, served %llu; the latest %.1f ms after its deadline\n",
                watched->peer.role().c_str(), static_cast<unsigned long long>(figures.calls.load()),
                static_cast<unsigned long long>(figures.served.load()),
                static_cast<double>(figures.excess_ns.load()) / 1e6);
  }
  std::printf("%d visitors came and went, each second one was killed\n", visitors.gone());
  body.peer.child().channel().send("peer_ends");
  std::this_thread::sleep_for(100ms);
  head.peer.end_in_order();
  body.peer.end_in_order();
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
