// The command line: what may be typed, and what is said about it.

#include <cctype>
#include <chrono>
#include <iterator>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "commands.hpp"
#include "exit_codes.hpp"

namespace {

using namespace vagus::tools;

const char* const footer =
    "URLs: shm://name, unix:///path, tcp://host:port, and whatever else the library knows.\n"
    "Exit codes: 0 done, 1 the call failed, 2 wrong usage, 3 not connected, 4 timed out,\n"
    "            5 no such name, 6 not allowed.\n"
    "A password is taken from VAGUS_PASSWORD, a token from VAGUS_TOKEN. NO_COLOR is respected.";

vagus::Duration parse_time(const char* option, const std::string& text) {
  std::size_t used = 0;
  double count = 0;
  try {
    count = std::stod(text, &used);
  } catch (const std::exception&) {
    used = 0;
  }
  const std::string unit = text.substr(used);
  const double scale = unit == "ms" ? 1e-3 : unit == "s" || unit.empty() ? 1.0 : unit == "min" ? 60.0 : 0.0;
  if (used == 0 || scale == 0.0 || !(count > 0) || count > 1e6) {
    throw CLI::ValidationError(option, text + " is no time; such as 2s, 500ms, 1min");
  }
  return std::chrono::duration_cast<vagus::Duration>(std::chrono::duration<double>(count * scale));
}

/// The words of the command line, the last first, as CLI11 wants them. Negative numbers are no options: with
/// a space before them, which JSON does not mind, they are not taken for any.
std::vector<std::string> words(int argc, char** argv) {
  std::vector<std::string> words(std::make_reverse_iterator(argv + argc),
                                 std::make_reverse_iterator(argv + 1));
  for (std::string& word : words) {
    const bool number = word.size() > 1 && word[0] == '-' &&
                        (std::isdigit(static_cast<unsigned char>(word[1])) != 0 || word[1] == '.');
    if (number) word.insert(0, " ");
  }
  return words;
}

void add_connection_options(CLI::App& command, ConnectionOptions& connection) {
  command.add_option_function<std::string>(
      "-t,--timeout",
      [&connection](const std::string& text) { connection.timeout = parse_time("--timeout", text); },
      "to connect within, and for each call: 2s, 500ms (default: 5s)");
  command.add_option("-u,--user", connection.user, "log in under this name");
}

/// What all commands have.
CLI::App* add_command(CLI::App& app, const std::string& name, const std::string& what,
                      ConnectionOptions& connection) {
  CLI::App* const command = app.add_subcommand(name, what);
  command->add_option("URL", connection.url, "whom to connect to")->required();
  add_connection_options(*command, connection);
  return command;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Looks into a running program that is split with Vagus, and calls it by hand.", "vagus");
  app.set_version_flag("--version", "vagus " VAGUS_VERSION);
  app.require_subcommand(1);
  app.footer(footer);
  ConnectionOptions connection;
  const char* const json_help = "print JSON, on one line";

  TreeOptions tree_options;
  CLI::App* const tree_command = add_command(app, "tree", "Shows its APIs, methods and events.", connection);
  tree_command->add_option("PATTERN", tree_options.pattern, "only these: machine.**, *.status");
  tree_command->add_flag("--json", tree_options.json, json_help);
  tree_command->callback([&] { tree(connection, tree_options); });

  DescribeOptions describe_options;
  CLI::App* const describe_command =
      add_command(app, "describe", "Tells all about a method, an event or an API.", connection);
  describe_command->add_option("NAMESPACE", describe_options.name_space, "such as machine.x.move_to")
      ->required();
  describe_command->add_flag("--json", describe_options.json, json_help);
  describe_command->callback([&] { describe(connection, describe_options); });

  CallCommandOptions call_options;
  CLI::App* const call_command =
      add_command(app, "call", "Calls a method and prints its result.", connection);
  call_command->add_option("METHOD", call_options.method, "such as machine.x.move_to")->required();
  call_command->add_option("ARGUMENT", call_options.arguments, "JSON, by position or as name=value");
  call_command->add_flag("--json", call_options.json, json_help);
  call_command->callback([&] { call(connection, call_options); });

  ListenOptions listen_options;
  CLI::App* const listen_command =
      add_command(app, "listen", "Shows events as they come, until Ctrl-C.", connection);
  listen_command->add_option("PATTERN", listen_options.pattern, "only these: machine.**, *.moved");
  listen_command->add_option("-n,--count", listen_options.count, "ends after so many")
      ->check(CLI::Range(1, 1'000'000'000));
  listen_command->add_flag("--json", listen_options.json, "print JSON, one object a line");
  listen_command->callback([&] { listen(connection, listen_options); });

  PingOptions ping_options;
  CLI::App* const ping_command = add_command(app, "ping", "Measures how long an answer takes.", connection);
  ping_command->add_option("-n,--count", ping_options.count, "so many times")
      ->check(CLI::Range(1, 1'000'000));
  ping_command->add_flag("--json", ping_options.json, json_help);
  ping_command->callback([&] { ping(connection, ping_options); });

  StatsOptions stats_options;
  CLI::App* const stats_command =
      add_command(app, "stats", "Tells what it has done so far: calls, queues, peers, times.", connection);
  stats_command->add_option("PATTERN", stats_options.pattern, "only these APIs and methods: machine.**");
  stats_command->add_flag("--json", stats_options.json, json_help);
  stats_command->callback([&] { stats(connection, stats_options); });

  TopOptions top_options;
  CLI::App* const top_command =
      add_command(app, "top", "Shows live what it does: calls, queues, peers, times.", connection);
  top_command->add_option("-n,--count", top_options.count, "so many times (default: until q or Ctrl-C)");
  top_command->add_option_function<std::string>(
      "-i,--interval",
      [&](const std::string& text) { top_options.interval = parse_time("--interval", text); },
      "how often: 2s, 500ms (default: 1s)");
  top_command->add_flag("--json", top_options.json, "print JSON, a line each time");
  top_command->callback([&] { top(connection, top_options); });

  ListOptions list_options;
  CLI::App* const list_command = app.add_subcommand("list", "Shows what runs here for this user.");
  list_command->add_option_function<std::string>(
      "-t,--timeout", [&](const std::string& text) { list_options.timeout = parse_time("--timeout", text); },
      "for each to answer within: 2s, 500ms (default: 1s)");
  list_command->add_flag("--json", list_options.json, json_help);
  list_command->callback([&] { list(list_options); });

  DoctorOptions doctor_options;
  ExitCode found = ExitCode::done;
  CLI::App* const doctor_command =
      add_command(app, "doctor", "Looks why somebody cannot be reached, step by step.", connection);
  doctor_command->get_option("URL")->required(false);
  doctor_command->add_flag("--json", doctor_options.json, json_help);
  doctor_command->callback([&] { found = doctor(connection, doctor_options); });

  GenerateOptions generate_options;
  CLI::App* const generate_command = app.add_subcommand("generate", "Makes a C++ header of what is there.");
  generate_command
      ->add_option("SOURCE", generate_options.source,
                   "a URL, or a file that `tree --json` has printed, - for the standard input")
      ->required();
  generate_command->add_option("PATTERN", generate_options.pattern, "only these: machine.**");
  generate_command->add_option("--namespace", generate_options.name_space,
                               "the namespace in C++ (default: contract)");
  add_connection_options(*generate_command, connection);
  generate_command->callback([&] { generate(connection, generate_options); });

  try {
    app.parse(words(argc, argv));
    return static_cast<int>(found);
  } catch (const CLI::ParseError& error) {
    const int code = app.exit(error);
    return code == 0 ? 0 : static_cast<int>(ExitCode::usage);
  } catch (...) {
    return static_cast<int>(report_exception());
  }
}
