/// VAGUS_ENUMERATORS: what the numbers of an enum are called, and which there are; VAGUS_ENUM_FALLBACK: what
/// stands for those that only a newer build knows.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <type_traits>

#include <vagus/core/for_each_macro.hpp>

/// `VAGUS_ENUMERATORS(Mode, slow, fast, unknown)`, after the enum and in its namespace, says which
/// enumerators it has, all of them; up to 64. How the enum travels does not change: as its number. Optional:
/// without it any number that the underlying type holds is taken, and a description says none of them. With
/// it, a number that is none of them is an error where it is read, which names those that there are; so it is
/// not for flags that are added up. For an enum inside of a class: `VAGUS_ENUMERATORS(Machine::Mode, ...)`
/// after the class.
#define VAGUS_ENUMERATORS(Enum, ...)                                               \
  [[maybe_unused]] constexpr auto vagus_enumerators(const Enum*) noexcept {        \
    return ::vagus::wire::detail::enumerators<Enum>(                               \
        {VAGUS_DETAIL_FOR_EACH_WITH(VAGUS_DETAIL_ENUMERATOR, Enum, __VA_ARGS__)}); \
  }

/// `VAGUS_ENUM_FALLBACK(Mode, unknown)`, after VAGUS_ENUMERATORS: a number that is none of the enumerators is
/// read as this one, and is no error. So a newer build may have more of them.
#define VAGUS_ENUM_FALLBACK(Enum, FALLBACK)                                          \
  [[maybe_unused]] constexpr Enum vagus_enum_fallback(const Enum*) noexcept {        \
    static_assert(::vagus::wire::detail::HasEnumerators<Enum>,                       \
                  "VAGUS_ENUMERATORS has to say first which enumerators there are"); \
    return Enum::FALLBACK;                                                           \
  }

#define VAGUS_DETAIL_ENUMERATOR(Enum, NAME) {#NAME, Enum::NAME},

namespace vagus::wire::detail {

template <class Enum>
struct Enumerator {
  std::string_view name;
  Enum value;
};

template <class Enum, std::size_t Count>
constexpr std::array<Enumerator<Enum>, Count> enumerators(const Enumerator<Enum> (&all)[Count]) noexcept {
  return std::to_array(all);
}

template <class Enum>
concept HasEnumerators = std::is_enum_v<Enum> && requires(const Enum* type) {
  vagus_enumerators(type);
};
template <class Enum>
concept HasEnumFallback = HasEnumerators<Enum> && requires(const Enum* type) {
  vagus_enum_fallback(type);
};

template <HasEnumerators Enum>
inline constexpr auto all_enumerators = vagus_enumerators(static_cast<const Enum*>(nullptr));

template <HasEnumerators Enum>
constexpr bool is_enumerator(Enum value) noexcept {
  return std::any_of(all_enumerators<Enum>.begin(), all_enumerators<Enum>.end(),
                     [&](const auto& one) { return one.value == value; });
}

/// `slow (0), fast (1)`.
template <HasEnumerators Enum>
std::string enumerators_text() {
  std::string text;
  for (const auto& [name, value] : all_enumerators<Enum>) {
    text += text.empty() ? "" : ", ";
    text += std::string(name) + " (" + std::to_string(static_cast<std::underlying_type_t<Enum>>(value)) + ')';
  }
  return text;
}

}  // namespace vagus::wire::detail
