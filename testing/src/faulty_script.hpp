#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <random>
#include <set>

#include <vagus/core/mutex.hpp>
#include <vagus/testing/faulty_transport.hpp>

namespace vagus::testing {

using FaultRandom = std::mt19937_64;

inline double share(FaultRandom& random) { return std::uniform_real_distribution<double>(0, 1)(random); }

inline std::size_t below(FaultRandom& random, std::size_t end) {
  return std::uniform_int_distribution<std::size_t>(0, end - 1)(random);
}

/// What ends a link.
inline ErrorPtr make_fault() {
  return make_error<TransportDisconnectedError>("the link was ended by a faulty transport");
}

/// What a transport and all of its links share.
class FaultyTransport::Script {
 public:
  explicit Script(const Faults& faults) : faults_(faults) {}

  void set(const Faults& faults) {
    MutexLock lock(mutex_);
    faults_ = faults;
  }
  Faults faults() const {
    MutexLock lock(mutex_);
    return faults_;
  }

  /// Decides about one thing: its number is all that the decision depends on, besides the seed.
  static FaultRandom random_for(const Faults& faults, std::uint64_t link, std::uint64_t number) {
    std::seed_seq seeds{faults.seed, link, number};
    return FaultRandom(seeds);
  }
  std::uint64_t next_link() noexcept { return ++links_made_; }
  std::uint64_t next_attempt() noexcept { return ++attempts_; }
  void count() noexcept { ++done_; }
  std::uint64_t done() const noexcept { return done_.load(); }

  void add(transport::Link* link) {
    MutexLock lock(mutex_);
    links_.insert(link);
  }
  void remove(transport::Link* link) {
    MutexLock lock(mutex_);
    links_.erase(link);
  }
  void cut_all() {
    MutexLock lock(mutex_);
    for (transport::Link* link : links_) link->close(make_fault());
  }

 private:
  mutable Mutex mutex_;
  Faults faults_ VAGUS_GUARDED_BY(mutex_);
  std::set<transport::Link*> links_ VAGUS_GUARDED_BY(mutex_);
  // Numbered apart: how many attempts it takes depends on the time.
  std::atomic<std::uint64_t> links_made_{0};
  std::atomic<std::uint64_t> attempts_{0};
  std::atomic<std::uint64_t> done_{0};
};

}  // namespace vagus::testing
