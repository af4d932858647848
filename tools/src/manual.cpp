#include "manual.hpp"

#include <cctype>
#include <sstream>

namespace vagus::tools {

namespace {

/// As text in which nothing means anything to troff.
std::string plain(const std::string& text) {
  std::string escaped;
  for (const char character : text) {
    if (character == '\\') {
      escaped += "\\e";
    } else if (character == '-') {
      escaped += "\\-";
    } else {
      escaped += character;
    }
  }
  // At the beginning of a line these two would be commands.
  return escaped.starts_with('.') || escaped.starts_with('\'') ? "\\&" + escaped : escaped;
}

std::string upper(std::string text) {
  for (char& character : text)
    character = static_cast<char>(std::toupper(static_cast<unsigned char>(character)));
  return text;
}

/// `-t, --timeout TIME`
std::string names(const CLI::Option& option) {
  std::string text;
  for (const std::string& name : option.get_snames()) text += "\\fB\\-" + name + "\\fR, ";
  for (const std::string& name : option.get_lnames()) text += "\\fB\\-\\-" + plain(name) + "\\fR, ";
  text.resize(text.size() - 2);
  if (option.get_items_expected_max() == 0) return text;
  return text + " \\fI" + plain(upper(option.get_lnames().empty() ? "value" : option.get_lnames()[0])) +
         "\\fR";
}

std::string synopsis(const CLI::App& command) {
  std::string text = ".B vagus " + plain(command.get_name()) + "\n[\\fIOPTION\\fR...]";
  for (const CLI::Option* const option : command.get_options()) {
    if (!option->get_positional()) continue;
    const bool many = option->get_items_expected_max() > 1;
    const std::string name = "\\fI" + plain(option->get_name(true)) + "\\fR" + (many ? "..." : "");
    text += option->get_required() ? ' ' + name : " [" + name + ']';
  }
  return text + '\n';
}

std::string explained(const CLI::Option& option) {
  const std::string name =
      option.get_positional() ? "\\fI" + plain(option.get_name(true)) + "\\fR" : names(option);
  return ".TP\n" + name + '\n' + plain(option.get_description()) + '\n';
}

std::string section(const CLI::App& command) {
  std::string text = ".SS " + plain(command.get_name()) + '\n' + synopsis(command) + ".PP\n" +
                     plain(command.get_description()) + '\n';
  for (const CLI::Option* const option : command.get_options()) {
    if (option != command.get_help_ptr()) text += explained(*option);
  }
  return text;
}

}  // namespace

std::string manual_page(const CLI::App& app) {
  std::string text = ".TH VAGUS 1 \"\" \"vagus " VAGUS_VERSION "\" \"User Commands\"\n.SH NAME\nvagus \\- " +
                     plain(app.get_description()) + "\n.SH SYNOPSIS\n";
  for (const CLI::App* const command : app.get_subcommands({})) text += synopsis(*command) + ".br\n";
  text += ".SH COMMANDS\n";
  for (const CLI::App* const command : app.get_subcommands({})) text += section(*command);
  text += ".SH NOTES\n.nf\n";
  std::istringstream footer(app.get_footer());
  for (std::string line; std::getline(footer, line);) text += plain(line) + '\n';
  return text + ".fi\n";
}

}  // namespace vagus::tools
