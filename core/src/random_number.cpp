#include <sys/random.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <system_error>

#include <vagus/core/home_process.hpp>
#include <vagus/core/random_number.hpp>

namespace vagus::detail {

namespace {

/// What one thread has asked the system for and not handed out yet: a number is drawn for each call, and a
/// system call for each number would be too much. A generator of the standard library would need none, but
/// whoever sees some of its numbers can tell the next ones.
class Supply {
 public:
  std::uint64_t take() {
    // A child goes on with a copy, as do its siblings.
    if (left_ == 0 || drawn_after_ != forks_so_far()) draw();
    return numbers_[--left_];
  }

 private:
  void draw() {
    left_ = 0;  // also if the system refuses
    drawn_after_ = forks_so_far();
    while (::getrandom(numbers_.data(), sizeof numbers_, 0) != static_cast<ssize_t>(sizeof numbers_)) {
      // Up to 256 bytes come whole, or not at all while the system is still collecting its first ones.
      if (errno != EINTR) throw std::system_error(errno, std::generic_category(), "getrandom");
    }
    left_ = numbers_.size();
  }

  std::array<std::uint64_t, 32> numbers_{};
  std::size_t left_ = 0;
  unsigned drawn_after_ = 0;
};

}  // namespace

std::uint64_t random_number() {
  thread_local Supply supply{};
  for (;;) {
    if (const std::uint64_t number = supply.take(); number != 0) return number;
  }
}

}  // namespace vagus::detail
