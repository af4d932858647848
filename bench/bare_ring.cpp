#include "bare_ring.hpp"

#include <linux/futex.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <new>
#include <system_error>

#include "measure.hpp"

namespace bench {

namespace {

// The first byte of a payload: what the echoing side does after it.
constexpr char go_on_mark = 'g';
constexpr char sleep_mark = 's';

struct alignas(64) Line {
  char payload[56];
  std::atomic<std::uint32_t> round;
};

void futex_wait(std::atomic<std::uint32_t>& word, std::uint32_t seen) {
  ::syscall(SYS_futex, &word, FUTEX_WAIT, seen, nullptr, nullptr, 0);
}
void futex_wake(std::atomic<std::uint32_t>& word) {
  ::syscall(SYS_futex, &word, FUTEX_WAKE, 1, nullptr, nullptr, 0);
}

void pause_cpu() {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#endif
}

void send(Line& line, std::uint32_t round, const char* payload, bool block) {
  std::memcpy(line.payload, payload, sizeof line.payload);
  line.round.store(round);
  if (block) futex_wake(line.round);
}

void receive(Line& line, std::uint32_t round, char* payload, bool block) {
  for (std::uint32_t seen = line.round.load(); seen != round; seen = line.round.load()) {
    if (block) {
      futex_wait(line.round, seen);
    } else {
      pause_cpu();
    }
  }
  std::memcpy(payload, line.payload, sizeof line.payload);
}

}  // namespace

struct BareRing::Shared {
  Line there;
  Line back;
  alignas(64) std::atomic<std::uint32_t> woken;  // how often
};

BareRing::BareRing(int echo_core, bool block)
    : shared_(static_cast<Shared*>(::mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE,
                                          MAP_SHARED | MAP_ANONYMOUS | MAP_POPULATE, -1, 0))),
      block_(block) {
  if (shared_ == MAP_FAILED) throw std::system_error(errno, std::generic_category(), "mmap");
  new (shared_) Shared{};
  child_ = ::fork();
  if (child_ < 0) throw std::system_error(errno, std::generic_category(), "fork");
  if (child_ > 0) return;
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  pin(echo_core);
  echo();
}

BareRing::~BareRing() {
  ::kill(child_, SIGKILL);
  ::waitpid(child_, nullptr, 0);
  ::munmap(shared_, sizeof(Shared));
}

void BareRing::echo() {
  char payload[56] = {sleep_mark};
  std::uint32_t woken = 0;
  for (std::uint32_t round = 1;; ++round) {
    if (payload[0] == sleep_mark) {
      while (shared_->woken.load() == woken) futex_wait(shared_->woken, woken);
      ++woken;
    }
    receive(shared_->there, round, payload, block_);
    send(shared_->back, round, payload, block_);
  }
}

void BareRing::begin() {
  shared_->woken.fetch_add(1);
  futex_wake(shared_->woken);
}

void BareRing::end() { pass(sleep_mark); }

void BareRing::round_trip() { pass(go_on_mark); }

void BareRing::pass(char mark) {
  char payload[56] = {mark};
  ++round_;
  send(shared_->there, round_, payload, block_);
  receive(shared_->back, round_, payload, block_);
}

}  // namespace bench
