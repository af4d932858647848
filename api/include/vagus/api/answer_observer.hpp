/// Whoever wants to know what becomes of one request.
#pragma once

#include <string_view>

#include <vagus/core/error.hpp>

namespace vagus::detail {

/// Told of one IncomingCall, which owns it. Either answered() or refused() is called, once, unless the call
/// goes without an answer; none of them at the same time as another. All are called under no lock.
class AnswerObserver {
 public:
  virtual ~AnswerObserver() = default;

  /// Its handler, or a hook for what nothing handles, is about to run.
  virtual void started() noexcept = 0;
  /// The answer that is about to be sent is an exception of this type.
  virtual void threw(std::string_view type) noexcept = 0;
  /// The answer has been sent, if there was anybody to send it to. `given_up`: nobody waited for it any more.
  virtual void answered(bool given_up) noexcept = 0;
  /// The same, and it was this error of the framework's own.
  virtual void refused(const Error& error, bool given_up) noexcept = 0;
};

}  // namespace vagus::detail
