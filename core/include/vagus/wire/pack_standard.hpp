/// How pairs, tuples, optionals, variants and smart pointers travel. Part of <vagus/wire/pack.hpp>.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>

#include <vagus/wire/codec.hpp>
#include <vagus/wire/pack_containers.hpp>
#include <vagus/wire/unknown_alternative.hpp>

namespace vagus {

class Value;

}  // namespace vagus

namespace vagus::wire {

namespace detail {

/// Types that may be nil themselves, so that an empty optional of them could not be told from a full one.
template <class T>
inline constexpr bool may_be_nil = std::is_same_v<T, std::nullptr_t> || std::is_same_v<T, std::monostate>;
template <>
inline constexpr bool may_be_nil<Value> = true;
template <class T>
inline constexpr bool may_be_nil<std::optional<T>> = true;
template <class T, class Deleter>
inline constexpr bool may_be_nil<std::unique_ptr<T, Deleter>> = true;
template <class T>
inline constexpr bool may_be_nil<std::shared_ptr<T>> = true;

/// An owning pointer: nil, or what it points to.
template <class Pointer, class T>
struct PointerCodec {
  static_assert(!may_be_nil<T>, "a pointer to what may be nil itself cannot travel: nil would mean either");

  static void pack(Writer& writer, const Pointer& value) requires Packable<T> {
    if (!value) return writer.nil();
    const Writer::Indirection indirection{writer};
    wire::pack(writer, *value);
  }

  static void unpack(Reader& reader, Pointer& value) requires Unpackable<T> {
    value = nullptr;
    if (reader.try_nil()) return;
    auto made = std::make_unique<T>();
    wire::unpack(reader, *made);
    value = std::move(made);
  }
};

}  // namespace detail

template <class T>
struct Codec<std::optional<T>> {
  static_assert(!detail::may_be_nil<T>,
                "an optional of what may be nil itself cannot travel: nil would mean either");

  static void pack(Writer& writer, const std::optional<T>& value) requires Packable<T> {
    if (!value) return writer.nil();
    wire::pack(writer, *value);
  }

  static void unpack(Reader& reader, std::optional<T>& value) requires Unpackable<T> {
    value.reset();
    if (!reader.try_nil()) wire::unpack(reader, value.emplace());
  }
};

template <class T>
requires(!std::is_array_v<T>) struct Codec<std::unique_ptr<T>> : detail::PointerCodec<std::unique_ptr<T>, T> {
};

template <class T>
requires(!std::is_array_v<T>) struct Codec<std::shared_ptr<T>> : detail::PointerCodec<std::shared_ptr<T>, T> {
};

template <class First, class Second>
struct Codec<std::pair<First, Second>> {
  static void pack(Writer& writer,
                   const std::pair<First, Second>& value) requires Packable<First> && Packable<Second> {
    writer.array(2);
    wire::pack(writer, value.first);
    wire::pack(writer, value.second);
  }

  static void unpack(Reader& reader,
                     std::pair<First, Second>& value) requires Unpackable<First> && Unpackable<Second> {
    detail::expect_array(reader, 2);
    const Reader::Level level{reader};
    wire::unpack(reader, value.first);
    wire::unpack(reader, value.second);
  }
};

template <class... T>
struct Codec<std::tuple<T...>> {
  static void pack(Writer& writer, const std::tuple<T...>& value) requires(Packable<T>&&...) {
    writer.array(sizeof...(T));
    std::apply([&](const T&... elements) { (wire::pack(writer, elements), ...); }, value);
  }

  static void unpack(Reader& reader, std::tuple<T...>& value) requires(Unpackable<T>&&...) {
    detail::expect_array(reader, sizeof...(T));
    const Reader::Level level{reader};
    std::apply([&](T&... elements) { (wire::unpack(reader, elements), ...); }, value);
  }
};

template <class... T>
struct Codec<std::variant<T...>> {
  using Variant = std::variant<T...>;
  static constexpr bool may_grow =
      std::is_same_v<std::variant_alternative_t<sizeof...(T) - 1, Variant>, UnknownAlternative>;
  static constexpr std::size_t known = sizeof...(T) - (may_grow ? 1 : 0);
  static_assert((std::size_t{0} + ... + std::size_t{std::is_same_v<T, UnknownAlternative>}) ==
                    std::size_t{may_grow},
                "vagus::UnknownAlternative has to be the last alternative, and there is one at most");

  /// Throws std::bad_variant_access for one that lost its value to an exception, std::invalid_argument for an
  /// unknown alternative whose index is that of a known one.
  static void pack(Writer& writer, const Variant& value) requires(Packable<T>&&...) {
    if (value.valueless_by_exception()) throw std::bad_variant_access();
    if constexpr (may_grow) {
      if (const auto* const unknown = std::get_if<known>(&value)) return pack_unknown(writer, *unknown);
    }
    writer.array(2);
    writer.unsigned_integer(value.index());
    std::visit([&writer](const auto& alternative) { wire::pack(writer, alternative); }, value);
  }

  static void unpack(Reader& reader, Variant& value) requires(Unpackable<T>&&...) {
    detail::expect_array(reader, 2);
    const Reader::Level level{reader};
    if constexpr (may_grow) {
      const std::uint64_t index = reader.unsigned_integer(~std::uint64_t{0});
      if (index < known) return unpack_alternative(reader, value, index, std::index_sequence_for<T...>{});
      wire::unpack(reader, value.template emplace<known>(UnknownAlternative{index, {}}).value);
    } else {
      const std::uint64_t index = reader.unsigned_integer(known - 1);
      unpack_alternative(reader, value, index, std::index_sequence_for<T...>{});
    }
  }

 private:
  static void pack_unknown(Writer& writer, const UnknownAlternative& unknown) {
    if (unknown.index < known) {
      throw std::invalid_argument("alternative " + std::to_string(unknown.index) +
                                  " of a variant is known, and cannot be sent as an unknown one");
    }
    writer.array(2);
    writer.unsigned_integer(unknown.index);
    wire::pack(writer, unknown.value);
  }

  template <std::size_t... Index>
  static void unpack_alternative(Reader& reader, Variant& value, std::uint64_t index,
                                 std::index_sequence<Index...>) {
    static_cast<void>(
        ((index == Index && (wire::unpack(reader, value.template emplace<Index>()), true)) || ...));
  }
};

}  // namespace vagus::wire
