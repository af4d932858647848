/// What GCC's and Clang's thread sanitizer cannot see: it keys by address, and both ends of one memory in one
/// process, as the tests have them, use two addresses for the same word. So what is published is announced,
/// under the sanitizer only. One key for all rings: it sees more order than there is, never less.
#pragma once

#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define VAGUS_THREAD_SANITIZER
#endif
#endif
#if defined(__SANITIZE_THREAD__)
#define VAGUS_THREAD_SANITIZER
#endif

#if defined(VAGUS_THREAD_SANITIZER)
extern "C" void __tsan_acquire(void* address);
extern "C" void __tsan_release(void* address);
#endif

namespace vagus::transport::ring {

#if defined(VAGUS_THREAD_SANITIZER)
inline char all_rings = 0;
inline void announce_published() noexcept { __tsan_release(&all_rings); }
inline void announce_seen() noexcept { __tsan_acquire(&all_rings); }
#else
inline void announce_published() noexcept {}
inline void announce_seen() noexcept {}
#endif

}  // namespace vagus::transport::ring
