/// The exception types that travel as themselves.
#pragma once

#include <exception>
#include <functional>
#include <string>
#include <system_error>
#include <type_traits>
#include <utility>
#include <vector>

#include <vagus/core/remote_error.hpp>
#include <vagus/wire/error_message.hpp>

namespace vagus {

/// Knows exceptions by name: those of the standard library, and those added at both ends under the same name.
/// An exception of any other type travels as the nearest type known, its own type lost. Change it before it
/// is handed to an ApiArb; afterwards all functions are safe from any thread.
class ExceptionTypes {
 public:
  /// Knows the exceptions of the standard library.
  ExceptionTypes();

  /// `E` derives from std::exception and can be made from its text or from nothing. Types added later are
  /// tried first: add a base before what derives from it.
  template <typename E>
  void add(std::string name);

  /// What the peer is told of an exception.
  wire::ErrorMessage describe(const std::exception_ptr& thrown) const;

  /// The error for the caller, rebuilt from what the peer told.
  ErrorPtr rebuild(const wire::ErrorMessage& message, const ErrorContext& context) const;

 private:
  using Report = RemoteError::Report;
  template <typename E>
  class Rebuilt;
  struct Known {
    std::string name;
    std::function<bool(const std::exception*)> matches;
    std::function<ErrorPtr(const Report&, const ErrorContext&)> rebuild;
  };
  void add_standard();
  const std::string& name_of(const std::exception& thrown) const;
  void describe_nested(const std::exception& outer, std::vector<std::string>& trace, int depth) const;

  std::vector<Known> known_;
};

/// An `E` that is a RemoteError too.
template <typename E>
class ExceptionTypes::Rebuilt final : public RemoteError, public E {
 public:
  Rebuilt(const Report& report,
          const ErrorContext& context) requires std::is_constructible_v<E, const std::string&>
      : RemoteError(report, context), E(report.message) {}
  Rebuilt(const Report& report,
          const ErrorContext& context) requires(!std::is_constructible_v<E, const std::string&> &&
                                                std::is_default_constructible_v<E>)
      : RemoteError(report, context) {}
  Rebuilt(const Report& report, const ErrorContext& context,
          std::error_code code) requires std::is_same_v<E, std::system_error> : RemoteError(report, context),
                                                                                E(code) {}

  const char* what() const noexcept override { return RemoteError::what(); }
  [[noreturn]] void raise() const override { throw *this; }
};

template <typename E>
void ExceptionTypes::add(std::string name) {
  static_assert(std::is_base_of_v<std::exception, E>,
                "an exception that travels derives from std::exception");
  static_assert(std::is_constructible_v<E, const std::string&> || std::is_default_constructible_v<E>,
                "an exception that travels can be made from its text, or from nothing");
  known_.push_back({std::move(name),
                    [](const std::exception* thrown) { return dynamic_cast<const E*>(thrown) != nullptr; },
                    [](const Report& report, const ErrorContext& context) -> ErrorPtr {
                      return std::make_shared<const Rebuilt<E>>(report, context);
                    }});
}

}  // namespace vagus
