#pragma once

#include <atomic>
#include <cstdint>

#include <vagus/core/deadline.hpp>

namespace vagus::transport::posix {

/// The word may lie in memory that other processes map too, and that this one may only read.
using FutexWord = std::atomic<std::uint32_t>;

/// Sleeps while the word is `expected`, until futex_wake() or the deadline; may also return for no reason.
void futex_wait(const FutexWord& word, std::uint32_t expected, Deadline deadline) noexcept;

/// Wakes all that sleep on the word, in every process.
void futex_wake(const FutexWord& word) noexcept;

}  // namespace vagus::transport::posix
