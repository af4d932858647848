#include "posix/memory_pages.hpp"

#include <sys/mman.h>

#include <cerrno>

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23
#endif

namespace vagus::transport::posix {

bool provide_pages(std::span<std::byte> memory) noexcept {
  if (memory.empty() || ::madvise(memory.data(), memory.size(), MADV_POPULATE_WRITE) == 0) return true;
  // Any other error says that the call is not to be had here: the pages come one by one then.
  return errno != ENOMEM && errno != EFAULT;
}

void free_pages(std::span<std::byte> memory) noexcept {
  // A failure costs memory and nothing else.
  if (!memory.empty()) static_cast<void>(::madvise(memory.data(), memory.size(), MADV_REMOVE));
}

}  // namespace vagus::transport::posix
