/// How numbers and text travel. Part of <vagus/wire/pack.hpp>.
#pragma once

#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstring>
#include <limits>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>

#include <vagus/wire/codec.hpp>
#include <vagus/wire/enumerators.hpp>

namespace vagus::wire {

namespace detail {

template <class T>
concept WireInteger = std::integral<T> && !std::same_as<T, bool> && sizeof(T) <= 8;

/// std::filesystem::path, known by its looks: its header is not needed unless it is used.
template <class T>
concept PathLike = std::is_class_v<T> && requires(const T& path) {
  { path.native() } -> std::same_as<const std::string&>;
  { path.lexically_normal() } -> std::same_as<T>;
};

}  // namespace detail

template <>
struct Codec<bool> {
  static void pack(Writer& writer, bool value) { writer.boolean(value); }
  static void unpack(Reader& reader, bool& value) { value = reader.boolean(); }
};

template <detail::WireInteger T>
struct Codec<T> {
  using Range = std::numeric_limits<T>;

  static void pack(Writer& writer, T value) {
    if constexpr (std::is_signed_v<T>) {
      writer.integer(value);
    } else {
      writer.unsigned_integer(value);
    }
  }

  static void unpack(Reader& reader, T& value) {
    if constexpr (std::is_signed_v<T>) {
      value = static_cast<T>(reader.integer(Range::min(), Range::max()));
    } else {
      value = static_cast<T>(reader.unsigned_integer(Range::max()));
    }
  }
};

template <class T>
requires std::is_enum_v<T>
struct Codec<T> {
  // An enum over bool is an integer all the same.
  using Underlying = std::conditional_t<std::is_same_v<std::underlying_type_t<T>, bool>, unsigned char,
                                        std::underlying_type_t<T>>;
  static constexpr bool over_bool = std::is_same_v<std::underlying_type_t<T>, bool>;

  static void pack(Writer& writer, T value) {
    Codec<Underlying>::pack(writer, static_cast<Underlying>(value));
  }

  static void unpack(Reader& reader, T& value) {
    [[maybe_unused]] const std::size_t offset = reader.offset();
    if constexpr (over_bool) {
      value = static_cast<T>(reader.unsigned_integer(1));
    } else {
      Underlying number{};
      Codec<Underlying>::unpack(reader, number);
      value = static_cast<T>(number);
    }
    if constexpr (detail::HasEnumerators<T>) check_known(reader, value, offset);
  }

 private:
  static void check_known(Reader& reader, T& value, std::size_t offset) {
    if (detail::is_enumerator(value)) return;
    if constexpr (detail::HasEnumFallback<T>) {
      value = vagus_enum_fallback(static_cast<const T*>(nullptr));
    } else {
      reader.fail_type("one of " + detail::enumerators_text<T>(), offset);
    }
  }
};

template <>
struct Codec<double> {
  static void pack(Writer& writer, double value) { writer.real(value); }
  static void unpack(Reader& reader, double& value) { value = reader.real(); }
};

template <>
struct Codec<float> {
  static void pack(Writer& writer, float value) { writer.real(value); }

  /// A double is rounded; one that no float comes near to is out of range.
  static void unpack(Reader& reader, float& value) {
    const std::size_t offset = reader.offset();
    const double wide = reader.real();
    if (std::isfinite(wide) && std::fabs(wide) > static_cast<double>(std::numeric_limits<float>::max())) {
      reader.fail_type("a real number that a float can hold", offset);
    }
    value = static_cast<float>(wide);
  }
};

template <class Traits, class Allocator>
struct Codec<std::basic_string<char, Traits, Allocator>> {
  using String = std::basic_string<char, Traits, Allocator>;

  static void pack(Writer& writer, const String& value) { writer.str({value.data(), value.size()}); }
  static void unpack(Reader& reader, String& value) {
    const std::string_view text = reader.text();
    value.assign(text.data(), text.size());
  }
};

template <>
struct Codec<std::string_view> {
  static void pack(Writer& writer, std::string_view value) { writer.str(value); }
  /// A view into the message.
  static void unpack(Reader& reader, std::string_view& value) { value = reader.text(); }
};

/// A null pointer is nil.
template <>
struct Codec<const char*> {
  static void pack(Writer& writer, const char* value) {
    if (value == nullptr) return writer.nil();
    writer.str(value);
  }
};
template <>
struct Codec<char*> : Codec<const char*> {};

/// The text up to the terminating zero.
template <std::size_t Size>
struct Codec<char[Size]> {
  static void pack(Writer& writer, const char (&value)[Size]) { writer.str({value, ::strnlen(value, Size)}); }
};

template <detail::PathLike T>
struct Codec<T> {
  static void pack(Writer& writer, const T& value) { writer.str(value.native()); }
  static void unpack(Reader& reader, T& value) { value = T(reader.text()); }
};

template <>
struct Codec<std::nullptr_t> {
  static void pack(Writer& writer, std::nullptr_t) { writer.nil(); }
  static void unpack(Reader& reader, std::nullptr_t&) { reader.nil(); }
};

template <>
struct Codec<std::monostate> {
  static void pack(Writer& writer, std::monostate) { writer.nil(); }
  static void unpack(Reader& reader, std::monostate&) { reader.nil(); }
};

}  // namespace vagus::wire
