#include <random>

#include <vagus/core/home_process.hpp>
#include <vagus/core/random_number.hpp>

namespace vagus::detail {

namespace {

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
