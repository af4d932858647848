#include "support/allocations.hpp"

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define VAGUS_ADDRESS_SANITIZER
#endif
#endif
#if defined(__SANITIZE_ADDRESS__)
#define VAGUS_ADDRESS_SANITIZER
#endif

#if defined(VAGUS_ADDRESS_SANITIZER)
// Of <sanitizer/allocator_interface.h>, which GCC does not bring along.
extern "C" int __sanitizer_install_malloc_and_free_hooks(void (*)(const volatile void*, std::size_t),
                                                         void (*)(const volatile void*));
extern "C" std::size_t __sanitizer_get_allocated_size(const volatile void*);
#endif

namespace vagus::fuzz {

namespace {

thread_local Allocations* counting = nullptr;

#if defined(VAGUS_ADDRESS_SANITIZER)
void on_taken(const volatile void* /*memory*/, std::size_t size) {
  if (counting != nullptr) counting->add(static_cast<std::ptrdiff_t>(size));
}

void on_given_back(const volatile void* memory) {
  if (counting == nullptr || memory == nullptr) return;
  counting->add(-static_cast<std::ptrdiff_t>(__sanitizer_get_allocated_size(memory)));
}

const int hooks = __sanitizer_install_malloc_and_free_hooks(&on_taken, &on_given_back);
#endif

}  // namespace

Allocations::Allocations() noexcept { counting = this; }
Allocations::~Allocations() { counting = nullptr; }

}  // namespace vagus::fuzz
