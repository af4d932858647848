#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <vagus/vagus.hpp>

#include "load/checks.hpp"
#include "load/contract.hpp"
#include "load/random.hpp"
#include "load/service.hpp"

namespace vagus::load {

/// Calls, posts and sends events in every way there is, from threads of its own, whether there is a peer or
/// not, and checks what comes of it.
class Load {
 public:
  /// How many peers may hear an event at once. A post that fails has reached nobody if there is one, and
  /// perhaps the others if there are several: only with one is its number used again, so that none is
  /// missing.
  enum class Hearers : std::uint8_t { one, several };

  Load(ApiArb& arb, LoadApi& own, LoadApi& theirs, KeptLoans& kept, Checks& checks, std::uint64_t seed,
       Hearers hearers);
  ~Load();
  Load(const Load&) = delete;
  Load& operator=(const Load&) = delete;

  void start();
  /// Returns when no thread of it runs any more; callbacks may still come.
  void stop();

  /// Makes one call of each kind. Returns why it did not work, or nothing.
  std::string prove(Deadline deadline);

 private:
  /// One kind of load. Returns why it is not known to have come to its purpose; null: it has.
  using Kind = ErrorPtr (Load::*)(Random& random, Duration allowed);

  ErrorPtr call_blocking(Random& random, Duration allowed);
  ErrorPtr call_without_exceptions(Random& random, Duration allowed);
  ErrorPtr call_with_callbacks(Random& random, Duration allowed);
  ErrorPtr call_and_collect(Random& random, Duration allowed);
  ErrorPtr call_in_coroutine(Random& random, Duration allowed);
  ErrorPtr copy_some(Random& random, Duration allowed);
  ErrorPtr copy_much(Random& random, Duration allowed);
  ErrorPtr lend_to_handler(Random& random, Duration allowed);
  ErrorPtr lend_to_caller(Random& random, Duration allowed);
  ErrorPtr relay(Random& random, Duration allowed);
  ErrorPtr fetch_stream(Random& random, Duration allowed);
  ErrorPtr leave_stream(Random& random, Duration allowed);
  ErrorPtr call_with_progress(Random& random, Duration allowed);
  ErrorPtr post_notes(Random& random, Duration allowed);
  ErrorPtr send_events(Random& random, Duration allowed);
  ErrorPtr send_loans(Random& random, Duration allowed);
  struct Share {
    Kind kind;
    unsigned weight;
  };
  static const std::array<Share, 16> shares;

  Question new_question() noexcept { return {asker_, next_question_.fetch_add(1)}; }
  void run(std::stop_token stop, std::uint64_t seed);
  ErrorPtr copy(Random& random, Duration allowed, std::size_t size, const char* kind);
  Kind choose(Random& random) const;

  /// Numbers of one kind of unsolicited message, posted one at a time.
  struct Sequence {
    std::mutex mutex;
    std::uint64_t next = 1;
  };
  template <typename Post>
  ErrorPtr post_in_sequence(Sequence& sequence, const Post& post, Duration allowed);

  ApiArb& arb_;
  LoadApi& own_;
  LoadApi& theirs_;
  KeptLoans& kept_;
  Checks& checks_;
  const std::uint64_t seed_;
  const std::uint64_t asker_;
  const Hearers hearers_;
  std::atomic<std::uint64_t> next_question_{1};
  std::atomic<bool> relaying_{false};
  Sequence notes_;
  Sequence events_;
  Sequence loans_;
  std::vector<std::jthread> threads_;
};

}  // namespace vagus::load
