/// What it takes for a type to travel in a message.
#pragma once

#include <concepts>
#include <cstddef>
#include <span>
#include <stdexcept>
#include <type_traits>

#include <vagus/core/bytes.hpp>
#include <vagus/wire/reader.hpp>
#include <vagus/wire/writer.hpp>

namespace vagus::wire {

/// How values of a type are written and read. <vagus/wire/pack.hpp> defines it for all that it lists;
/// specialise it for a type of your own that is none of these:
///
///     template <>
///     struct vagus::wire::Codec<Angle> {
///       static void pack(Writer& writer, const Angle& angle) { writer.real(angle.degrees()); }
///       static void unpack(Reader& reader, Angle& angle) { angle = Angle::from_degrees(reader.real()); }
///     };
///
/// `unpack` overwrites what it is given and throws DecodeError; when it throws, the value is valid but
/// unspecified. One of the two functions may be missing. Where it calls itself through an array or a map, it
/// makes a Reader::Level first.
template <class T>
struct Codec;

/// Can a value of type T be written into a message? For an aggregate this says nothing about its fields: what
/// is wrong with one of them is a compile error that names it.
template <class T>
concept Packable = requires(Writer& writer, const T& value) {
  Codec<std::remove_cv_t<T>>::pack(writer, value);
};

/// Can a value of type T be read from a message?
template <class T>
concept Unpackable = !std::is_const_v<T> && requires(Reader & reader, T& value) {
  Codec<T>::unpack(reader, value);
};

/// Writes `value`. Throws what Writer throws.
template <class T>
void pack(Writer& writer, const T& value) {
  static_assert(Packable<T>,
                "this type cannot travel in a message: <vagus/wire/pack.hpp> lists the types that can");
  if constexpr (Packable<T>) Codec<std::remove_cv_t<T>>::pack(writer, value);
}

/// Reads a value into `value`, whatever it was before. Throws what Reader throws; `value` then is valid but
/// unspecified.
template <class T>
void unpack(Reader& reader, T& value) {
  static_assert(Unpackable<T>,
                "this type cannot be read from a message: <vagus/wire/pack.hpp> lists the types that can");
  if constexpr (Unpackable<T>) Codec<T>::unpack(reader, value);
}

/// Reads a value. Throws what Reader throws.
template <class T>
T unpack(Reader& reader) {
  static_assert(std::default_initializable<T>,
                "a type that is read from a message needs a default constructor, or a value to read into");
  T value{};
  unpack(reader, value);
  return value;
}

/// What `write` writes to a `Writer&`, in memory of its own. It is called twice, first to count; it has to
/// write the same both times, std::runtime_error is thrown if it has not. Throws what it and Writer throw.
template <class Write>
Bytes written(const Write& write) {
  Writer counter = Writer::counting();
  write(counter);
  Bytes bytes(counter.size());
  Writer writer{bytes};
  write(writer);
  if (writer.size() != bytes.size()) {
    throw std::runtime_error("a value changed its size while it was being packed");
  }
  return bytes;
}

/// The bytes of a value, in memory of their own. Throws what written() throws.
template <class T>
Bytes to_bytes(const T& value) {
  return written([&](Writer& writer) { pack(writer, value); });
}

/// The value that `bytes` hold, and nothing else. Throws what Reader throws; MalformedError if anything
/// follows.
template <class T>
T from_bytes(std::span<const std::byte> bytes) {
  Reader reader{bytes};
  T value = unpack<T>(reader);
  if (!reader.at_end()) reader.fail_malformed("bytes follow the value");
  return value;
}

}  // namespace vagus::wire
