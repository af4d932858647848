#include "ring/arena_trimmer.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace vagus::transport::ring {

namespace {

constexpr Duration idle_time = std::chrono::seconds(1);
constexpr Duration longest_pause = std::chrono::seconds(60);

}  // namespace

ArenaTrimmer::ArenaTrimmer(EventLoop& loop, std::shared_ptr<Arena> arena)
    : arena_(std::move(arena)), timer_(loop, [this] { look(); }) {}

void ArenaTrimmer::used() {
  used_.store(true);
  // In the place of a longer pause, too.
  if (!running_.exchange(true)) look_after(idle_time);
}

void ArenaTrimmer::look() {
  if (used_.exchange(false)) {
    pause_.store(idle_time, std::memory_order_relaxed);
    running_.store(true);
    return look_after(idle_time);
  }
  if (!arena_->trim()) {
    const Duration pause = std::min(2 * pause_.load(std::memory_order_relaxed), longest_pause);
    pause_.store(pause, std::memory_order_relaxed);
    look_after(pause);
  }
  // After the start above, which is not to take the place of one for a new use.
  running_.store(false);
  if (used_.load() && !running_.exchange(true)) look_after(idle_time);
}

void ArenaTrimmer::look_after(Duration pause) {
  timer_.start(Deadline::now() + pause);
  if (stopped_.load()) timer_.stop();
}

void ArenaTrimmer::stop() {
  stopped_.store(true);
  timer_.stop();
}

}  // namespace vagus::transport::ring
