#include "ring/arena_trimmer.hpp"

#include <chrono>
#include <utility>

namespace vagus::transport::ring {

namespace {

constexpr Duration idle_time = std::chrono::seconds(1);

}  // namespace

ArenaTrimmer::ArenaTrimmer(EventLoop& loop, std::shared_ptr<Arena> arena)
    : arena_(std::move(arena)), timer_(loop, [this] { look(); }) {}

void ArenaTrimmer::used() {
  used_.store(true);
  if (!running_.exchange(true)) timer_.start(Deadline::now() + idle_time);
}

void ArenaTrimmer::look() {
  if (!used_.exchange(false)) {
    arena_->trim();
    running_.store(false);
    if (!used_.load() || running_.exchange(true)) return;
  }
  timer_.start(Deadline::now() + idle_time);
}

}  // namespace vagus::transport::ring
