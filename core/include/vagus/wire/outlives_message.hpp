/// Whether what was read of a message may be used when the message is gone.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>

#include <vagus/wire/fields.hpp>
#include <vagus/wire/pack.hpp>

namespace vagus::wire {

namespace detail {

/// The types of what a value of a standard template holds, as FieldTypes has those of a struct.
template <class T>
struct HeldTypes {
  using type = std::tuple<>;
};
template <class T>
struct HeldTypes<std::optional<T>> {
  using type = std::tuple<T>;
};
template <class T, class Deleter>
struct HeldTypes<std::unique_ptr<T, Deleter>> {
  using type = std::tuple<T>;
};
template <class T>
struct HeldTypes<std::shared_ptr<T>> {
  using type = std::tuple<T>;
};
template <class... T>
struct HeldTypes<std::tuple<T...>> {
  using type = std::tuple<T...>;
};
template <class First, class Second>
struct HeldTypes<std::pair<First, Second>> {
  using type = std::tuple<First, Second>;
};
template <class... T>
struct HeldTypes<std::variant<T...>> {
  using type = std::tuple<T...>;
};
template <Map T>
struct HeldTypes<T> {
  using type = std::tuple<typename T::key_type, typename T::mapped_type>;
};
template <class T>
requires Set<T> || Sequence<T>
struct HeldTypes<T> {
  using type = std::tuple<typename T::value_type>;
};
template <class T, std::size_t Size>
struct HeldTypes<std::array<T, Size>> {
  using type = std::tuple<T>;
};

template <class T>
inline constexpr bool is_view = std::is_same_v<T, std::string_view>;
template <class T, std::size_t Extent>
inline constexpr bool is_view<std::span<T, Extent>> = true;

/// `Around`: the structs that it is a part of, which may be parts of themselves.
template <class T, class... Around>
consteval bool has_view();

template <class... Around, class... T>
consteval bool has_view_inside(std::type_identity<std::tuple<T...>> /*held*/) {
  return (has_view<std::remove_cvref_t<T>, Around...>() || ...);
}

template <class T, class... Around>
consteval bool has_view() {
  if constexpr (is_view<T>) {
    return true;
  } else if constexpr ((std::is_same_v<T, Around> || ...)) {
    return false;
  } else if constexpr (PlainAggregate<T>) {
    return has_view_inside<T, Around...>(vagus::detail::FieldTypes<T>{});
  } else {
    return has_view_inside<Around...>(std::type_identity<typename HeldTypes<T>::type>{});
  }
}

}  // namespace detail

/// False for views, and for what has one somewhere inside: `std::optional<std::string_view>`, a struct with a
/// `std::span`. Classes that pack themselves and are no aggregates are taken to own what they hold.
template <class T>
inline constexpr bool outlives_message = !detail::has_view<std::remove_cvref_t<T>>();

}  // namespace vagus::wire
