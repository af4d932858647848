#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>

#include "chaos/side.hpp"
#include "load/child.hpp"

namespace vagus::chaos {

using Clock = std::chrono::steady_clock;
using Time = Clock::time_point;

/// What was seen that should not be.
class RoundFailed : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// SIGINT or SIGTERM has come.
class Interrupted : public std::runtime_error {
 public:
  Interrupted() : std::runtime_error("interrupted") {}
};

/// One side, as the driver sees it: a process that is ended and started again.
class SideHandle {
 public:
  SideHandle(Role role, std::function<void(const load::Figures&)> on_gone)
      : role_(role), on_gone_(std::move(on_gone)) {}
  ~SideHandle() { forget(); }
  SideHandle(const SideHandle&) = delete;
  SideHandle& operator=(const SideHandle&) = delete;

  Role role() const noexcept { return role_; }
  bool runs() const noexcept { return child_ != nullptr; }
  load::Child& child() const noexcept { return *child_; }
  std::string name() const;

  void start(const std::string& url, std::uint64_t seed, const std::string& fault);
  void tell(const std::string& line);
  /// Whether it has said so since it was told something last.
  bool has_said(const std::string& word) const { return said_.contains(word); }

  /// Takes what has come. Throws RoundFailed for a fault.
  void read();
  /// It has ended: whatever is still to be read, and its figures.
  void forget() noexcept;

  /// Whether a link to this process was open, and since when a call pending to it has failed.
  bool was_open_to(pid_t process) const { return open_.contains(process); }
  std::optional<Time> lost(pid_t process) const;

 private:
  void take(const std::string& line);

  const Role role_;
  const std::function<void(const load::Figures&)> on_gone_;
  std::unique_ptr<load::Child> child_;
  std::set<std::string> said_;
  std::set<pid_t> open_;
  std::map<pid_t, Time> lost_;
};

/// Both sides, and what they say and come to.
class Pair {
 public:
  Pair(Role survivor, std::function<void(const load::Figures&)> on_gone);
  ~Pair();
  Pair(const Pair&) = delete;
  Pair& operator=(const Pair&) = delete;

  SideHandle& survivor() noexcept { return survivor_; }
  SideHandle& victim() noexcept { return victim_; }

  /// Hears of both until it is so; false after so long. Throws RoundFailed for a fault.
  bool await(const std::function<bool()>& so, std::chrono::nanoseconds longest);
  void pause(std::chrono::nanoseconds time) {
    await([] { return false; }, time);
  }

 private:
  void hear(Time until);

  int signals_ = -1;
  SideHandle survivor_;
  SideHandle victim_;
};

}  // namespace vagus::chaos
