/// The manual page.
#pragma once

#include <string>

#include <CLI/CLI.hpp>

namespace vagus::tools {

/// All that the command line says of itself, in the language of man(7).
std::string manual_page(const CLI::App& app);

}  // namespace vagus::tools
