/// What the demonstration does to its own body, and what comes of it.
#pragma once

#include <atomic>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include <vagus/vagus.hpp>

#include "board.hpp"
#include "latencies.hpp"
#include "system_api.hpp"

namespace sysmon {

/// What a trial came to.
struct Report {
  std::string text;
  bool as_promised = true;  ///< nothing hung, nothing was left over
};

/// Does one thing at a time to the body that a Supervisor runs, through a head of its own: the second one of
/// this process, so that the body has two. All functions are safe from any thread.
class Trials {
 public:
  /// `news` is called when there is a report.
  Trials(const vagus::Supervisor& supervisor, const Look& look, std::function<void()> news);
  ~Trials();
  Trials(const Trials&) = delete;
  Trials& operator=(const Trials&) = delete;

  // Each begins in the background; nothing happens while another is under way.

  /// Kills the body while three calls are pending.
  void kill();
  /// Stops the body's processor time, and gives it back.
  void freeze();
  /// Calls one API of the body as fast as it can, and another one besides.
  void flood();

  /// What the latest trial came to, once.
  std::optional<Report> take_report();

 private:
  void begin(const char* what, Report (Trials::*trial)());
  Report try_kill();
  Report try_freeze();
  Report try_flood();

  const vagus::Supervisor& supervisor_;
  const Look look_;
  const std::function<void()> news_;
  vagus::Log log_{[](vagus::LogLevel, std::string_view) {}, vagus::LogLevel::off};
  // What is called while the body is away waits for it.
  LabApi lab_{"lab", {.timeout = std::chrono::seconds(10), .when_down = vagus::WhenDown::queue}};
  SystemApi system_{"system", {.timeout = std::chrono::seconds(10)}};
  vagus::ApiArb arb_;

  std::atomic<bool> busy_{false};
  std::mutex mutex_;
  std::optional<Report> report_;  // guarded by mutex_
  std::jthread thread_;           // of the trial under way; used by whoever has set busy_
};

}  // namespace sysmon
