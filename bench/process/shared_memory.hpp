/// Memory that children share with whoever made it.
#pragma once

#include <sys/mman.h>

#include <cerrno>
#include <memory>
#include <new>
#include <system_error>

namespace bench {

/// A T, initialised, in memory that children made later see as the same. Every page is there already.
template <typename T>
std::shared_ptr<T> make_shared_memory() {
  void* memory =
      ::mmap(nullptr, sizeof(T), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
  if (memory == MAP_FAILED) throw std::system_error(errno, std::generic_category(), "mmap");
  return {new (memory) T{}, [](T* shared) { ::munmap(shared, sizeof(T)); }};
}

}  // namespace bench
