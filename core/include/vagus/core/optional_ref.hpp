/// A reference that may be absent, for options.
#pragma once

#include <type_traits>

namespace vagus {

/// Refers to an object that somebody else keeps alive, or to none. Made from an object or a pointer to one,
/// so that
/// `{.log = log}` and `{.log = &log}` both say it.
template <typename T>
class OptionalRef {
 public:
  constexpr OptionalRef() noexcept = default;
  constexpr OptionalRef(T& object) noexcept : object_(&object) {}  // NOLINT(google-explicit-constructor)
  constexpr OptionalRef(T* object) noexcept : object_(object) {}   // NOLINT(google-explicit-constructor)

  constexpr explicit operator bool() const noexcept { return object_ != nullptr; }
  constexpr T& operator*() const noexcept { return *object_; }
  constexpr T* operator->() const noexcept { return object_; }
  constexpr T* get() const noexcept { return object_; }

 private:
  T* object_ = nullptr;
};

}  // namespace vagus
