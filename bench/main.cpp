// The p50 of a whole call beside the bare shared memory of the same run: slices of both alternate, since
// machines drift.

#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>
#include <exception>
#include <functional>
#include <memory>
#include <string>

#include <vagus/vagus.hpp>

#include "bare_ring.hpp"
#include "measure.hpp"

namespace {

using namespace std::chrono_literals;

constexpr int slices = 10;

class EchoApi : public vagus::ApiBase {
 public:
  using ApiBase::ApiBase;
  vagus::Method<int(int value)> echo{this, "echo"};
};

void serve(const std::string& url) {
  EchoApi api{"bench"};
  api.echo.handle([](int value) { return value; });
  vagus::ApiArb arb{vagus::listen(url)};
  arb.attach(api);
  arb.run();
}

/// A body in a process of its own, on a core of its own or where the kernel likes.
class BodyProcess {
 public:
  BodyProcess(const std::string& url, int core) : child_(::fork()) {
    if (child_ != 0) return;
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    bench::pin(core);
    serve(url);
    ::_exit(0);
  }
  ~BodyProcess() {
    ::kill(child_, SIGKILL);
    ::waitpid(child_, nullptr, 0);
  }
  BodyProcess(const BodyProcess&) = delete;
  BodyProcess& operator=(const BodyProcess&) = delete;

 private:
  const pid_t child_;
};

void print(const char* name, const bench::Times& times, double limit) {
  std::printf("%-44s %9.2f %9.2f %9.2f %10.0f", name, times.quantile(0.5), times.quantile(0.99),
              times.quantile(0.999), times.rate());
  if (limit > 0) std::printf(" %7.1f", times.quantile(0.5) / limit);
  std::printf("\n");
  std::fflush(stdout);
}

void call_often(EchoApi& api, bench::Times& times, int rounds) {
  int value = 0;
  times.slice(rounds, [&] {
    ++value;
    if (api.echo(value).call() != value) throw std::runtime_error("a wrong answer");
  });
}

/// One row for the limit and one for the call, both processes on the cores given.
void compare(const char* what, int head_core, int body_core, bool block, int rounds) {
  const std::string url =
      "shm://bench-" + std::to_string(::getpid()) + "-" + std::to_string(head_core + 2 * body_core);
  bench::BareRing ring(body_core, block);
  const BodyProcess body(url, body_core);
  bench::pin(head_core);
  bench::Times limit;
  bench::Times calls;
  {
    EchoApi api{"bench"};
    vagus::ApiArb arb{vagus::connect(url)};
    arb.attach(api);
    arb.wait_open(10s);
    for (int slice = 0; slice < slices; ++slice) {
      ring.begin();
      limit.slice(rounds, [&] { ring.round_trip(); });
      ring.end();
      call_often(api, calls, rounds);
    }
  }
  bench::pin(-1);
  const double p50 = limit.quantile(0.5);
  print((std::string(block ? "bare futex, " : "bare ring, spinning, ") + what).c_str(), limit, p50);
  print((std::string("shm, sync call of an int, ") + what).c_str(), calls, p50);
}

void inproc(int rounds) {
  EchoApi served{"bench"};
  served.echo.handle([](int value) { return value; });
  vagus::ApiArb body{vagus::listen("inproc://bench")};
  body.attach(served);
  body.start();
  EchoApi api{"bench"};
  vagus::ApiArb head{vagus::connect("inproc://bench")};
  head.attach(api);
  head.wait_open(10s);
  bench::Times calls;
  for (int slice = 0; slice < slices; ++slice) call_often(api, calls, rounds);
  print("inproc, sync call of an int", calls, 0);
}

}  // namespace

int main(int argc, char** argv) {
  const bool quick = argc > 1 && std::strcmp(argv[1], "--quick") == 0;
  if (argc > 2 || (argc == 2 && !quick)) {
    std::fprintf(stderr, "usage: vagus_bench [--quick]\n");
    return 2;
  }
  try {
    const int rounds = quick ? 2'000 : 20'000;
    std::printf("%-44s %9s %9s %9s %10s %7s\n", "round trip", "p50 us", "p99 us", "p99.9 us", "per second",
                "ratio");
    if (::sysconf(_SC_NPROCESSORS_ONLN) > 1) {
      compare("two cores", 0, 1, false, rounds);
    } else {
      std::printf("(one core only: nothing to compare over two)\n");
    }
    compare("one core", 0, 0, true, rounds / 4);
    inproc(rounds);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "vagus_bench: %s\n", error.what());
    return 1;
  }
}
