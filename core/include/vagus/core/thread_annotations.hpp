/// What Clang's thread-safety analysis reads; nothing for other compilers.
/// See https://clang.llvm.org/docs/ThreadSafetyAnalysis.html for what each means.
#pragma once

#if defined(__clang__)
#define VAGUS_THREAD_ANNOTATION(x) __attribute__((x))
#else
#define VAGUS_THREAD_ANNOTATION(x)
#endif

#define VAGUS_CAPABILITY(x) VAGUS_THREAD_ANNOTATION(capability(x))
#define VAGUS_SCOPED_CAPABILITY VAGUS_THREAD_ANNOTATION(scoped_lockable)
#define VAGUS_GUARDED_BY(x) VAGUS_THREAD_ANNOTATION(guarded_by(x))
#define VAGUS_REQUIRES(...) VAGUS_THREAD_ANNOTATION(requires_capability(__VA_ARGS__))
#define VAGUS_EXCLUDES(...) VAGUS_THREAD_ANNOTATION(locks_excluded(__VA_ARGS__))
#define VAGUS_ACQUIRE(...) VAGUS_THREAD_ANNOTATION(acquire_capability(__VA_ARGS__))
#define VAGUS_RELEASE(...) VAGUS_THREAD_ANNOTATION(release_capability(__VA_ARGS__))
#define VAGUS_TRY_ACQUIRE(...) VAGUS_THREAD_ANNOTATION(try_acquire_capability(__VA_ARGS__))
#define VAGUS_NO_THREAD_SAFETY_ANALYSIS VAGUS_THREAD_ANNOTATION(no_thread_safety_analysis)
