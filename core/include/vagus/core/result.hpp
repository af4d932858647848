/// A value or the error in its place.
#pragma once

#include <optional>
#include <utility>
#include <variant>

#include <vagus/core/error.hpp>

namespace vagus {

/// What a call came to: its value, or its error. Distinct objects may be used from distinct threads.
template <typename T>
class [[nodiscard]] Result {
 public:
  using value_type = T;

  Result(T value)
      : outcome_(std::in_place_index<0>, std::move(value)) {}  // NOLINT(google-explicit-constructor)
  Result(ErrorPtr error)
      : outcome_(std::in_place_index<1>, std::move(error)) {}  // NOLINT(google-explicit-constructor)

  bool has_value() const noexcept { return outcome_.index() == 0; }
  explicit operator bool() const noexcept { return has_value(); }

  /// The value; throws the error if there is none.
  T& value() & {
    raise_if_error();
    return *std::get_if<0>(&outcome_);
  }
  const T& value() const& {
    raise_if_error();
    return *std::get_if<0>(&outcome_);
  }
  T&& value() && {
    raise_if_error();
    return std::move(*std::get_if<0>(&outcome_));
  }
  template <typename U>
  T value_or(U&& other) const& {
    return has_value() ? *std::get_if<0>(&outcome_) : static_cast<T>(std::forward<U>(other));
  }

  /// Only when has_value().
  T& operator*() & noexcept { return *std::get_if<0>(&outcome_); }
  const T& operator*() const& noexcept { return *std::get_if<0>(&outcome_); }
  T&& operator*() && noexcept { return std::move(*std::get_if<0>(&outcome_)); }
  T* operator->() noexcept { return std::get_if<0>(&outcome_); }
  const T* operator->() const noexcept { return std::get_if<0>(&outcome_); }

  /// Only when not has_value(). Valid as long as this result.
  const Error& error() const noexcept { return **std::get_if<1>(&outcome_); }
  /// The error to keep; empty when there is a value.
  ErrorPtr error_pointer() const noexcept {
    const auto* error = std::get_if<1>(&outcome_);
    return error != nullptr ? *error : nullptr;
  }

 private:
  void raise_if_error() const {
    if (const auto* error = std::get_if<1>(&outcome_)) (*error)->raise();
  }

  std::variant<T, ErrorPtr> outcome_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  using value_type = void;

  Result() = default;
  Result(ErrorPtr error) : error_(std::move(error)) {}  // NOLINT(google-explicit-constructor)

  bool has_value() const noexcept { return error_ == nullptr; }
  explicit operator bool() const noexcept { return has_value(); }
  /// Throws the error if there is one.
  void value() const {
    if (error_) error_->raise();
  }
  const Error& error() const noexcept { return *error_; }
  ErrorPtr error_pointer() const noexcept { return error_; }

 private:
  ErrorPtr error_;
};

}  // namespace vagus
