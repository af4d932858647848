/// Any value of MessagePack, for when its type is not known at compile time.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include <vagus/core/bytes.hpp>
#include <vagus/wire/codec.hpp>

namespace vagus {

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
  Value() noexcept = default;
  Value(std::nullptr_t) noexcept {
  }  // NOLINT(google-explicit-constructor): all of these are meant to be implicit

  template <std::same_as<bool> Boolean>
  Value(Boolean value) noexcept : data_(value) {}  // NOLINT(google-explicit-constructor)

  template <std::integral Number>
  requires(!std::same_as<Number, bool>) Value(Number value)
  noexcept {  // NOLINT(google-explicit-constructor)
    data_ = static_cast<std::int64_t>(value);
    if (std::is_unsigned_v<Number> && std::get<std::int64_t>(data_) < 0)
      data_ = static_cast<std::uint64_t>(value);
  }

  template <std::floating_point Number>
  Value(Number value) noexcept : data_(static_cast<double>(value)) {}  // NOLINT(google-explicit-constructor)

  Value(std::string value) noexcept : data_(std::move(value)) {}  // NOLINT(google-explicit-constructor)
  Value(std::string_view value) : data_(std::string(value)) {}    // NOLINT(google-explicit-constructor)
  Value(const char* value) : data_(std::string(value)) {}         // NOLINT(google-explicit-constructor)
  Value(Bytes value) noexcept : data_(std::move(value)) {}        // NOLINT(google-explicit-constructor)
  Value(Array value) noexcept : data_(std::move(value)) {}        // NOLINT(google-explicit-constructor)
  Value(Map value) noexcept : data_(std::move(value)) {}          // NOLINT(google-explicit-constructor)
  Value(Ext value) noexcept : data_(std::move(value)) {}          // NOLINT(google-explicit-constructor)

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
