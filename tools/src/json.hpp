/// Values as JSON, and back, by the types that a description says.
#pragma once

#include <stdexcept>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include <vagus/vagus.hpp>

namespace vagus::tools {

/// Keeps the order of what it is made of.
using Json = nlohmann::ordered_json;

/// JSON that does not fit its type: says where, and what was expected.
class JsonTypeError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Converts between Json and Value. Structs whose fields have names are objects, others arrays; enums are
/// numbers; bytes are text that begins with `hex:`; maps whose keys are no text are arrays of pairs; a
/// variant is an array of its index and its value; durations are text such as `1.5s`, `20ms`, or nanoseconds;
/// times are seconds since 1970; enumerators are called by their names, where these are known.
class JsonConverter {
 public:
  /// `types` have to outlive it.
  explicit JsonConverter(const std::vector<wire::TypeDescription>& types) : types_(types) {}

  /// Throws JsonTypeError. `place`: what is converted, for its message.
  Value to_value(const Json& json, const std::string& type, const std::string& place) const;
  /// Shows what is not as its type says as it is.
  Json to_json(const Value& value, const std::string& type) const;
  /// Of which nothing is known.
  static Json to_json(const Value& value);
  const std::vector<wire::TypeDescription>& types() const noexcept { return types_; }
  /// The struct or enum of this name; null if there is none.
  const wire::TypeDescription* find(const std::string& name) const noexcept;

 private:
  const std::vector<wire::TypeDescription>& types_;
};

/// One line; text that is no UTF-8 is replaced.
std::string one_line(const Json& json);
/// Indented.
std::string many_lines(const Json& json);

}  // namespace vagus::tools
