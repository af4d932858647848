/// Any value of MessagePack, for when its type is not known at compile time.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <vagus/core/bytes.hpp>
#include <vagus/wire/codec.hpp>

namespace vagus {

namespace detail {
template <class T>
concept IntegralNumber = std::integral<T> && !std::same_as<T, bool>;
}  // namespace detail

/// One MessagePack value that owns all that is in it.
///
/// Integers are one kind, whatever their width: two are equal if they are the same number. An integer and a
/// real number are never equal. A map keeps its entries in their order, and equal keys are not merged.
///
/// Accessors throw wire::TypeError if the value is of another kind. A Value takes up to forty times the bytes
/// that it has in a message. Threads: as for any plain value.
class Value {
 public:
  using Kind = wire::Kind;
  using Array = std::vector<Value>;
  using Map = std::vector<std::pair<Value, Value>>;

  /// An extension value: bytes whose meaning depends on their type.
  struct Ext {
    std::int8_t type = 0;
    Bytes bytes;
    friend bool operator==(const Ext&, const Ext&) = default;
  };

  /// Nil.
  Value() noexcept;
  ~Value();
  Value(const Value&);
  Value(Value&&) noexcept;
  Value& operator=(const Value&);
  Value& operator=(Value&&) noexcept;

  // All of these are meant to be implicit.
  // NOLINTBEGIN(google-explicit-constructor)
  Value(std::nullptr_t) noexcept : Value() {}
  template <std::same_as<bool> Boolean>
  Value(Boolean value) noexcept;  // a pointer is no boolean
  Value(wire::Integer value) noexcept;
  template <detail::IntegralNumber Number>
  Value(Number value) noexcept : Value(wire::Integer{static_cast<std::uint64_t>(value), value < Number{}}) {}
  Value(double value) noexcept;
  Value(float value) noexcept : Value(static_cast<double>(value)) {}
  Value(std::string value) noexcept;
  Value(std::string_view value) : Value(std::string(value)) {}
  Value(const char* value) : Value(std::string(value)) {}
  Value(Bytes value) noexcept;
  Value(Array value) noexcept;
  Value(Map value) noexcept;
  Value(Ext value) noexcept;
  // NOLINTEND(google-explicit-constructor)

  Kind kind() const noexcept;
  bool is_nil() const noexcept { return std::holds_alternative<std::monostate>(data_); }

  bool boolean() const;
  std::int64_t integer() const;            ///< TypeError too if it exceeds 63 bits
  std::uint64_t unsigned_integer() const;  ///< TypeError too if it is negative
  double real() const;                     ///< the nearest one if it is an integer
  const std::string& string() const;
  const Bytes& bytes() const;
  const Array& array() const;
  const Map& map() const;
  const Ext& ext() const;

  /// The value of the first entry with this key; null if there is none, or if this is no map.
  const Value* find(std::string_view key) const noexcept;

  friend bool operator==(const Value& a, const Value& b);

 private:
  friend struct wire::Codec<Value>;

  template <class T>
  const T& get(const char* expected) const;

  // Above INT64_MAX only there is a std::uint64_t.
  std::variant<std::monostate, bool, std::int64_t, std::uint64_t, double, std::string, Bytes, Array, Map, Ext>
      data_;
};

/// The value in a form like JSON, safe to log: `{"x": 1.0, "raw": bin(3 bytes: 00 ff 10)}`.
std::string to_string(const Value& value);

template <>
struct wire::Codec<Value> {
  static void pack(Writer& writer, const Value& value);
  static void unpack(Reader& reader, Value& value);
};

}  // namespace vagus
