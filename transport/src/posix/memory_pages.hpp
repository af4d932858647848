#pragma once

#include <cstddef>
#include <span>

namespace vagus::transport::posix {

/// Has the kernel provide the pages of shared memory now, all at once, instead of one by one when they are
/// touched. False: there is not enough memory. Where the system cannot do that, as before Linux 5.14: true,
/// and nothing happens.
bool provide_pages(std::span<std::byte> memory) noexcept;

/// Gives the pages of shared memory back to the kernel, for all that have it mapped; they read as zeros, and
/// are provided anew when they are written to.
void free_pages(std::span<std::byte> memory) noexcept;

}  // namespace vagus::transport::posix
