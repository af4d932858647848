/// Calls and messages that wait for a link: none was open yet, or theirs was lost.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <vagus/api/api_host.hpp>
#include <vagus/api/api_root.hpp>
#include <vagus/core/bytes.hpp>
#include <vagus/core/mutex.hpp>
#include <vagus/core/transaction.hpp>
#include <vagus/wire/message.hpp>

#include "counters.hpp"
#include "function_ref.hpp"

namespace vagus {

/// A call, or a message that nobody answers, that keeps what it needs.
class ParkedCall final : public detail::Outgoing {
 public:
  /// On the thread that makes the call. `transaction` null: nobody waits for it.
  ParkedCall(const detail::Outgoing& call, std::shared_ptr<Transaction> transaction);
  /// The same once more, on any thread.
  ParkedCall(const ParkedCall& other);
  ParkedCall& operator=(const ParkedCall&) = delete;
  void pack(wire::Writer& writer) const override { writer.raw(params_); }
  const std::shared_ptr<Transaction>& transaction() const noexcept { return transaction_; }
  /// Not to be sent any more: it has ended, or its deadline has passed.
  bool ended() const noexcept { return transaction_ ? transaction_->done() : deadline.passed(); }
  /// The chain that the call belongs to, whoever sends it.
  const std::optional<wire::Chain>& chain() const noexcept { return chain_; }

 private:
  ParkedCall(const detail::Outgoing& call, std::shared_ptr<Transaction> transaction,
             const std::optional<wire::Chain>& chain);

  const std::shared_ptr<Transaction> transaction_;
  const std::shared_ptr<detail::ApiRoot> keep_root_;
  const std::optional<wire::Chain> chain_;
  Bytes params_;
  Bytes keyword_;
};

/// Keeps them in their order, bounded, until they can be sent, by one thread at a time for each line. Each
/// waits in a line of those that wait for the same; what the lines are called is the caller's business. Safe
/// from any thread.
class ParkedCalls {
 public:
  /// `messages_dropped` counts those that have expired and made way for others.
  ParkedCalls(std::size_t limit, Counter& messages_dropped)
      : limit_(limit), messages_dropped_(messages_dropped) {}

  using Calls = std::vector<std::unique_ptr<ParkedCall>>;

  /// False, and `call` stays the caller's, if there are too many in all, or `capacity` in this line, not
  /// counting those that have ended meanwhile.
  bool add(const std::string& line, std::unique_ptr<ParkedCall>& call, std::size_t capacity);
  /// The oldest of the line that nobody is just sending; null if there is none.
  std::unique_ptr<ParkedCall> take_oldest(const std::string& line);
  /// The oldest of the line makes way for another: it is the caller's, or, if somebody is just sending it, is
  /// given up by put_back(). False if there is none.
  bool make_place(const std::string& line, std::unique_ptr<ParkedCall>& oldest);
  /// Would add() refuse one more?
  bool full(const std::string& line, std::size_t capacity);

  /// Are there so many in the line, not counting those that have ended meanwhile?
  bool holds(const std::string& line, std::size_t count);
  /// When the next message of any line expires, which nobody is told of.
  Deadline next_expiry() const;

  /// Is any call of any line not sent yet?
  bool any() const noexcept { return unsent_.load() != 0; }
  /// Is anything of this line not sent yet? Whether it goes before what comes now says goes_first().
  bool any(const std::string& line) const;
  /// Does anything of this line go before what comes now? If the first one of it could not be sent as of so
  /// many `chances`, only what `precedes`, which is called under the lock.
  bool goes_first(const std::string& line, std::uint64_t chances,
                  FunctionRef<bool(const ParkedCall&)> precedes) const;

  /// False if another thread sends those of the line already; it also sends what has been added up to its
  /// end.
  bool begin_sending(const std::string& line);
  /// The next one to send, after the one before it was sent, was moved or has failed; null, and sending has
  /// ended, if there is none.
  std::unique_ptr<ParkedCall> next(const std::string& line);

  /// The one that next() gave cannot be sent before there are more than so many chances: it is the first of
  /// its line again, unless it has had to make way meanwhile and stays the caller's, and sending has ended.
  /// True if somebody has come to send meanwhile: sending goes on.
  bool put_back(const std::string& line, std::unique_ptr<ParkedCall>& call, std::uint64_t chances);
  /// Lines up, last, whatever the limit, one that next() gave.
  void move(const std::string& line, std::unique_ptr<ParkedCall> call);
  std::vector<std::string> lines() const;

  /// All that nobody is just sending.
  Calls take_all();

 private:
  struct Queue {
    std::deque<std::unique_ptr<ParkedCall>> calls;
    bool sending = false;
    bool again = false;                    // somebody has come to send while another did
    bool one_taken = false;                // by the sending thread, which has not come back yet
    bool given_up = false;                 // the one that is taken has made way for another
    std::optional<std::uint64_t> chances;  // those of the last put_back(); none: there was none
    bool counts_taken() const noexcept { return one_taken && !given_up; }
  };
  void drop_ended(Calls& ended) VAGUS_REQUIRES(mutex_);
  std::size_t length(const std::string& line) const VAGUS_REQUIRES(mutex_);
  /// Gives what has ended away if there is none otherwise.
  bool has_place(const std::string& line, std::size_t capacity, Calls& ended) VAGUS_REQUIRES(mutex_);

  const std::size_t limit_;
  Counter& messages_dropped_;
  std::atomic<std::size_t> unsent_{0};  // seq_cst; changed under mutex_; counts those that were taken, too
  mutable Mutex mutex_;
  std::map<std::string, Queue> queues_ VAGUS_GUARDED_BY(mutex_);
};

}  // namespace vagus
