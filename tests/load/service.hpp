#pragma once

#include <cstdint>
#include <deque>
#include <vector>

#include <vagus/core/mutex.hpp>
#include <vagus/vagus.hpp>

#include "load/checks.hpp"
#include "load/contract.hpp"

namespace vagus::load {

/// Keeps the loans that came last for a while, and looks whether they still hold what they held: what was
/// received stays readable, whatever has become of its link. Safe from any thread.
class KeptLoans {
 public:
  explicit KeptLoans(Checks& checks) noexcept : checks_(checks) {}
  void keep(Loan<const std::uint64_t> loan, std::uint64_t seed);
  void clear();

 private:
  struct Kept {
    Loan<const std::uint64_t> loan;
    std::uint64_t seed;
  };

  Checks& checks_;
  Mutex mutex_;
  std::deque<Kept> kept_ VAGUS_GUARDED_BY(mutex_);
};

/// Handles what the peer asks, and hears its events.
class Service {
 public:
  /// `own` is served; `theirs` is the stub of what the peer serves. Both are attached by somebody else.
  Service(LoadApi& own, LoadApi& theirs, Checks& checks);
  ~Service();
  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;

  VAGUS_HANDLERS(ask, transform, take, give, relay, tell, hold, note)

  std::uint64_t _handler_ask(const Question& question);
  Bytes _handler_transform(const Question& question, const Bytes& bytes);
  std::uint64_t _handler_take(const Question& question, const Loan<const std::uint64_t>& loan);
  Loan<const std::uint64_t> _handler_give(Call& call, const Question& question, std::uint32_t count);
  std::uint64_t _handler_relay(Call& call, const Question& question);
  std::uint64_t _handler_tell(Call& call, const Question& question, std::uint32_t parts);
  void _handler_hold(Call& call);
  void _handler_note(const Tick& tick);

  KeptLoans& kept() noexcept { return kept_; }

 private:
  Checks& checks_;
  LoadApi& theirs_;
  KeptLoans kept_;
  Mutex mutex_;
  std::vector<Reply<void>> held_ VAGUS_GUARDED_BY(mutex_);
  std::vector<Registration> registrations_;
};

}  // namespace vagus::load
