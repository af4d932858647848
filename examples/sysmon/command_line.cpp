#include "command_line.hpp"

#include <charconv>
#include <string_view>

// Where Vagus was built without its component `configuration`, there is no --config either.
#ifdef SYSMON_CONFIGURATION
#define SYSMON_CONFIG_USAGE "  --config FILE    of body and head, in the place of URL: see sysmon.toml\n"
#else
#define SYSMON_CONFIG_USAGE ""
#endif

namespace sysmon {

const char* const usage = R"(sysmon: a system monitor in several processes, as a demonstration of Vagus

  sysmon [--allow-signal] [--seconds N]    show this machine: a body and two heads, each a process
  sysmon body URL [--allow-signal]         only the body: read /proc, serve at URL until Ctrl-C
  sysmon head URL [--seconds N]            only the head: show what the body at URL says

  --allow-signal   let the head end processes (key t); else the body refuses
  --seconds N      end after N seconds
)" SYSMON_CONFIG_USAGE R"(  --help           this text

A URL is, for example, shm://sysmon. Keys of the board are told at its foot. Without a terminal, sysmon
prints one line a second, five if not told otherwise. With a body of its own it then kills that once, says
what came of it for both heads, and exits with 1 if anything hung or was left over.
)";

namespace {

int parse_seconds(std::string_view text) {
  int seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (error != std::errc() || end != text.data() + text.size() || seconds < 1) {
    throw UsageError("--seconds takes a whole number from 1 on, not '" + std::string(text) + "'");
  }
  return seconds;
}

void take_word(CommandLine& line, std::string_view word) {
  if (line.role == Role::demo && word == "body") {
    line.role = Role::body;
  } else if (line.role == Role::demo && word == "head") {
    line.role = Role::head;
  } else if (line.role == Role::demo && word == "second-head") {
    line.role = Role::second_head;
  } else if (line.role == Role::demo) {
    throw UsageError("'" + std::string(word) + "' is neither 'body' nor 'head'");
  } else if (line.url.empty()) {
    line.url = word;
  } else {
    throw UsageError("'" + std::string(word) + "' is one argument too many");
  }
}

void check(const CommandLine& line) {
  const bool needs_url = line.role != Role::demo && line.config.empty();
  if (!line.config.empty() && line.role != Role::body && line.role != Role::head) {
    throw UsageError("--config is for a body or a head: sysmon body --config sysmon.toml");
  }
  if (!line.config.empty() && !line.url.empty()) {
    throw UsageError("--config says the URL, too: leave '" + line.url + "' out");
  }
  if (needs_url && line.url.empty()) {
    const std::string role = line.role == Role::body ? "body" : "head";
    if (line.role == Role::second_head) throw UsageError("'second-head' is what sysmon starts by itself");
    throw UsageError("'" + role + "' needs a URL: sysmon " + role + " shm://sysmon");
  }
  if (line.allow_signal && line.role != Role::demo && line.role != Role::body) {
    throw UsageError("--allow-signal is the body's to decide: sysmon body URL --allow-signal");
  }
  if (line.seconds && line.role == Role::body)
    throw UsageError("--seconds is for the head; the body runs until Ctrl-C");
}

}  // namespace

CommandLine parse_command_line(std::span<const char* const> arguments) {
  CommandLine line;
  for (std::size_t index = 0; index < arguments.size(); ++index) {
    const std::string_view argument = arguments[index];
    if (argument == "--help" || argument == "-h") return {.role = Role::help, .url = {}};
    if (argument == "--allow-signal") {
      line.allow_signal = true;
    } else if (argument == "--seconds") {
      if (++index == arguments.size()) throw UsageError("--seconds needs a number: --seconds 10");
      line.seconds = parse_seconds(arguments[index]);
#ifdef SYSMON_CONFIGURATION
    } else if (argument == "--config") {
      if (++index == arguments.size()) throw UsageError("--config needs a file: --config sysmon.toml");
      line.config = arguments[index];
#endif
    } else if (argument.starts_with("-")) {
      throw UsageError("there is no option '" + std::string(argument) + "'");
    } else {
      take_word(line, argument);
    }
  }
  check(line);
  return line;
}

}  // namespace sysmon
