/// How plain structs travel. Part of <vagus/wire/pack.hpp>.
#pragma once

#include <cstddef>
#include <type_traits>

#include <vagus/core/aggregate.hpp>
#include <vagus/wire/codec.hpp>
#include <vagus/wire/pack_containers.hpp>
#include <vagus/wire/pack_msgpack.hpp>

namespace vagus::wire {

namespace detail {

/// An aggregate that nothing else says how to pack.
template <class T>
concept PlainAggregate = vagus::detail::Aggregate<T> && !UsesMsgpack<T> && !Container<T>;

template <class Field>
constexpr void check_field() {
  static_assert(!std::is_array_v<Field>,
                "an aggregate that travels may have no array members: use std::array");
}

}  // namespace detail

template <detail::PlainAggregate T>
struct Codec<T> {
  static void pack(Writer& writer, const T& value) {
    writer.array(vagus::detail::field_count<T>());
    vagus::detail::for_each_field(value, [&writer]<class Field>(const Field& field) {
      detail::check_field<Field>();
      wire::pack(writer, field);
    });
  }

  /// Fields that the message does not have keep the value that they have; what the message has besides is
  /// skipped.
  static void unpack(Reader& reader, T& value) {
    std::size_t left = reader.array();
    const Reader::Level level{reader};
    vagus::detail::for_each_field(value, [&reader, &left]<class Field>(Field& field) {
      detail::check_field<Field>();
      if (left == 0) return;
      --left;
      wire::unpack(reader, field);
    });
    for (; left != 0; --left) reader.skip();
  }
};

}  // namespace vagus::wire
