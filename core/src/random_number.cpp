#include <pthread.h>

#include <atomic>
#include <random>

#include <vagus/core/random_number.hpp>

namespace vagus::detail {

namespace {

// How many forks lie between this process and the first of its ancestors that drew a number. Relaxed: a child
// begins with one thread.
std::atomic<unsigned> forks{0};

unsigned forks_so_far() {
  static const int watching =
      ::pthread_atfork(nullptr, nullptr, [] { forks.fetch_add(1, std::memory_order_relaxed); });
  static_cast<void>(watching);  // fails only for want of memory
  return forks.load(std::memory_order_relaxed);
}

std::mt19937_64 seeded() {
  std::random_device device;
  std::seed_seq seed{device(), device(), device(), device(), device(), device(), device(), device()};
  return std::mt19937_64(seed);
}

}  // namespace

std::uint64_t random_number() {
  thread_local unsigned seeded_after = forks_so_far();
  thread_local std::mt19937_64 generator = seeded();
  // A child goes on with a copy of the generator, as do its siblings.
  if (const unsigned now = forks_so_far(); now != seeded_after) {
    generator = seeded();
    seeded_after = now;
  }
  for (;;) {
    if (const std::uint64_t number = generator(); number != 0) return number;
  }
}

}  // namespace vagus::detail
