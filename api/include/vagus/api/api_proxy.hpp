/// Calls by name, with nothing known at compile time.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

#include <vagus/api/api_action.hpp>
#include <vagus/api/description.hpp>
#include <vagus/api/member.hpp>
#include <vagus/api/params.hpp>
#include <vagus/core/name.hpp>

namespace vagus {

namespace detail {

template <typename Argument>
auto positional(Argument&& argument) {
  if constexpr (is_keyword<std::decay_t<Argument>>) {
    return std::tuple<>();
  } else if constexpr (std::is_null_pointer_v<std::decay_t<Argument>>) {
    return std::tuple<std::nullptr_t>();  // would be taken for text otherwise
  } else if constexpr (std::is_convertible_v<Argument, const char*> &&
                       std::is_pointer_v<std::remove_cvref_t<Argument>>) {
    std::tuple<std::optional<std::string>> text;
    if (argument != nullptr) std::get<0>(text).emplace(argument);
    return text;
  } else if constexpr (std::is_convertible_v<Argument, std::string_view> &&
                       !std::is_same_v<std::decay_t<Argument>, std::string>) {
    return std::tuple<std::string>(std::string_view(argument));
  } else {
    return std::tuple<std::decay_t<Argument>>(std::forward<Argument>(argument));
  }
}

template <typename... Arguments>
Bytes packed_keywords(const Arguments&... arguments) {
  const std::size_t count = (std::size_t{0} + ... + std::size_t{is_keyword<Arguments>});
  if (count == 0) return {};
  const auto write = [&](wire::Writer& writer) {
    writer.map(count);
    [[maybe_unused]] const auto one = [&](const auto& argument) {
      if constexpr (is_keyword<std::remove_cvref_t<decltype(argument)>>) {
        writer.str(argument.name);
        wire::pack(writer, argument.value);
      }
    };
    (one(arguments), ...);
  };
  return wire::written(write);
}

}  // namespace detail

/// A call by name that is built but not yet made; the result's type is said with the verb: `call<double>()`.
template <typename... Arguments>
class [[nodiscard("a verb makes the call: .call<T>(), .async<T>(), .try_call<T>() or .post()")]] ProxyAction {
 public:
  ProxyAction(detail::ActionTarget target, std::tuple<Arguments...> arguments, Bytes keyword)
      : target_(std::move(target)), arguments_(std::move(arguments)), keyword_(std::move(keyword)) {}

  /// The same call with the type of its result: for to(), any(), all(), with() and co_await.
  template <typename T>
  ApiAction<T, Arguments...> as() const {
    return ApiAction<T, Arguments...>(target_, arguments_, keyword_);
  }

  template <typename T>
  T call(const CallOptions& options = {}) const {
    return as<T>().call(options);
  }
  template <typename T>
  Result<T> try_call(const CallOptions& options = {}) const {
    return as<T>().try_call(options);
  }
  /// As ApiAction::async: with nothing, a callback or vagus::release(semaphore) first.
  template <typename T, typename... More>
  AsyncResult<T> async(More && ... more) const {
    return as<T>().async(std::forward<More>(more)...);
  }
  /// As ApiAction::stream, for a method that reports `Part`s ahead of a `T`.
  template <typename Part = Value, typename T = Value>
  Stream<Part, T> stream(const CallOptions& options = {}) const {
    return as<T>().template stream<Part>(options);
  }
  void post(const PostOptions& options = {}) const { as<void>().post(options); }

 private:
  detail::ActionTarget target_;
  std::tuple<Arguments...> arguments_;
  Bytes keyword_;
};

/// Calls what lies below a namespace, and sends its events, by name. Made by ApiArb::proxy(). A value; all
/// functions are safe from any thread.
class ApiProxy {
 public:
  ApiProxy(std::string name_space, std::shared_ptr<detail::ApiHost> host)
      : name_space_(std::move(name_space)), host_(std::move(host)) {}

  const std::string& name_space() const noexcept { return name_space_; }

  /// Builds a call; `name` may lie deeper: `x.move_to`. Arguments by position first, then by name with kw().
  /// Throws ApiParamError if the name is none.
  template <typename... Arguments>
  auto action(std::string_view name, Arguments&&... arguments) const {
    auto keyword = detail::packed_keywords(arguments...);
    return build(name, std::tuple_cat(detail::positional(std::forward<Arguments>(arguments))...),
                 std::move(keyword));
  }
  /// The same with arguments of which even the number is not known at compile time, by position and by name.
  ProxyAction<detail::ArgumentList> apply(std::string_view name, Value::Array arguments,
                                          Value::Map named = {}) const {
    Bytes keyword = named.empty() ? Bytes() : wire::to_bytes(Value(std::move(named)));
    return build(name, std::tuple(detail::ArgumentList{std::move(arguments)}), std::move(keyword));
  }
  /// Builds an event; `.post()` sends it to every peer that listens to it, by its name or by a pattern, and
  /// to nobody else: none is fine, and counted. It need not be declared. As action() otherwise.
  template <typename... Arguments>
  auto event(std::string_view name, Arguments&&... arguments) const {
    auto keyword = detail::packed_keywords(arguments...);
    return build_event(name, std::tuple_cat(detail::positional(std::forward<Arguments>(arguments))...),
                       std::move(keyword));
  }
  /// The same with arguments of which even the number is not known at compile time.
  EventAction<detail::ArgumentList> apply_event(std::string_view name, Value::Array arguments,
                                                Value::Map named = {}) const {
    Bytes keyword = named.empty() ? Bytes() : wire::to_bytes(Value(std::move(named)));
    return build_event(name, std::tuple(detail::ArgumentList{std::move(arguments)}), std::move(keyword));
  }

  /// What the peers that are there tell of this namespace and of what is below it: its methods and events,
  /// with their types, defaults and docs. Of several peers that have some of it, all of it; what more than
  /// one tells as the first of them does.
  ///
  /// Asked for once, and again after a peer has come back, or has said that it handles something else: so it
  /// is that of the contract which would answer now, and mostly there without a round trip. Waits for the
  /// first peer as a call does. Throws what a call throws, TransactionTimeout if nothing comes in time,
  /// UnsupportedApiError if there are only plain peers, which cannot describe themselves.
  Description description(Duration timeout = std::chrono::seconds(10)) const {
    return host_->description(name_space_, timeout);
  }

 private:
  template <typename... Arguments>
  ProxyAction<Arguments...> build(std::string_view name, std::tuple<Arguments...> arguments,
                                  Bytes keyword) const {
    return {target(name), std::move(arguments), std::move(keyword)};
  }
  template <typename... Arguments>
  EventAction<Arguments...> build_event(std::string_view name, std::tuple<Arguments...> arguments,
                                        Bytes keyword) const {
    detail::ActionTarget sent = target(name);
    sent.event = true;
    return EventAction<Arguments...>(
        ApiAction<void, Arguments...>(std::move(sent), std::move(arguments), std::move(keyword)));
  }
  detail::ActionTarget target(std::string_view name) const;

  std::string name_space_;
  std::shared_ptr<detail::ApiHost> host_;
};

}  // namespace vagus
