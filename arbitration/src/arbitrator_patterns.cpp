// Who hears events whose names match a pattern.

#include <utility>

#include "arbitrator.hpp"

namespace vagus {

/// Ends one of them.
class Arbitrator::PatternSubscription final : public detail::Registered {
 public:
  PatternSubscription(std::weak_ptr<Arbitrator> arbitrator, std::string pattern,
                      std::shared_ptr<detail::Handler> listener)
      : arbitrator_(std::move(arbitrator)), pattern_(std::move(pattern)), listener_(std::move(listener)) {}

  void end() noexcept override {
    if (const auto arbitrator = arbitrator_.lock()) arbitrator->end_subscription(pattern_, listener_.get());
    listener_->gate().close();
  }

 private:
  const std::weak_ptr<Arbitrator> arbitrator_;
  const std::string pattern_;
  const std::shared_ptr<detail::Handler> listener_;
};

Registration Arbitrator::subscribe(std::string_view pattern, const std::shared_ptr<detail::Handler>& listener,
                                   const SubscribeOptions& options) {
  check_home();
  const std::string text(pattern);
  if (options.concurrent && options.queue != 0) {
    throw ApiParamError("a concurrent subscription to " + text.substr(0, 200) +
                        " has no queue of its own: leave `queue` out, or `concurrent`");
  }
  auto subscriber = detail::Subscriber{listener, options.concurrent,
                                       std::make_shared<detail::EventQueue>(options.queue, options.lost)};
  auto added = std::make_shared<const PatternListeners::Listener>(
      PatternListeners::Listener{text, NamePattern(pattern), std::move(subscriber)});
  Registration registration(std::make_shared<PatternSubscription>(weak_from_this(), text, listener));
  be_loop_thread_for_now();
  {
    MutexLock lock(interest_mutex_);
    if (pattern_listeners_.add(std::move(added))) {
      Interest interest;
      interest.listens_to.push_back(text);
      announce(std::move(interest));
    }
  }
  MutexLock lock(lifecycle_);
  if (phase_.load() == Phase::running) resize_pool();
  return registration;
}

void Arbitrator::end_subscription(const std::string& pattern, const detail::Handler* listener) noexcept {
  if (home_.left()) return;
  MutexLock lock(interest_mutex_);
  if (!pattern_listeners_.remove(pattern, listener)) return;
  Interest interest;
  interest.unlistens_to.push_back(pattern);
  announce(std::move(interest));
}

bool Arbitrator::deliver_by_pattern(Session& session, const wire::Message& message, const Heard* heard,
                                    AdmittedWork* inline_work) {
  const auto listeners = pattern_listeners_.all();
  if (!listeners || (heard == nullptr && routing_.handles(message.method))) return false;
  auto name_space = heard != nullptr ? heard->name_space : nullptr;
  bool delivered = false;
  for (const auto& listener : *listeners) {
    if (!listener->pattern.matches(message.method)) continue;
    if (!name_space) name_space = std::make_shared<const std::string>(message.method);
    deliver_to(listener->subscriber, nullptr, listening_, make_call(session, message, name_space, false),
               session, message, inline_work);
    delivered = true;
  }
  return delivered;
}

}  // namespace vagus
