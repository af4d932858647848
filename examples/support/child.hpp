/// Other processes, for the examples that run as two.
#pragma once

#include <signal.h>
#include <sys/prctl.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <string>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

/// A child process. Killed when this object goes, or this process dies, if it has not ended by then.
class Child {
 public:
  /// Runs the function in a copy of this process, which must have no second thread yet. What it returns is
  /// the exit code.
  template <typename Function>
  static Child run(Function&& function) {
    const pid_t parent = ::getpid();
    const pid_t id = ::fork();
    if (id < 0) throw std::system_error(errno, std::generic_category(), "fork");
    if (id > 0) return Child{id};

    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) std::_Exit(1);
    int code = 1;
    try {
      code = function();
    } catch (const std::exception& error) {
      std::cerr << error.what() << '\n';
    }
    std::cout.flush();
    std::_Exit(code);
  }

  /// Runs a program.
  static Child program(const std::vector<std::string>& command) {
    return run([&command] {
      std::vector<char*> arguments;
      for (const std::string& argument : command) arguments.push_back(const_cast<char*>(argument.c_str()));
      arguments.push_back(nullptr);
      ::execv(arguments.front(), arguments.data());
      std::cerr << command.front() << ": not to be run\n";
      return 127;
    });
  }

  Child(Child&& other) noexcept : id_(std::exchange(other.id_, -1)) {}
  Child& operator=(Child&&) = delete;
  ~Child() {
    if (id_ < 0) return;
    ::kill(id_, SIGKILL);
    ::waitpid(id_, nullptr, 0);
  }

  pid_t id() const noexcept { return id_; }

  /// Its exit code, or 128 and the signal that ended it. -1 if it still runs after that time.
  int wait(std::chrono::milliseconds at_most) {
    const auto end = std::chrono::steady_clock::now() + at_most;
    int status = 0;
    while (::waitpid(id_, &status, WNOHANG) == 0) {
      if (std::chrono::steady_clock::now() > end) return -1;
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    id_ = -1;
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  }

  /// Asks it to end, as a service manager would.
  int terminate() {
    ::kill(id_, SIGTERM);
    return wait(std::chrono::seconds(20));
  }

 private:
  explicit Child(pid_t id) noexcept : id_(id) {}
  pid_t id_;
};

/// A URL that no other process has.
inline std::string own_url(const std::string& name) {
  return "shm://" + name + "-" + std::to_string(::getpid());
}
