#include <exception>
#include <latch>
#include <thread>
#include <utility>
#include <vector>

#include "workloads/head.hpp"

namespace bench {

namespace {

/// One thread that calls, and what it found.
struct Worker {
  Samples samples;
  std::exception_ptr failure;

  void run(const Slice& slice, const RoundTrip& round_trip, std::latch& warm, std::latch& begin) {
    bool waiting = true;
    try {
      const auto warm_end = Clock::now() + slice.warm_up();
      do round_trip();
      while (Clock::now() < warm_end);
      samples.reserve(1 << 16);
      warm.count_down();
      waiting = false;
      begin.wait();
      const auto end = Clock::now() + slice.budget();
      for (auto last = Clock::now(); last < end;) {
        round_trip();
        const auto now = Clock::now();
        Slice::note_in(samples, now - last);
        last = now;
      }
    } catch (...) {
      failure = std::current_exception();
      if (waiting) warm.count_down();
    }
  }
};

}  // namespace

SliceRunner calls_of_threads(std::shared_ptr<Head> head, unsigned threads) {
  return [head = std::move(head), threads](Slice& slice) {
    std::vector<Worker> workers(threads);
    std::vector<std::thread> running;
    std::latch warm(static_cast<std::ptrdiff_t>(threads));
    std::latch begin(1);
    for (Worker& worker : workers) {
      running.emplace_back([&] { worker.run(slice, call_with_int(head), warm, begin); });
    }
    warm.wait();
    slice.begin();
    begin.count_down();
    for (std::thread& thread : running) thread.join();
    std::uint64_t done = 0;
    for (const Worker& worker : workers) done += worker.samples.size();
    slice.end(done);
    for (const Worker& worker : workers) {
      if (worker.failure) std::rethrow_exception(worker.failure);
      slice.note(worker.samples);
    }
  };
}

}  // namespace bench
