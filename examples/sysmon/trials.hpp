/// What the demonstration does to its own body, and what comes of it.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include <vagus/vagus.hpp>

#include "board.hpp"
#include "caller.hpp"
#include "second_head.hpp"

namespace sysmon {

/// What a trial came to.
struct Report {
  std::string text;
  bool as_promised = true;  ///< nothing hung, nothing was left over
};

/// What is to be said of the death of a body that was killed at that time of the steady clock, while so many
/// calls waited for it.
Report report_of_death(const DeathSeen& seen, std::int64_t killed, std::uint32_t calls);

/// Does one thing at a time to the body that a Supervisor runs, while both heads call it: this process, and
/// the second head. All functions are safe from any thread.
class Trials {
 public:
  /// `news` is called when there is a report. The arguments have to outlive it.
  Trials(const vagus::Supervisor& body, vagus::ApiArb& first, const SecondHead& second, const Look& look,
         std::function<void()> news);
  ~Trials();
  Trials(const Trials&) = delete;
  Trials& operator=(const Trials&) = delete;

  // Each begins in the background; nothing happens while another is under way.

  /// Kills the body while three calls are pending, two of this head and one of the other.
  void kill();
  /// Stops the body's processor time, and gives it back.
  void freeze();
  /// Has the other head call one API of the body as fast as it can, and calls another one here.
  void flood();

  /// What the latest trial came to, once.
  std::optional<Report> take_report();

 private:
  void begin(const char* what, Report (Trials::*trial)());
  Report try_kill();
  Report try_freeze();
  Report try_flood();

  const vagus::Supervisor& body_;
  Caller first_;
  const SecondHeadApi& second_;
  const Look look_;
  const std::function<void()> news_;

  std::atomic<bool> busy_{false};
  std::mutex mutex_;
  std::optional<Report> report_;  // guarded by mutex_
  std::jthread thread_;           // of the trial under way; used by whoever has set busy_
};

}  // namespace sysmon
