#include "load/child.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <system_error>
#include <utility>

namespace vagus::load {

namespace {

/// Between fork() and exec(): nothing that takes a lock or memory.
[[noreturn]] void become(pid_t parent, char* const* arguments, char* const* environment, int channel,
                         int figures) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(127);  // it was gone before the line above
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  // First out of each other's way. What dup2() makes is not closed by exec().
  channel = ::fcntl(channel, F_DUPFD_CLOEXEC, figures_descriptor + 1);
  figures = ::fcntl(figures, F_DUPFD_CLOEXEC, figures_descriptor + 1);
  ::dup2(channel, channel_descriptor);
  ::dup2(figures, figures_descriptor);
  ::execve("/proc/self/exe", arguments, environment);
  ::_exit(127);
}

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (std::string& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

}  // namespace

Child::Child(const std::vector<std::string>& arguments,
             const std::map<std::string, std::string>& environment) {
  auto [ours, theirs] = Channel::make_pair();
  channel_ = std::move(ours);
  std::vector<std::string> words{program_invocation_short_name};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<std::string> variables;
  for (char** variable = environ; *variable != nullptr; ++variable) variables.emplace_back(*variable);
  for (const auto& [name, value] : environment) variables.push_back(name + "=" + value);
  const auto argument_pointers = pointers_to(words);
  const auto environment_pointers = pointers_to(variables);
  const pid_t parent = ::getpid();
  id_ = ::fork();
  if (id_ < 0) throw std::system_error(errno, std::generic_category(), "fork");
  if (id_ == 0) {
    become(parent, argument_pointers.data(), environment_pointers.data(), theirs.descriptor(),
           figures_.descriptor());
  }
}

Child::~Child() {
  if (ended()) return;
  signal(SIGKILL);
  wait_for_end();
}

void Child::signal(int number) const {
  if (!ended()) ::kill(id_, number);
}

void Child::look() {
  int status = 0;
  while (!ended() && ::waitpid(id_, &status, WNOHANG | WUNTRACED | WCONTINUED) > 0) note(status);
}

void Child::wait_for_end() {
  int status = 0;
  while (!ended()) {
    if (::waitpid(id_, &status, 0) > 0) note(status);
  }
}

void Child::note(int status) {
  if (WIFSTOPPED(status)) halted_ = true;
  if (WIFCONTINUED(status)) halted_ = false;
  if (WIFEXITED(status)) status_ = WEXITSTATUS(status);
  if (WIFSIGNALED(status)) status_ = -WTERMSIG(status);
}

}  // namespace vagus::load
