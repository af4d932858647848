#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "chaos/pair.hpp"
#include "chaos/plan.hpp"
#include "chaos/tally.hpp"

namespace vagus::chaos {

/// Runs rounds of one stretch: the survivor lives through all of them.
class Rounds {
 public:
  /// `folder` is for sockets with a path.
  Rounds(std::uint64_t seed, std::uint64_t first_round, const std::string& folder, Tally& tally);

  /// Throws RoundFailed.
  void run(std::uint64_t round);
  /// Ends both in order, and looks that nothing is left. Throws RoundFailed.
  void finish();

 private:
  void start(SideHandle& side, const std::string& fault);
  void prove();
  void expect(const std::function<bool()>& so, std::chrono::nanoseconds longest, const std::string& what);
  std::string standing();
  void run_at_start(const Plan& plan);
  void run_under_load(const Plan& plan);
  void run_at_end(const Plan& plan);
  void strike(const Plan& plan);
  void after_the_fault(const Plan& plan);
  void thaw(const Plan& plan);
  void bury(Time death);
  void end(SideHandle& side);
  bool stands_or_is_dead();
  /// By its fault point; else it may have ended in order.
  bool was_struck();

  const std::uint64_t seed_;
  const Stretch stretch_;
  const std::string folder_;
  const std::string url_;
  Tally& tally_;
  Pair pair_;
  SideHandle& survivor_;
  SideHandle& victim_;
  std::uint64_t round_ = 0;
  std::int64_t kept_before_ns_ = 0;  // from running was the survivor, before this round
  Time started_;
  bool proven_ = false;  // since the victim was started
};

}  // namespace vagus::chaos
