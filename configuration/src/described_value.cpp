// Values of a file as values of the types that it spells out: defaults of parameters.

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string_view>

#include <vagus/core/time_text.hpp>

#include "described_type.hpp"

namespace vagus {

namespace {

struct Range {
  std::string_view type;
  std::int64_t least;
  std::int64_t most;
};
template <typename T>
constexpr Range range_of(std::string_view type) {
  return {type, std::numeric_limits<T>::min(), std::numeric_limits<T>::max()};
}
// A whole number of TOML has 63 bits.
constexpr Range integers[] = {
    range_of<std::int8_t>("int8"),   range_of<std::int16_t>("int16"),
    range_of<std::int32_t>("int"),   range_of<std::int64_t>("int64"),
    range_of<std::uint8_t>("uint8"), range_of<std::uint16_t>("uint16"),
    range_of<std::uint32_t>("uint"), {"uint64", 0, std::numeric_limits<std::int64_t>::max()}};

class ValueReader {
 public:
  ValueReader(const std::string& what, Faults& faults) : what_(what), faults_(faults) {}

  std::optional<Value> read(const Node& node, const DescribedType& type) {
    if (type.name == "any") return anything(node);
    if (type.name == "optional") return read(node, type.inside[0]);  // nil cannot be written
    if (type.name == "list" || type.name == "set") return list(node, type, std::nullopt);
    if (type.name == "array") return list(node, type, std::stoull(type.inside[1].name));
    if (type.name == "tuple") return tuple(node, type);
    if (type.name == "map") return map(node, type);
    return plain(node, type);
  }

 private:
  std::optional<Value> plain(const Node& node, const DescribedType& type) {
    const std::string& name = type.name;
    const auto* const number = std::get_if<std::int64_t>(&node.value);
    for (const Range& range : integers) {
      if (range.type != name) continue;
      if (number != nullptr && *number >= range.least && *number <= range.most) return Value(*number);
      return refuse(node,
                    name + ", from " + std::to_string(range.least) + " to " + std::to_string(range.most));
    }
    if (name == "double" || name == "float") {
      if (const auto* const real = std::get_if<double>(&node.value)) {
        constexpr double largest = std::numeric_limits<float>::max();
        if (name == "float" && std::isfinite(*real) && std::abs(*real) > largest) {
          return refuse(node, "a number that a float can hold");
        }
        return Value(*real);
      }
      if (number != nullptr) return Value(static_cast<double>(*number));
    }
    if (const auto* const flag = std::get_if<bool>(&node.value); flag != nullptr && name == "bool") {
      return Value(*flag);
    }
    if (node.text() != nullptr && name == "string") return Value(*node.text());
    if (name == "duration") return duration(node);
    if (name == "bytes") return bytes(node);
    if (name == "time") return refuse(node, "none: a default that is a point in time cannot be written");
    return refuse(node, name);
  }

  std::optional<Value> duration(const Node& node) {
    const auto time = node.text() != nullptr ? time_from_text(*node.text(), 0) : std::nullopt;
    if (!time)
      return refuse(node, "a time such as \"250ms\": a whole number up to 1000000, and ms, s, min or h");
    return Value(std::int64_t{std::chrono::nanoseconds(*time).count()});
  }

  std::optional<Value> bytes(const Node& node) {
    constexpr std::string_view prefix = "hex:";
    constexpr std::string_view digits = "0123456789abcdef";
    const std::string_view text = node.text() != nullptr ? std::string_view(*node.text()) : "";
    const std::string_view hex = text.starts_with(prefix) ? text.substr(prefix.size()) : "?";
    Bytes made;
    for (std::size_t index = 0; index < hex.size(); index += 2) {
      const auto high = digits.find(hex[index]);
      const auto low = index + 1 < hex.size() ? digits.find(hex[index + 1]) : std::string_view::npos;
      if (high == std::string_view::npos || low == std::string_view::npos) {
        return refuse(node, "bytes such as \"hex:00ff10\"");
      }
      made.push_back(static_cast<std::byte>(high * 16 + low));
    }
    return Value(std::move(made));
  }

  std::optional<Value> list(const Node& node, const DescribedType& type, std::optional<std::size_t> size) {
    const Node::List* const elements = node.list();
    if (elements == nullptr || (size && elements->size() != *size)) return refuse(node, type.text());
    Value::Array made;
    for (const Node& element : *elements) {
      auto value = read(element, type.inside[0]);
      if (!value) return std::nullopt;
      made.push_back(std::move(*value));
    }
    return Value(std::move(made));
  }

  std::optional<Value> tuple(const Node& node, const DescribedType& type) {
    const Node::List* const elements = node.list();
    if (elements == nullptr || elements->size() != type.inside.size()) return refuse(node, type.text());
    Value::Array made;
    for (std::size_t index = 0; index < elements->size(); ++index) {
      auto value = read((*elements)[index], type.inside[index]);
      if (!value) return std::nullopt;
      made.push_back(std::move(*value));
    }
    return Value(std::move(made));
  }

  std::optional<Value> map(const Node& node, const DescribedType& type) {
    const Node::Table* const entries = node.table();
    const std::string& key = type.inside[0].name;
    if (entries == nullptr) return refuse(node, type.text());
    if (key != "string" && key != "any" && !entries->empty()) {
      return refuse(node, "{}: only the keys of a map<string, T> can be written");
    }
    Value::Map made;
    for (const Entry& entry : *entries) {
      auto value = read(entry.node, type.inside[1]);
      if (!value) return std::nullopt;
      made.emplace_back(Value(entry.key), std::move(*value));
    }
    return Value(std::move(made));
  }

  std::optional<Value> anything(const Node& node) {
    static const DescribedType any{"any", {}};
    if (node.list() != nullptr) return list(node, {"list", {any}}, std::nullopt);
    if (node.table() != nullptr) return map(node, {"map", {{"string", {}}, any}});
    if (node.text() != nullptr) return Value(*node.text());
    if (const auto* const flag = std::get_if<bool>(&node.value)) return Value(*flag);
    if (const auto* const real = std::get_if<double>(&node.value)) return Value(*real);
    if (const auto* const number = std::get_if<std::int64_t>(&node.value)) return Value(*number);
    return refuse(node, "text, a number, true, false, a list or a table");
  }

  std::nullopt_t refuse(const Node& node, const std::string& expected) {
    faults_.add(node.place, what_ + " is " + shown(node) + "; expected " + expected);
    return std::nullopt;
  }

  const std::string& what_;
  Faults& faults_;
};

}  // namespace

std::optional<Value> read_value(const Node& node, const DescribedType& type, const std::string& what,
                                Faults& faults) {
  return ValueReader(what, faults).read(node, type);
}

}  // namespace vagus
