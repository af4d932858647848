/// Events of which nothing is known beforehand, and how a callable hears them.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

#include <vagus/api/handler.hpp>
#include <vagus/wire/value.hpp>

namespace vagus {

/// An event as its sender has sent it, by value.
struct HeardEvent {
  std::string name_space;  ///< the whole name, such as `machine.x.moved`
  Value::Array arguments;  ///< those by position
  Value::Map named;        ///< those by name; most senders give none
};

}  // namespace vagus

namespace vagus::detail {

/// Throws wire::DecodeError.
HeardEvent heard_event(const Arguments& arguments, std::string_view name_space);

/// Takes whatever comes.
template <typename Function, typename CallTraits>
class EventListener final : public Handler {
 public:
  explicit EventListener(Function function)
      : Handler(Signature(), std::make_shared<Gate>()), function_(std::move(function)) {}

  std::unique_ptr<Invocation> bind(const Arguments& arguments, const ParameterList&,
                                   std::string_view name_space) const override {
    return std::make_unique<CallableInvocation<Function, CallTraits, void>>(
        function_, std::tuple<HeardEvent>(heard_event(arguments, name_space)));
  }

 private:
  mutable Function function_;  // the callable guards itself: its runs may overlap
};

/// From a callable that takes a `const HeardEvent&`, and maybe a `Call&` before it.
template <typename Function>
std::shared_ptr<Handler> make_event_listener(Function&& function) {
  using Callable = std::decay_t<Function>;
  if constexpr (std::is_invocable_v<Callable&, Call&, const HeardEvent&>) {
    using Returned = std::invoke_result_t<Callable&, Call&, const HeardEvent&>;
    return std::make_shared<EventListener<Callable, CallableTraits<Returned, Call&, const HeardEvent&>>>(
        std::forward<Function>(function));
  } else {
    static_assert(std::is_invocable_v<Callable&, const HeardEvent&>,
                  "who subscribes to a pattern takes a const vagus::HeardEvent&, and maybe a vagus::Call& "
                  "before it");
    using Returned = std::invoke_result_t<Callable&, const HeardEvent&>;
    return std::make_shared<EventListener<Callable, CallableTraits<Returned, const HeardEvent&>>>(
        std::forward<Function>(function));
  }
}

/// From a callable that takes the parameters of such an event.
template <typename Signature>
struct EventListenerFor {
  static_assert(!std::is_same_v<Signature, Signature>, "an event returns nothing: void(...)");
};
template <typename... Parameters>
struct EventListenerFor<void(Parameters...)>
    : DeclaredHandler<void, typename WithoutDefault<std::remove_cvref_t<Parameters>>::type...> {};

}  // namespace vagus::detail
