/// What all nodes of one tree of APIs share: the handlers, the subscriptions, and whom the tree is attached
/// to.
#pragma once

#include <atomic>
#include <concepts>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <vagus/api/api_host.hpp>
#include <vagus/api/api_options.hpp>
#include <vagus/api/handler.hpp>
#include <vagus/api/retained.hpp>
#include <vagus/core/mutex.hpp>
#include <vagus/core/registration.hpp>
#include <vagus/wire/value.hpp>

namespace vagus {

/// A call that nothing handles.
struct UnhandledCall {
  std::string_view name_space;
  Value arguments;  ///< those by position, an array
  Value named;      ///< those by name, a map
};

/// Gets the calls that nothing handles. Its value is the answer; none passes the call on to the hook above.
/// May throw, as a handler may. Made from a callable that returns `std::optional<vagus::Value>`, and nothing
/// that only converts to it: a bool would be an answer.
class UnhandledHook {
 public:
  UnhandledHook() = default;
  template <typename Function>
  requires std::same_as<std::invoke_result_t<Function&, Call&, const UnhandledCall&>, std::optional<Value>>
  UnhandledHook(Function function) : function_(std::move(function)) {}  // NOLINT(google-explicit-constructor)

  explicit operator bool() const noexcept { return static_cast<bool>(function_); }
  std::optional<Value> operator()(Call& call, const UnhandledCall& unhandled) const {
    return function_(call, unhandled);
  }

 private:
  std::function<std::optional<Value>(Call&, const UnhandledCall&)> function_;
};

}  // namespace vagus

namespace vagus::detail {

/// What was declared about one method or event.
struct MemberInfo {
  std::string name_space;
  std::string docs;
  Signature signature;
  ParameterList parameters;
  CallDefaults defaults;  ///< of the method and all APIs above it
  bool event = false;
  bool idempotent = false;
  bool hidden = false;       ///< see MethodOptions
  std::string serial_scope;  ///< what has the same scope never overlaps; empty: it may
  std::shared_ptr<ApiRoot> root;

  /// What it is on the wire, spelled out, see MemberDescription::signature.
  std::string signature_text() const;
  /// The hash of that text, see MemberDescription::shape. Made when it is asked for, and kept.
  std::uint64_t shape() const;

 private:
  mutable std::atomic<std::uint64_t> shape_{0};  // 0: not made yet; relaxed: all that make it make the same
};

/// The text of a signature whose types are spelled out, see MemberDescription::signature.
std::string signature_text(const SignatureShape& shape, const ParameterList& parameters);

/// Who handles one namespace now. Safe from any thread.
class HandlerSlot {
 public:
  HandlerSlot(std::shared_ptr<const MemberInfo> declared, std::string serial_scope)
      : declared_(std::move(declared)), serial_scope_(std::move(serial_scope)) {}

  /// The one set at run time, else the one served; null if there is none.
  std::shared_ptr<Handler> handler() const;
  bool empty() const { return handler() == nullptr; }
  /// By an object, whatever was set at run time.
  bool served() const;
  /// Null if the method was not declared.
  const MemberInfo* declared() const noexcept { return declared_.get(); }
  /// Names and defaults of its parameters; none if the method was not declared.
  const ParameterList& parameters() const noexcept;
  /// What has the same scope never overlaps; empty: it may.
  const std::string& serial_scope() const noexcept { return serial_scope_; }

  std::shared_ptr<Handler> set_dynamic(std::shared_ptr<Handler> handler);
  std::shared_ptr<Handler> set_served(std::shared_ptr<Handler> handler);

 private:
  const std::shared_ptr<const MemberInfo> declared_;
  const std::string serial_scope_;
  mutable Mutex mutex_;
  std::shared_ptr<Handler> dynamic_ VAGUS_GUARDED_BY(mutex_);
  std::shared_ptr<Handler> served_ VAGUS_GUARDED_BY(mutex_);
};

/// What waits for one subscriber, and what had no room there.
struct EventQueue {
  std::size_t capacity = 0;  ///< of events of one peer; 0: no bound of its own
  Lost lost = Lost::newest;
  bool for_last = false;  ///< its place is its own, however full its API is: the last event is never lost
  std::atomic<std::uint64_t> missed{0};  ///< not told yet; relaxed: only a figure

  EventQueue(std::size_t room, Lost which) noexcept : capacity(room), lost(which) {}
};

/// One subscriber of an event.
struct Subscriber {
  std::shared_ptr<Handler> handler;
  bool concurrent = false;
  std::shared_ptr<EventQueue> queue = std::make_shared<EventQueue>(0, Lost::newest);
};

/// Those of one event. Never changed, but replaced, so that an event that arrives copies nothing.
struct Subscribers {
  std::shared_ptr<const MemberInfo> declared;  ///< null if it is not
  std::vector<Subscriber> all;

  /// Does one of them want what was told last, before it has subscribed?
  bool want_last() const noexcept;
};

/// Safe from any thread. Changes take turns; they call the host with `changes_` held, which the host's own
/// threads never take.
class ApiRoot : public std::enable_shared_from_this<ApiRoot> {
 public:
  ApiRoot(std::string name_space, const ApiOptions& options);

  /// Empty for one that was made with no_namespace.
  const std::string& name_space() const noexcept { return name_space_; }
  const ApiOptions& options() const noexcept { return options_; }
  const std::string& version() const noexcept { return version_; }
  /// Its own name and those of its sub-APIs, each with what it is for.
  std::map<std::string, std::string, std::less<>> parts() const;
  /// What all of it shares that never overlaps; empty: it may.
  std::string serial_scope() const;

  /// Throws ApiParamError if the name is taken in this tree.
  void declare(const std::shared_ptr<const MemberInfo>& member);
  void forget(const std::string& name_space) noexcept;
  std::shared_ptr<const MemberInfo> declared(std::string_view name_space) const;
  /// All of them, in the order of their names.
  std::vector<std::shared_ptr<const MemberInfo>> all_declared() const;
  /// The same for a sub-API, and what it is for.
  void declare_part(const std::string& name_space, std::string_view docs);
  void forget_part(const std::string& name_space) noexcept;

  void set_handler(const std::string& name_space, std::shared_ptr<Handler> handler);
  /// Waits for the runs of the handler that is removed.
  void clear_handler(const std::string& name_space);
  using Served = std::vector<std::pair<std::string, std::shared_ptr<Handler>>>;
  /// All or none. They share `gate`.
  Registration serve(Served handlers, std::shared_ptr<Gate> gate);
  Registration subscribe(const std::string& name_space, Subscriber subscriber);
  /// Null if there are none.
  std::shared_ptr<const Subscribers> subscribers(std::string_view name_space) const;
  /// The events of which a subscriber wants the last one, also if that was sent before it subscribed.
  std::vector<std::string> wanting_last() const;

  /// Whoever begins to listen to this event is told the last one.
  void retain(std::shared_ptr<Retained> event);
  void forget_retained(const Retained& event) noexcept;
  /// Tells one peer, or all if it is 0, the last of each of those events that are wanted.
  void tell_retained(std::uint64_t peer, const std::function<bool(std::string_view)>& wanted);

  void set_unhandled(const std::string& name_space, UnhandledHook hook);
  /// That of the nearest API up the tree from a namespace, and where it stands; then the next above it, and
  /// so on.
  std::vector<UnhandledHook> unhandled_hooks(std::string_view name_space) const;
  /// The namespaces of the APIs that have one.
  std::vector<std::string> hooked_names() const;

  /// Whom it is attached to; null if to nobody.
  std::shared_ptr<ApiHost> host() const;
  /// Where callbacks of its calls run, and which endpoint it is bound to; only while it is attached.
  std::shared_ptr<Executor> executor() const;
  std::string bound_peer() const;
  bool bound() const noexcept { return bound_.load(std::memory_order_relaxed); }
  /// Throws ApiParamError if it is attached already, MultipleApiResponseError if something of it is handled
  /// there.
  void attach(const std::shared_ptr<ApiHost>& host, std::shared_ptr<Executor> executor,
              std::string bound_peer);
  /// Called by the host, when nothing of this API runs or is found there any more. `stopped`: since it was
  /// stopped.
  void detached(bool stopped) noexcept;
  /// Was it attached last to a host that was stopped?
  bool host_stopped() const;
  /// A part of the tree is being destroyed: nothing may run that could use it.
  void dying() noexcept;

 private:
  friend class ServedHandlers;
  friend class Subscription;

  std::shared_ptr<HandlerSlot> slot(const std::string& name_space) VAGUS_REQUIRES(changes_);
  void check_signature(const std::string& name_space, const Handler& handler) const;
  void claim(const std::string& name_space, const std::shared_ptr<HandlerSlot>& slot)
      VAGUS_REQUIRES(changes_);
  void drop_if_empty(const std::string& name_space) noexcept VAGUS_REQUIRES(changes_);
  void end_served(const std::vector<std::string>& name_spaces) noexcept;
  void end_subscription(const std::string& name_space, const Handler* handler) noexcept;

  /// Its locks may be held for ever, and nothing of it is found or run any more.
  bool in_forked_child() const noexcept;
  /// False: mutex_ cannot be had, and what is to be forgotten stays.
  bool lock_to_forget() noexcept VAGUS_TRY_ACQUIRE(true, mutex_);

  const std::string name_space_;
  const ApiOptions options_;  // without its texts
  const std::string docs_;
  const std::string version_;
  const unsigned made_after_;  // so many forks

  Mutex changes_;
  std::map<std::string, std::shared_ptr<HandlerSlot>, std::less<>> slots_ VAGUS_GUARDED_BY(changes_);

  mutable Mutex mutex_;  // below changes_
  std::shared_ptr<ApiHost> host_ VAGUS_GUARDED_BY(mutex_);
  std::shared_ptr<Executor> executor_ VAGUS_GUARDED_BY(mutex_);
  std::string bound_peer_ VAGUS_GUARDED_BY(mutex_);
  // Is bound_peer_ not empty? Written under mutex_. Relaxed: who needs the name asks bound_peer().
  std::atomic<bool> bound_{false};
  bool host_stopped_ VAGUS_GUARDED_BY(mutex_) = false;
  std::map<std::string, std::shared_ptr<const MemberInfo>, std::less<>> declared_ VAGUS_GUARDED_BY(mutex_);
  std::map<std::string, std::string, std::less<>> parts_ VAGUS_GUARDED_BY(mutex_);  // sub-APIs, their docs
  std::map<std::string, std::shared_ptr<const Subscribers>, std::less<>> subscribers_
      VAGUS_GUARDED_BY(mutex_);
  std::map<std::string, UnhandledHook, std::less<>> unhandled_ VAGUS_GUARDED_BY(mutex_);
  std::vector<std::shared_ptr<Retained>> retained_ VAGUS_GUARDED_BY(mutex_);
};

}  // namespace vagus::detail
