/// The head's view of the body: its calls, its subscription and the state of its link.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <vagus/core/log.hpp>
#include <vagus/vagus.hpp>

#include "board.hpp"
#include "latencies.hpp"
#include "system_api.hpp"

namespace sysmon {

/// Where a body is found, and how it is called.
struct BodyToWatch {
  /// Makes the arbitrator, which logs there; it may be of a derived class.
  std::function<std::shared_ptr<vagus::ApiArb>(vagus::Log& log)> connect;
  vagus::ApiOptions system = {.timeout = std::chrono::milliseconds(500)};
};

/// With all else as usual.
BodyToWatch body_at(const vagus::Endpoint& endpoint);

/// The functions are for one thread, the one that draws, unless they say otherwise; `news` is called from
/// others.
class Monitor {
 public:
  /// Connects. `news` is called whenever there may be something new to see.
  Monitor(const vagus::Endpoint& body, std::function<void()> news);
  /// The same with more said of the body.
  Monitor(const BodyToWatch& body, std::function<void()> news);

  /// Throws vagus::ConnectionTimeoutError if no body is there in time.
  void wait_open(std::chrono::nanoseconds at_most) { arb_->wait_open(at_most); }

  /// Asks the body for what the picture lacks, and puts it there. What fails is told in its `trouble`.
  void refresh(Picture& picture);
  /// Puts what the body and the link have told by themselves into the picture.
  void collect(Picture& picture) const;
  /// Has the body send a signal; says in the message what became of it.
  void signal(Picture& picture, const ProcessInfo& process, int number);

  /// As of the latest refresh. Safe from any thread.
  HeadFigures figures() const;
  /// For other calls over the same link. Safe from any thread.
  vagus::ApiArb& arb() noexcept { return *arb_; }

 private:
  /// One call, timed. False, and `trouble` says why, if it failed.
  template <typename T, typename Action>
  bool ask(Picture& picture, T& answer, const Action& action);
  void heard(std::vector<double> load);
  void link_changed(const vagus::LinkEvent& event);

  const std::function<void()> news_;
  Latencies latencies_;
  std::uint64_t calls_ = 0;
  std::uint64_t calls_failed_ = 0;

  mutable std::mutex mutex_;
  Picture told_;  // guarded by mutex_; what handlers and listeners have put there, and the figures

  // The link's own warnings would spoil the board, which shows them anyway.
  vagus::Log log_{[](vagus::LogLevel, std::string_view) {}, vagus::LogLevel::off};
  SystemApi system_;
  const std::shared_ptr<vagus::ApiArb> arb_;
  // Last, so that they go first: then nothing of this object is used any more.
  vagus::Registration subscription_;
  vagus::Registration listening_;
};

}  // namespace sysmon
