#include "command_line.hpp"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <stdexcept>

#include "completion.hpp"
#include "manual.hpp"

namespace vagus::tools {

namespace {

const char* const footer =
    "URLs: shm://name, unix:///path, tcp://host:port, and whatever else the library knows.\n"
    "Exit codes: 0 done, 1 the call failed or the output was lost, 2 wrong usage, 3 not connected,\n"
    "            4 timed out, 5 no such name, 6 not allowed.\n"
    "A password is taken from VAGUS_PASSWORD, a token from VAGUS_TOKEN. NO_COLOR is respected.";

vagus::Duration parse_time(const std::string& option, const std::string& text) {
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

/// No word that is typed begins with it.
constexpr char guard = '\x01';

/// CLI11 takes negative numbers for options, and a word in brackets for several: not so with something before
/// them, which unprotected() takes away again.
void protect(std::string& word) {
  const bool number = word.size() > 1 && word[0] == '-' &&
                      (std::isdigit(static_cast<unsigned char>(word[1])) != 0 || word[1] == '.');
  if (number || word.starts_with('[')) word.insert(word.begin(), guard);
}

std::string unprotected(const std::string& word) { return word.starts_with(guard) ? word.substr(1) : word; }

/// Of CLI11, about what was typed.
std::string message_about(const CLI::App* app, const CLI::Error& error) {
  std::string message = CLI::FailureMessage::simple(app, error);
  std::erase(message, guard);
  return message;
}

bool output_is_closed() {
  pollfd output{STDOUT_FILENO, POLLOUT, 0};
  return ::poll(&output, 1, 0) > 0 && (output.revents & (POLLERR | POLLHUP)) != 0;
}

/// What was printed may still be in a buffer, and find no room where it goes. Who reads from a pipe may have
/// had enough.
void flush_output() {
  if (std::fflush(stdout) != 0) {
    const int error = errno;
    if (error == EPIPE) return;
    throw std::runtime_error(std::string("the output cannot be written: ") + std::strerror(error));
  }
  // Of what has failed before, nothing but that is known.
  if (std::ferror(stdout) == 0 || output_is_closed()) return;
  throw std::runtime_error("the output could not be written completely");
}

}  // namespace

CommandLine::CommandLine()
    : app_("Looks into a running program that is split with Vagus, and calls it by hand.", "vagus") {
  app_.set_version_flag("--version", "vagus " VAGUS_VERSION);
  app_.require_subcommand(1);
  app_.footer(footer);
  app_.failure_message(&message_about);
  add_tree();
  add_describe();
  add_call();
  add_bench();
  add_listen();
  add_record();
  add_replay();
  add_ping();
  add_stats();
  add_top();
  add_list();
  add_doctor();
  add_generate();
  add_completion();
  add_manual();
  for (CLI::App* const command : app_.get_subcommands({})) {
    for (CLI::Option* const option : command->get_options()) option->transform(&unprotected);
  }
}

int CommandLine::run(std::vector<std::string> words) {
  std::for_each(words.begin(), words.end(), &protect);
  std::reverse(words.begin(), words.end());  // as CLI11 wants them
  try {
    const ExitCode code = execute(std::move(words));
    flush_output();
    return static_cast<int>(code);
  } catch (...) {
    return static_cast<int>(report_exception());
  }
}

ExitCode CommandLine::execute(std::vector<std::string> words) {
  try {
    app_.parse(std::move(words));
    return found_;
  } catch (const CLI::ParseError& error) {
    return app_.exit(error) == 0 ? ExitCode::done : ExitCode::usage;
  }
}

CLI::App* CommandLine::add_command(const std::string& name, const std::string& what) {
  CLI::App* const command = app_.add_subcommand(name, what);
  command->add_option("URL", connection_.url, "whom to connect to")->required();
  add_connection_options(*command);
  return command;
}

void CommandLine::add_connection_options(CLI::App& command) {
  add_time_option(command, "-t,--timeout", connection_.timeout,
                  "to connect within, and for each call: 2s, 500ms (default: 5s)");
  command.add_option("-u,--user", connection_.user, "log in under this name");
}

void CommandLine::add_json_flag(CLI::App& command, bool& json) {
  command.add_flag("--json", json, "print JSON, on one line");
}

void CommandLine::add_time_option(CLI::App& command, const std::string& name, Duration& time,
                                  const std::string& what) {
  command.add_option_function<std::string>(
      name, [&time, name](const std::string& text) { time = parse_time(name.substr(name.find("--")), text); },
      what);
}

void CommandLine::add_tree() {
  CLI::App* const command = add_command("tree", "Shows its APIs, methods and events.");
  command->add_option("PATTERN", tree_.pattern, "only these: machine, *.status");
  add_json_flag(*command, tree_.json);
  command->callback([this] { tree(connection_, tree_); });
}

void CommandLine::add_describe() {
  CLI::App* const command = add_command("describe", "Tells all about a method, an event or an API.");
  command->add_option("NAMESPACE", describe_.name_space, "such as machine.x.move_to")->required();
  add_json_flag(*command, describe_.json);
  command->callback([this] { describe(connection_, describe_); });
}

void CommandLine::add_call() {
  CLI::App* const command = add_command("call", "Calls a method and prints its result.");
  command->add_option("METHOD", call_.method, "such as machine.x.move_to")->required();
  command->add_option("ARGUMENT", call_.arguments, "JSON, by position or as name=value");
  add_json_flag(*command, call_.json);
  command->callback([this] { call(connection_, call_); });
}

void CommandLine::add_bench() {
  CLI::App* const command = add_command("bench", "Really calls a method, again and again: how fast?");
  command->add_option("METHOD", bench_.method, "which really runs each time")->required();
  command->add_option("ARGUMENT", bench_.arguments, "JSON, by position or as name=value");
  add_time_option(*command, "-s,--seconds", bench_.seconds, "for so long: 10, 500ms, 1min (default: 2s)");
  command->add_option("-n,--count", bench_.count, "so many calls")->check(CLI::Range(1, 1'000'000'000));
  command->add_option("-c,--callers", bench_.callers, "threads that call (default: 1)")
      ->check(CLI::Range(1, 1000));
  command->add_option("--in-flight", bench_.in_flight, "calls of each caller at once (default: 1)")
      ->check(CLI::Range(1, 60000));
  command->add_option("-r,--rate", bench_.rate, "calls a second; each is timed from when it is due")
      ->check(CLI::Range(0.001, 1e9));
  add_json_flag(*command, bench_.json);
  command->callback([this] { found_ = bench(connection_, bench_); });
}

void CommandLine::add_listen() {
  CLI::App* const command = add_command("listen", "Shows events as they come, until Ctrl-C.");
  command->add_option("PATTERN", listen_.pattern, "only these: machine, *.moved");
  command->add_option("-n,--count", listen_.count, "ends after so many")->check(CLI::Range(1, 1'000'000'000));
  command->add_flag("--json", listen_.json, "print JSON, one object a line");
  command->callback([this] { listen(connection_, listen_); });
}

void CommandLine::add_record() {
  CLI::App* const command = add_command("record", "Writes events into a file as they come, until Ctrl-C.");
  command->add_option("PATTERN", record_.pattern, "only these: machine, *.moved");
  command->add_option("-o,--output", record_.output, "the file, - for the standard output")->required();
  command->add_flag("-f,--force", record_.force, "overwrite the file");
  add_time_option(*command, "-s,--seconds", record_.seconds, "ends after so long: 10, 500ms, 1min");
  command->add_option("-n,--count", record_.count, "ends after so many")->check(CLI::Range(1, 1'000'000'000));
  command->add_option("--through", record_.through, "where to listen for heads, to record calls as well");
  add_json_flag(*command, record_.json);
  command->callback([this] { record(connection_, record_); });
}

void CommandLine::add_replay() {
  CLI::App* const command =
      app_.add_subcommand("replay", "Sends what was recorded again, in place of a body.");
  command->add_option("FILE", replay_.file, "what vagus record has written")->required();
  command->add_option("URL", replay_.listen_url, "where to listen");
  command->add_option("--speed", replay_.speed, "2: twice as fast (default: 1)")
      ->check(CLI::Range(0.001, 1e6));
  command->add_flag("--loop", replay_.loop, "again and again, until Ctrl-C");
  command->add_flag("--at-once", replay_.at_once, "begins before anybody listens");
  command->add_flag("--list", replay_.list, "prints what is in it, and sends nothing");
  add_json_flag(*command, replay_.json);
  command->callback([this] { found_ = replay(replay_); });
}

void CommandLine::add_ping() {
  CLI::App* const command = add_command("ping", "Measures how long an answer takes.");
  command->add_option("-n,--count", ping_.count, "so many times")->check(CLI::Range(1, 1'000'000));
  add_json_flag(*command, ping_.json);
  command->callback([this] { ping(connection_, ping_); });
}

void CommandLine::add_stats() {
  CLI::App* const command =
      add_command("stats", "Tells what it has done so far: calls, queues, peers, times.");
  command->add_option("PATTERN", stats_.pattern, "only these APIs and methods: machine, *.status");
  add_json_flag(*command, stats_.json);
  command->callback([this] { stats(connection_, stats_); });
}

void CommandLine::add_top() {
  CLI::App* const command = add_command("top", "Shows live what it does: calls, queues, peers, times.");
  command->add_option("-n,--count", top_.count, "so many times (default: until q or Ctrl-C)");
  add_time_option(*command, "-i,--interval", top_.interval, "how often: 2s, 500ms (default: 1s)");
  command->add_flag("--json", top_.json, "print JSON, a line each time");
  command->callback([this] { top(connection_, top_); });
}

void CommandLine::add_list() {
  CLI::App* const command = app_.add_subcommand("list", "Shows what runs here for this user.");
  add_time_option(*command, "-t,--timeout", list_.timeout,
                  "for each to answer within: 2s, 500ms (default: 1s)");
  add_json_flag(*command, list_.json);
  command->callback([this] { list(list_); });
}

void CommandLine::add_doctor() {
  CLI::App* const command = add_command("doctor", "Looks why somebody cannot be reached, step by step.");
  command->get_option("URL")->required(false);
  add_json_flag(*command, doctor_.json);
  command->callback([this] { found_ = doctor(connection_, doctor_); });
}

void CommandLine::add_generate() {
  CLI::App* const command = app_.add_subcommand("generate", "Makes a C++ header of what is there.");
  command
      ->add_option("SOURCE", generate_.source,
                   "a URL, or a file that `tree --json` has printed, - for the standard input")
      ->required();
  command->add_option("PATTERN", generate_.pattern, "only these: machine, *.status; of a URL");
  command->add_option("--namespace", generate_.name_space, "the namespace in C++ (default: contract)");
  add_connection_options(*command);
  command->callback([this] { generate(connection_, generate_); });
}

void CommandLine::add_completion() {
  CLI::App* const command =
      app_.add_subcommand("completion", "Prints a script that completes command lines of a shell.");
  command->add_option("SHELL", shell_, "bash, zsh or fish")
      ->required()
      ->check(CLI::IsMember({"bash", "zsh", "fish"}));
  command->callback([this] { std::fputs(completion_script(shell_).c_str(), stdout); });
}

void CommandLine::add_manual() {
  CLI::App* const command = app_.add_subcommand("manual", "Prints the manual page, for man(1).");
  command->callback([this] { std::fputs(manual_page(app_).c_str(), stdout); });
}

}  // namespace vagus::tools
