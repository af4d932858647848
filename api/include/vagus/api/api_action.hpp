/// A call that is built but not yet made.
#pragma once

#include <atomic>
#include <concepts>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include <vagus/api/api_host.hpp>
#include <vagus/api/api_root.hpp>
#include <vagus/api/async_result.hpp>
#include <vagus/api/stream.hpp>
#include <vagus/api/streams.hpp>
#include <vagus/core/nested_wait.hpp>
#include <vagus/core/options.hpp>
#include <vagus/core/peer.hpp>

namespace vagus {

/// What one of several peers answered.
template <typename T>
struct PeerResult {
  Peer peer;
  Result<T> result;
};

namespace detail {

/// What is released when a call has ended; see vagus::release.
template <typename Semaphore>
struct Release {
  Semaphore* semaphore;
};
template <typename T>
inline constexpr bool is_release = false;
template <typename Semaphore>
inline constexpr bool is_release<Release<Semaphore>> = true;

/// All of a call but its arguments.
struct ActionTarget {
  std::shared_ptr<const std::string> name_space;
  std::shared_ptr<ApiRoot> root;        // null for a call by name
  std::shared_ptr<ApiHost> fixed_host;  // of a call by name; else that of the root
  CallDefaults defaults;                // of the method and the levels above
  bool event = false;
  Target target;
  OptionalRef<Executor> on = {};  // where what follows goes on, if said
  bool idempotent = false;
  bool renewed_by_progress = false;  // see CallOptions

  std::shared_ptr<ApiHost> host() const { return root ? root->host() : fixed_host; }
};

/// The deadline of a call that begins at `now`: from its options and defaults, and at the latest that of the
/// call being handled.
Deadline deadline_of(const ActionTarget& target, const CallDefaults& options, const ApiHost* host,
                     TimePoint now);

/// Alone among the arguments of an action: all of them, as many as the program finds out when it runs.
struct ArgumentList {
  Value::Array values;
};

/// Sends a call, or ends it with what is in the way. `wait`: returns when it has ended.
void submit_action(const ActionTarget& target, const std::shared_ptr<ApiHost>& host, Outgoing&& call,
                   const CallOptions& options, const std::shared_ptr<PendingCallBase>& pending, bool wait);
/// Null if the message was accepted.
ErrorPtr post_action(const ActionTarget& target, Outgoing&& message, const PostOptions& options);
void raise_unless_ignored(const ErrorPtr& error, const PostOptions& options);

/// Those that can be asked now.
Result<std::vector<Peer>> peers_there(const ActionTarget& target, const std::shared_ptr<ApiHost>& host);
/// At least one, or why there is none.
Result<std::vector<Peer>> peers_to_ask(const ActionTarget& target, const std::shared_ptr<ApiHost>& host);

/// One that somebody else keeps alive.
inline std::shared_ptr<Executor> borrowed(const OptionalRef<Executor>& executor) noexcept {
  return {std::shared_ptr<void>(), executor.get()};
}

/// `on`: where it is said what follows goes on; else where callbacks of the API run.
template <typename Pending>
std::shared_ptr<Pending> make_pending(const ActionTarget& target, const std::shared_ptr<ApiHost>& host,
                                      const CallOptions& options, const OptionalRef<Executor>& on = {}) {
  const TimePoint now = Deadline::now();
  return std::make_shared<Pending>(target.name_space, now,
                                   deadline_of(target, options.defaults(), host.get(), now), host,
                                   on     ? borrowed(on)
                                   : host ? host->executor(target.root.get())
                                          : nullptr);
}

}  // namespace detail

/// For async(): releases `semaphore`, anything with release(), once when the call has ended and its result
/// can be read. The semaphore has to outlive the call.
template <typename Semaphore>
detail::Release<Semaphore> release(Semaphore& semaphore) noexcept {
  return {&semaphore};
}

template <typename T, typename... Arguments>
class GatherAction;
template <typename Part, typename Callback, typename T, typename... Arguments>
class ProgressAction;

/// A call, built: `machine.x.move_to(1.0)`. A verb makes it, as often as you like; making it does not change
/// it. Keeps its arguments by value, views as views. Distinct objects may be used from distinct threads.
template <typename T, typename... Arguments>
class [[nodiscard(
    "a verb makes the call: .call(), .async(), .try_call(), .stream(), .post() or co_await")]] ApiAction {
 public:
  /// What the call returns, and the type in which it reports if it was declared to: see Streams.
  using Returned = detail::ResultOf<T>;
  using DeclaredPart = detail::PartOf<T>;

  ApiAction(detail::ActionTarget target, std::tuple<Arguments...> arguments, Bytes keyword = {})
      : target_(std::move(target)), arguments_(std::move(arguments)), keyword_(std::move(keyword)) {}

  /// Calls and waits for the answer: the result, or throws the error.
  Returned call(const CallOptions& options = {}) const { return call_and_wait(options)->take_value(); }
  Returned operator()(const CallOptions& options = {}) const { return call(options); }

  /// The same, but throws nothing that the call came to.
  Result<Returned> try_call(const CallOptions& options = {}) const {
    return call_and_wait(options)->take_outcome();
  }

  /// Calls and returns at once.
  AsyncResult<Returned> async(const CallOptions& options = {}) const {
    const auto host = target_.host();
    const auto pending = make(host, options);
    submit(host, pending, options);
    return AsyncResult<Returned>(pending);
  }

  /// The same; `callback` is called exactly once with a Result<Returned>, on the API's workers or on
  /// `options.on`, under no lock. What it throws is logged.
  template <typename Callback>
  requires std::invocable<Callback&, Result<Returned>> AsyncResult<Returned> async(
      Callback callback, const CallOptions& options = {})
  const {
    const auto host = target_.host();
    const auto pending = make(host, options);
    const auto& said = options.on ? options.on : target_.on;
    auto on = said ? detail::borrowed(said) : pending->executor();
    // The call keeps itself alive through its callback until it has ended, which it does for sure.
    pending->then(std::move(on), [pending, callback = detail::copyable(std::move(callback))]() mutable {
      callback(pending->outcome());
    });
    submit(host, pending, options);
    return AsyncResult<Returned>(pending);
  }

  /// The same; releases a semaphore: `async(vagus::release(done))`.
  template <typename Semaphore>
  AsyncResult<Returned> async(detail::Release<Semaphore> released, const CallOptions& options = {}) const {
    const auto host = target_.host();
    const auto pending = make(host, options);
    pending->then(nullptr, [semaphore = released.semaphore] { semaphore->release(); });
    submit(host, pending, options);
    return AsyncResult<Returned>(pending);
  }

  /// Sends it unsolicited: returns when the link has accepted it, and nobody will answer. Throws what kept it
  /// from being sent, unless `ignore_errors`.
  void post(const PostOptions& options = {}) const {
    detail::raise_unless_ignored(detail::post_action(target_, Packed(*this), options), options);
  }

  /// Calls, to take what the handler tells ahead of its result: `for (auto& part : action.stream())`.
  template <typename Part = DeclaredPart>
  Stream<Part, Returned> stream(const CallOptions& options = {}) const {
    const auto host = target_.host();
    const TimePoint now = Deadline::now();
    auto pending = std::make_shared<detail::StreamedCall<Part, Returned>>(
        target_.name_space, now, detail::deadline_of(target_, options.defaults(), host.get(), now), host);
    pending->follow(pending);
    detail::submit_action(target_, host, Packed(*this), options, pending, false);
    return Stream<Part, Returned>(std::move(pending));
  }

  /// The same call, with a callback for what the handler tells ahead of its result: called once for each
  /// part, in their order, never two at a time, and never after the outcome is seen. In call() and try_call()
  /// it runs on the calling thread, which meanwhile waits, and what it throws cancels the call and comes out
  /// of them; otherwise where callbacks run, and what it throws is logged. Each call has a copy of it.
  ///
  /// The answer is seen after the callbacks for what came before it, but a deadline that passes, and
  /// cancel(), wait for none that has not begun: these are left out, also if the answer has come, which then
  /// is what the call ends with. Where callbacks run only on the thread that waits for the answer - it pumps
  /// `options.on`, runs process(), or is the only worker and in a callback already -, use call(). If
  /// `options.on` throws, the call is cancelled, unless its answer has come.
  template <typename Part = DeclaredPart, typename Callback>
  requires std::invocable<Callback&, Part> && std::copy_constructible<Callback>
      ProgressAction<Part, Callback, T, Arguments...> on_progress(Callback callback)
  const { return {*this, std::move(callback)}; }

  auto operator co_await() const {
    const auto host = target_.host();
    const auto pending = detail::make_pending<detail::PendingCall<Returned>>(target_, host, {}, target_.on);
    auto make = [this, host, pending] { submit(host, pending, {}); };  // this outlives the awaiter
    return detail::CallAwaiter<Returned, decltype(make)>(pending, std::move(make));
  }

  /// The same call with other defaults, for co_await: `co_await action.with({.timeout = 1s})`. With `.on`,
  /// the coroutine goes on there.
  ApiAction with(const CallOptions& options) const {
    ApiAction copy = *this;
    copy.target_.defaults = options.defaults().over(target_.defaults);
    if (options.on) copy.target_.on = options.on;
    if (options.renewed_by_progress) copy.target_.renewed_by_progress = true;
    return copy;
  }
  /// To this peer.
  ApiAction to(const Peer& peer) const { return aimed({detail::Target::Kind::peer, peer.id}); }
  /// To one of the peers that handle it, each in its turn.
  ApiAction any() const { return aimed({detail::Target::Kind::any, 0}); }
  /// To what handles it in this very process.
  ApiAction local() const { return aimed({detail::Target::Kind::local, 0}); }
  /// To all peers that handle it: gathers one result from each.
  GatherAction<T, Arguments...> all() const { return GatherAction<T, Arguments...>(*this); }

  const std::string& name_space() const noexcept { return *target_.name_space; }

 private:
  friend class GatherAction<T, Arguments...>;
  template <typename, typename, typename, typename...>
  friend class ProgressAction;
  using Pending = std::shared_ptr<detail::PendingCall<Returned>>;

  class Packed final : public detail::Outgoing {
   public:
    explicit Packed(const ApiAction& action) noexcept : arguments_(action.arguments_) {
      keyword = action.keyword_;
    }
    void pack(wire::Writer& writer) const override {
      if constexpr (std::is_same_v<std::tuple<Arguments...>, std::tuple<detail::ArgumentList>>) {
        const Value::Array& values = std::get<0>(arguments_).values;
        writer.array(values.size());
        for (const Value& value : values) wire::pack(writer, value);
      } else {
        writer.array(sizeof...(Arguments));
        std::apply([&](const auto&... argument) { (wire::pack(writer, argument), ...); }, arguments_);
      }
    }

   private:
    const std::tuple<Arguments...>& arguments_;
  };

  ApiAction aimed(const detail::Target& target) const {
    ApiAction copy = *this;
    copy.target_.target = target;
    return copy;
  }
  using Host = std::shared_ptr<detail::ApiHost>;
  Pending make(const Host& host, const CallOptions& options) const {
    return detail::make_pending<detail::PendingCall<Returned>>(target_, host, options);
  }
  Pending call_and_wait(const CallOptions& options) const {
    const Host host = target_.host();
    const TimePoint now = Deadline::now();
    // Nothing follows it and nobody else waits for it: it needs neither an executor nor a host to ask.
    auto pending = std::make_shared<detail::PendingCall<Returned>>(
        target_.name_space, now, detail::deadline_of(target_, options.defaults(), host.get(), now));
    pending->forgo_elapsed();
    detail::submit_action(target_, host, Packed(*this), options, pending, true);
    return pending;
  }
  void submit(const Host& host, const Pending& pending, const CallOptions& options) const {
    detail::submit_action(target_, host, Packed(*this), options, pending, false);
  }

  detail::ActionTarget target_;
  std::tuple<Arguments...> arguments_;
  Bytes keyword_;
};

namespace detail {

/// Gathers one result from each of several peers; ends when all calls have ended.
template <typename T>
class GatheredCall final : public PendingOutcome<std::vector<PeerResult<T>>> {
 public:
  using Base = PendingOutcome<std::vector<PeerResult<T>>>;
  using Base::Base;

  /// While there is no peer yet: has `peers` given up with this.
  void wait_for(std::shared_ptr<PendingCallBase> peers) {
    MutexLock lock(mutex_);
    peers_ = std::move(peers);
  }
  /// Before the first call ends.
  void expect(std::size_t count) {
    outcomes_.resize(count);
    missing_.store(count, std::memory_order_relaxed);
  }
  /// Before the call is made; false if it is not to be, since this was given up.
  bool add(std::size_t index, const Peer& peer, const std::shared_ptr<PendingCall<T>>& call) {
    bool given_up = false;
    {
      MutexLock lock(mutex_);
      calls_.push_back(call);
      given_up = given_up_;
    }
    const auto self = std::static_pointer_cast<GatheredCall>(this->self_);
    call->then(nullptr, [self, index, peer, call] { self->ended(index, peer, *call); });
    if (given_up) call->give_up();
    return !given_up;
  }
  bool give_up() override {
    std::shared_ptr<PendingCallBase> peers;
    std::vector<std::shared_ptr<PendingCall<T>>> calls;
    {
      MutexLock lock(mutex_);
      given_up_ = !this->done();
      peers = std::move(peers_);
      calls = calls_;
    }
    bool any = peers && peers->give_up();
    for (const auto& call : calls) any = call->give_up() || any;
    return any;
  }
  std::shared_ptr<Transaction> self_;  // set before the first add(); broken up at the end

 private:
  void take(std::span<const std::byte>) override {}  // no message of its own answers it

  void ended(std::size_t index, const Peer& peer, PendingCall<T>& call) {
    auto& outcome = outcomes_[index];
    const auto unkept = attempt([&] { outcome.emplace(PeerResult<T>{peer, call.take_outcome()}); });
    if (unkept) attempt([&] { outcome.emplace(PeerResult<T>{peer, unkept}); });
    // PAIR gathered: the last one sees the outcomes of all.
    if (missing_.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
    const auto keep = std::exchange(self_, nullptr);
    if (!this->claim_end()) return;
    auto failure = attempt([&] {
      this->value_.emplace().reserve(outcomes_.size());
      for (auto& each : outcomes_) this->value_->push_back(std::move(each).value());
    });
    const auto state = failure ? TransactionState::failed : TransactionState::completed;
    this->finish(state, std::move(failure));
  }

  /// What `keeping` throws: to keep a result is the business of its type, which must not keep the others from
  /// their end.
  template <typename Function>
  ErrorPtr attempt(const Function& keeping) const {
    const auto failed = [this](const std::string& why) {
      return make_error<ContractMismatchError>(
          "the result of " + this->name_space() + " could not be kept: " + why,
          this->context(Execution::ran));
    };
    try {
      keeping();
      return nullptr;
    } catch (const std::exception& failure) {
      return failed(failure.what());
    } catch (...) {
      return failed("not a std::exception");
    }
  }

  std::vector<std::optional<PeerResult<T>>> outcomes_;  // each written by the one that ends its call
  std::atomic<std::size_t> missing_{0};
  Mutex mutex_;
  bool given_up_ VAGUS_GUARDED_BY(mutex_) = false;
  std::shared_ptr<PendingCallBase> peers_ VAGUS_GUARDED_BY(mutex_);
  std::vector<std::shared_ptr<PendingCall<T>>> calls_ VAGUS_GUARDED_BY(mutex_);
};

}  // namespace detail

/// One call to each of the peers that handle it at the moment at which it is made; the results come in the
/// order of peers(). A peer that does not answer in time, or dies, has its error in its place. As long as
/// there was no link yet over which a peer could come that handles it, it waits for one like any other call,
/// and goes to whoever is there then. Fails as a whole only if no peer handles it, or none comes in time.
template <typename T, typename... Arguments>
class [[nodiscard("a verb makes the call: .call(), .async() or co_await")]] GatherAction {
 public:
  using Returned = detail::ResultOf<T>;
  using Results = std::vector<PeerResult<Returned>>;

  explicit GatherAction(const ApiAction<T, Arguments...>& action) : action_(action) {}

  Results call(const CallOptions& options = {}) const { return try_call(options).value(); }
  Result<Results> try_call(const CallOptions& options = {}) const {
    const auto gathered = start(options);
    const detail::NestedWait nested(gathered);
    gathered->wait_for_end(Deadline::never());
    return gathered->take_outcome();
  }
  AsyncResult<Results> async(const CallOptions& options = {}) const {
    return AsyncResult<Results>(start(options));
  }
  auto operator co_await() const {
    auto made = [] {};  // already, but nobody else reads its outcome
    return detail::CallAwaiter<Results, decltype(made)>(start({}, action_.target_.on), made);
  }

 private:
  using Action = ApiAction<T, Arguments...>;
  using Gathered = std::shared_ptr<detail::GatheredCall<Returned>>;

  Gathered start(const CallOptions& options, const OptionalRef<Executor>& on = {}) const {
    const auto host = action_.target_.host();
    const auto gathered =
        detail::make_pending<detail::GatheredCall<Returned>>(action_.target_, host, options, on);
    if (host) host->begin_chain(*gathered);
    const auto peers = detail::peers_there(action_.target_, host);
    if (!peers) {
      gathered->fail(peers.error_pointer());
    } else if (peers->empty()) {
      ask_later(gathered, host, options);
    } else {
      ask(gathered, host, options, *peers);
    }
    return gathered;
  }

  void ask(const Gathered& gathered, const std::shared_ptr<detail::ApiHost>& host, CallOptions options,
           const std::vector<Peer>& peers) const {
    gathered->self_ = gathered;
    gathered->filed(TransactionId{}, Transaction::several_links);
    gathered->expect(peers.size());
    for (std::size_t index = 0; index < peers.size(); ++index) {
      const Peer& peer = peers[index];
      const auto one = action_.to(peer);
      options.timeout = gathered->deadline().remaining();  // to ask those before may have taken some of it
      const auto call = one.make(host, options);
      call->begin_chain(gathered->own_chain());
      if (gathered->add(index, peer, call)) one.submit(host, call, options);
    }
  }

  void ask_later(const Gathered& gathered, const std::shared_ptr<detail::ApiHost>& host,
                 const CallOptions& options) const {
    const auto coming = std::make_shared<detail::PendingCall<void>>(
        action_.target_.name_space, gathered->began(), gathered->deadline(), host);
    gathered->wait_for(coming);
    coming->then(nullptr, [*this, gathered, host, options, weak = std::weak_ptr(coming),
                           context = context_of_later(*gathered)] {
      const detail::ContextScope scope(context.get(), detail::on_worker());
      const auto came = weak.lock();
      const auto error = came ? came->error() : nullptr;
      const Result<std::vector<Peer>> peers = error ? error : detail::peers_to_ask(action_.target_, host);
      if (peers) {
        ask(gathered, host, options, *peers);
      } else {
        gathered->fail(peers.error_pointer());
      }
    });
    auto opening = action_;
    opening.target_.target = {detail::Target::Kind::all, 0};
    detail::submit_action(opening.target_, host, typename Action::Packed(opening), options, coming, false);
  }

  /// The calls are part of the chain that this one is part of, or has begun.
  static std::shared_ptr<detail::CallContext> context_of_later(const Transaction& gathered) {
    auto context = detail::keep_current_context();
    if (!context && gathered.own_chain() != 0) {
      context = std::make_shared<detail::CallContext>();
      context->chain.root = gathered.own_chain();
    }
    return context;
  }

  const Action action_;
};

}  // namespace vagus
