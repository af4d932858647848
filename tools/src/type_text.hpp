/// The names of types, as descriptions have them, taken apart.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace vagus::tools {

/// `map<string, list<int>>`: a name, and what stands between its angle brackets. The 3 of `array<int, 3>` is
/// a type of that name.
struct TypeText {
  std::string name;
  std::vector<TypeText> arguments;
};

/// Never fails: what is no name of a type is the name of one that is not known.
TypeText parse_type(std::string_view text);

}  // namespace vagus::tools
