/// A contract in C++, made of a description.
#pragma once

#include <set>
#include <string>

#include <vagus/vagus.hpp>

namespace vagus::tools {

struct CppHeader {
  std::string text;
  /// Types that pack themselves, so that nothing is known of them but their names: vagus::Value in the text.
  std::set<std::string> unknown_types;
};

/// A header that declares the structs, enums and APIs that are described, in a namespace of C++; what is
/// built with it describes itself in such a way that the same header is made of it again. Throws UsageError
/// for what C++ has no name for.
CppHeader cpp_header(const Description& description, const std::string& name_space);

}  // namespace vagus::tools
