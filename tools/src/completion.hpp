/// What a shell offers for the word that somebody types.
#pragma once

#include <string>
#include <vector>

#include <CLI/CLI.hpp>

namespace vagus::tools {

/// Prints what the last word may become, one to a line. `words` are those behind the name of the program, as
/// far as they are typed, the last maybe empty. Names of methods and events are those of the program at the
/// URL, if it answers within half a second. Never fails, and says nothing of what went wrong.
void print_completions(const CLI::App& app, const std::vector<std::string>& words);

/// The script for bash, zsh or fish, to be read by that shell.
std::string completion_script(const std::string& shell);

}  // namespace vagus::tools
