#include <pthread.h>

#include <atomic>

#include <vagus/core/home_process.hpp>

namespace vagus::detail {

namespace {

// Relaxed: a child begins with one thread.
std::atomic<unsigned> forks{0};

// Fails only for want of memory.
[[maybe_unused]] const int watching =
    ::pthread_atfork(nullptr, nullptr, [] { forks.fetch_add(1, std::memory_order_relaxed); });

}  // namespace

unsigned forks_so_far() noexcept { return forks.load(std::memory_order_relaxed); }

}  // namespace vagus::detail
