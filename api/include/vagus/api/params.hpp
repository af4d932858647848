/// Parameters: their names, their defaults, and arguments given by name.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <vagus/core/bytes.hpp>
#include <vagus/core/name.hpp>
#include <vagus/wire/pack.hpp>

namespace vagus {

/// Marks a parameter that a caller may leave out: `Method<double(double, Default<double>)>`. Only trailing
/// ones. Its value then is the one declared with param(), at the side that handles the method.
template <typename T>
struct Default {
  using type = T;
};

namespace detail {

/// One declared parameter.
struct ParameterInfo {
  std::string name;                    ///< empty if none was declared
  std::string type;                    ///< its readable wire type; filled in by the method
  std::optional<Bytes> default_value;  ///< packed
};
using ParameterList = std::vector<ParameterInfo>;

template <typename T>
struct WithoutDefault {
  using type = T;
};
template <typename T>
struct WithoutDefault<Default<T>> {
  using type = T;
};

template <typename T>
inline constexpr bool is_default = false;
template <typename T>
inline constexpr bool is_default<Default<T>> = true;

}  // namespace detail

/// A parameter with a default, for params(): `param("speed_mm_s", 10.0)`.
template <typename T>
detail::ParameterInfo param(std::string_view name, const T& default_value) {
  check_name(name, "the parameter's name");
  return {std::string(name), {}, wire::to_bytes(default_value)};
}

/// A parameter without one; a plain string does as well.
inline detail::ParameterInfo param(std::string_view name) {
  check_name(name, "the parameter's name");
  return {std::string(name), {}, std::nullopt};
}

namespace detail {

inline ParameterInfo as_parameter(ParameterInfo info) { return info; }
inline ParameterInfo as_parameter(std::string_view name) { return param(name); }

}  // namespace detail

/// The parameters of a method in their order, each a name or a param(). Throws ApiParamError for what is no
/// name.
template <typename... Parameters>
detail::ParameterList params(Parameters&&... parameters) {
  detail::ParameterList list;
  list.reserve(sizeof...(Parameters));
  (list.push_back(detail::as_parameter(std::forward<Parameters>(parameters))), ...);
  return list;
}

/// An argument given by name, in calls by name: `proxy.action("move_to", 2.0, kw("speed_mm_s", 3.0))`.
template <typename T>
struct Keyword {
  std::string name;
  T value;
};

template <typename T>
Keyword<std::decay_t<T>> kw(std::string_view name, T&& value) {
  check_name(name, "the argument's name");
  return {std::string(name), std::forward<T>(value)};
}

namespace detail {

template <typename T>
inline constexpr bool is_keyword = false;
template <typename T>
inline constexpr bool is_keyword<Keyword<T>> = true;

}  // namespace detail

}  // namespace vagus
