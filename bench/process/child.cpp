#include "process/child.hpp"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <exception>
#include <stdexcept>
#include <system_error>
#include <thread>

#include "process/cores.hpp"

namespace bench {

namespace {

[[noreturn]] void run_child(pid_t parent, int processor, Channel& channel,
                            const std::function<void(Channel&)>& work) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(1);  // it died before it could be heard of
  int code = 0;
  try {
    pin_to(processor);
    work(channel);
  } catch (const std::exception& error) {
    code = 1;
    try {
      channel.send(Channel::Kind::error, std::string_view(error.what()));
    } catch (const std::exception&) {
      std::fprintf(stderr, "vagus_bench: %s\n", error.what());  // the parent no longer listens
    }
  }
  ::_exit(code);
}

}  // namespace

Child::Child(int processor, End end, const std::function<void(Channel&)>& work)
    : Child(Channel::make_pair(), processor, end, work) {}

Child::Child(std::pair<Channel, Channel> ends, int processor, End end,
             const std::function<void(Channel&)>& work)
    : channel_(std::move(ends.first)), end_(end) {
  const pid_t parent = ::getpid();
  std::fflush(nullptr);
  id_ = ::fork();
  if (id_ < 0) throw std::system_error(errno, std::generic_category(), "fork");
  if (id_ == 0) run_child(parent, processor, ends.second, work);
}

Child::~Child() {
  if (end_ == End::ask) {
    ::kill(id_, SIGCONT);
    try {
      channel_.send(Channel::Kind::end);
    } catch (const std::exception&) {
      // It has ended by itself, and said why before.
    }
    if (ended_within_patience()) return;
    std::fprintf(stderr, "vagus_bench: a process did not end when it was told to, and is killed\n");
  }
  ::kill(id_, SIGKILL);
  ::waitpid(id_, nullptr, 0);
}

bool Child::ended_within_patience() const {
  using namespace std::chrono_literals;
  const auto end = std::chrono::steady_clock::now() + 10s;
  for (auto pause = 100us; std::chrono::steady_clock::now() < end; pause = std::min(2 * pause, 10'000us)) {
    if (::waitpid(id_, nullptr, WNOHANG) != 0) return true;
    std::this_thread::sleep_for(pause);
  }
  return false;
}

void Child::halt() {
  ::kill(id_, SIGSTOP);
  siginfo_t info{};
  ::waitid(P_PID, static_cast<id_t>(id_), &info, WSTOPPED | WEXITED | WNOWAIT);
  // If it has died instead, the next one to ask it hears so.
  if (info.si_code == CLD_STOPPED) ::waitpid(id_, nullptr, WUNTRACED);
}

void Child::go_on() { ::kill(id_, SIGCONT); }

}  // namespace bench
