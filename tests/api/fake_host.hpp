/// Whom APIs are attached to in these tests: nothing goes anywhere, and what is sent is written down.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <vagus/api/api_base.hpp>
#include <vagus/api/api_host.hpp>
#include <vagus/wire/pack.hpp>
#include <vagus/wire/value.hpp>

namespace vagus::testing {

/// One message that an API wanted to have sent.
struct Sent {
  enum class How { submitted, waited_for, posted, told };
  How how = How::submitted;
  std::string name_space;
  Value arguments;
  Value named;  ///< nil if none were given by name
  const detail::ApiRoot* root = nullptr;
  detail::Target target;
  Deadline deadline;
  Priority priority = Priority::normal;
  WhenFull when_full = WhenFull::wait;
  bool event = false;
  std::shared_ptr<Transaction> transaction;  ///< null if it was posted

  template <typename T>
  void answer(const T& result) const {
    transaction->complete(wire::to_bytes(result));
  }
  void fail(const ErrorPtr& error) const { transaction->fail(error); }
  template <typename T>
  void progress(const T& part) const {
    transaction->progress(wire::to_bytes(part));
  }
};

/// Runs what it was given when it is told to.
class LaterExecutor final : public Executor {
 public:
  void execute(std::function<void()> work) override { waiting_.push_back(std::move(work)); }
  std::size_t waiting() const { return waiting_.size(); }
  void run_all();

 private:
  std::deque<std::function<void()>> waiting_;
};

/// An incoming call that keeps its answer.
class FakeCall final : public detail::IncomingCall {
 public:
  explicit FakeCall(std::string name_space, Deadline deadline = {}, bool solicited = true);

  Peer peer() const override;

  bool has_result() const { return !result_.empty(); }
  template <typename T>
  T result() const {
    return wire::from_bytes<T>(result_);
  }
  const std::exception_ptr& thrown() const { return thrown_; }
  /// The text of what was thrown.
  std::string thrown_text() const;
  const ErrorPtr& refusal() const { return refusal_; }
  /// The parts that were sent ahead of the answer.
  const std::vector<Bytes>& parts() const { return parts_; }
  /// What sending the next one comes to.
  ErrorPtr progress_error;
  /// How often its handler has ended.
  int overs = 0;

 private:
  void send_result(const detail::ResultPacker& result) override;
  void send_exception(const std::exception_ptr& thrown) override { thrown_ = thrown; }
  void send_refusal(const ErrorPtr& error) override { refusal_ = error; }
  ErrorPtr send_progress(const detail::ResultPacker& part, bool wait) override;

  Bytes result_;
  std::vector<Bytes> parts_;
  std::exception_ptr thrown_;
  ErrorPtr refusal_;
};

/// To be made by std::make_shared. Used by one thread.
class FakeHost final : public detail::ApiHost, public std::enable_shared_from_this<FakeHost> {
 public:
  /// The level of the arbitrator.
  CallDefaults levels{default_timeout, Priority::normal, WhenFull::wait};
  /// Asked for each message, if set; a call that it does not end and that is waited for times out at once.
  std::function<void(const Sent&)> on_sent;
  std::vector<Sent> sent;
  /// What post() comes to.
  ErrorPtr post_error;
  std::vector<Peer> handling_peers;
  /// What is to be completed when there are some.
  std::vector<std::shared_ptr<Transaction>> waiting_for_peers;
  /// Where callbacks of calls by name run.
  std::shared_ptr<Executor> service;
  /// What it was told, in order: `claim a.b`, `unclaim a.b`, `listen a.e`, `unlisten a.e`, `detach a`.
  std::vector<std::string> told;
  /// Another API has listened to everything before.
  bool told_before = false;
  /// Names that somebody else handles.
  std::vector<std::string> taken;
  /// Asked for each name that is to be handled, if set.
  std::function<void(const std::string&)> on_claim;
  struct Handled {
    const detail::ApiRoot* root;
    std::shared_ptr<detail::HandlerSlot> slot;
  };
  std::map<std::string, Handled, std::less<>> handled;
  int waits = 0;
  int cancels = 0;
  std::uint64_t acknowledged = 0;
  /// What a call that is made of several begins; 0: none.
  std::uint64_t began_chain = 0;

  void attach(ApiBase& api, std::shared_ptr<Executor> executor = nullptr, std::string bound_peer = {});
  const Sent& last() const { return sent.back(); }

  /// Calls a handler as a message would, in this thread. Throws what the binding of the arguments throws.
  std::shared_ptr<FakeCall> run(std::string_view name_space, const Value::Array& arguments,
                                const Value::Map& named = {});
  /// The text with which the arguments are refused; empty if they are not.
  std::string refusal(std::string_view name_space, const Value::Array& arguments,
                      const Value::Map& named = {});

  const CallDefaults& defaults() const noexcept override { return levels; }
  void begin_chain(Transaction& call) const override { call.begin_chain(began_chain); }
  void submit(const detail::Outgoing& call, const std::shared_ptr<Transaction>& transaction) override;
  void submit_and_wait(const detail::Outgoing& call,
                       const std::shared_ptr<Transaction>& transaction) override;
  ErrorPtr post(const detail::Outgoing& message) override;
  std::shared_ptr<wire::Block> borrow(const detail::ApiRoot&, std::uint64_t, std::size_t) override {
    return nullptr;
  }
  bool cancel(Transaction& transaction) override;
  void wait(Transaction& transaction, Deadline deadline) override;
  void acknowledge(const Transaction&, std::uint64_t parts) override { acknowledged += parts; }
  std::shared_ptr<Executor> executor(detail::ApiRoot* root) override;
  Result<std::vector<Peer>> peers_that_handle(std::string_view name_space,
                                              detail::ApiRoot* root) const override;
  Description description(const std::string& name_space, Duration timeout) override;
  void claim(const std::shared_ptr<detail::ApiRoot>& root, const std::string& name_space,
             const std::shared_ptr<detail::HandlerSlot>& slot) override;
  void unclaim(const detail::ApiRoot& root, const std::string& name_space) noexcept override;
  bool listen(const std::shared_ptr<detail::ApiRoot>& root, const std::string& name_space) override;
  void listen_anew(const std::string& name_space) override;
  void tell_last(const detail::Outgoing& event) override;
  void unlisten(const detail::ApiRoot& root, const std::string& name_space) noexcept override;
  void hook_changed(const std::string&) override {}
  void detach(detail::ApiRoot& root) noexcept override;

 private:
  void keep(Sent::How how, const detail::Outgoing& message, std::shared_ptr<Transaction> transaction);
};

}  // namespace vagus::testing
