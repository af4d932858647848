#include "run_command.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <regex>
#include <sstream>
#include <stdexcept>
#include <system_error>
#include <utility>

#include <gtest/gtest.h>
#include <pty.h>

#include "support/process.hpp"

namespace vagus::testing {

namespace {

/// For execv; `words` have to outlive it.
std::vector<char*> arguments(std::vector<std::string>& words) {
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  return argv;
}

std::string text_of(const std::string& file) {
  std::stringstream text;
  text << std::ifstream(file).rdbuf();
  return text.str();
}

std::string taken(const std::string& file) {
  const std::string text = text_of(file);
  ::unlink(file.c_str());
  return text;
}

int created(const std::string& file) {
  return ::open(file.c_str(), O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600);
}

/// False if it has not ended within a minute.
bool await_end(const Process& process) {
  constexpr int limit_ms = 60'000;
  pollfd ended{static_cast<int>(::syscall(SYS_pidfd_open, process.id(), 0)), POLLIN, 0};
  if (ended.fd < 0) throw std::system_error(errno, std::generic_category(), "pidfd_open");
  const bool in_time = ::poll(&ended, 1, limit_ms) == 1;
  ::close(ended.fd);
  return in_time;
}

Outcome run(std::vector<std::string> words) {
  const std::vector<char*> argv = arguments(words);
  const std::string file = "/tmp/vagus-command-" + std::to_string(::getpid());
  const int output = created(file + ".out");
  const int errors = created(file + ".err");
  // Between fork() and exec() nothing that could wait for another thread of this process.
  Process process([&] {
    ::dup2(output, STDOUT_FILENO);
    ::dup2(errors, STDERR_FILENO);
    ::execv(argv[0], argv.data());
    ::_exit(127);
  });
  ::close(output);
  ::close(errors);
  if (!await_end(process)) {
    std::string line;
    for (const std::string& word : words) line += ' ' + word;
    ADD_FAILURE() << "has not ended:" << line << " (now "
                  << text_of("/proc/" + std::to_string(process.id()) + "/comm")
                  << "), errors: " << text_of(file + ".err");
    process.kill();
  }
  Outcome outcome;
  outcome.code = process.wait();
  outcome.output = taken(file + ".out");
  outcome.errors = taken(file + ".err");
  return outcome;
}

}  // namespace

Outcome run_command(std::vector<std::string> words) {
  words.insert(words.begin(), VAGUS_COMMAND);
  return run(std::move(words));
}

Outcome run_script(const std::string& script, std::vector<std::string> words) {
  words.insert(words.begin(), {"/bin/sh", "-c", script, VAGUS_COMMAND});
  return run(std::move(words));
}

TerminalSession::TerminalSession(std::vector<std::string> words, unsigned short columns,
                                 unsigned short rows) {
  words.insert(words.begin(), VAGUS_COMMAND);
  const std::vector<char*> argv = arguments(words);
  ::setenv("TERM", "xterm", 1);
  ::unsetenv("NO_COLOR");
  const winsize size{rows, columns, 0, 0};
  process_ = ::forkpty(&terminal_, nullptr, nullptr, &size);
  if (process_ < 0) throw std::runtime_error("forkpty has failed");
  if (process_ == 0) {
    ::execv(argv[0], argv.data());
    ::_exit(127);
  }
  ::fcntl(terminal_, F_SETFD, FD_CLOEXEC);
}

TerminalSession::~TerminalSession() {
  if (!ended_) {
    ::kill(process_, SIGKILL);
    ::waitpid(process_, nullptr, 0);
  }
  ::close(terminal_);
}

bool TerminalSession::read() {
  pollfd ready{terminal_, POLLIN, 0};
  const auto limit = std::chrono::milliseconds(std::chrono::seconds(30));
  if (::poll(&ready, 1, static_cast<int>(limit.count())) <= 0) return false;
  std::array<char, 4096> bytes{};
  const ssize_t count = ::read(terminal_, bytes.data(), bytes.size());  // an error when all have closed it
  if (count > 0) shown_.append(bytes.data(), static_cast<std::size_t>(count));
  return count > 0;
}

bool TerminalSession::await(const std::string& text) {
  while (true) {
    if (const std::size_t found = shown_.find(text, seen_); found != std::string::npos) {
      seen_ = found + text.size();
      return true;
    }
    if (!read()) return false;
  }
}

void TerminalSession::type(const std::string& keys) {
  if (::write(terminal_, keys.data(), keys.size()) != static_cast<ssize_t>(keys.size())) {
    throw std::runtime_error("the terminal takes no keys");
  }
}

void TerminalSession::signal(int number) const { ::kill(process_, number); }

int TerminalSession::finish() {
  while (read()) {
  }
  if (!ended_) {
    ::waitpid(process_, &status_, 0);
    ended_ = true;
  }
  return WIFEXITED(status_) ? WEXITSTATUS(status_) : -WTERMSIG(status_);
}

std::vector<std::string> plain_lines(const std::string& shown) {
  static const std::regex escape("\033\\[[0-9;?]*[A-Za-z]");
  // A frame begins at the first place of the screen, and so ends the line before.
  std::string text = std::regex_replace(shown, std::regex("\033\\[H|\r"), "\n");
  text = std::regex_replace(text, escape, "");
  std::vector<std::string> lines;
  std::stringstream stream(text);
  for (std::string line; std::getline(stream, line);) {
    if (!line.empty()) lines.push_back(line);
  }
  return lines;
}

}  // namespace vagus::testing
