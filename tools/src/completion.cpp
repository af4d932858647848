#include "completion.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <exception>
#include <set>

#include <vagus/transport/local_address.hpp>

#include "connection.hpp"

namespace vagus::tools {

namespace {

// A person waits for it.
constexpr auto time_to_answer = std::chrono::milliseconds(500);

/// What was typed before the last word.
struct Typed {
  const CLI::App* command = nullptr;
  std::vector<std::string> positional;  ///< behind the command
  bool is_value = false;                ///< the last word belongs to the option before it
};

const CLI::App* find_command(const CLI::App& app, const std::string& name) {
  for (const CLI::App* const command : app.get_subcommands({})) {
    if (command->get_name() == name) return command;
  }
  return nullptr;
}

bool takes_value(const CLI::App& command, const std::string& option) {
  const CLI::Option* const found = command.get_option_no_throw(option);
  return found != nullptr && found->get_items_expected_max() > 0;
}

Typed parse(const CLI::App& app, const std::vector<std::string>& words) {
  Typed typed;
  typed.command = find_command(app, words.front());
  if (typed.command == nullptr) return typed;
  for (std::size_t index = 1; index + 1 < words.size(); ++index) {
    const std::string& word = words[index];
    if (word.size() < 2 || word.front() != '-') {
      typed.positional.push_back(word);
    } else if (takes_value(*typed.command, word)) {
      ++index;
      typed.is_value = index + 1 == words.size();
    }
  }
  return typed;
}

std::set<std::string> commands(const CLI::App& app) {
  std::set<std::string> names;
  for (const CLI::App* const command : app.get_subcommands({})) names.insert(command->get_name());
  return names;
}

std::set<std::string> options(const CLI::App& command) {
  std::set<std::string> names;
  for (const CLI::Option* const option : command.get_options()) {
    for (const std::string& name : option->get_lnames()) names.insert("--" + name);
  }
  return names;
}

std::set<std::string> urls() {
  std::set<std::string> urls;
  for (const auto& address : transport::local_addresses()) {
    if (address.listener) urls.insert(address.url.to_string());
  }
  return urls;
}

Description described(const std::string& url) {
  return Connection({.url = url, .timeout = time_to_answer, .user = {}}).describe("**");
}

bool calls(const std::string& command) { return command == "call" || command == "bench"; }
bool hears(const std::string& command) { return command == "listen" || command == "record"; }

/// Those that the command is of use for.
std::set<std::string> names_at(const std::string& url, const std::string& command) {
  const Description told = described(url);
  std::set<std::string> names;
  for (const MemberDescription& member : told.members) {
    const bool fits = calls(command) ? !member.event && member.handled : !hears(command) || member.event;
    if (fits) names.insert(member.name_space);
  }
  if (calls(command) || hears(command)) return names;
  for (const ApiDescription& api : told.apis) {
    if (!api.name_space.empty()) names.insert(api.name_space);
  }
  return names;
}

std::set<std::string> parameters(const std::string& url, const std::string& method) {
  std::set<std::string> names;
  const Description told = described(url);
  if (const auto* const member = told.member(method)) {
    for (const ParameterDescription& parameter : member->parameters) {
      if (!parameter.name.empty()) names.insert(parameter.name + '=');
    }
  }
  return names;
}

std::set<std::string> candidates(const CLI::App& app, const std::vector<std::string>& words) {
  if (words.size() < 2) return commands(app);
  const Typed typed = parse(app, words);
  if (typed.command == nullptr || typed.is_value) return {};
  if (words.back().starts_with('-')) return options(*typed.command);
  const std::string name = typed.command->get_name();
  if (name == "completion") return {"bash", "fish", "zsh"};
  if (name == "list" || name == "manual" || name == "replay") return {};  // the shell knows files
  const auto& given = typed.positional;
  if (given.empty()) return urls();
  if (given.size() == 1 && name != "ping" && name != "top" && name != "doctor") {
    return names_at(given[0], name);
  }
  if (calls(name)) return parameters(given[0], given[1]);
  return {};
}

const char* const bash_script = R"(# vagus, completed by the program itself.
_vagus() {
  local line=${COMP_LINE:0:COMP_POINT} words found
  read -ra words <<<"$line"
  [[ $line == *[[:space:]] ]] && words+=("")
  mapfile -t found < <("${words[0]}" complete "${words[@]:1}" 2>/dev/null)
  # Bash takes : and = for the ends of words, and completes what stands behind the last of them.
  local current=${words[-1]}
  local before=${current%"${current##*[:=]}"}
  COMPREPLY=("${found[@]#"$before"}")
  [[ ${#found[@]} == 1 && ${found[0]} == *= ]] && compopt -o nospace 2>/dev/null
  return 0
}
complete -o default -F _vagus vagus
)";

const char* const zsh_script = R"script(#compdef vagus
# vagus, completed by the program itself.
_vagus() {
  local -a found
  found=(${(f)"$("${words[1]}" complete "${(@)words[2,CURRENT]}" 2>/dev/null)"})
  compadd -Q -a found
}
compdef _vagus vagus
)script";

const char* const fish_script = R"(# vagus, completed by the program itself.
complete -c vagus -f -a '(vagus complete (commandline -opc)[2..] (commandline -ct) 2>/dev/null)'
)";

}  // namespace

void print_completions(const CLI::App& app, const std::vector<std::string>& words) {
  const std::string current = words.empty() ? "" : words.back();
  try {
    for (const std::string& candidate : candidates(app, words)) {
      if (candidate.starts_with(current)) std::printf("%s\n", candidate.c_str());
    }
  } catch (const std::exception&) {
    // Nobody is there, or may be asked: then there is nothing to offer, and no place to say why.
  }
}

std::string completion_script(const std::string& shell) {
  return shell == "bash" ? bash_script : shell == "zsh" ? zsh_script : fish_script;
}

}  // namespace vagus::tools
