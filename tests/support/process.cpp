#include "support/process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <exception>
#include <stdexcept>
#include <system_error>

#include <gtest/gtest.h>

namespace vagus::testing {

namespace {

[[noreturn]] void throw_errno(const char* call) {
  throw std::system_error(errno, std::generic_category(), call);
}

int run_guarded(const std::function<void()>& run) {
  try {
    run();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "child process %d: %s\n", ::getpid(), error.what());
    return 1;
  }
  return ::testing::Test::HasFailure() ? 1 : 0;
}

[[noreturn]] void be_child(const std::function<void()>& run, pid_t parent) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(1);  // it was gone before the line above
  const int status = run_guarded(run);
  std::fflush(nullptr);
  ::_exit(status);  // without the parent's handlers of exit()
}

}  // namespace

Process::Process(const std::function<void()>& run) {
  std::fflush(nullptr);
  const pid_t parent = ::getpid();
  id_ = ::fork();
  if (id_ < 0) throw_errno("fork");
  if (id_ == 0) be_child(run, parent);
}

Process::~Process() {
  if (waited_for_) return;
  kill();
  wait();
}

void Process::signal(int number) const {
  if (!waited_for_ && ::kill(id_, number) != 0) throw_errno("kill");
}

void Process::halt() const {
  signal(SIGSTOP);
  siginfo_t stopped{};
  while (::waitid(P_PID, static_cast<id_t>(id_), &stopped, WSTOPPED | WEXITED | WNOWAIT) != 0) {
    if (errno != EINTR) throw_errno("waitid");
  }
}

int Process::wait() {
  if (waited_for_) return status_;
  int status = 0;
  while (::waitpid(id_, &status, 0) < 0) {
    if (errno != EINTR) throw_errno("waitpid");
  }
  waited_for_ = true;
  status_ = WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
  return status_;
}

Signpost::Signpost() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) throw_errno("pipe2");
  read_end_ = ends[0];
  write_end_ = ends[1];
}

Signpost::~Signpost() {
  ::close(read_end_);
  ::close(write_end_);
}

void Signpost::raise() const {
  if (::write(write_end_, "!", 1) != 1) throw_errno("write");
}

void Signpost::wait() const {
  constexpr int limit_ms = 30'000;
  pollfd readable{.fd = read_end_, .events = POLLIN, .revents = 0};
  if (::poll(&readable, 1, limit_ms) != 1) throw std::runtime_error("nobody raised the signpost in time");
  char taken = 0;
  if (::read(read_end_, &taken, 1) != 1) throw_errno("read");
}

}  // namespace vagus::testing
