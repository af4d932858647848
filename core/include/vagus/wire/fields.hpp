/// VAGUS_FIELDS: what the fields of a struct are called, for descriptions, shapes and other languages.
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

#include <vagus/core/aggregate.hpp>
#include <vagus/core/for_each_macro.hpp>

/// `VAGUS_FIELDS(AxisStatus, position_mm, moving, faults)`, after the struct and in its namespace, gives the
/// fields of a plain aggregate their names, all of them and in their order; up to 32. How the struct travels
/// does not change: it is an array of its fields. Optional: without it a description says only the types.
///
/// What is no field, too few names, too many and another order of types do not compile. Fields of one type in
/// the wrong order are found when somebody asks for a description, by a std::logic_error. For a struct inside
/// of a class: `VAGUS_FIELDS(Machine::AxisStatus, ...)` after the class.
#define VAGUS_FIELDS(Struct, ...)                                                       \
  [[maybe_unused]] constexpr auto vagus_field_names(const Struct*) noexcept {           \
    using VagusFields = ::vagus::detail::NamedFields<Struct VAGUS_DETAIL_FOR_EACH_WITH( \
        VAGUS_DETAIL_FIELD_MEMBER, Struct, __VA_ARGS__)>;                               \
    return VagusFields{{VAGUS_DETAIL_FOR_EACH(VAGUS_DETAIL_FIELD_NAME, __VA_ARGS__)}};  \
  }

#define VAGUS_DETAIL_FIELD_MEMBER(Struct, NAME) , &Struct::NAME
#define VAGUS_DETAIL_FIELD_NAME(NAME) ::std::string_view(#NAME),

namespace vagus::detail {

template <typename Member>
struct TypeOfMember;
template <typename Struct, typename Field>
struct TypeOfMember<Field Struct::*> {
  using type = Field;
};

/// Never called: for FieldTypes.
template <typename T>
auto field_types(T& value) {
  return with_fields(value, [](auto&... fields) {
    return std::type_identity<std::tuple<std::remove_reference_t<decltype(fields)>...>>{};
  });
}
/// A std::type_identity of the std::tuple of the types of all fields.
template <typename T>
using FieldTypes = decltype(field_types(std::declval<T&>()));

/// The names of all fields of a struct, and pointers to them.
template <typename Struct, auto... members>
struct NamedFields {
  static_assert(sizeof...(members) == field_count<Struct>(),
                "VAGUS_FIELDS has to name all fields of the struct, and nothing else");
  static_assert(std::is_same_v<typename FieldTypes<Struct>::type,
                               std::tuple<typename TypeOfMember<decltype(members)>::type...>>,
                "VAGUS_FIELDS has to name the fields in the order of their declaration");

  std::array<std::string_view, sizeof...(members)> names;

  /// Fields of one type that are named in the wrong order, which the compiler does not see. Throws
  /// std::logic_error.
  void check_order(const Struct& value) const {
    with_fields(value, [&](const auto&... fields) {
      if (((static_cast<const void*>(std::addressof(fields)) ==
            static_cast<const void*>(std::addressof(value.*members))) &&
           ...)) {
        return;
      }
      throw std::logic_error("VAGUS_FIELDS does not name the fields of " +
                             std::string(raw_type_name<Struct>) + " in the order of their declaration");
    });
  }
};

template <typename T>
concept HasFieldNames = requires(const T* type) {
  vagus_field_names(type);
};

/// As many as there are fields; none if the struct was given no names.
template <Aggregate T>
std::span<const std::string_view> field_names() {
  if constexpr (HasFieldNames<T>) {
    static constexpr auto named = vagus_field_names(static_cast<const T*>(nullptr));
    if constexpr (std::default_initializable<T>) named.check_order(T{});
    return named.names;
  } else {
    return {};
  }
}

}  // namespace vagus::detail
