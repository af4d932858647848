#include "supervised/launch.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/process/child.hpp>
#include <boost/process/error.hpp>
#include <boost/process/exe.hpp>
#include <boost/process/extend.hpp>

#include <vagus/core/error.hpp>

#include "posix/system_error.hpp"
#include "supervised/child_setup.hpp"
#include "supervised/inherited_channel.hpp"

namespace vagus::transport::supervised {

namespace {

namespace bp = boost::process;

// If another thread has forked at this very moment, and its child goes on without exec, the report does not
// end: the program runs all the same.
constexpr int patience_ms = 1000;

struct TwoEnds {
  posix::FileDescriptor ours;
  posix::FileDescriptor its;
};

/// The child puts something else in the place of the standard descriptors, of which this process may have
/// closed some.
posix::FileDescriptor above_standard(int fd) {
  posix::FileDescriptor given{fd};
  if (fd > STDERR_FILENO) return given;
  posix::FileDescriptor moved{::fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1)};
  if (!moved) posix::throw_system_error("fcntl", "F_DUPFD_CLOEXEC", errno);
  return moved;
}

TwoEnds create_channel() {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) != 0) {
    posix::throw_system_error("socketpair", "AF_UNIX, SOCK_SEQPACKET", errno);
  }
  posix::FileDescriptor its{ends[1]};
  return {posix::FileDescriptor{ends[0]}, above_standard(its.release())};
}

TwoEnds create_report() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) posix::throw_system_error("pipe2", "O_CLOEXEC", errno);
  posix::FileDescriptor ours{ends[0]};
  return {std::move(ours), above_standard(ends[1])};
}

/// For execve(); the texts have to outlive it.
std::vector<char*> pointers_to(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (std::string& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

/// The program and its arguments. Boost.Process 1.74 asks even an empty argument for its first character.
class Arguments {
 public:
  Arguments(const std::string& program, const LaunchPlan& plan) : texts_(plan.command) {
    texts_.front() = program;
    pointers_ = pointers_to(texts_);
  }
  char** get() noexcept { return pointers_.data(); }

 private:
  std::vector<std::string> texts_;
  std::vector<char*> pointers_;
};

/// This process's environment with what the plan changes of it. That of Boost.Process 1.74 reads beyond the
/// end of entries that are shorter than the name it looks for.
class Environment {
 public:
  Environment(const LaunchPlan& plan, int channel) {
    auto changes = plan.environment;
    changes[channel_variable] = describe_channel(channel);
    for (char** entry = ::environ; entry != nullptr && *entry != nullptr; ++entry) {
      const std::string_view text(*entry);
      if (!changes.contains(std::string(text.substr(0, text.find('='))))) entries_.emplace_back(text);
    }
    for (const auto& [name, value] : changes) entries_.push_back(name + '=' + value);
    pointers_ = pointers_to(entries_);
  }
  char** get() noexcept { return pointers_.data(); }

 private:
  std::vector<std::string> entries_;
  std::vector<char*> pointers_;
};

/// Boost.Process calls these around fork() and execve().
struct Handler : bp::extend::handler {
  ChildSetup setup;
  int* fork_error;
  char** arguments;
  char** environment;

  template <typename Executor>
  void on_setup(Executor& executor) const noexcept {
    executor.cmd_line = arguments;
    executor.env = environment;
  }
  template <typename Executor>
  void on_fork_error(Executor&, const std::error_code& error) const noexcept {
    *fork_error = error.value();
  }
  template <typename Executor>
  void on_exec_setup(Executor&) const noexcept {
    setup.run();
  }
  template <typename Executor>
  void on_exec_error(Executor&, const std::error_code& error) const noexcept {
    setup.fail(ChildSetup::Step::program, error.value());
  }
};

void reap(pid_t id) noexcept {
  while (::waitpid(id, nullptr, 0) < 0 && errno == EINTR) {
  }
}

}  // namespace

Launched launch(const LaunchPlan& plan) {
  const std::string program = find_program(plan.command.front());
  TwoEnds channel = create_channel();
  TwoEnds ends = create_report();
  int fork_error = 0;
  const ChildSetup setup{.parent = ::getpid(),
                         .channel = channel.its.get(),
                         .report = ends.its.get(),
                         .directory = plan.directory.empty() ? nullptr : plan.directory.c_str()};
  Arguments arguments(program, plan);
  Environment environment(plan, channel.its.get());
  // Errors are reported by the handler: the pipe that Boost.Process has for them may leak into the child of
  // another thread, and would then end with that one.
  bp::child child(bp::exe = program, bp::ignore_error,
                  Handler{{}, setup, &fork_error, arguments.get(), environment.get()});
  child.detach();  // waited for by its owner: Boost.Process would need a handler of SIGCHLD for that
  if (fork_error != 0) posix::throw_system_error("fork", program, fork_error);
  ends.its.reset();
  StartReport report(std::move(ends.ours), program, plan.directory);
  if (const auto failed = report.read(patience_ms)) {
    reap(child.id());
    posix::throw_system_error(failed->name, failed->argument, failed->error);
  }
  return {child.id(), std::move(channel.ours), std::move(report)};
}

}  // namespace vagus::transport::supervised
