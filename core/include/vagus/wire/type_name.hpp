/// What types are called where people read about them.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>

#include <vagus/core/aggregate.hpp>
#include <vagus/wire/pack.hpp>
#include <vagus/wire/value.hpp>

namespace vagus::wire {

namespace detail {

/// The name without the namespaces or classes that it is in, and without template arguments.
constexpr std::string_view unqualified(std::string_view name) {
  // Types may be local to a function, whose arguments and template arguments are in the way.
  std::size_t start = 0;
  std::size_t end = name.size();
  int nested = 0;
  for (std::size_t index = 0; index < name.size(); ++index) {
    const char c = name[index];
    if (c == '<' && nested == 0) end = index;
    if (c == '<' || c == '(' || c == '{' || c == '[') ++nested;
    if (c == '>' || c == ')' || c == '}' || c == ']') --nested;
    if (nested == 0 && c == ':') {
      start = index + 1;
      end = name.size();
    }
  }
  return name.substr(start, end - start);
}

template <class T>
struct TypeName;

}  // namespace detail

/// What T is called in errors and descriptions: what it is in a message, not how it is spelled in C++.
///
/// `bool`, `int8` to `int64` and `uint8` to `uint64` (32 bits are `int` and `uint`), `float`, `double`,
/// `string`, `bytes`, `list<T>`, `array<T, 3>`, `set<T>`, `map<K, V>`, `tuple<...>` (pairs are two),
/// `optional<T>` (owning pointers too), `variant<...>`, `nil`, `duration`, `time`, `any`, `unknown` (further
/// alternatives of a variant), `void`. Enums,
/// aggregates and all others are called by their own names, without namespaces. Every compiler gives the same
/// text.
template <class T>
std::string type_name() {
  return detail::TypeName<std::remove_cvref_t<T>>::get();
}

namespace detail {

template <class... T>
std::string joined_type_names() {
  std::string names;
  ((names += (names.empty() ? "" : ", ") + type_name<T>()), ...);
  return names;
}

template <class T>
std::string integer_name() {
  const std::string bits = sizeof(T) == 4 ? "" : std::to_string(8 * sizeof(T));
  return (std::is_signed_v<T> ? "int" : "uint") + bits;
}

/// Templates are called by their own name and the names of their arguments. Only where not all of these are
/// types the compiler's spelling of them stands.
template <class T>
struct OwnName {
  static std::string get() {
    constexpr std::string_view full = vagus::detail::raw_type_name<T>;
    constexpr std::string_view name = unqualified(full);
    const auto arguments = static_cast<std::size_t>(name.data() - full.data()) + name.size();
    return std::string(name) + std::string(full.substr(arguments));
  }
};
template <template <class...> class Template, class... T>
struct OwnName<Template<T...>> {
  static std::string get() {
    return std::string(unqualified(vagus::detail::raw_type_name<Template<T...>>)) + '<' +
           joined_type_names<T...>() + '>';
  }
};

template <class T>
inline constexpr bool is_text =
    std::is_same_v<std::decay_t<T>, const char*> || std::is_same_v<std::decay_t<T>, char*>;
template <>
inline constexpr bool is_text<std::string_view> = true;
template <class Traits, class Allocator>
inline constexpr bool is_text<std::basic_string<char, Traits, Allocator>> = true;

template <class T>
std::string plain_type_name() {
  if constexpr (std::is_void_v<T>) return "void";
  if constexpr (std::is_same_v<T, bool>) return "bool";
  if constexpr (WireInteger<T>) return integer_name<T>();
  if constexpr (std::is_same_v<T, float>) return "float";
  if constexpr (std::is_same_v<T, double>) return "double";
  if constexpr (std::is_same_v<T, std::nullptr_t> || std::is_same_v<T, std::monostate>) return "nil";
  if constexpr (std::is_same_v<T, Value>) return "any";
  if constexpr (std::is_same_v<T, UnknownAlternative>) return "unknown";
  if constexpr (std::is_same_v<T, Timestamp>) return "time";
  if constexpr (is_text<T> || PathLike<T>) return "string";
  if constexpr (ByteSequence<T>) return "bytes";
  return {};
}

template <class T>
struct TypeName {
  static std::string get() {
    if (std::string name = plain_type_name<T>(); !name.empty()) return name;
    if constexpr (Map<T>) {
      return "map<" + type_name<typename T::key_type>() + ", " + type_name<typename T::mapped_type>() + '>';
    } else if constexpr (Set<T>) {
      return "set<" + type_name<typename T::value_type>() + '>';
    } else if constexpr (Sequence<T>) {
      return "list<" + type_name<typename T::value_type>() + '>';
    } else {
      return OwnName<T>::get();
    }
  }
};

template <class T, std::size_t Size>
struct TypeName<std::array<T, Size>> {
  static std::string get() {
    if constexpr (ByteLike<T>) return "bytes";
    return "array<" + type_name<T>() + ", " + std::to_string(Size) + '>';
  }
};

template <class T, std::size_t Extent>
struct TypeName<std::span<T, Extent>> {
  static std::string get() {
    if constexpr (ByteLike<std::remove_cv_t<T>>) return "bytes";
    return "list<" + type_name<T>() + '>';
  }
};

template <class T>
struct TypeName<Loan<T>> {
  static std::string get() {
    if constexpr (ByteLike<std::remove_cv_t<T>>) return "bytes";
    return "loan<" + type_name<std::remove_cv_t<T>>() + '>';
  }
};

template <class T>
struct TypeName<std::optional<T>> {
  static std::string get() { return "optional<" + type_name<T>() + '>'; }
};
template <class T, class Deleter>
struct TypeName<std::unique_ptr<T, Deleter>> : TypeName<std::optional<T>> {};
template <class T>
struct TypeName<std::shared_ptr<T>> : TypeName<std::optional<T>> {};

template <class... T>
struct TypeName<std::tuple<T...>> {
  static std::string get() { return "tuple<" + joined_type_names<T...>() + '>'; }
};
template <class First, class Second>
struct TypeName<std::pair<First, Second>> : TypeName<std::tuple<First, Second>> {};

template <class... T>
struct TypeName<std::variant<T...>> {
  static std::string get() { return "variant<" + joined_type_names<T...>() + '>'; }
};

template <class Rep, class Period>
struct TypeName<std::chrono::duration<Rep, Period>> {
  static std::string get() { return "duration"; }
};
template <class Duration>
struct TypeName<std::chrono::time_point<std::chrono::system_clock, Duration>> {
  static std::string get() { return "time"; }
};

}  // namespace detail

}  // namespace vagus::wire
