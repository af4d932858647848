/// Exceptions that bring along more than their text.
#pragma once

#include <exception>
#include <system_error>
#include <type_traits>
#include <utility>

#include <vagus/wire/pack.hpp>
#include <vagus/wire/value.hpp>

namespace vagus {

/// An exception that a handler throws may have this as a second base: the caller gets the data as
/// RemoteError::data(), beside the type and the text.
///
///     class AxisFault : public std::runtime_error, public vagus::ErrorData { ... };
///
/// Threads: as for any plain value.
class ErrorData {
 public:
  explicit ErrorData(Value data) : data_(std::move(data)) {}
  virtual ~ErrorData() = default;
  ErrorData(const ErrorData&) = default;
  ErrorData(ErrorData&&) = default;
  ErrorData& operator=(const ErrorData&) = default;
  ErrorData& operator=(ErrorData&&) = default;

  const Value& data() const noexcept { return data_; }

 private:
  Value data_;
};

namespace detail {

template <typename E>
class WithData final : public E, public ErrorData {
 public:
  WithData(E thrown, Value data) : E(std::move(thrown)), ErrorData(std::move(data)) {}
};

}  // namespace detail

/// The exception with data, to be thrown in a handler:
///
///     throw vagus::with_data(std::out_of_range("beyond the end stop"), Limits{0.0, 300.0});
///
/// It travels as the exception that it is, see ExceptionTypes. `data` is a Value, or anything that may be an
/// argument of a call. A std::system_error has its code as its data, and takes no other.
template <typename E, typename T>
requires(std::is_base_of_v<std::exception, E> &&
         !std::is_base_of_v<std::system_error, E>) detail::WithData<E> with_data(E thrown, const T& data) {
  const Bytes packed = wire::written([&](wire::Writer& writer) { wire::pack(writer, data); });
  wire::Reader reader(packed);
  return {std::move(thrown), wire::unpack<Value>(reader)};
}

}  // namespace vagus
