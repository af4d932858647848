#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include <vagus/core/event_loop.hpp>
#include <vagus/core/mutex.hpp>

#include "faulty_script.hpp"
#include "forwarding_link.hpp"

namespace vagus::testing {

/// Faults are made where a message is sent, but for delays: there the message has arrived, and is not shown.
class FaultyLink final : public ForwardingLink, private transport::LinkObserver {
 public:
  FaultyLink(std::unique_ptr<transport::Link> inner, std::shared_ptr<FaultyTransport::Script> script,
             EventLoop& loop);
  ~FaultyLink() override;

  void start(transport::LinkObserver& observer) override;

  bool commit(transport::Slot& slot, std::size_t used) override;

  std::optional<std::span<const std::byte>> try_receive() override;
  void release() override;
  void disarm() override;
  void wait_readable(Deadline deadline, bool or_writable) override;
  bool arm() override;

  void interrupt() noexcept override;
  void stop() noexcept override;

 private:
  void on_readable() override { tell_readable(); }
  void on_writable() override { observer_->on_writable(); }
  void on_closed(const ErrorPtr& reason) override;

  /// Never overlaps itself: one that comes meanwhile follows it.
  void tell_readable();
  void begin_delay();
  bool is_delayed();

  const std::shared_ptr<FaultyTransport::Script> script_;
  const std::uint64_t number_;
  LinkObserver* observer_ = nullptr;  // since start()
  std::atomic<unsigned> calls_{0};    // of on_readable() that are due

  std::uint64_t sent_ = 0;  // the send turn's

  std::uint64_t received_ = 0;                      // the reader role's
  std::optional<std::span<const std::byte>> held_;  // likewise: taken off the link and not released

  Mutex mutex_;
  std::condition_variable changed_;
  std::unique_ptr<Timer> timer_ VAGUS_GUARDED_BY(mutex_);  // null since stop()
  Deadline shown_at_ VAGUS_GUARDED_BY(mutex_) = Deadline::never();
  bool interrupted_ VAGUS_GUARDED_BY(mutex_) = false;
  bool ended_ VAGUS_GUARDED_BY(mutex_) = false;
};

}  // namespace vagus::testing
