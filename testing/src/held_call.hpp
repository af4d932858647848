#pragma once

#include <exception>
#include <stop_token>
#include <utility>

#include <vagus/api/call.hpp>
#include <vagus/core/deadline.hpp>
#include <vagus/core/mutex.hpp>
#include <vagus/testing/matching.hpp>

namespace vagus::detail {

/// A call that the test answers. Safe from any thread.
class HeldCall {
 public:
  HeldCall(Reply<Value> reply, std::stop_token stop, testing::Received received)
      : received_(std::move(received)), stop_(std::move(stop)), reply_(std::move(reply)) {}

  const testing::Received& received() const noexcept { return received_; }

  void complete(const Value& value);
  void fail(const std::exception_ptr& thrown);
  /// Both wait, by the machine's clock; they throw testing::Failed.
  void progress(const Value& value, Duration timeout);
  void wait_given_up(Duration timeout) const;

 private:
  bool try_progress(const Value& value);

  const testing::Received received_;
  const std::stop_token stop_;
  Mutex mutex_;
  Reply<Value> reply_ VAGUS_GUARDED_BY(mutex_);
};

}  // namespace vagus::detail
