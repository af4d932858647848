/// Types that a file spells out.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <vagus/wire/value.hpp>

#include "document.hpp"
#include "table_reader.hpp"

namespace vagus {

/// `map<string, list<int>>`: a name, and what stands between its angle brackets. The 3 of `array<int, 3>` is
/// a type of that name.
struct DescribedType {
  std::string name;
  std::vector<DescribedType> inside;

  /// As wire::TypeWalk writes it.
  std::string text() const;
};

/// What is no type is a fault, which says where in the text it is wrong.
std::optional<DescribedType> read_type(const PlacedText& text, Faults& faults);

/// A value of the file as a value of that type; a fault if it is none, or if none can be written. `what`:
/// what it is, for that.
std::optional<Value> read_value(const Node& node, const DescribedType& type, const std::string& what,
                                Faults& faults);

}  // namespace vagus
