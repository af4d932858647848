#include <charconv>
#include <cmath>
#include <limits>
#include <optional>

#include "json.hpp"
#include "type_text.hpp"

namespace vagus::tools {

namespace {

struct IntegerRange {
  const char* name;
  std::int64_t smallest;
  std::uint64_t largest;
};

template <typename T>
constexpr IntegerRange range_of(const char* name) {
  return {name, std::numeric_limits<T>::min(), std::numeric_limits<T>::max()};
}

constexpr IntegerRange integer_ranges[] = {range_of<std::int8_t>("int8"),
                                           range_of<std::int16_t>("int16"),
                                           range_of<std::int32_t>("int"),
                                           range_of<std::int64_t>("int64"),
                                           {"uint8", 0, 0xff},
                                           {"uint16", 0, 0xffff},
                                           {"uint", 0, 0xffff'ffff},
                                           {"uint64", 0, std::numeric_limits<std::uint64_t>::max()}};

const IntegerRange* integer_range(const std::string& name) {
  for (const IntegerRange& range : integer_ranges) {
    if (name == range.name) return &range;
  }
  return nullptr;
}

std::optional<Bytes> from_hex(std::string_view text) {
  if (text.size() % 2 != 0) return std::nullopt;
  Bytes bytes;
  bytes.reserve(text.size() / 2);
  for (; !text.empty(); text.remove_prefix(2)) {
    unsigned byte = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + 2, byte, 16);
    if (error != std::errc() || end != text.data() + 2) return std::nullopt;
    bytes.push_back(static_cast<std::byte>(byte));
  }
  return bytes;
}

std::optional<std::int64_t> nanoseconds(const std::string& text) {
  std::size_t used = 0;
  double count = 0;
  try {
    count = std::stod(text, &used);
  } catch (const std::exception&) {
    return std::nullopt;
  }
  const std::string unit = text.substr(used);
  for (const auto& [name, scale] :
       {std::pair{"ns", 1.0}, {"us", 1e3}, {"ms", 1e6}, {"s", 1e9}, {"min", 60e9}}) {
    if (unit != name) continue;
    const double scaled = count * scale;
    if (!(std::abs(scaled) < 9.2e18)) return std::nullopt;
    return static_cast<std::int64_t>(scaled);
  }
  return std::nullopt;
}

Value untyped(const Json& json) {
  switch (json.type()) {
    case Json::value_t::boolean:
      return json.get<bool>();
    case Json::value_t::number_integer:
      return json.get<std::int64_t>();
    case Json::value_t::number_unsigned:
      return json.get<std::uint64_t>();
    case Json::value_t::number_float:
      return json.get<double>();
    case Json::value_t::string:
      return json.get<std::string>();
    case Json::value_t::array: {
      Value::Array array;
      for (const Json& element : json) array.push_back(untyped(element));
      return array;
    }
    case Json::value_t::object: {
      Value::Map map;
      for (const auto& [key, element] : json.items()) map.emplace_back(key, untyped(element));
      return map;
    }
    default:
      return nullptr;
  }
}

}  // namespace

/// One conversion, which knows where in the value it is.
class ToValue {
 public:
  ToValue(const JsonConverter& converter, std::string place)
      : converter_(converter), place_(std::move(place)) {}

  Value convert(const Json& json, const TypeText& type) {
    if (const IntegerRange* const range = integer_range(type.name)) return integer(json, *range);
    if (const auto* const described = converter_.find(type.name)) {
      if (described->number.empty()) return structure(json, *described);
      return enumerator(json, *described);
    }
    if (type.name == "bool") return check(json.is_boolean(), json, "true or false"), json.get<bool>();
    if (type.name == "float" || type.name == "double") {
      return check(json.is_number(), json, "a number"), json.get<double>();
    }
    if (type.name == "string") return check(json.is_string(), json, "text"), json.get<std::string>();
    if (type.name == "bytes") return bytes(json);
    if (type.name == "nil") return check(json.is_null(), json, "null"), Value();
    if (type.name == "duration") return duration(json);
    if (type.name == "time") return time(json);
    if (type.name == "optional" && type.arguments.size() == 1) {
      return json.is_null() ? Value() : convert(json, type.arguments[0]);
    }
    if ((type.name == "list" || type.name == "set" || type.name == "array") && !type.arguments.empty()) {
      return list(json, type);
    }
    if (type.name == "map" && type.arguments.size() == 2) return map(json, type);
    if (type.name == "tuple") return tuple(json, type);
    if (type.name == "variant") return variant(json, type);
    return untyped(json);
  }

 private:
  void check(bool fits, const Json& json, const std::string& expected) const {
    if (fits) return;
    throw JsonTypeError(place_ + " is " + one_line(json).substr(0, 80) + ", expected " + expected);
  }

  template <typename Convert>
  auto inside(const std::string& where, Convert convert) {
    const std::string outer = place_;
    place_ += where;
    auto value = convert();
    place_ = outer;
    return value;
  }

  Value integer(const Json& json, const IntegerRange& range) const {
    const std::string expected = std::string("an integer from ") + std::to_string(range.smallest) + " to " +
                                 std::to_string(range.largest) + " (" + range.name + ")";
    check(json.is_number_integer(), json, expected);
    if (!json.is_number_unsigned() && json.get<std::int64_t>() < 0) {
      check(json.get<std::int64_t>() >= range.smallest, json, expected);
      return json.get<std::int64_t>();
    }
    check(json.get<std::uint64_t>() <= range.largest, json, expected);
    return json.get<std::uint64_t>();
  }

  /// By its name or by its number.
  Value enumerator(const Json& json, const wire::TypeDescription& type) {
    if (type.enumerators.empty()) return convert(json, parse_type(type.number));
    std::string expected = "one of ";
    for (const auto& one : type.enumerators) {
      const Value number = number_of(one, type);
      if (json == one.name || (json.is_number_integer() && json == JsonConverter::to_json(number)))
        return number;
      expected += (&one == &type.enumerators.front() ? "" : ", ") + one.name + " (" + to_string(number) + ')';
    }
    check(false, json, expected);
    return {};
  }

  Value bytes(const Json& json) const {
    const char* const expected = "bytes: text like \"hex:00ff\"";
    check(json.is_string(), json, expected);
    const auto text = json.get<std::string>();
    check(text.starts_with("hex:"), json, expected);
    const auto bytes = from_hex(std::string_view(text).substr(4));
    check(bytes.has_value(), json, expected);
    return *bytes;
  }

  Value duration(const Json& json) const {
    if (json.is_number_integer()) return json.get<std::int64_t>();
    const char* const expected = "a duration: \"1.5s\", \"20ms\", or nanoseconds";
    check(json.is_string(), json, expected);
    const auto count = nanoseconds(json.get<std::string>());
    check(count.has_value(), json, expected);
    return *count;
  }

  Value time(const Json& json) const {
    check(json.is_number(), json, "a time: seconds since 1970");
    const double seconds = std::floor(json.get<double>());
    wire::Timestamp time;
    time.seconds = static_cast<std::int64_t>(seconds);
    time.nanoseconds = static_cast<std::uint32_t>((json.get<double>() - seconds) * 1e9);
    const Bytes packed = wire::to_bytes(time);
    wire::Reader reader(packed);
    return wire::unpack<Value>(reader);
  }

  Value list(const Json& json, const TypeText& type) {
    check(json.is_array(), json, "an array");
    if (type.name == "array" && type.arguments.size() == 2) {
      const std::string& size = type.arguments[1].name;
      check(std::to_string(json.size()) == size, json, "an array of " + size);
    }
    Value::Array array;
    for (const Json& element : json) {
      array.push_back(inside("[" + std::to_string(array.size()) + "]",
                             [&] { return convert(element, type.arguments[0]); }));
    }
    return array;
  }

  Value map(const Json& json, const TypeText& type) {
    Value::Map map;
    const bool text_keys = type.arguments[0].name == "string";
    check(text_keys ? json.is_object() : json.is_array(), json,
          text_keys ? "an object" : "an array of pairs of key and value");
    for (const auto& [key, element] : json.items()) {
      const auto& pair = element;
      const std::string where = "[" + key + "]";
      if (text_keys) {
        map.emplace_back(key, inside(where, [&] { return convert(pair, type.arguments[1]); }));
        continue;
      }
      check(pair.is_array() && pair.size() == 2, pair, "a pair of key and value");
      map.emplace_back(inside(where, [&] { return convert(pair[0], type.arguments[0]); }),
                       inside(where, [&] { return convert(pair[1], type.arguments[1]); }));
    }
    return map;
  }

  Value tuple(const Json& json, const TypeText& type) {
    const std::size_t size = type.arguments.size();
    check(json.is_array() && json.size() == size, json, "an array of " + std::to_string(size));
    Value::Array array;
    for (std::size_t index = 0; index < size; ++index) {
      array.push_back(inside("[" + std::to_string(index) + "]",
                             [&] { return convert(json[index], type.arguments[index]); }));
    }
    return array;
  }

  Value variant(const Json& json, const TypeText& type) {
    const bool may_grow = !type.arguments.empty() && type.arguments.back().name == "unknown";
    const std::size_t known = type.arguments.size() - (may_grow ? 1 : 0);
    const std::string expected =
        "an array of the index, 0 to " + std::to_string(known - 1) + ", and the value";
    check(json.is_array() && json.size() == 2 && json[0].is_number_unsigned() &&
              json[0].get<std::size_t>() < known,
          json, expected);
    const auto index = json[0].get<std::size_t>();
    return Value::Array{index, convert(json[1], type.arguments[index])};
  }

  Value structure(const Json& json, const wire::TypeDescription& type) {
    const bool named = !type.fields.empty() && !type.fields[0].name.empty();
    if (json.is_object() && named) return named_structure(json, type);
    const std::string expected = std::string("a ") + type.name + ": an " + (named ? "object or an " : "") +
                                 "array of its " + std::to_string(type.fields.size()) + " fields";
    check(json.is_array() && json.size() <= type.fields.size(), json, expected);
    Value::Array array;
    for (std::size_t index = 0; index < json.size(); ++index) {
      array.push_back(inside("[" + std::to_string(index) + "]",
                             [&] { return convert(json[index], parse_type(type.fields[index].type)); }));
    }
    return array;
  }

  Value named_structure(const Json& json, const wire::TypeDescription& type) {
    Value::Array array;
    std::size_t used = 0;
    for (const wire::FieldDescription& field : type.fields) {
      const auto found = json.find(field.name);
      if (found == json.end()) break;
      ++used;
      array.push_back(inside("." + field.name, [&] { return convert(*found, parse_type(field.type)); }));
    }
    if (used == json.size()) return array;  // the others keep the values that they begin with
    std::string names;
    for (const wire::FieldDescription& field : type.fields) names += (names.empty() ? "" : ", ") + field.name;
    throw JsonTypeError(place_ + " is " + one_line(json).substr(0, 80) + ", expected a " + type.name +
                        " with the fields " + names + ", of which only the last may be left out");
  }

  const JsonConverter& converter_;
  std::string place_;
};

Value JsonConverter::to_value(const Json& json, const std::string& type, const std::string& place) const {
  return ToValue(*this, place).convert(json, parse_type(type));
}

const wire::TypeDescription* JsonConverter::find(const std::string& name) const noexcept {
  for (const wire::TypeDescription& type : types_) {
    if (type.name == name) return &type;
  }
  return nullptr;
}

}  // namespace vagus::tools
