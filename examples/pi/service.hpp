/// The body: who asks for the same digits shares one computation; what is known is not computed again.
#pragma once

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "cache.hpp"
#include "computation.hpp"
#include "pi_api.hpp"

namespace pi {

struct ServiceOptions {
  /// A program that calls run_job(); this one by default.
  std::vector<std::string> job_command = {"/proc/self/exe", "job"};
  /// For one computation, once it is its turn.
  std::chrono::nanoseconds deadline = std::chrono::minutes(10);
  /// Of digits that are kept.
  std::size_t cache_bytes = std::size_t{16} << 20;
  /// So many processes compute at the same time...
  unsigned processes = std::max(2u, std::thread::hardware_concurrency());
  /// ...and so many computations wait for their turn; one more is refused.
  std::size_t queue = 256;
};

/// Serves a PiApi. All functions are safe from any thread.
class Service {
 public:
  explicit Service(ServiceOptions options = {});
  /// Ends what is under way; who waits for it gets an error.
  ~Service();
  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;

  VAGUS_HANDLERS(digits, statistics)
  /// Answers at once, or takes the reply along: it never waits.
  std::string _handler_digits(vagus::Call& call, std::int64_t count);
  Statistics _handler_statistics();

 private:
  using Shared = std::shared_ptr<Computation>;

  // These with the mutex held:
  Shared computation_of(std::int64_t digits);
  void forget(const Shared& computation);

  // These without:
  void leave(const Shared& computation, const Waiter* waiter);
  void work(const std::stop_token& stop);
  void compute(const Shared& computation);
  void tell_progress(const Computation& computation, double done);

  const ServiceOptions options_;
  std::mutex mutex_;  // guards what follows, down to workers_
  std::condition_variable_any changed_;
  Cache cache_;
  std::map<std::int64_t, Shared> under_way_;  // by the number of digits; those that were not given up
  std::deque<Shared> queue_;                  // those of them that have not begun
  Statistics statistics_;

  std::vector<std::jthread> workers_;  // the last member: they use the others
};

}  // namespace pi
