/// What a handler may ask about the call that it handles, and how it answers later.
#pragma once

#include <atomic>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>

#include <vagus/api/answer_observer.hpp>
#include <vagus/api/progress_window.hpp>
#include <vagus/core/call_context.hpp>
#include <vagus/core/error.hpp>
#include <vagus/core/loan.hpp>
#include <vagus/core/mutex.hpp>
#include <vagus/core/peer.hpp>
#include <vagus/core/transaction.hpp>
#include <vagus/core/transaction_id.hpp>
#include <vagus/wire/pack.hpp>

namespace vagus {

class Call;
template <typename T>
class Reply;

namespace detail {

class IncomingCall;

/// Packs a result, or a part of one; called twice with the same outcome, once to count and once to write.
using ResultPacker = std::function<void(wire::Writer&)>;

}  // namespace detail

/// The call being handled. A handler that wants it takes a `vagus::Call&` first; it is valid until the
/// handler has returned, or its coroutine has ended. All functions are safe from any thread.
class Call {
 public:
  explicit Call(detail::IncomingCall& incoming) noexcept : incoming_(incoming) {}
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;

  /// Who called.
  Peer peer() const;
  /// None for an unsolicited message.
  TransactionId id() const noexcept;
  const std::string& name_space() const noexcept;
  /// Of an event: how many of this subscription were lost since the one that its subscriber handled before,
  /// since there was no room for them; see SubscribeOptions.
  std::uint64_t missed() const noexcept;
  /// When the caller gives up; nested calls inherit it.
  Deadline deadline() const noexcept;

  /// True once the caller has cancelled, died or passed its deadline: nobody waits for the result any more.
  bool stop_requested() const noexcept;
  /// Tells of the same, without asking: for std::stop_callback and interruptible waits.
  ///
  /// Waits of Boost.Thread need no token: on a worker, the interruption point that the handler has come to,
  /// or comes to next, throws boost::thread_interrupted. Let it pass, as what sleep_for() throws.
  std::stop_token stop_token() const;

  /// Sleeps, but not longer than the call is wanted. Throws TransactionCancelled if it was cut short.
  void sleep_for(Duration duration);

  /// Memory for `count` elements of a result, to be filled in place: that of the caller's link, if that
  /// shares memory, so that the caller reads what you have written without a copy; else ordinary memory.
  /// Throws OverloadedError as ApiBase::loan() does.
  template <Lendable T>
  [[nodiscard]] Loan<T> loan(std::size_t count) const {
    return detail::loan_of<T>(borrow(detail::bytes_of<T>(count)), count);
  }

  /// Tells the caller something ahead of the answer: how far it has come, or a piece of the result. The
  /// caller gets all of them, in order; what it makes of them is up to it, see Streams. Waits while the
  /// caller is too far behind, at most until the deadline; returns at once if the caller wants none.
  ///
  /// Throws TransactionCancelled if nobody waits for the call any more - let it pass, it ends the handler -,
  /// OverloadedError if it would have to wait and must not, MessageTooLargeError, and std::logic_error after
  /// the answer. It must not in an API without workers, nor where the handler runs on the very thread that
  /// waits for its parts: a handler that streams from its own process. Then 65536 parts are kept.
  template <typename T>
  void progress(const T& value);
  /// As progress(), but never waits: what finds no room is not sent, and the answer is false. For what the
  /// next one makes obsolete.
  template <typename T>
  bool try_progress(const T& value);
  /// Does the caller want any? What is costly to make need not be made otherwise.
  bool wants_progress() const noexcept;

  /// Takes the reply along, to be completed later, from any thread. The handler's own result is then ignored.
  /// `T` is the method's result. Throws std::logic_error the second time.
  template <typename T>
  Reply<T> defer();

 private:
  std::shared_ptr<wire::Block> borrow(std::size_t size) const;

  detail::IncomingCall& incoming_;
};

namespace detail {

/// One request or event on its way through this process. Answered exactly once; what comes after is ignored.
/// Safe from any thread.
class IncomingCall : public ContextOwner,
                     public ProgressSource,
                     public std::enable_shared_from_this<IncomingCall> {
 public:
  IncomingCall(std::shared_ptr<const std::string> name_space, TransactionId id, bool solicited,
               const CallContext& context);
  ~IncomingCall() override;
  IncomingCall(const IncomingCall&) = delete;
  IncomingCall& operator=(const IncomingCall&) = delete;

  const std::string& name_space() const noexcept { return *name_space_; }
  TransactionId id() const noexcept { return id_; }
  bool solicited() const noexcept { return solicited_; }
  /// Changed only before the handler runs.
  CallContext& context() noexcept { return context_; }
  const CallContext& context() const noexcept { return context_; }
  std::shared_ptr<CallContext> shared_context() noexcept override { return {shared_from_this(), &context_}; }
  virtual Peer peer() const = 0;
  /// Memory that the caller sees; null if there is none.
  virtual std::shared_ptr<wire::Block> borrow(std::size_t) { return nullptr; }
  Call& call() noexcept { return call_; }

  /// Nobody waits for the answer any more.
  void request_stop() noexcept;
  bool stop_requested() const noexcept { return run_state().stop_requested(); }
  std::stop_token stop_token();

  /// Made by this very process.
  virtual bool local() const noexcept { return false; }
  /// The caller takes so many parts ahead of the answer; not called: none. Before the handler runs.
  void allow_progress(std::uint32_t window);
  bool wants_progress() const noexcept { return progress_ != nullptr && !stop_requested(); }
  std::uint64_t missed() const noexcept { return missed_; }
  /// So many events before this one were lost. Before the handler runs.
  void set_missed(std::uint64_t events) noexcept { missed_ = events; }
  /// Its handler runs on a thread that must not wait. Before it runs.
  void forbid_waiting() noexcept { may_wait_ = false; }
  /// Its handler runs on the stack of a thread that waits, maybe that which takes its parts: they are kept
  /// for it, since it takes none before the handler has returned. Before it runs.
  void keep_progress() noexcept;
  /// Sends a part; false, and only if it is not to `wait`: there is no room.
  bool progress(const ResultPacker& part, bool wait);
  void acknowledged(std::uint64_t parts) noexcept override;

  /// The handler's result.
  void complete(const ResultPacker& result);
  /// What the handler threw.
  void fail(const std::exception_ptr& thrown);
  /// The framework's own refusal: no handler ran, unless the error says otherwise.
  void refuse(const ErrorPtr& error);

  /// Has `observer` told of the run and the answer. Before anybody else knows of this call.
  void observe(std::unique_ptr<AnswerObserver> observer) noexcept { observer_ = std::move(observer); }
  /// Null if nobody observes it.
  AnswerObserver* observer() const noexcept { return observer_.get(); }

  /// A Reply has been taken: the end of the handler is not the answer any more.
  void defer() noexcept { deferred_.store(true, std::memory_order_relaxed); }
  bool deferred() const noexcept { return deferred_.load(std::memory_order_relaxed); }
  bool answered() const noexcept { return run_state().answered(); }

 private:
  virtual void send_result(const ResultPacker& result) = 0;
  virtual void send_exception(const std::exception_ptr& thrown) = 0;
  virtual void send_refusal(const ErrorPtr& error) = 0;
  /// Null if it was sent. `wait`: for space, until the deadline. Throws what the packer throws.
  virtual ErrorPtr send_progress(const ResultPacker& part, bool wait) = 0;
  [[noreturn]] void refuse_progress(ProgressWindow::Outcome outcome) const;
  bool claim_answer() noexcept { return run_state().claim_answer(); }

  const std::shared_ptr<const std::string> name_space_;
  const TransactionId id_;
  const bool solicited_;
  CallContext context_;
  std::atomic<bool> deferred_{false};  // relaxed: whoever sees it leaves the answer, and reads nothing else
  Call call_{*this};

  std::unique_ptr<ProgressWindow> progress_;  // null: the caller wants none; constant once it runs
  bool may_wait_ = true;                      // likewise
  bool keeps_progress_ = false;               // likewise
  std::uint64_t missed_ = 0;                  // likewise

  Mutex stop_mutex_;
  // Once somebody asks for it; looked at after the stop was requested.
  std::optional<std::stop_source> stop_source_ VAGUS_GUARDED_BY(stop_mutex_);

  std::unique_ptr<AnswerObserver> observer_;  // constant once others know of this call
};

}  // namespace detail

/// An answer still owed. Dropped without one, the call fails at the caller; it is never lost. Distinct
/// objects may be used from distinct threads.
template <typename T>
class [[nodiscard]] Reply {
 public:
  explicit Reply(std::shared_ptr<detail::IncomingCall> incoming) noexcept : incoming_(std::move(incoming)) {}
  Reply(Reply&&) noexcept = default;
  Reply& operator=(Reply&& other) noexcept {
    if (this != &other) {
      drop();
      incoming_ = std::move(other.incoming_);
    }
    return *this;
  }
  ~Reply() { drop(); }

  /// Answers. Nothing happens after the first answer.
  template <typename U = T>
  requires(!std::is_void_v<T>) void complete(const U& value) {
    const T& result = value;
    take()->complete([&](wire::Writer& writer) { wire::pack(writer, result); });
  }
  void complete() requires std::is_void_v<T> {
    take()->complete([](wire::Writer& writer) { writer.nil(); });
  }

  /// Answers with an exception, as if the handler had thrown it.
  void fail(const std::exception_ptr& thrown) { take()->fail(thrown); }
  template <typename E>
  requires std::is_base_of_v<std::exception, E>
  void fail(const E& exception) { fail(std::make_exception_ptr(exception)); }

  /// As Call::progress and Call::try_progress.
  template <typename U>
  void progress(const U& value) {
    holder().call().progress(value);
  }
  template <typename U>
  bool try_progress(const U& value) {
    return holder().call().try_progress(value);
  }

  /// Nobody waits for it any more.
  bool stop_requested() const noexcept { return incoming_ && incoming_->call().stop_requested(); }

 private:
  detail::IncomingCall& holder() const {
    if (!incoming_) throw std::logic_error("this vagus::Reply was completed, or moved from, before");
    return *incoming_;
  }
  std::shared_ptr<detail::IncomingCall> take() {
    static_cast<void>(holder());
    return std::exchange(incoming_, nullptr);
  }
  void drop() noexcept;

  std::shared_ptr<detail::IncomingCall> incoming_;
};

namespace detail {

void reply_was_dropped(IncomingCall& incoming) noexcept;
void claim_deferral(IncomingCall& incoming);

}  // namespace detail

template <typename T>
void Call::progress(const T& value) {
  incoming_.progress([&](wire::Writer& writer) { wire::pack(writer, value); }, true);
}

template <typename T>
bool Call::try_progress(const T& value) {
  return incoming_.progress([&](wire::Writer& writer) { wire::pack(writer, value); }, false);
}

template <typename T>
Reply<T> Call::defer() {
  detail::claim_deferral(incoming_);
  return Reply<T>(incoming_.shared_from_this());
}

template <typename T>
void Reply<T>::drop() noexcept {
  if (const auto incoming = std::exchange(incoming_, nullptr)) detail::reply_was_dropped(*incoming);
}

}  // namespace vagus
