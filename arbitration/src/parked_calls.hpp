/// Calls that were made before any link was open.
#pragma once

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

/// Keeps them in their order, bounded. Safe from any thread.
class ParkedCalls {
 public:
  explicit ParkedCalls(std::size_t limit) : limit_(limit) {}
  /// False if there are too many, not counting those that have ended meanwhile.
  bool add(std::unique_ptr<ParkedCall> call);
  std::deque<std::unique_ptr<ParkedCall>> take_all();

 private:
  const std::size_t limit_;
  Mutex mutex_;
  std::deque<std::unique_ptr<ParkedCall>> calls_ VAGUS_GUARDED_BY(mutex_);
};

}  // namespace vagus
