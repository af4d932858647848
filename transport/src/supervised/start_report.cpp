#include "supervised/start_report.hpp"

#include <poll.h>
#include <unistd.h>

#include "supervised/child_setup.hpp"

namespace vagus::transport::supervised {

std::optional<FailedCall> StartReport::read(int limit_ms) {
  if (!pipe_) return std::nullopt;
  pollfd readable{.fd = pipe_.get(), .events = POLLIN, .revents = 0};
  if (::poll(&readable, 1, limit_ms) != 1) return std::nullopt;
  ChildSetup::Failure failure{};
  const bool failed = ::read(pipe_.get(), &failure, sizeof failure) == sizeof failure;
  pipe_.reset();
  if (!failed) return std::nullopt;
  using Step = ChildSetup::Step;
  switch (failure.step) {
    case Step::input:
      return FailedCall{"open", "/dev/null", failure.error};
    case Step::directory:
      return FailedCall{"chdir", directory_, failure.error};
    case Step::link:
      return FailedCall{"fcntl", "FD_CLOEXEC", failure.error};
    case Step::program:
      break;
  }
  return FailedCall{"execve", program_, failure.error};
}

}  // namespace vagus::transport::supervised
