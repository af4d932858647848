#include "end.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <ctime>
#include <system_error>

namespace vagus::tools {

namespace {

// For the signal handler, which can be given nothing. Never read, so that it stays readable.
int descriptor_of_end = -1;

void wake() noexcept {
  const std::uint64_t one = 1;
  const int error = errno;
  // It can only be full, and then it is readable anyway.
  [[maybe_unused]] const auto written = ::write(descriptor_of_end, &one, sizeof one);
  errno = error;
}

timespec left_until(const Deadline& until) {
  const Duration left = std::clamp(until.remaining(), Duration::zero(), Duration(std::chrono::hours(1)));
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(left);
  return {static_cast<std::time_t>(seconds.count()), static_cast<long>((left - seconds).count())};
}

}  // namespace

End::End() {
  descriptor_of_end = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (descriptor_of_end < 0) throw std::system_error(errno, std::generic_category(), "eventfd");
  struct sigaction action {};
  action.sa_handler = [](int) { wake(); };
  ::sigaction(SIGINT, &action, &interrupt_before_);
  ::sigaction(SIGTERM, &action, &terminate_before_);
}

End::~End() {
  ::sigaction(SIGINT, &interrupt_before_, nullptr);
  ::sigaction(SIGTERM, &terminate_before_, nullptr);
  ::close(descriptor_of_end);
}

void End::come(const std::exception_ptr& reason) {
  {
    MutexLock lock(mutex_);
    if (!reason_) reason_ = reason;
  }
  wake();
}

bool End::await(const Deadline& until) const {
  for (;;) {
    pollfd watched{descriptor_of_end, POLLIN, 0};
    const timespec left = left_until(until);
    const int ready = ::ppoll(&watched, 1, &left, nullptr);
    if (ready > 0) return true;
    if (ready < 0 && errno != EINTR) throw std::system_error(errno, std::generic_category(), "ppoll");
    if (until.passed()) return false;
  }
}

void End::raise() const {
  MutexLock lock(mutex_);
  if (reason_) std::rethrow_exception(reason_);
}

std::exception_ptr link_lost(const Connection& connection, const ErrorPtr& why) {
  return std::make_exception_ptr(
      TransportDisconnectedError("the link to " + connection.peer().name + " was lost" +
                                 (why ? std::string(": ") + why->what() : std::string())));
}

Registration end_when_lost(Connection& connection, End& end) {
  const auto lost = [&connection, &end](const ErrorPtr& reason) { end.come(link_lost(connection, reason)); };
  auto watching = connection.arb().on_state([lost](const LinkEvent& link) {
    if (link.state == LinkState::disconnected) lost(link.reason);
  });
  if (!connection.arb().connected()) lost(nullptr);  // before anybody watched
  return watching;
}

}  // namespace vagus::tools
