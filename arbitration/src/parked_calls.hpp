/// Calls that were made before any link was open.
#pragma once

#include <atomic>
#include <cstddef>
#include <deque>
#include <memory>

#include <vagus/api/api_host.hpp>
#include <vagus/api/api_root.hpp>
#include <vagus/core/bytes.hpp>
#include <vagus/core/mutex.hpp>
#include <vagus/core/transaction.hpp>

namespace vagus {

/// A call that keeps what it needs.
class ParkedCall final : public detail::Outgoing {
 public:
  ParkedCall(const detail::Outgoing& call, std::shared_ptr<Transaction> transaction);
  void pack(wire::Writer& writer) const override { writer.raw(params_); }
  const std::shared_ptr<Transaction>& transaction() const noexcept { return transaction_; }

 private:
  const std::shared_ptr<Transaction> transaction_;
  const std::shared_ptr<detail::ApiRoot> keep_root_;
  Bytes params_;
  Bytes keyword_;
};

/// Keeps them in their order, bounded, until one thread at a time sends them. Safe from any thread.
class ParkedCalls {
 public:
  explicit ParkedCalls(std::size_t limit) : limit_(limit) {}

  /// False if there are too many, not counting those that have ended meanwhile.
  bool add(std::unique_ptr<ParkedCall> call);
  /// Is any of them not sent yet? Calls made now have to queue up behind it.
  bool any() const noexcept { return unsent_.load() != 0; }

  /// False if another thread sends them already; that one also takes what has been added up to its end.
  bool begin_sending();
  /// The next one; null, and sending has ended, if there is none.
  std::unique_ptr<ParkedCall> take();
  /// One that was taken has been sent, or has failed.
  void sent() noexcept { unsent_.fetch_sub(1); }
  /// Ends sending; these could not be sent yet and are the first of the next time.
  void put_back(std::deque<std::unique_ptr<ParkedCall>> calls);

  std::deque<std::unique_ptr<ParkedCall>> take_all();

 private:
  const std::size_t limit_;
  std::atomic<std::size_t> unsent_{0};  // seq_cst; counts those that were taken and are being sent, too
  Mutex mutex_;
  std::deque<std::unique_ptr<ParkedCall>> calls_ VAGUS_GUARDED_BY(mutex_);
  bool sending_ VAGUS_GUARDED_BY(mutex_) = false;
};

}  // namespace vagus
