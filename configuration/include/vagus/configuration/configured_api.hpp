/// APIs that nothing declares but a file.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include <vagus/api/api_base.hpp>
#include <vagus/api/api_proxy.hpp>
#include <vagus/api/member.hpp>
#include <vagus/configuration/configuration.hpp>

namespace vagus {

namespace detail {

/// What a file says of one method or event, as an API takes it.
struct DescribedMember {
  std::string name;
  std::string docs;
  Signature signature;
  ParameterList parameters;
  std::vector<bool> may_be_left_out;
  MethodOptions options;
  std::string place;  ///< `mill.toml:12:1: `
};

/// What methods and events of a file have in common.
class DescribedBase : public MemberBase {
 public:
  DescribedBase(ApiBase* owner, const DescribedMember& member, bool event);

 protected:
  /// Throws ApiParamError for too many arguments, for names that are not declared and for what is missing.
  void check(std::size_t positional, const std::vector<std::string_view>& keywords) const;
  /// Says where the file describes it.
  template <typename Function>
  decltype(auto) placed(Function&& function) const {
    try {
      return function();
    } catch (const ApiParamError& wrong) {
      refuse(wrong);
    }
  }
  void check_fits(const Signature& given) const;

  template <typename... Arguments>
  auto build(Arguments&&... arguments) const {
    std::vector<std::string_view> keywords;
    [[maybe_unused]] const auto note = [&](const auto& argument) {
      if constexpr (is_keyword<std::remove_cvref_t<decltype(argument)>>) keywords.push_back(argument.name);
    };
    (note(arguments), ...);
    check(sizeof...(Arguments) - keywords.size(), keywords);
    auto packed = packed_keywords(arguments...);
    return proxy_action(std::tuple_cat(positional(std::forward<Arguments>(arguments))...), std::move(packed));
  }

 private:
  template <typename... Arguments>
  ProxyAction<Arguments...> proxy_action(std::tuple<Arguments...> arguments, Bytes keyword) const {
    return {action_target(), std::move(arguments), std::move(keyword)};
  }
  [[noreturn]] void refuse(const ApiParamError& wrong) const;

  const std::string place_;
  const Signature signature_;
  const ParameterList parameters_;
};

}  // namespace detail

/// A method that a file describes. All functions are safe from any thread.
class DescribedMethod : public detail::DescribedBase {
 public:
  explicit DescribedMethod(ApiBase* owner, const detail::DescribedMember& member)
      : DescribedBase(owner, member, false) {}

  /// Builds a call: `method(120.0, vagus::kw("speed_mm_s", 5.0)).call<double>()`. What has a default may be
  /// left out; who handles it fills that in. Throws ApiParamError for too many arguments, names that are not
  /// described, and what is missing; whether the types fit is found out where it is handled.
  template <typename... Arguments>
  auto operator()(Arguments&&... arguments) const {
    return build(std::forward<Arguments>(arguments)...);
  }

  /// As Method::handle. Throws ApiParamError if the callable's types are not those of the file, where `any`
  /// is whichever.
  template <typename Function>
  void handle(Function&& function) const {
    placed([&] { set_handler(detail::make_handler(std::forward<Function>(function))); });
  }
  /// Takes the handler away, as Method::clear.
  void clear() const { clear_handler(); }
};

/// An event that a file describes. All functions are safe from any thread.
class DescribedEvent : public detail::DescribedBase {
 public:
  explicit DescribedEvent(ApiBase* owner, const detail::DescribedMember& member)
      : DescribedBase(owner, member, true) {}

  /// Builds the message; `.post()`, or `()`, sends it to every peer that listens.
  template <typename... Arguments>
  auto operator()(Arguments&&... arguments) const {
    return EventAction(build(std::forward<Arguments>(arguments)...).template as<void>());
  }

  /// As Event::subscribe. Throws ApiParamError if the callable's types are not those of the file.
  template <typename Function>
  [[nodiscard]] Registration subscribe(Function&& function, const SubscribeOptions& options = {}) const {
    auto handler = detail::make_handler(std::forward<Function>(function));
    return placed([&] {
      check_fits(handler->signature());
      return subscribe_handler(std::move(handler), options);
    });
  }
};

/// An API whose methods, events and parts a file describes. Peers see no difference to one that is declared
/// in code: types, names, defaults and docs are in its description, and where types are compared its own are
/// those of the file.
///
///     vagus::ConfiguredApi machine{configuration, "machine"};
///     machine.handle("move_to", [](double target_mm, double speed_mm_s) { return target_mm; });
///     machine.event("moved")(12.0).post();
///
/// Threads: as those of ApiBase; what it has is made with it, and all functions are safe from any thread.
class ConfiguredApi : public ApiBase {
 public:
  /// Throws ConfigurationError if the file does not know it.
  ConfiguredApi(const Configuration& configuration, std::string_view name);
  ~ConfiguredApi() override;

  /// By which the file knows it.
  const std::string& name() const noexcept { return name_; }

  /// One of its methods or events, or of one of its parts: `x.move_to`. Throws UnknownApiError if the file
  /// describes none of this name. Lives as long as this.
  const DescribedMethod& method(std::string_view name) const;
  const DescribedEvent& event(std::string_view name) const;

  /// `method(name).handle(function)`
  template <typename Function>
  void handle(std::string_view name, Function&& function) const {
    method(name).handle(std::forward<Function>(function));
  }

 private:
  struct Members;

  const std::string name_;
  const std::string file_;
  const std::unique_ptr<Members> members_;
};

}  // namespace vagus
