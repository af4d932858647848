/// The demonstration's second head: a process of its own, which shows nothing but tells the first one.
#pragma once

#include <chrono>
#include <functional>
#include <mutex>
#include <string>

#include <vagus/vagus.hpp>

#include "second_head_api.hpp"

namespace sysmon {

/// Is a head of the body at the URL, and does what the head asks that has started it, until SIGTERM.
void run_second_head(const std::string& url);

/// That process, seen from the head that starts it. All functions are safe from any thread.
class SecondHead {
 public:
  /// Starts it. `news` is called whenever its figures have changed.
  SecondHead(const std::string& url, std::function<void()> news);
  SecondHead(const SecondHead&) = delete;
  SecondHead& operator=(const SecondHead&) = delete;

  /// Its calls wait until it is there, and has its link to the body.
  const SecondHeadApi& api() const noexcept { return api_; }
  /// The latest that it has told; its process id is -1 while it is not there.
  HeadFigures figures() const;

 private:
  void take(const HeadFigures& figures);

  const std::function<void()> news_;
  mutable std::mutex mutex_;
  HeadFigures figures_;  // guarded by mutex_

  vagus::Log silent_{[](vagus::LogLevel, std::string_view) {}, vagus::LogLevel::off};
  vagus::Supervisor supervisor_;
  SecondHeadApi api_{"second_head", {.timeout = std::chrono::seconds(20)}};
  vagus::ApiArb arb_;
  // Last, so that they go first.
  vagus::Registration subscription_;
  vagus::Registration listening_;
};

}  // namespace sysmon
