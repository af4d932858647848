/// A call with a callback for its progress, built; see ApiAction::on_progress.
#pragma once

#include <concepts>
#include <memory>
#include <utility>

#include <vagus/api/api_action.hpp>

namespace vagus {

/// As ApiAction, of which it has those verbs that go with progress. Distinct objects may be used from
/// distinct threads.
template <typename Part, typename Callback, typename T, typename... Arguments>
class [[nodiscard("a verb makes the call: .call(), .async(), .try_call() or co_await")]] ProgressAction {
 public:
  using Action = ApiAction<T, Arguments...>;
  using Returned = typename Action::Returned;

  ProgressAction(Action action, Callback callback)
      : action_(std::move(action)), callback_(std::move(callback)) {}

  Returned call(const CallOptions& options = {}) const { return report(options)->take_value(); }
  Returned operator()(const CallOptions& options = {}) const { return call(options); }
  Result<Returned> try_call(const CallOptions& options = {}) const { return report(options)->take_outcome(); }

  AsyncResult<Returned> async(const CallOptions& options = {}) const {
    const auto pending = make(options);
    submit(pending, options);
    return AsyncResult<Returned>(pending);
  }
  template <typename Done>
  requires std::invocable<Done&, Result<Returned>> AsyncResult<Returned> async(
      Done done, const CallOptions& options = {})
  const {
    const auto pending = make(options);
    pending->then(pending->executor(), [pending, done = detail::copyable(std::move(done))]() mutable {
      done(pending->outcome());
    });
    submit(pending, options);
    return AsyncResult<Returned>(pending);
  }
  auto operator co_await() const {
    const auto pending = make({});
    auto submitting = [this, pending] { submit(pending, {}); };  // this outlives the awaiter
    return detail::CallAwaiter<Returned, decltype(submitting)>(pending, std::move(submitting));
  }

 private:
  using Reported = detail::ReportedCall<Part, Returned, Callback>;

  /// Reports all there is; what is left is the outcome.
  std::shared_ptr<detail::StreamedCall<Part, Returned>> report(const CallOptions& options) const {
    auto stream = action_.template stream<Part>(options);
    Callback callback = callback_;
    while (auto part = stream.fetch()) callback(*std::move(part));
    return stream.call_;
  }
  std::shared_ptr<Reported> make(const CallOptions& options) const {
    const auto& said = options.on ? options.on : action_.target_.on;
    auto pending = detail::make_pending<Reported>(action_.target_, action_.target_.host(), options, said);
    pending->report_to(callback_, pending);
    return pending;
  }
  void submit(const std::shared_ptr<Reported>& pending, const CallOptions& options) const {
    detail::submit_action(action_.target_, action_.target_.host(), typename Action::Packed(action_), options,
                          pending, false);
  }

  Action action_;
  Callback callback_;
};

}  // namespace vagus
