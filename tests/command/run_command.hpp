#pragma once

#include <sys/types.h>

#include <cstddef>
#include <string>
#include <vector>

namespace vagus::testing {

struct Outcome {
  int code = 0;
  std::string output;
  std::string errors;
};

/// Runs the command line with these words, its output and errors not to a terminal, until it ends.
Outcome run_command(std::vector<std::string> words);
/// The same by a script of the shell, to which the command line is "$0", and the words are "$@".
Outcome run_script(const std::string& script, std::vector<std::string> words);

/// Runs it in a terminal of its own.
class TerminalSession {
 public:
  explicit TerminalSession(std::vector<std::string> words, unsigned short columns = 80,
                           unsigned short rows = 24);
  /// Kills it if it has not ended.
  ~TerminalSession();
  TerminalSession(const TerminalSession&) = delete;
  TerminalSession& operator=(const TerminalSession&) = delete;

  /// Reads until this has been shown, once more since the last call; false if the program has ended before,
  /// or in half a minute.
  bool await(const std::string& text);
  void type(const std::string& keys);
  void signal(int number) const;
  /// Reads until it ends: its exit status, or minus the number of the signal that killed it.
  int finish();
  /// All that it has shown so far, escape sequences included.
  const std::string& shown() const noexcept { return shown_; }

 private:
  bool read();

  int terminal_ = -1;
  pid_t process_ = -1;
  bool ended_ = false;
  int status_ = 0;
  std::size_t seen_ = 0;
  std::string shown_;
};

/// The lines of what was shown, without escape sequences.
std::vector<std::string> plain_lines(const std::string& shown);

}  // namespace vagus::testing
