#pragma once

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "support/process.hpp"

namespace vagus::testing {

/// What a program writes, read as it comes.
class Output {
 public:
  Output();
  ~Output();
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;

  int writing_end() const noexcept { return ends_[1]; }
  void close_writing_end() noexcept;
  /// Without its end; what there is if it does not come in half a minute.
  std::string line();
  /// Until it is closed.
  std::string rest();

 private:
  bool read_some();

  std::array<int, 2> ends_{-1, -1};
  std::string text_;
};

/// The command line with these words, its output and errors into pipes. Killed with this object.
class PipedCommand {
 public:
  explicit PipedCommand(std::vector<std::string> words);

  Output& output() noexcept { return output_; }
  Output& errors() noexcept { return errors_; }
  void signal(int number) const { process_->signal(number); }
  /// Its exit status, or minus the number of the signal that killed it.
  int wait() { return process_->wait(); }

 private:
  Output output_;
  Output errors_;
  std::unique_ptr<Process> process_;
};

}  // namespace vagus::testing
