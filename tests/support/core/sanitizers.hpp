#pragma once

namespace vagus::testing {

/// Is this program instrumented, and so several times slower?
inline constexpr bool sanitized =
#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
    true;
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer) || __has_feature(address_sanitizer)
    true;
#else
    false;
#endif
#else
    false;
#endif

/// How often to do something: as given, or a fraction of it where that takes several times as long.
constexpr int repeated(int times) { return sanitized ? (times + 49) / 50 : times; }

}  // namespace vagus::testing
