/// The command line: what may be typed, and what is done about it.
#pragma once

#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "commands.hpp"
#include "exit_codes.hpp"

namespace vagus::tools {

class CommandLine {
 public:
  CommandLine();

  /// Does what the words, those behind the name of the program, say: the exit code of the program.
  int run(std::vector<std::string> words);
  const CLI::App& app() const noexcept { return app_; }

 private:
  /// `words` as CLI11 wants them.
  ExitCode execute(std::vector<std::string> words);

  CLI::App* add_command(const std::string& name, const std::string& what);
  void add_connection_options(CLI::App& command);
  void add_json_flag(CLI::App& command, bool& json);
  void add_time_option(CLI::App& command, const std::string& name, Duration& time, const std::string& what);

  void add_tree();
  void add_describe();
  void add_call();
  void add_bench();
  void add_listen();
  void add_record();
  void add_replay();
  void add_ping();
  void add_stats();
  void add_top();
  void add_list();
  void add_doctor();
  void add_generate();
  void add_completion();
  void add_manual();

  CLI::App app_;
  ConnectionOptions connection_;
  TreeOptions tree_;
  DescribeOptions describe_;
  CallCommandOptions call_;
  BenchOptions bench_;
  ListenOptions listen_;
  RecordOptions record_;
  ReplayOptions replay_;
  PingOptions ping_;
  StatsOptions stats_;
  TopOptions top_;
  ListOptions list_;
  DoctorOptions doctor_;
  GenerateOptions generate_;
  std::string shell_;
  ExitCode found_ = ExitCode::done;
};

}  // namespace vagus::tools
