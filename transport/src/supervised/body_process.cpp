#include "supervised/body_process.hpp"

#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <cerrno>
#include <utility>

#include "posix/system_error.hpp"
#include "supervised/channel_source.hpp"

namespace vagus::transport::supervised {

namespace {

ProcessExit exit_of(const siginfo_t& info) {
  ProcessExit exit;
  if (info.si_code == CLD_EXITED) {
    exit.code = info.si_status;
  } else {
    exit.how = ProcessExit::How::killed;
    exit.signal = info.si_status;
    exit.core_dumped = info.si_code == CLD_DUMPED;
  }
  return exit;
}

ProcessExit unknown_exit() {
  ProcessExit exit;
  exit.how = ProcessExit::How::unknown;
  exit.why = "this program ignores SIGCHLD, or waits for all of its children";
  return exit;
}

ProcessExit await_exit(pid_t id) {
  while (true) {
    // It stays in the table of processes, so that its number is nobody else's when it is sent a signal.
    siginfo_t info{};
    if (::waitid(P_PID, static_cast<id_t>(id), &info, WEXITED | WNOWAIT) == 0) return exit_of(info);
    if (errno != EINTR) return unknown_exit();
  }
}

ProcessExit not_started(const FailedCall& failed) {
  ProcessExit exit;
  exit.how = ProcessExit::How::not_started;
  exit.why = posix::describe(failed.name, failed.argument, failed.error);
  return exit;
}

}  // namespace

ProcessExit BodyProcess::wait() {
  ProcessExit exit = await_exit(id_);
  if (const auto failed = report_.read(0)) exit = not_started(*failed);
  MutexLock lock(mutex_);
  while (::waitpid(id_, nullptr, 0) < 0 && errno == EINTR) {
  }
  exit_ = exit;
  channel_.reset();
  return exit;
}

void BodyProcess::signal(int number) noexcept {
  MutexLock lock(mutex_);
  if (!exit_) ::kill(id_, number);
}

posix::FileDescriptor BodyProcess::open_socket() {
  MutexLock lock(mutex_);
  if (!channel_) return {};
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) != 0) {
    posix::throw_system_error("socketpair", "AF_UNIX, SOCK_SEQPACKET", errno);
  }
  posix::FileDescriptor ours{ends[0]};
  const posix::FileDescriptor its{ends[1]};
  if (send_link_socket(channel_.get(), its.get()) != 0) return {};
  return ours;
}

std::string BodyProcess::text() const {
  MutexLock lock(mutex_);
  return exit_ ? exit_->to_string() : std::string();
}

}  // namespace vagus::transport::supervised
