/// What was typed, as the arguments of a call.
#pragma once

#include <string>
#include <vector>

#include "json.hpp"

namespace vagus::tools {

struct BoundArguments {
  Value::Array positional;
  Value::Map named;
};

/// Each text is an argument by position or, if it begins with a name and `=`, by name. Its value is JSON;
/// where text, bytes or a duration is expected, quotes may be left out. Checks number, names and types.
/// Throws UsageError and JsonTypeError, which say what would be right.
BoundArguments bind_arguments(const MemberDescription& member, const JsonConverter& converter,
                              const std::vector<std::string>& texts);

/// The same for a method of which nothing is known: names are passed on, and what is no JSON is text.
BoundArguments bind_arguments(const std::vector<std::string>& texts);

}  // namespace vagus::tools
