#include "support/shared_memory.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include "support/check.hpp"

// This file is not instrumented: what it loads is announced to nobody.
#if defined(__clang__)
#define VAGUS_UNANNOUNCED __attribute__((no_sanitize("coverage")))
#else
#define VAGUS_UNANNOUNCED
#endif

namespace vagus::fuzz {

namespace {

constexpr std::size_t page = 4096;

Changes* changing = nullptr;

std::span<std::byte> map_between_guards(int file, std::size_t size, int protection) {
  void* const all = ::mmap(nullptr, size + 2 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  check(all != MAP_FAILED, "there are addresses");
  auto* const inside = static_cast<std::byte*>(all) + page;
  check(::mmap(inside, size, protection, MAP_SHARED | MAP_FIXED, file, 0) == inside, "there is memory");
  return {inside, size};
}

void unmap(std::span<std::byte> memory) { ::munmap(memory.data() - page, memory.size() + 2 * page); }

}  // namespace

SharedMemory::SharedMemory(std::size_t size, Ours ours) {
  const int file = ::memfd_create("fuzz", MFD_CLOEXEC);
  check(file >= 0 && ::ftruncate(file, static_cast<off_t>(size)) == 0, "there is a memory file");
  ours_ = map_between_guards(file, size, ours == Ours::writable ? PROT_READ | PROT_WRITE : PROT_READ);
  theirs_ = map_between_guards(file, size, PROT_READ | PROT_WRITE);
  ::close(file);
}

SharedMemory::~SharedMemory() {
  unmap(ours_);
  unmap(theirs_);
}

Changes::Changes(const SharedMemory& memory, Input& input) : memory_(memory) {
  constexpr unsigned most = 16;
  changes_.resize(input.byte() % most);
  for (Change& change : changes_) {
    change = {input.byte(), static_cast<std::int8_t>(input.byte()), input.byte()};
  }
  changing = this;
}

Changes::~Changes() { changing = nullptr; }

VAGUS_UNANNOUNCED void Changes::before_load(const std::byte* address) noexcept {
  const auto offset =
      reinterpret_cast<std::uintptr_t>(address) - reinterpret_cast<std::uintptr_t>(memory_.ours().data());
  if (offset >= memory_.ours().size() || changes_.empty()) return;
  Change& next = changes_.back();
  if (next.loads != 0) {
    --next.loads;
    return;
  }
  const std::size_t changed = offset + static_cast<std::size_t>(std::ptrdiff_t{next.distance});
  if (changed < memory_.theirs().size()) memory_.theirs()[changed] = static_cast<std::byte>(next.value);
  changes_.pop_back();
}

}  // namespace vagus::fuzz

#if defined(__clang__)
namespace {

template <typename Address>
VAGUS_UNANNOUNCED inline void announce(const Address* address) noexcept {
  // Not for the loads of the announcement itself.
  vagus::fuzz::Changes* const present = vagus::fuzz::changing;
  if (present == nullptr) return;
  vagus::fuzz::changing = nullptr;
  present->before_load(reinterpret_cast<const std::byte*>(address));
  vagus::fuzz::changing = present;
}

}  // namespace

extern "C" {
VAGUS_UNANNOUNCED void __sanitizer_cov_load1(std::uint8_t* address) { announce(address); }
VAGUS_UNANNOUNCED void __sanitizer_cov_load2(std::uint16_t* address) { announce(address); }
VAGUS_UNANNOUNCED void __sanitizer_cov_load4(std::uint32_t* address) { announce(address); }
VAGUS_UNANNOUNCED void __sanitizer_cov_load8(std::uint64_t* address) { announce(address); }
VAGUS_UNANNOUNCED void __sanitizer_cov_load16(void* address) {
  announce(static_cast<const std::byte*>(address));
}
}
#endif
