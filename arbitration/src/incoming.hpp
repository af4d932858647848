/// Requests and events on their way to a handler, and their answers on their way back.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include <vagus/api/api_root.hpp>
#include <vagus/api/call.hpp>
#include <vagus/api/handler.hpp>
#include <vagus/core/exception_types.hpp>
#include <vagus/core/gate.hpp>
#include <vagus/core/log.hpp>
#include <vagus/core/transaction.hpp>

#include "counters.hpp"
#include "intake.hpp"
#include "routing_table.hpp"
#include "session.hpp"

namespace vagus {

/// What answers need of their arbitrator, and what keeps it alive for those that are still owed when it was
/// stopped.
struct AnswerTools {
  std::shared_ptr<const void> owner;
  const ExceptionTypes& exceptions;
  Log& log;
  Counters& counters;
  /// To be inside of for using `exceptions` and `log`: they are the program's, and may be gone once it is
  /// closed.
  detail::Gate& lent;

  /// For calls that nobody waits for: what would be the answer is logged and counted.
  void log_unheard(const detail::IncomingCall& call, const wire::ErrorMessage& error) const;
  void refused_unheard(const detail::IncomingCall& call, const ErrorPtr& error) const;
};

/// How a call that was not run is answered.
wire::ErrorMessage refusal_message(const ErrorPtr& refusal);

/// Gives a call what came ahead of its answer; null, or why it cannot go on.
ErrorPtr take_part(Transaction& transaction, std::span<const std::byte> part);

/// A message of a peer: answers go back over its link, or nowhere if it was unsolicited.
class RemoteCall final : public detail::IncomingCall {
 public:
  RemoteCall(std::shared_ptr<Session> session, const AnswerTools& tools,
             std::shared_ptr<const std::string> name_space, TransactionId id, bool solicited,
             const detail::CallContext& context);
  ~RemoteCall() override;

  Peer peer() const override { return session_->peer(); }
  const Session& session() const noexcept { return *session_; }
  std::shared_ptr<wire::Block> borrow(std::size_t size) override { return session_->borrow(size); }
  /// Files it with its session, where it can be cancelled, until it is answered; false if there are too many.
  bool file(std::size_t limit);

 private:
  void send_result(const detail::ResultPacker& result) override;
  void send_exception(const std::exception_ptr& thrown) override;
  void send_refusal(const ErrorPtr& error) override;
  ErrorPtr send_progress(const detail::ResultPacker& part, bool wait) override;
  void send_error(const wire::ErrorMessage& error);
  void send(Session::MessageWriter write);
  void unfile() noexcept;

  const AnswerTools tools_;  // first: destroyed after the session, which uses the arbitrator
  const std::shared_ptr<Session> session_;
  std::atomic<bool> filed_{false};
};

/// A call of this process to itself.
class LocalCall final : public detail::IncomingCall {
 public:
  /// `transaction` null: nobody waits for it.
  LocalCall(std::shared_ptr<Transaction> transaction, const AnswerTools& tools,
            std::shared_ptr<const std::string> name_space, const detail::CallContext& context);

  Peer peer() const override { return {}; }
  bool local() const noexcept override { return true; }
  /// Has its progress go to the caller, if that wants any. Before it runs; `self` is this.
  void begin_progress(const std::shared_ptr<LocalCall>& self);

 private:
  void send_result(const detail::ResultPacker& result) override;
  void send_exception(const std::exception_ptr& thrown) override;
  void send_refusal(const ErrorPtr& error) override;
  ErrorPtr send_progress(const detail::ResultPacker& part, bool wait) override;

  const AnswerTools tools_;
  Mutex progress_mutex_;  // one part after the other
  const std::shared_ptr<Transaction> transaction_;
};

/// One run of a handler that is to come.
class CallWork final : public Work, public detail::HandlerRun {
 public:
  CallWork(std::shared_ptr<detail::IncomingCall> call, std::shared_ptr<Attachment> attachment,
           std::shared_ptr<const detail::Handler> handler, std::unique_ptr<detail::Invocation> invocation,
           Strand strand, std::shared_ptr<detail::EventQueue> queue = nullptr);

  std::size_t strand_capacity() const noexcept override { return queue_ ? queue_->capacity : 0; }
  bool drops_oldest() const noexcept override { return queue_ && queue_->lost == Lost::oldest; }
  bool has_own_place() const noexcept override { return queue_ && queue_->for_last; }
  void lost() override;
  void run() override;
  void run_early() override;
  const detail::CallContext* context() const noexcept override { return &call_->context(); }
  bool unsolicited() const noexcept override { return !call_->solicited(); }
  std::shared_ptr<detail::IncomingCall> call() const noexcept override { return call_; }

 private:
  void returned() noexcept override;
  void over() noexcept override;
  void refuse(const ErrorPtr& error);

  const std::shared_ptr<detail::IncomingCall> call_;
  const std::shared_ptr<Attachment> attachment_;
  const std::shared_ptr<const detail::Handler> handler_;
  const std::unique_ptr<detail::Invocation> invocation_;
  const std::shared_ptr<detail::EventQueue> queue_;  // of the subscriber; null if it is no event
};

/// One run of the hooks for what nothing handles.
class HookWork final : public Work {
 public:
  /// `otherwise` is the answer if no hook takes it.
  HookWork(std::shared_ptr<detail::IncomingCall> call, std::vector<UnhandledHook> hooks, Value arguments,
           Value named, std::shared_ptr<Attachment> attachment, ErrorPtr otherwise);

  void run() override;
  bool unsolicited() const noexcept override { return !call_->solicited(); }
  std::shared_ptr<detail::IncomingCall> call() const noexcept override { return call_; }

 private:
  const std::shared_ptr<detail::IncomingCall> call_;
  const std::vector<UnhandledHook> hooks_;
  const UnhandledCall unhandled_;
  const std::shared_ptr<Attachment> attachment_;
  const ErrorPtr otherwise_;
};

}  // namespace vagus
