#include "signal_wait.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <memory>
#include <stdexcept>
#include <system_error>
#include <thread>
#include <utility>

namespace vagus {

namespace {

// A signal handler can reach nothing but this. -1: nobody waits.
std::atomic<int> pipe_end{-1};
static_assert(std::atomic<int>::is_always_lock_free, "used in a signal handler");

constexpr char by_signal = 's';
constexpr char by_owner = 'o';

void write_byte(int fd, char byte) noexcept {
  // A full pipe holds a byte already, which is as good.
  while (::write(fd, &byte, 1) < 0 && errno == EINTR) {
  }
}

void on_signal(int) {
  const int saved = errno;
  if (const int fd = pipe_end.load(); fd >= 0) write_byte(fd, by_signal);
  errno = saved;
}

}  // namespace

class SignalWait::Impl {
 public:
  explicit Impl(std::function<void()> signalled) : signalled_(std::move(signalled)) {
    if (::pipe2(ends_, O_CLOEXEC) != 0) throw std::system_error(errno, std::generic_category(), "pipe2");
    int nobody = -1;
    if (!pipe_end.compare_exchange_strong(nobody, ends_[1])) {
      ::close(ends_[0]);
      ::close(ends_[1]);
      throw std::logic_error("run_until_signal() is under way in this process already");
    }
    struct sigaction action {};
    action.sa_handler = on_signal;
    ::sigemptyset(&action.sa_mask);
    ::sigaction(SIGINT, &action, &former_interrupt_);
    ::sigaction(SIGTERM, &action, &former_terminate_);
    thread_ = std::thread([this] { wait(); });
  }

  ~Impl() {
    ::sigaction(SIGINT, &former_interrupt_, nullptr);
    ::sigaction(SIGTERM, &former_terminate_, nullptr);
    pipe_end.store(-1);
    write_byte(ends_[1], by_owner);
    thread_.join();
    ::close(ends_[0]);
    ::close(ends_[1]);
  }

 private:
  void wait() {
    char byte = by_owner;
    while (::read(ends_[0], &byte, 1) < 0 && errno == EINTR) {
    }
    if (byte == by_signal) signalled_();
  }

  const std::function<void()> signalled_;
  int ends_[2] = {-1, -1};
  struct sigaction former_interrupt_ {};
  struct sigaction former_terminate_ {};
  std::thread thread_;
};

SignalWait::SignalWait(std::function<void()> signalled) : impl_(new Impl(std::move(signalled))) {}
SignalWait::~SignalWait() { delete impl_; }

}  // namespace vagus
