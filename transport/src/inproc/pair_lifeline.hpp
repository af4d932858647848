#pragma once

#include <array>
#include <cstddef>
#include <memory>

#include <vagus/core/event_loop.hpp>
#include <vagus/core/log.hpp>
#include <vagus/core/mutex.hpp>

#include "ring/lifeline.hpp"

namespace vagus::transport::inproc {

/// One of the two lifelines of a pair: each posts to the other's event loop.
class PairLifeline final : public ring::Lifeline {
 public:
  /// Both ends; each loop and log has to live until that end is closed.
  static std::array<std::shared_ptr<PairLifeline>, 2> make(std::array<EventLoop*, 2> loops,
                                                           std::array<Log*, 2> logs);

  void start(std::weak_ptr<ring::LifelineObserver> observer) override;
  void ring(ring::Bell bell) noexcept override;
  void close() noexcept override;

 private:
  struct End {
    EventLoop* loop = nullptr;
    Log* log = nullptr;
    std::weak_ptr<ring::LifelineObserver> observer;
    bool started = false;
    bool closed = false;
  };
  struct Pair {
    Mutex mutex;
    std::array<End, 2> ends VAGUS_GUARDED_BY(mutex);
  };

  PairLifeline(std::shared_ptr<Pair> pair, std::size_t side) : pair_(std::move(pair)), side_(side) {}
  static void tell_gone(const End& end) noexcept;

  const std::shared_ptr<Pair> pair_;
  const std::size_t side_;
};

}  // namespace vagus::transport::inproc
