/// Properties: values that one process holds and others see.
#pragma once

#include <memory>
#include <optional>
#include <string_view>
#include <type_traits>
#include <utility>

#include <vagus/api/api_base.hpp>
#include <vagus/api/method.hpp>
#include <vagus/api/retained.hpp>
#include <vagus/core/error.hpp>
#include <vagus/core/mutex.hpp>
#include <vagus/wire/outlives_message.hpp>
#include <vagus/wire/pack.hpp>

namespace vagus {

/// A value that one process holds, and that whoever observes it in another one sees at once: when it begins
/// to, after each change, and when the link is back. A member of a class derived from ApiBase:
///
///     vagus::Property<std::string> state{this, "state", "What the machine is doing."};
///
///     machine.state.update("moving");                                              // where it is held
///     const auto shown = machine.state.observe([&](const std::string& state) { label.show(state); });
///
/// It is a small API of two methods and an event, which can be called and heard like any other, also by name
/// and by plain peers: `machine.state.get`, `.set` and `.changed`.
///
/// All functions are safe from any thread.
template <typename T>
class Property : public ApiBase {
 public:
  /// Throws ApiParamError for what is no name, or a name that is taken.
  explicit Property(ApiBase* owner, std::string_view name, std::string_view docs = {},
                    const ApiOptions& options = {})
      : ApiBase(owner, name, with_docs(options, docs)) {
    root_of(*this)->retain(retained_);
  }
  ~Property() override { root_of(*this)->forget_retained(*retained_); }

  /// Asks who holds it: `state.get().call()`, or any other way to call.
  Method<T()> get{this, "get", "The value that it has.", idempotent()};
  /// Asks who holds it to change it; the result is what it has become. UnsupportedApiError unless on_set()
  /// allows it there; what the hook throws is why it was refused.
  Method<T(T)> set{this, "set", "Changes the value; the result is what it has become.", params("value"),
                   serial()};
  /// Sent after each change, and to whoever begins to listen.
  Event<void(T)> changed{this, "changed", "The value, at first and after each change.", params("value")};

  // Where it is held
  // ----------------------------------------------------------------------------------------------------------

  /// It has this value from now on, and this process holds it. Tells all that observe it, unless it had the
  /// value already, and waits for none of them: who is slow, or stands still, gets the newest later and not
  /// what was in between. The first time may throw MultipleApiResponseError, if another API of the same
  /// ApiArb holds it.
  void update(const T& value) {
    hold();
    retained_->update(*root_of(*this), packed(value));
  }
  /// The value that was given to update() last; none before the first.
  std::optional<T> value() const {
    const Bytes last = retained_->last();
    if (last.empty()) return std::nullopt;
    return unpacked(last);
  }
  /// Lets others set it. The hook takes the value that is wanted, and a `vagus::Call&` before it if it wants
  /// to know who asks; it throws if it refuses, and may return what becomes of it instead. Then the value is
  /// updated. Its runs do not overlap. The last hook counts.
  template <typename Hook>
  void on_set(Hook hook) {
    hold();
    set.handle([hook = std::move(hook), retained = retained_, root = std::weak_ptr(root_of(*this))](
                   Call& call, const T& wanted) mutable -> T {
      T value = accepted(hook, call, wanted);
      if (const auto tree = root.lock()) retained->update(*tree, packed(value));
      return value;
    });
  }

  // Where it is seen
  // ----------------------------------------------------------------------------------------------------------

  /// Calls `function` with the value that the holder has, with each that it has later, and anew when the link
  /// was down, for as long as the registration lives: on the workers of the API, one at a time for each peer.
  /// While it runs only the newest value waits for it. It takes a `const T&`, and a `vagus::Call&` before it
  /// if it wants to know whose value that is. What it throws is logged.
  ///
  /// The holder may come later or go and come again: nothing is called while there is none.
  template <typename Function>
  [[nodiscard]] Registration observe(Function function) const {
    return changed.subscribe_to_last(
        [function = std::move(function), told = std::make_shared<detail::LastTold>()](
            Call& call, const T& value) mutable {
          if (!told->is_new(call.peer().id, packed(value))) return;
          show(function, call, value);
        });
  }

 private:
  static ApiOptions with_docs(ApiOptions options, std::string_view docs) {
    options.docs = docs;
    return options;
  }
  static MethodOptions idempotent() {
    MethodOptions options;
    options.idempotent = true;
    return options;
  }
  static MethodOptions serial() {
    MethodOptions options;
    options.serial = true;
    return options;
  }

  /// As the array of arguments of the event.
  static Bytes packed(const T& value) {
    return wire::written([&](wire::Writer& writer) {
      writer.array(1);
      wire::pack(writer, value);
    });
  }
  static T unpacked(const Bytes& arguments) {
    static_assert(wire::outlives_message<T>,
                  "a property outlives the messages that bring it: use a type that owns what it holds");
    wire::Reader reader(arguments);
    reader.array();
    return wire::unpack<T>(reader);
  }

  template <typename Function>
  static decltype(auto) run(Function& function, Call& call, const T& value) {
    if constexpr (std::is_invocable_v<Function&, Call&, const T&>) {
      return function(call, value);
    } else {
      static_assert(std::is_invocable_v<Function&, const T&>,
                    "this takes the value of the property, and maybe a vagus::Call& before it");
      return function(value);
    }
  }
  template <typename Function>
  static void show(Function& function, Call& call, const T& value) {
    using Returned = decltype(run(function, call, value));
    static_assert(!detail::WithoutTask<std::remove_cvref_t<Returned>>::is_task,
                  "who observes a property cannot be a coroutine: what it sees may be old when it goes on");
    static_cast<void>(run(function, call, value));
  }
  /// What the hook makes of the value; the value itself if it returns nothing.
  template <typename Hook>
  static T accepted(Hook& hook, Call& call, const T& wanted) {
    using Returned = decltype(run(hook, call, wanted));
    if constexpr (std::is_void_v<Returned>) {
      run(hook, call, wanted);
      return wanted;
    } else {
      static_assert(std::is_convertible_v<Returned, T>,
                    "who is asked for a new value returns nothing, or what becomes of it; it cannot be a "
                    "coroutine");
      return run(hook, call, wanted);
    }
  }

  void hold() {
    MutexLock lock(mutex_);
    if (held_) return;
    get.handle([retained = retained_] {
      const Bytes last = retained->last();
      if (!last.empty()) return unpacked(last);
      throw UnsupportedApiError(retained->name_space() + " has told no value yet");
    });
    held_ = true;
  }

  const std::shared_ptr<detail::Retained> retained_ =
      std::make_shared<detail::Retained>(changed.name_space());
  Mutex mutex_;
  bool held_ VAGUS_GUARDED_BY(mutex_) = false;
};

}  // namespace vagus
