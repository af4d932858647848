#include "command_line.hpp"

#include <charconv>
#include <cmath>
#include <string_view>

namespace pi {

const char* const usage = R"(pi: digits of pi from another process, as an example of Vagus

  pi body [URL]                    compute digits for whoever asks at URL, until Ctrl-C
  pi head [URL] [--pause SECONDS]  ask for 5 to 1 000 000 digits, twice, and print how
                                   long it took

  --pause SECONDS   from the first round to the second; 1 if not told otherwise. The
                    second does not wait for the first: with 0 each computation is
                    shared by two calls
  --help            this text

The URL is tcp://127.0.0.1:31415 if not told otherwise; any other will do.
)";

namespace {

constexpr const char* default_url = "tcp://127.0.0.1:31415";

std::chrono::milliseconds parse_pause(std::string_view text) {
  double seconds = 0.0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  constexpr double most = 24.0 * 3600.0;
  if (error != std::errc() || end != text.data() + text.size() || !(seconds >= 0.0 && seconds <= most)) {
    throw UsageError("--pause takes seconds from 0 to 86400, not '" + std::string(text) + "'");
  }
  return std::chrono::milliseconds(std::llround(seconds * 1000.0));
}

Role parse_role(std::string_view word) {
  if (word == "body") return Role::body;
  if (word == "head") return Role::head;
  if (word == "job") return Role::job;
  throw UsageError("'" + std::string(word) + "' is neither 'body' nor 'head'");
}

}  // namespace

CommandLine parse_command_line(std::span<const char* const> arguments) {
  CommandLine line;
  bool paused = false;
  for (std::size_t index = 0; index < arguments.size(); ++index) {
    const std::string_view argument = arguments[index];
    if (argument == "--help" || argument == "-h") return {};
    if (argument == "--pause") {
      if (++index == arguments.size()) throw UsageError("--pause needs a number: --pause 30");
      line.pause = parse_pause(arguments[index]);
      paused = true;
    } else if (argument.starts_with("-")) {
      throw UsageError("there is no option '" + std::string(argument) + "'");
    } else if (line.role == Role::help) {
      line.role = parse_role(argument);
    } else if (line.url.empty() && line.role != Role::job) {
      line.url = argument;
    } else {
      throw UsageError("'" + std::string(argument) + "' is one argument too many");
    }
  }
  if (line.role == Role::help) throw UsageError("say 'pi body' in one terminal and 'pi head' in another");
  if (paused && line.role != Role::head) throw UsageError("--pause is for the head");
  if (line.url.empty()) line.url = default_url;
  return line;
}

}  // namespace pi
