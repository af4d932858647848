/// What methods and events have in common, and how they build their calls.
#pragma once

#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include <vagus/api/api_action.hpp>
#include <vagus/api/api_base.hpp>
#include <vagus/api/params.hpp>

namespace vagus {

/// An event that is about to be sent.
template <typename... Arguments>
class [[nodiscard("a verb sends the event: .post() or ()")]] EventAction {
 public:
  explicit EventAction(ApiAction<void, Arguments...> action) : action_(std::move(action)) {}

  /// Sends it to every peer that listens; none is fine, and counted. Throws what kept it from being sent to
  /// one of them, unless `ignore_errors`.
  void post(const PostOptions& options = {}) const { action_.post(options); }
  void operator()(const PostOptions& options = {}) const { post(options); }

  /// Only to this peer, if it listens.
  EventAction to(const Peer& peer) const { return EventAction(action_.to(peer)); }

 private:
  ApiAction<void, Arguments...> action_;
};

namespace detail {

/// A declared member of an API. Destroying one detaches its API first, since that is how the members of a
/// derived class that is being destroyed go, before ApiBase itself knows.
class MemberBase {
 public:
  MemberBase(const MemberBase&) = delete;
  MemberBase& operator=(const MemberBase&) = delete;

  const std::string& name_space() const noexcept { return info_->name_space; }

 protected:
  MemberBase(ApiBase* owner, std::string_view name, std::string_view docs, Signature signature,
             ParameterList parameters, const std::vector<bool>& may_be_left_out, const MethodOptions& options,
             bool event);
  ~MemberBase();

  ActionTarget action_target() const {
    return {name_space_, info_->root, nullptr, info_->defaults, info_->event, {}, {}, info_->idempotent};
  }
  void set_handler(std::shared_ptr<Handler> handler) const;
  void clear_handler() const;
  Registration subscribe_handler(std::shared_ptr<Handler> handler, const SubscribeOptions& options) const;
  /// One event waits for it, the newest; the peers are asked for the last one now.
  Registration subscribe_handler_to_last(std::shared_ptr<Handler> handler) const;

 private:
  std::shared_ptr<const MemberInfo> info_;
  std::shared_ptr<const std::string> name_space_;  // of info_
};

template <typename Parameters, typename Arguments>
inline constexpr bool accepts = false;

template <typename... Parameters, typename... Arguments>
requires(sizeof...(Arguments) <=
         sizeof...(
             Parameters)) inline constexpr bool accepts<std::tuple<Parameters...>, std::tuple<Arguments...>> =
    [] {
      constexpr std::array<bool, sizeof...(Parameters) + 1> optional{is_default<Parameters>...};
      for (std::size_t index = sizeof...(Arguments); index < sizeof...(Parameters); ++index) {
        if (!optional[index]) return false;
      }
      return []<std::size_t... Index>(std::index_sequence<Index...>) {
        return (std::is_convertible_v<std::tuple_element_t<Index, std::tuple<Arguments&&...>>,
                                      std::remove_cvref_t<typename WithoutDefault<std::remove_cvref_t<
                                          std::tuple_element_t<Index, std::tuple<Parameters...>>>>::type>> &&
                ...);
      }
      (std::index_sequence_for<Arguments...>());
    }();

/// Converts the arguments to the declared types and keeps them.
template <typename T, typename Parameters, std::size_t... Index, typename... Arguments>
auto build_action(ActionTarget target, std::index_sequence<Index...>, Arguments&&... arguments) {
  return ApiAction<
      T, typename WithoutDefault<std::remove_cvref_t<std::tuple_element_t<Index, Parameters>>>::type...>(
      std::move(target),
      std::tuple<
          typename WithoutDefault<std::remove_cvref_t<std::tuple_element_t<Index, Parameters>>>::type...>(
          std::forward<Arguments>(arguments)...));
}

/// Instantiated for each handler of an object by vagus::serve: compiles only if it fits the method.
template <typename Object>
class HandlerCheck {
 public:
  template <typename DeclaredMethod, typename Member>
  void operator()(const DeclaredMethod&, Member) const {
    static_assert(
        fits<DeclaredMethod, Traits<Member>>,
        "a handler of this object differs from what the API declares: same parameter types, and a result "
        "that is the declared one");
  }

 private:
  template <typename DeclaredMethod, typename MemberTraits>
  static constexpr bool fits =
      std::is_same_v<typename DeclaredMethod::Kept, typename MemberTraits::Kept> &&
      (std::is_same_v<typename DeclaredMethod::Result, typename MemberTraits::Value> ||
       (std::is_void_v<typename MemberTraits::Value> && MemberTraits::takes_call));
};

}  // namespace detail

}  // namespace vagus
