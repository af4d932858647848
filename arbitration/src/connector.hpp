/// Keeps trying to connect one endpoint.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <random>

#include <vagus/core/event_loop.hpp>
#include <vagus/core/mutex.hpp>
#include <vagus/transport/transport.hpp>

namespace vagus {

/// Connects, and after a loss connects again: at once, then with growing pauses and jitter. Safe from any
/// thread.
class Connector final : public std::enable_shared_from_this<Connector> {
 public:
  using LinkHandler = transport::LinkHandler;

  /// Takes why an attempt has failed though somebody is there; `is_news`: the one before had not failed of
  /// the same kind of error. On no lock; the next attempt comes all the same.
  using FailureHandler = std::function<void(const ErrorPtr&, bool is_news)>;

  Connector(std::shared_ptr<transport::Transport> transport, Url url,
            const transport::TransportContext& context, LinkHandler connected, FailureHandler failed = {});

  /// Throws what is wrong with the URL.
  void start();
  /// The link that was handed out is gone: connects anew.
  void lost();
  /// It is gone before it could be used: the attempt has failed after all.
  void failed(const ErrorPtr& error);
  /// Afterwards nothing is handed out any more.
  void stop();
  /// Why the last attempt failed; empty if it did not.
  ErrorPtr last_error() const;

 private:
  void attempt();
  void attempt_on_loop();
  void finished(Result<std::unique_ptr<transport::Link>> link);
  Duration next_pause() VAGUS_REQUIRES(mutex_);
  void try_on(const ErrorPtr& error);

  const std::shared_ptr<transport::Transport> transport_;
  const Url url_;
  const transport::TransportContext context_;
  const LinkHandler connected_;
  const FailureHandler failed_;

  mutable Mutex mutex_;
  std::unique_ptr<transport::Connecting> connecting_ VAGUS_GUARDED_BY(mutex_);  // the newest attempt
  std::uint64_t attempts_ VAGUS_GUARDED_BY(mutex_) = 0;
  std::unique_ptr<Timer> timer_ VAGUS_GUARDED_BY(mutex_);
  std::minstd_rand jitter_ VAGUS_GUARDED_BY(mutex_);
  int failures_ VAGUS_GUARDED_BY(mutex_) = 0;  // in a row
  TimePoint connected_at_ VAGUS_GUARDED_BY(mutex_){};
  bool stopped_ VAGUS_GUARDED_BY(mutex_) = false;
  ErrorPtr last_error_ VAGUS_GUARDED_BY(mutex_);
  ErrorPtr told_ VAGUS_GUARDED_BY(mutex_);  // the last one that the log tells of, until a link was of use
};

}  // namespace vagus
