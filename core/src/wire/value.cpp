#include <algorithm>
#include <type_traits>

#include <vagus/wire/value.hpp>

#include "wire/text.hpp"

namespace vagus {

// None of these is inline: GCC warns of members that it wrongly takes for uninitialised wherever it looks
// inside.
Value::Value() noexcept = default;
Value::~Value() = default;
Value::Value(const Value&) = default;
Value::Value(Value&&) noexcept = default;
Value& Value::operator=(const Value&) = default;
Value& Value::operator=(Value&&) noexcept = default;

template <std::same_as<bool> Boolean>
Value::Value(Boolean value) noexcept : data_(value) {}
template Value::Value(bool) noexcept;

Value::Value(wire::Integer value) noexcept : data_(value.bits) {
  if (value.negative || value.bits <= INT64_MAX)
    data_.emplace<std::int64_t>(static_cast<std::int64_t>(value.bits));
}
Value::Value(double value) noexcept : data_(value) {}
Value::Value(std::string value) noexcept : data_(std::move(value)) {}
Value::Value(Bytes value) noexcept : data_(std::move(value)) {}
Value::Value(Array value) noexcept : data_(std::move(value)) {}
Value::Value(Map value) noexcept : data_(std::move(value)) {}
Value::Value(Ext value) noexcept : data_(std::move(value)) {}

Value::Kind Value::kind() const noexcept {
  constexpr Kind kinds[] = {Kind::nil, Kind::boolean, Kind::integer, Kind::integer, Kind::real,
                            Kind::str, Kind::bin,     Kind::array,   Kind::map,     Kind::ext};
  static_assert(std::size(kinds) == std::variant_size_v<decltype(data_)>);
  return kinds[data_.index()];
}

namespace {

[[noreturn]] void fail(const Value& value, const char* expected) {
  throw wire::TypeError(std::string("expected ") + expected + ", found " + wire::to_string(value.kind()));
}

}  // namespace

template <class T>
const T& Value::get(const char* expected) const {
  if (const T* const value = std::get_if<T>(&data_)) return *value;
  fail(*this, expected);
}

bool Value::boolean() const { return get<bool>("a boolean"); }
const std::string& Value::string() const { return get<std::string>("a str"); }
const Bytes& Value::bytes() const { return get<Bytes>("a bin"); }
const Value::Array& Value::array() const { return get<Array>("an array"); }
const Value::Map& Value::map() const { return get<Map>("a map"); }
const Value::Ext& Value::ext() const { return get<Ext>("an ext"); }

std::int64_t Value::integer() const {
  if (const auto* const large = std::get_if<std::uint64_t>(&data_)) {
    throw wire::TypeError("expected an integer of 64 bits with a sign, found " + std::to_string(*large));
  }
  return get<std::int64_t>("an integer");
}

std::uint64_t Value::unsigned_integer() const {
  if (const auto* const large = std::get_if<std::uint64_t>(&data_)) return *large;
  const std::int64_t value = get<std::int64_t>("an integer");
  if (value < 0)
    throw wire::TypeError("expected an integer that is not negative, found " + std::to_string(value));
  return static_cast<std::uint64_t>(value);
}

double Value::real() const {
  if (const auto* const number = std::get_if<std::int64_t>(&data_)) return static_cast<double>(*number);
  if (const auto* const number = std::get_if<std::uint64_t>(&data_)) return static_cast<double>(*number);
  return get<double>("a real number");
}

const Value* Value::find(std::string_view key) const noexcept {
  const Map* const entries = std::get_if<Map>(&data_);
  if (entries == nullptr) return nullptr;
  const auto has_key = [key](const auto& entry) {
    const auto* const text = std::get_if<std::string>(&entry.first.data_);
    return text != nullptr && *text == key;
  };
  const auto found = std::find_if(entries->begin(), entries->end(), has_key);
  return found == entries->end() ? nullptr : &found->second;
}

bool operator==(const Value& a, const Value& b) { return a.data_ == b.data_; }

std::string to_string(const Value& value) {
  const Bytes bytes = wire::to_bytes(value);
  std::string text;
  wire::Reader reader{bytes, wire::Reader::max_depth};
  wire::detail::append_value(text, reader);
  return text;
}

namespace wire {

namespace {

struct ValueWriter {
  Writer& writer;

  void operator()(std::monostate) const { writer.nil(); }
  void operator()(bool value) const { writer.boolean(value); }
  void operator()(std::int64_t value) const { writer.integer(value); }
  void operator()(std::uint64_t value) const { writer.unsigned_integer(value); }
  void operator()(double value) const { writer.real(value); }
  void operator()(const std::string& value) const { writer.str(value); }
  void operator()(const Bytes& value) const { writer.bin(value); }
  void operator()(const Value::Ext& value) const { writer.ext(value.type, value.bytes); }

  void operator()(const Value::Array& value) const {
    writer.array(value.size());
    for (const Value& element : value) pack(writer, element);
  }

  void operator()(const Value::Map& value) const {
    writer.map(value.size());
    for (const auto& [key, mapped] : value) {
      pack(writer, key);
      pack(writer, mapped);
    }
  }
};

Value unpack_array(Reader& reader) {
  const std::size_t elements = reader.array();
  const Reader::Level level{reader};
  Value::Array array;
  for (std::size_t index = 0; index < elements; ++index) unpack(reader, array.emplace_back());
  return array;
}

Value unpack_map(Reader& reader) {
  const std::size_t entries = reader.map();
  const Reader::Level level{reader};
  Value::Map map;
  for (std::size_t index = 0; index < entries; ++index) {
    auto& [key, mapped] = map.emplace_back();
    unpack(reader, key);
    unpack(reader, mapped);
  }
  return map;
}

Value unpack_any(Reader& reader) {
  switch (reader.peek()) {
    case Kind::nil:
      reader.nil();
      return {};
    case Kind::boolean:
      return reader.boolean();
    case Kind::integer:
      return reader.any_integer();
    case Kind::real:
      return reader.real();
    case Kind::str:
      return reader.str();
    case Kind::bin: {
      const std::span<const std::byte> bytes = reader.bin();
      return Bytes(bytes.begin(), bytes.end());
    }
    case Kind::array:
      return unpack_array(reader);
    case Kind::map:
      return unpack_map(reader);
    case Kind::ext: {
      if (const auto block = reader.try_block()) return Bytes(block->begin(), block->end());
      const auto [type, bytes] = reader.ext();
      return Value::Ext{type, Bytes(bytes.begin(), bytes.end())};
    }
  }
  reader.fail_malformed("a value of unknown kind");
}

}  // namespace

void Codec<Value>::pack(Writer& writer, const Value& value) { std::visit(ValueWriter{writer}, value.data_); }

void Codec<Value>::unpack(Reader& reader, Value& value) { value = unpack_any(reader); }

}  // namespace wire
}  // namespace vagus
