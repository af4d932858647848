/// Walks the fields of plain aggregates: structs without constructors, bases, private members or arrays.
///
/// The fields are found by structured bindings, up to 32 of them. What cannot be walked does not compile and
/// says why. Everything here is decided at compile time; nothing has state.
#pragma once

#include <cstddef>
#include <exception>
#include <string_view>
#include <type_traits>
#include <utility>

namespace vagus::detail {

inline constexpr std::size_t max_fields = 32;

// `auto` hides the return type, which GCC would explain inside the text.
template <class T>
consteval auto raw_type_name_of() {
#if defined(__clang__)
  constexpr std::string_view text = __PRETTY_FUNCTION__;  // "auto ...::raw_type_name_of() [T = X]"
  constexpr std::string_view mark = "[T = ";
#else
  constexpr std::string_view text =
      __PRETTY_FUNCTION__;  // "consteval auto ...::raw_type_name_of() [with T = X]"
  constexpr std::string_view mark = "[with T = ";
#endif
  constexpr std::size_t start = text.find(mark) + mark.size();
  return text.substr(start, text.size() - 1 - start);
}

/// The name of a type as the compiler prints it: for compile-time decisions, not for people.
template <class T>
inline constexpr std::string_view raw_type_name = raw_type_name_of<T>();

template <class T>
inline constexpr bool is_from_std = raw_type_name<T>.starts_with("std::");
template <class T>
inline constexpr bool is_from_msgpack = raw_type_name<T>.starts_with("msgpack::");

/// A struct that is made by listing its fields. Types of the standard library and of msgpack-cxx are not
/// meant, whatever they are made of.
template <class T>
concept Aggregate = std::is_class_v<T> && std::is_aggregate_v<T> && !is_from_std<T> && !is_from_msgpack<T>;

/// Stands for a field of any type where an aggregate is initialised. Never run, but defined: Clang
/// instantiates constructors that use it.
struct AnyField {
  template <class Field>
  operator Field() const noexcept {  // NOLINT(google-explicit-constructor): it has to be implicit
    std::terminate();
  }
};

/// Stands for a base class of T and for nothing else. Cannot be copied, so that no `std::any` takes it.
template <class T>
struct AnyBaseOf {
  AnyBaseOf(const AnyBaseOf&) = delete;
  template <class Base>
  requires(std::is_base_of_v<Base, T> && !std::is_same_v<Base, T>) operator Base()
      const noexcept;  // NOLINT(google-explicit-constructor): it has to be implicit
};

/// Stands for nothing: a field that takes this takes everything.
struct NoField {
  NoField(const NoField&) = delete;
};

template <std::size_t>
using AnyFieldAt = AnyField;

template <class T, class Indices>
inline constexpr bool takes_fields = false;
template <class T, std::size_t... I>
inline constexpr bool takes_fields<T, std::index_sequence<I...>> = requires {
  T{AnyFieldAt<I>{}...};
};

// With empty braces at one place, before and after which others stand.
template <class T, class Before, class After>
inline constexpr bool takes_braces = false;
template <class T, std::size_t... Before, std::size_t... After>
inline constexpr bool takes_braces<T, std::index_sequence<Before...>, std::index_sequence<After...>> =
    requires {
  T{AnyFieldAt<Before>{}..., {}, AnyFieldAt<After>{}...};
};

/// The largest number of values that T can be initialised with, up to one more than is allowed.
template <class T, std::size_t Count = 0, bool Fitted = false>
consteval std::size_t initialiser_count() {
  constexpr bool fits = takes_fields<T, std::make_index_sequence<Count>>;
  if constexpr (Fitted && !fits) {
    return Count - 1;
  } else if constexpr (Count > max_fields) {
    return fits ? Count : 0;
  } else {
    return initialiser_count < T, Count + 1, Fitted || fits > ();
  }
}

/// Where no braces tell otherwise, an array takes as many values as it has elements. So braces at the place
/// of an array leave values over behind them; at the place of anything else they do not.
template <class T, std::size_t Count, std::size_t Index>
inline constexpr bool is_array_at =
    takes_braces<T, std::make_index_sequence<Index>, std::make_index_sequence<0>> &&
    !takes_braces<T, std::make_index_sequence<Index>, std::make_index_sequence<Count - Index - 1>>;

template <class T, std::size_t Count, std::size_t... Index>
consteval bool has_array(std::index_sequence<Index...>) {
  return (is_array_at<T, Count, Index> || ...);
}

template <class T>
concept HasBase = requires {
  T{std::declval<AnyBaseOf<T>>()};
}
&&!requires { T{std::declval<NoField>()}; };

/// How many fields an aggregate has. Does not compile, and says why, for one that cannot be walked.
template <Aggregate T>
consteval std::size_t field_count() {
  if constexpr (std::is_empty_v<T>) {
    return 0;
  } else if constexpr (HasBase<T>) {
    static_assert(!HasBase<T>,
                  "an aggregate that travels may have no base class: make the base its first field");
    return 0;
  } else {
    constexpr std::size_t count = initialiser_count<T>();
    constexpr bool array = has_array<T, count>(std::make_index_sequence<count>{});
    static_assert(!array, "an aggregate that travels may have no array members: use std::array");
    static_assert(array || count <= max_fields,
                  "an aggregate that travels may have at most 32 fields: group some of them");
    static_assert(count > 0,
                  "the fields of this aggregate cannot be counted: are there references among them?");
    return array || count > max_fields ? 0 : count;
  }
}

/// Calls `f(field...)` with references to all fields of `value`, in the order of their declaration. The
/// fields are const if the value is.
template <class T, class F>
requires Aggregate<std::remove_const_t<T>>
constexpr decltype(auto) with_fields(T& value, F&& f) {
  constexpr std::size_t count = field_count<std::remove_const_t<T>>();
  if constexpr (count == 0) {
    return f();
  } else if constexpr (count == 1) {
    auto& [f0] = value;
    return f(f0);
  } else if constexpr (count == 2) {
    auto& [f0, f1] = value;
    return f(f0, f1);
  } else if constexpr (count == 3) {
    auto& [f0, f1, f2] = value;
    return f(f0, f1, f2);
  } else if constexpr (count == 4) {
    auto& [f0, f1, f2, f3] = value;
    return f(f0, f1, f2, f3);
  } else if constexpr (count == 5) {
    auto& [f0, f1, f2, f3, f4] = value;
    return f(f0, f1, f2, f3, f4);
  } else if constexpr (count == 6) {
    auto& [f0, f1, f2, f3, f4, f5] = value;
    return f(f0, f1, f2, f3, f4, f5);
  } else if constexpr (count == 7) {
    auto& [f0, f1, f2, f3, f4, f5, f6] = value;
    return f(f0, f1, f2, f3, f4, f5, f6);
  } else if constexpr (count == 8) {
    auto& [f0, f1, f2, f3, f4, f5, f6, f7] = value;
    return f(f0, f1, f2, f3, f4, f5, f6, f7);
  } else if constexpr (count == 9) {
    auto& [f0, f1, f2, f3, f4, f5, f6, f7, f8] = value;
    return f(f0, f1, f2, f3, f4, f5, f6, f7, f8);
  } else if constexpr (count == 10) {
    auto& [f0, f1, f2, f3, f4, f5, f6, f7, f8, f9] = value;
    return f(f0, f1, f2, f3, f4, f5, f6, f7, f8, f9);
  } else if constexpr (count == 11) {
    auto& [f0, f1, f2, f3, f4, f5, f6, f7, f8, f9, f10] = value;
    return f(f0, f1, f2, f3, f4, f5, f6, f7, f8, f9, f10);
  } else if constexpr (count == 12) {
    auto& [f0, f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11] = value;
    return f(f0, f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11);
  } else if constexpr (count == 13) {
    auto& [f0, f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11, f12] = value;
    return f(f0, f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11, f12);
  } else if constexpr (count == 14) {
    auto& [f0, f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11, f12, f13] = value;
    return f(f0, f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11, f12, f13);
  } else if constexpr (count == 15) {
    auto& [f0, f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11, f12, f13, f14] = value;
    return f(f0, f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11, f12, f13, f14);
  } else if constexpr (count == 16) {
    auto& [f0, f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11, f12, f13, f14, f15] = value;
    return f(f0, f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11, f12, f13, f14, f15);
  } else if constexpr (count == 17) {
    auto& [f0, f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11, f12, f13, f14, f15, f16] = value;
    return f(f0, f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11, f12, f13, f14, f15, f16);
  } else if constexpr (count == 18) {
    auto& [f0, f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11, f12, f13, f14, f15, f16, f17] = value;
    return f(f0, f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11, f12, f13, f14, f15, f16, f17);
  } else if constexpr (count == 19) {
    auto& [f0, f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11, f12, f13, f14, f15, f16, f17, f18] = value;
    return f(f0, f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11, f12, f13, f14, f15, f16, f17, f18);
  } else if constexpr (count == 20) {
    auto& [f0, f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11, f12, f13, f14, f15, f16, f17, f18, f19] = value;
    return f(f0, f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11, f12, f13, f14, f15, f16, f17, f18, f19);
  } else if constexpr (count == 21) {
    auto& [f0, f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11, f12, f13, f14, f15, f16, f17, f18, f19, f20] =
        value;
    return f(f0, f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11, f12, f13, f14, f15, f16, f17, f18, f19, f20);
  } else if constexpr (count == 22) {
    auto& [f0, f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11, f12, f13, f14, f15, f16, f17, f18, f19, f20,
           f21] = value;
    return f(f0, f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11, f12, f13, f14, f15, f16, f17, f18, f19, f20,
             f21);
  } else if constexpr (count == 23) {
    auto& [f0, f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11, f12, f13, f14, f15, f16, f17, f18, f19, f20, f21,
           f22] = value;
    return f(f0, f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11, f12, f13, f14, f15, f16, f17, f18, f19, f20,
             f21, f22);
  } else if constexpr (count == 24) {
    auto& [f0, f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11, f12, f13, f14, f15, f16, f17, f18, f19, f20, f21,
           f22, f23] = value;
    return f(f0, f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11, f12, f13, f14, f15, f16, f17, f18, f19, f20,
             f21, f22, f23);
  } else if constexpr (count == 25) {
    auto& [f0, f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11, f12, f13, f14, f15, f16, f17, f18, f19, f20, f21,
           f22, f23, f24] = value;
    return f(f0, f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11, f12, f13, f14, f15, f16, f17, f18, f19, f20,
             f21, f22, f23, f24);
  } else if constexpr (count == 26) {
    auto& [f0, f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11, f12, f13, f14, f15, f16, f17, f18, f19, f20, f21,
           f22, f23, f24, f25] = value;
    return f(f0, f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11, f12, f13, f14, f15, f16, f17, f18, f19, f20,
             f21, f22, f23, f24, f25);
  } else if constexpr (count == 27) {
    auto& [f0, f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11, f12, f13, f14, f15, f16, f17, f18, f19, f20, f21,
           f22, f23, f24, f25, f26] = value;
    return f(f0, f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11, f12, f13, f14, f15, f16, f17, f18, f19, f20,
             f21, f22, f23, f24, f25, f26);
  } else if constexpr (count == 28) {
    auto& [f0, f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11, f12, f13, f14, f15, f16, f17, f18, f19, f20, f21,
           f22, f23, f24, f25, f26, f27] = value;
    return f(f0, f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11, f12, f13, f14, f15, f16, f17, f18, f19, f20,
             f21, f22, f23, f24, f25, f26, f27);
  } else if constexpr (count == 29) {
    auto& [f0, f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11, f12, f13, f14, f15, f16, f17, f18, f19, f20, f21,
           f22, f23, f24, f25, f26, f27, f28] = value;
    return f(f0, f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11, f12, f13, f14, f15, f16, f17, f18, f19, f20,
             f21, f22, f23, f24, f25, f26, f27, f28);
  } else if constexpr (count == 30) {
    auto& [f0, f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11, f12, f13, f14, f15, f16, f17, f18, f19, f20, f21,
           f22, f23, f24, f25, f26, f27, f28, f29] = value;
    return f(f0, f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11, f12, f13, f14, f15, f16, f17, f18, f19, f20,
             f21, f22, f23, f24, f25, f26, f27, f28, f29);
  } else if constexpr (count == 31) {
    auto& [f0, f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11, f12, f13, f14, f15, f16, f17, f18, f19, f20, f21,
           f22, f23, f24, f25, f26, f27, f28, f29, f30] = value;
    return f(f0, f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11, f12, f13, f14, f15, f16, f17, f18, f19, f20,
             f21, f22, f23, f24, f25, f26, f27, f28, f29, f30);
  } else if constexpr (count == 32) {
    auto& [f0, f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11, f12, f13, f14, f15, f16, f17, f18, f19, f20, f21,
           f22, f23, f24, f25, f26, f27, f28, f29, f30, f31] = value;
    return f(f0, f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11, f12, f13, f14, f15, f16, f17, f18, f19, f20,
             f21, f22, f23, f24, f25, f26, f27, f28, f29, f30, f31);
  }
}

/// Calls `f(field)` for each field of `value`, in the order of their declaration.
template <class T, class F>
requires Aggregate<std::remove_const_t<T>>
constexpr void for_each_field(T& value, F&& f) {
  with_fields(value, [&](auto&... fields) { (static_cast<void>(f(fields)), ...); });
}

}  // namespace vagus::detail
