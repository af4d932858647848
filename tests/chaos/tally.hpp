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
  void took_place(const std::string& what) { ++places_[what]; }
  void worked_again(std::chrono::nanoseconds after) { worked_.push_back(after); }

  /// For people, on stdout.
  void print() const;

 private:
  load::Figures sum_;
  std::vector<std::chrono::nanoseconds> noticed_;
  std::vector<std::chrono::nanoseconds> worked_;
  std::map<std::string, std::uint64_t> places_;
};

}  // namespace vagus::chaos
