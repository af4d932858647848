/// Keys that must not come to the reader of TOML.
#pragma once

#include <string_view>

#include "document.hpp"

namespace vagus {

/// Where tables and lists are nested so deep that what is made of them could not be destroyed: toml++ 3.3
/// does so by functions that call themselves, and limits how many brackets there are, but not how many dots a
/// key has. Nowhere, with line 0, if there is no such place. The text need not be TOML.
Place place_of_deep_key(std::string_view text);

}  // namespace vagus
