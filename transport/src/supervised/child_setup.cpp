#include "supervised/child_setup.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

namespace vagus::transport::supervised {

namespace {

constexpr int exit_code = 127;  // that of a shell which could not run a program

/// execve() puts handlers back by itself, but what was ignored would stay so.
void reset_signals() noexcept {
  struct sigaction by_default {};
  by_default.sa_handler = SIG_DFL;
  for (int signal = 1; signal < NSIG; ++signal) ::sigaction(signal, &by_default, nullptr);
}

void unblock_signals() noexcept {
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
}

bool read_nothing() noexcept {
  const int null = ::open("/dev/null", O_RDONLY);
  if (null < 0) return false;
  if (null == STDIN_FILENO) return true;
  const bool done = ::dup2(null, STDIN_FILENO) >= 0;
  ::close(null);
  return done;
}

/// Also those that other code of this program has not marked, or not yet.
void close_others_on_exec() noexcept {
#if defined(SYS_close_range)
  constexpr unsigned close_on_exec = 1U << 2;  // CLOSE_RANGE_CLOEXEC
  // Before Linux 5.11 it fails, and the marks that there are have to do.
  static_cast<void>(::syscall(SYS_close_range, 3U, ~0U, close_on_exec));
#endif
}

}  // namespace

void ChildSetup::run() const noexcept {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(exit_code);  // it had died before the line above
  ::setpgid(0, 0);
  reset_signals();
  if (!read_nothing()) fail(Step::input, errno);
  if (directory != nullptr && ::chdir(directory) != 0) fail(Step::directory, errno);
  close_others_on_exec();
  if (::fcntl(channel, F_SETFD, 0) != 0) fail(Step::link, errno);
  unblock_signals();
}

void ChildSetup::fail(Step step, int error) const noexcept {
  const Failure failure{step, error};
  [[maybe_unused]] const auto written = ::write(report, &failure, sizeof failure);
  ::_exit(exit_code);
}

}  // namespace vagus::transport::supervised
