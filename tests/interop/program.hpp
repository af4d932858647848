/// Programs that were not made by this project.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "support/process.hpp"

namespace vagus::testing {

/// A folder for sockets, and for whatever programs leave behind; goes with everything in it.
class Folder {
 public:
  Folder();
  ~Folder();
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  const std::string& path() const noexcept { return path_; }
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

/// A program that runs, and what it writes to its standard output. Killed at the end.
class Program {
 public:
  /// The first is the path of the program; `package` is the Debian package that has it. Throws
  /// std::runtime_error that names that if it is not there. `folder` is its home, and where it may write.
  Program(const std::vector<std::string>& command, const std::string& package, const Folder& folder);
  ~Program();
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  /// The next line, waited for; throws std::runtime_error if none comes, or the program has ended.
  std::string read_line();
  void kill() const { process_->kill(); }
  /// Waits for its end, see Process::wait.
  int wait() { return process_->wait(); }

 private:
  int output_ = -1;
  std::string rest_;
  std::unique_ptr<Process> process_;
};

/// A script of this folder, run by the Python of the system.
std::vector<std::string> python(const std::string& script, const std::vector<std::string>& arguments);

}  // namespace vagus::testing
