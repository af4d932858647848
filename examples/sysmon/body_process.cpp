#include "body_process.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <thread>

namespace sysmon {

namespace {

/// In the child, where nothing but plain system calls is safe. Does not return.
[[noreturn]] void become_body(pid_t parent, int words, char* const* arguments) {
  // The kernel tells the child when its parent dies, kill -9 included; unless that has happened already.
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (::getppid() != parent) ::_exit(1);
  ::setpgid(0, 0);  // Ctrl-C in the terminal is for the head, which ends the body in its own time
  const int nothing = ::open("/dev/null", O_RDWR | O_CLOEXEC);
  ::dup2(nothing, STDIN_FILENO);
  ::dup2(nothing, STDOUT_FILENO);
  ::dup2(words, STDERR_FILENO);
  ::execv("/proc/self/exe", arguments);
  ::_exit(127);
}

}  // namespace

BodyProcess::BodyProcess(const std::string& url, bool allow_signal)
    : words_(checked(::memfd_create("sysmon-body", MFD_CLOEXEC), "memfd_create")), id_(-1) {
  std::string program = "sysmon";
  std::string role = "body";
  std::string address = url;
  std::string flag = "--allow-signal";
  const std::array<char*, 5> arguments{program.data(), role.data(), address.data(),
                                       allow_signal ? flag.data() : nullptr, nullptr};
  const pid_t parent = ::getpid();
  id_ = checked(::fork(), "fork");
  if (id_ == 0) become_body(parent, words_.get(), arguments.data());
}

BodyProcess::~BodyProcess() {
  using namespace std::chrono_literals;
  ::kill(id_, SIGTERM);
  for (int turn = 0; turn < 400; ++turn) {
    if (ended()) return;
    std::this_thread::sleep_for(5ms);
  }
  ::kill(id_, SIGKILL);
  ::waitpid(id_, nullptr, 0);
}

bool BodyProcess::ended() const noexcept { return ::waitpid(id_, nullptr, WNOHANG) != 0; }

std::string BodyProcess::last_words() const {
  std::string words;
  std::array<char, 4096> part{};
  ssize_t size = 0;
  while ((size = ::pread(words_.get(), part.data(), part.size(), static_cast<off_t>(words.size()))) > 0) {
    words.append(part.data(), static_cast<std::size_t>(size));
  }
  return words;
}

}  // namespace sysmon
