/// Methods: declared once, called here and handled there.
#pragma once

#include <concepts>
#include <memory>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

#include <vagus/api/api_action.hpp>
#include <vagus/api/member.hpp>
#include <vagus/api/params.hpp>
#include <vagus/api/progress_action.hpp>
#include <vagus/api/streams.hpp>

namespace vagus {

template <typename Signature>
class Method;

/// A method of an API, a member of a class derived from ApiBase:
///
///     vagus::Method<double(double target_mm, vagus::Default<double> speed_mm_s)> move_to{
///         this, "move_to", "Moves the axis.", vagus::params("target_mm", vagus::param("speed_mm_s", 10.0))};
///
/// All functions are safe from any thread.
template <typename T, typename... Parameters>
class Method<T(Parameters...)> : public detail::MemberBase {
 public:
  using Result = detail::ResultOf<T>;

  /// `docs` and the names of the parameters are for people and for calls by name. Throws ApiParamError for
  /// what is no name, a name that is taken, a wrong number of parameters, or a Default<> without a default.
  explicit Method(ApiBase* owner, std::string_view name, std::string_view docs = {},
                  const MethodOptions& options = {})
      : Method(owner, name, docs, detail::ParameterList{}, options) {}
  // A template, so that braces after the docs can only mean the options.
  template <std::same_as<detail::ParameterList> List>
  Method(ApiBase* owner, std::string_view name, std::string_view docs, List parameters,
         const MethodOptions& options = {})
      : MemberBase(owner, name, docs, signature(), std::move(parameters), {detail::is_default<Parameters>...},
                   options, false) {}

  /// Builds a call. Trailing parameters declared as Default<> may be left out.
  template <typename... Arguments>
  requires(detail::accepts<std::tuple<Parameters...>, std::tuple<Arguments...>>) auto operator()(
      Arguments&&... arguments) const {
    return detail::build_action<T, std::tuple<Parameters...>>(
        action_target(), std::index_sequence_for<Arguments...>(), std::forward<Arguments>(arguments)...);
  }

  /// Handles it until it is cleared or set anew; takes precedence over what is served. Throws
  /// MultipleApiResponseError if another API of the same ApiArb handles it.
  template <typename Function>
  void handle(Function&& function) const {
    set_handler(Handler::make(std::forward<Function>(function)));
  }
  /// Ends what handle(), or set_handler, has set. Waits for its runs, but for one that it is called in.
  void clear() const { clear_handler(); }

  /// Its parameters as a handler keeps them; for vagus::serve.
  using Kept =
      std::tuple<detail::Stored<typename detail::WithoutDefault<std::remove_cvref_t<Parameters>>::type>...>;

 private:
  using Handler =
      detail::DeclaredHandler<Result,
                              typename detail::WithoutDefault<std::remove_cvref_t<Parameters>>::type...>;
  static detail::Signature signature() {
    return detail::SignatureOf<Result, Kept, detail::SaidPartOf<T>>::make();
  }
};

template <typename Signature>
class Event;
template <typename T>
class Property;

/// An event of an API: fire and forget, any number of handlers at the other sides.
///
///     vagus::Event<void(double position_mm)> moved{this, "moved", "Sent after each move."};
///
/// All functions are safe from any thread.
template <typename... Parameters>
class Event<void(Parameters...)> : public detail::MemberBase {
 public:
  explicit Event(ApiBase* owner, std::string_view name, std::string_view docs = {},
                 const MethodOptions& options = {})
      : Event(owner, name, docs, detail::ParameterList{}, options) {}
  template <std::same_as<detail::ParameterList> List>
  Event(ApiBase* owner, std::string_view name, std::string_view docs, List parameters,
        const MethodOptions& options = {})
      : MemberBase(owner, name, docs, signature(), std::move(parameters), {detail::is_default<Parameters>...},
                   options, true) {}

  /// Builds the message; `.post()`, or `()`, sends it to every peer that listens.
  template <typename... Arguments>
  requires(detail::accepts<std::tuple<Parameters...>, std::tuple<Arguments...>>) auto operator()(
      Arguments&&... arguments) const {
    return EventAction(detail::build_action<void, std::tuple<Parameters...>>(
        action_target(), std::index_sequence_for<Arguments...>(), std::forward<Arguments>(arguments)...));
  }

  /// Has `function` handle each event from every peer, one at a time and in order unless `concurrent`, on the
  /// API's workers, for as long as the registration lives. What it throws is logged.
  template <typename Function>
  [[nodiscard]] Registration subscribe(Function&& function, const SubscribeOptions& options = {}) const {
    return subscribe_handler(Handler::make(std::forward<Function>(function)), options);
  }

 private:
  template <typename T>
  friend class Property;

  /// As subscribe(), for the newest alone; whoever retains it sends what was last at once.
  template <typename Function>
  [[nodiscard]] Registration subscribe_to_last(Function&& function) const {
    return subscribe_handler_to_last(Handler::make(std::forward<Function>(function)));
  }

  using Handler =
      detail::DeclaredHandler<void,
                              typename detail::WithoutDefault<std::remove_cvref_t<Parameters>>::type...>;
  using Kept =
      std::tuple<detail::Stored<typename detail::WithoutDefault<std::remove_cvref_t<Parameters>>::type>...>;
  static detail::Signature signature() { return detail::SignatureOf<void, Kept>::make(); }
};

/// Serves an object with an API, and checks when it is compiled that each of its handlers is what the API
/// declares. As ApiBase::serve otherwise.
template <typename Api, typename Object>
[[nodiscard]] Registration serve(Api& api, Object& object) {
  detail::HandlerCheck<Object> check;
  object.vagus_check_handlers(api, check);
  return static_cast<ApiBase&>(api).serve(object);
}

}  // namespace vagus
