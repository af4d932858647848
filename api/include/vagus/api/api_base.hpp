/// A node in a tree of APIs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include <vagus/api/api_options.hpp>
#include <vagus/api/api_root.hpp>
#include <vagus/api/handler.hpp>
#include <vagus/core/loan.hpp>
#include <vagus/core/name.hpp>
#include <vagus/core/peer.hpp>
#include <vagus/core/registration.hpp>

namespace vagus {

namespace detail {
class MemberBase;
class HandlerBinder;
}  // namespace detail

/// Derive from it to declare an API: its methods, events and sub-APIs are members.
///
///     class AxisApi : public vagus::ApiBase {
///      public:
///       using ApiBase::ApiBase;
///       vagus::Method<double(double)> move_to{this, "move_to"};
///     };
///
/// The same class declares it in the process that calls (a stub) and in the one that handles. All functions
/// are safe from any thread, also while traffic flows. Destroying an attached root API, or any part of it,
/// detaches it first: that waits for its running handlers (from inside one of them, not for that one).
class ApiBase {
 public:
  /// A root API. Throws ApiParamError if the namespace is none.
  explicit ApiBase(std::string_view name_space, const ApiOptions& options = {});
  /// A root API whose members' names stand by themselves. It owns whatever no other attached API owns, so
  /// attach at most one to an ApiArb.
  explicit ApiBase(NoNamespace none, const ApiOptions& options = {});
  /// A sub-API of `parent`, which is most often `this`. Throws ApiParamError if the name is none, or taken
  /// there.
  ApiBase(ApiBase* parent, std::string_view name, const ApiOptions& options = {});
  virtual ~ApiBase();
  ApiBase(const ApiBase&) = delete;
  ApiBase& operator=(const ApiBase&) = delete;

  const std::string& name_space() const noexcept { return name_space_; }

  /// Has the methods named in the object's VAGUS_HANDLERS handled by its members `_handler_<name>`, for as
  /// long as the registration lives; the object has to live as long. All names or none. Throws
  /// UnsupportedApiError for a name that was not declared here, ApiParamError for a member whose types differ
  /// from what was declared, MultipleApiResponseError if one is served already. vagus::serve(api, object)
  /// checks the types when it is compiled.
  template <typename Object>
  [[nodiscard]] Registration serve(Object& object);

  /// Handles `name`, which may lie deeper (`x.move_to`) and need not be declared, until it is cleared or set
  /// anew; takes precedence over what is served. Throws ApiParamError if the callable's types differ from
  /// what was declared, and MultipleApiResponseError if another API of the same ApiArb handles it.
  template <typename Function>
  void set_handler(std::string_view name, Function&& function) {
    root_->set_handler(below(name), detail::make_handler(std::forward<Function>(function)));
  }
  /// Ends what set_handler, or method.handle, has set; what is served handles it again. Waits for the runs of
  /// the former handler, but for one that it is called in.
  void clear_handler(std::string_view name) { root_->clear_handler(below(name)); }

  /// Memory for `count` elements of an argument, to be filled in place: that of the link which calls of this
  /// API go out on, if that shares memory, so that the handler reads what you have written without a copy.
  /// Ordinary memory if it shares none, if no link is open, or several are, or for more than the link's whole
  /// arena (`?arena=` in its URL); the call is the same, and copies. Throws OverloadedError if too much of
  /// the arena is in use: drop loans that you keep, or copy instead.
  template <Lendable T>
  [[nodiscard]] Loan<T> loan(std::size_t count) const {
    return detail::loan_of<T>(borrow(0, detail::bytes_of<T>(count)), count);
  }
  /// The same, for calls `.to(peer)`.
  template <Lendable T>
  [[nodiscard]] Loan<T> loan(std::size_t count, const Peer& peer) const {
    return detail::loan_of<T>(borrow(peer.id, detail::bytes_of<T>(count)), count);
  }

  /// Gets the calls to this API and below it that nothing handles. An empty hook ends the former one.
  void on_unhandled(UnhandledHook hook) { root_->set_unhandled(name_space_, std::move(hook)); }

 private:
  friend class detail::MemberBase;
  friend class detail::HandlerBinder;
  friend std::shared_ptr<detail::ApiRoot> root_of(const ApiBase& api) noexcept;

  std::shared_ptr<wire::Block> borrow(std::uint64_t peer, std::size_t size) const;
  /// The full namespace of something below this API; throws ApiParamError if it is none.
  std::string below(std::string_view name) const;

  const std::string name_space_;
  const std::shared_ptr<detail::ApiRoot> root_;
  const CallDefaults defaults_;     // of this API and all above it
  const std::string serial_scope_;  // of this API or the outermost above it; empty if none is serial
};

/// For what attaches APIs.
inline std::shared_ptr<detail::ApiRoot> root_of(const ApiBase& api) noexcept { return api.root_; }

namespace detail {

/// Gathers the handlers of an object that is being served.
class HandlerBinder {
 public:
  explicit HandlerBinder(const ApiBase& api) : api_(api) {}

  /// One handler whose types are compared with the declared ones now, at run time.
  template <typename Object, typename Member>
  void bind(std::string_view name, Object* object, Member member) {
    served_.emplace_back(api_.below(name), bind_member(object, member, gate_));
  }

  Registration finish() { return api_.root_->serve(std::move(served_), gate_); }

 private:
  template <typename Object, typename Class, typename Result, typename... Parameters>
  static std::shared_ptr<Handler> bind_member(Object* object, Result (Class::*member)(Parameters...),
                                              const std::shared_ptr<Gate>& gate) {
    return make_handler(
        [object, member](Parameters... parameters) -> Result {
          return (object->*member)(std::forward<Parameters>(parameters)...);
        },
        gate);
  }
  template <typename Object, typename Class, typename Result, typename... Parameters>
  static std::shared_ptr<Handler> bind_member(Object* object, Result (Class::*member)(Parameters...) const,
                                              const std::shared_ptr<Gate>& gate) {
    return make_handler(
        [object, member](Parameters... parameters) -> Result {
          return (object->*member)(std::forward<Parameters>(parameters)...);
        },
        gate);
  }

  const ApiBase& api_;
  const std::shared_ptr<Gate> gate_ = std::make_shared<Gate>();
  ApiRoot::Served served_;
};

}  // namespace detail

template <typename Object>
Registration ApiBase::serve(Object& object) {
  detail::HandlerBinder binder(*this);
  object.vagus_bind_handlers(binder);
  return binder.finish();
}

}  // namespace vagus
