/// How containers travel. Part of <vagus/wire/pack.hpp>.
#pragma once

#include <algorithm>
#include <array>
#include <concepts>
#include <cstddef>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <vagus/wire/codec.hpp>
#include <vagus/wire/pack_msgpack.hpp>

namespace vagus::wire {

namespace detail {

/// What a byte of binary data may be in C++. `signed char` is a number.
template <class T>
concept ByteLike = std::same_as<T, std::byte> || std::same_as<T, char> || std::same_as<T, unsigned char>;

template <class T>
concept Container = std::is_class_v<T> && !UsesMsgpack<T> && requires(T & c, const T& k) {
  typename T::value_type;
  { k.size() } -> std::convertible_to<std::size_t>;
  k.begin() != k.end();
  c.clear();
};

template <class T>
concept Map = Container<T> && requires {
  typename T::key_type;
  typename T::mapped_type;
};

template <class T>
concept Set = Container<T> && !Map<T> && requires {
  typename T::key_type;
};

template <class T>
concept Sequence = Container<T> && !Map<T> && !Set<T> && requires(T & c) {
  c.emplace_back();
};

/// A sequence whose elements lie side by side and are bytes.
template <class T>
concept ByteSequence = Sequence<T> && ByteLike<typename T::value_type> && requires(T& c) {
  { c.data() } -> std::same_as<typename T::value_type*>;
};

/// Reserves room for the elements announced, but no more memory than a small multiple of the bytes that are
/// there: a small message whose elements are large here is no reason to allocate much at once.
template <class C>
void reserve(C& container, std::size_t elements, std::size_t bytes_left) {
  if constexpr (requires { container.reserve(elements); }) {
    constexpr std::size_t growth = 16;
    container.reserve(std::min(elements, bytes_left * growth / sizeof(typename C::value_type) + 1));
  }
}

/// The header of an array that has to have just this length.
inline void expect_array(Reader& reader, std::size_t elements) {
  const std::size_t offset = reader.offset();
  if (reader.array() != elements) reader.fail_type("an array of " + std::to_string(elements), offset);
}

template <class T>
void pack_elements(Writer& writer, const T& elements) {
  writer.array(elements.size());
  for (const auto& element : elements) wire::pack<typename T::value_type>(writer, element);
}

template <class T>
std::span<const std::byte> as_bytes(const T& bytes) {
  return {reinterpret_cast<const std::byte*>(bytes.data()), bytes.size()};
}

template <class Byte>
const Byte* as_elements(std::span<const std::byte> bytes) {
  return reinterpret_cast<const Byte*>(bytes.data());
}

}  // namespace detail

template <detail::Sequence T>
struct Codec<T> {
  using Element = typename T::value_type;

  static void pack(Writer& writer, const T& value) requires Packable<Element> {
    detail::pack_elements(writer, value);
  }

  static void unpack(Reader& reader, T& value) requires Unpackable<Element> {
    const std::size_t elements = reader.array();
    const Reader::Level level{reader};
    value.clear();
    detail::reserve(value, elements, reader.remaining());
    for (std::size_t index = 0; index < elements; ++index) {
      if constexpr (std::is_same_v<typename T::reference, Element&>) {
        wire::unpack(reader, value.emplace_back());
      } else {
        value.push_back(wire::unpack<Element>(reader));  // std::vector<bool>
      }
    }
  }
};

template <detail::ByteSequence T>
struct Codec<T> {
  static void pack(Writer& writer, const T& value) { writer.bin(detail::as_bytes(value)); }
  static void unpack(Reader& reader, T& value) {
    const std::span<const std::byte> bytes = reader.bin();
    const auto* const first = detail::as_elements<typename T::value_type>(bytes);
    value.assign(first, first + bytes.size());
  }
};

template <detail::Set T>
struct Codec<T> {
  using Element = typename T::value_type;

  static void pack(Writer& writer, const T& value) requires Packable<Element> {
    detail::pack_elements(writer, value);
  }

  static void unpack(Reader& reader, T& value) requires Unpackable<Element> {
    const std::size_t elements = reader.array();
    const Reader::Level level{reader};
    value.clear();
    detail::reserve(value, elements, reader.remaining());
    for (std::size_t index = 0; index < elements; ++index)
      value.emplace_hint(value.end(), wire::unpack<Element>(reader));
  }
};

template <detail::Map T>
struct Codec<T> {
  using Key = typename T::key_type;
  using Mapped = typename T::mapped_type;

  static void pack(Writer& writer, const T& value) requires Packable<Key> && Packable<Mapped> {
    writer.map(value.size());
    for (const auto& [key, mapped] : value) {
      wire::pack(writer, key);
      wire::pack(writer, mapped);
    }
  }

  static void unpack(Reader& reader, T& value) requires Unpackable<Key> && Unpackable<Mapped> {
    const std::size_t entries = reader.map();
    const Reader::Level level{reader};
    value.clear();
    detail::reserve(value, entries, reader.remaining());
    for (std::size_t index = 0; index < entries; ++index) {
      Key key = wire::unpack<Key>(reader);
      Mapped mapped = wire::unpack<Mapped>(reader);
      if constexpr (requires { value.insert_or_assign(value.end(), std::move(key), std::move(mapped)); }) {
        value.insert_or_assign(value.end(), std::move(key), std::move(mapped));
      } else {
        value.emplace(std::move(key), std::move(mapped));
      }
    }
  }
};

template <class Element, std::size_t Size>
struct Codec<std::array<Element, Size>> {
  using Array = std::array<Element, Size>;

  static void pack(Writer& writer, const Array& value) requires Packable<Element> {
    detail::pack_elements(writer, value);
  }

  static void unpack(Reader& reader, Array& value) requires Unpackable<Element> {
    detail::expect_array(reader, Size);
    const Reader::Level level{reader};
    for (Element& element : value) wire::unpack(reader, element);
  }
};

template <detail::ByteLike Byte, std::size_t Size>
struct Codec<std::array<Byte, Size>> {
  using Array = std::array<Byte, Size>;

  static void pack(Writer& writer, const Array& value) { writer.bin(detail::as_bytes(value)); }
  static void unpack(Reader& reader, Array& value) {
    const std::size_t offset = reader.offset();
    const std::span<const std::byte> bytes = reader.bin();
    if (bytes.size() != Size) reader.fail_type("a bin of " + std::to_string(Size) + " bytes", offset);
    std::copy_n(detail::as_elements<Byte>(bytes), Size, value.begin());
  }
};

/// Written like the container that it looks at. Read only if it is of const bytes, as a view into the
/// message.
template <class Element, std::size_t Extent>
struct Codec<std::span<Element, Extent>> {
  using Plain = std::remove_cv_t<Element>;
  using Span = std::span<Element, Extent>;

  static void pack(Writer& writer, const Span& value) requires Packable<Plain> {
    if constexpr (detail::ByteLike<Plain>) {
      writer.bin(detail::as_bytes(value));
    } else {
      detail::pack_elements(writer, value);
    }
  }

  static void unpack(Reader& reader,
                     Span& value) requires(detail::ByteLike<Plain>&& std::is_const_v<Element>&& Extent ==
                                           std::dynamic_extent) {
    const std::span<const std::byte> bytes = reader.bin();
    value = {detail::as_elements<Plain>(bytes), bytes.size()};
  }
};

}  // namespace vagus::wire
