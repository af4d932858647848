#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "load/figures.hpp"

namespace vagus::chaos {

/// What all rounds came to.
class Tally {
 public:
  void add(const load::Figures& figures);
  void noticed(std::chrono::nanoseconds after) { noticed_.push_back(after); }
  void round_done() noexcept { ++rounds_; }
  std::uint64_t rounds() const noexcept { return rounds_; }
  /// The fault was planned for this point.
  void planned(const std::string& point) { ++planned_[point]; }
  /// Where it took place: there, or elsewhere.
  void took_place(const std::string& what) { ++places_[what]; }
  /// The points that were never come to, however often they were planned; those of which too few were
  /// planned to say so are not among them.
  std::vector<std::string> never_reached() const;
  void worked_again(std::chrono::nanoseconds after) { worked_.push_back(after); }

  /// For people, on stdout.
  void print() const;

 private:
  load::Figures sum_;
  std::vector<std::chrono::nanoseconds> noticed_;
  std::vector<std::chrono::nanoseconds> worked_;
  std::uint64_t rounds_ = 0;
  std::map<std::string, std::uint64_t> planned_;
  std::map<std::string, std::uint64_t> places_;
};

}  // namespace vagus::chaos
