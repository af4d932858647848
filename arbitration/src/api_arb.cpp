#include <limits>
#include <utility>

#include <vagus/arbitration/api_arb.hpp>
#include <vagus/core/name.hpp>

#include "arbitrator.hpp"
#include "call_log.hpp"
#include "signal_wait.hpp"

namespace vagus {

ApiArb::ApiArb(const Endpoint& endpoint, const ArbOptions& options)
    : arbitrator_(std::make_shared<Arbitrator>(std::vector<Endpoint>{endpoint}, options)) {}

ApiArb::ApiArb(std::initializer_list<Endpoint> endpoints, const ArbOptions& options)
    : arbitrator_(std::make_shared<Arbitrator>(std::vector<Endpoint>(endpoints), options)) {}

ApiArb::ApiArb(std::span<const Endpoint> endpoints, const ArbOptions& options)
    : arbitrator_(
          std::make_shared<Arbitrator>(std::vector<Endpoint>(endpoints.begin(), endpoints.end()), options)) {}

ApiArb::~ApiArb() {
  if (!Arbitrator::keep_if_not_at_home(arbitrator_)) arbitrator_->stop({});
}

void ApiArb::attach(ApiBase& api, const AttachOptions& options) { arbitrator_->attach(api, options); }

void ApiArb::detach(ApiBase& api) { arbitrator_->detach(*root_of(api)); }

ApiProxy ApiArb::proxy(std::string_view name_space) {
  check_namespace(name_space, "the proxy's namespace");
  return ApiProxy(std::string(name_space), arbitrator_);
}

ApiProxy ApiArb::proxy() { return ApiProxy({}, arbitrator_); }

void ApiArb::start() { arbitrator_->start(); }

void ApiArb::run() {
  const auto arbitrator = arbitrator_;  // a callback may destroy this object
  arbitrator->start();
  // Asked for from inside: the rest of the stop is done here.
  if (const auto grace = arbitrator->wait_until_stopped()) arbitrator->stop(*grace);
}

void ApiArb::run_until_signal() {
  arbitrator_->check_home();  // before a thread is made
  const SignalWait signals([&arbitrator = *arbitrator_] { arbitrator.request_stop(); });
  run();
}

void ApiArb::wait_open(Duration duration) { arbitrator_->wait_open(duration); }

void ApiArb::stop(Duration grace) {
  const auto arbitrator = arbitrator_;  // a callback that this waits for may destroy this object
  if (arbitrator->inside_own_run()) {
    arbitrator->stop_after_run(grace);
  } else {
    arbitrator->stop(grace);
  }
}

int ApiArb::descriptor() const { return arbitrator_->descriptor(); }

std::size_t ApiArb::process() { return process(std::numeric_limits<std::size_t>::max()); }

std::size_t ApiArb::process(std::size_t at_most) { return arbitrator_->process(at_most, Deadline::never()); }

std::size_t ApiArb::process_for(Duration time) {
  return arbitrator_->process(std::numeric_limits<std::size_t>::max(), Deadline::after(time));
}

bool ApiArb::connected() const { return arbitrator_->connected(); }
std::vector<Peer> ApiArb::peers() const { return arbitrator_->peers(); }
Stats ApiArb::stats() const { return arbitrator_->stats(); }
TransactionManager& ApiArb::transactions() noexcept { return arbitrator_->transactions(); }

std::vector<PeerStats> ApiArb::peer_stats() const { return arbitrator_->peer_stats(); }
void ApiArb::measure(bool on) {
  arbitrator_->check_home();
  arbitrator_->observing().measure(on);
}
std::vector<MethodStats> ApiArb::method_stats() const { return arbitrator_->observing().method_stats(); }
ProcessStats ApiArb::stats_of(const Peer& peer, const StatsRequest& request, Duration timeout) {
  return arbitrator_->stats_of(peer, request, timeout);
}

Registration ApiArb::observe(CallHooks hooks) {
  arbitrator_->check_home();
  return arbitrator_->observing().add(std::move(hooks));
}

Registration ApiArb::log_calls(std::string_view pattern, LogLevel level) {
  return observe(call_log(pattern, arbitrator_->log(), level));
}

Duration ApiArb::ping(const Peer& peer, Duration timeout) { return arbitrator_->ping(peer, timeout); }
std::vector<PeerResult<Duration>> ApiArb::ping(Duration timeout) { return arbitrator_->ping_all(timeout); }
AsyncResult<Duration> ApiArb::async_ping(const Peer& peer, Duration timeout) {
  return arbitrator_->async_ping(peer, timeout);
}

Description ApiArb::describe(std::string_view pattern) const { return arbitrator_->describe(pattern); }
Description ApiArb::describe(const Peer& peer, std::string_view pattern, Duration timeout) {
  return arbitrator_->describe(peer, pattern, timeout);
}

Registration ApiArb::on_state(std::function<void(const LinkEvent&)> listener) {
  arbitrator_->check_home();
  return arbitrator_->state_listeners().add(std::move(listener));
}

void ApiArb::around_start(std::function<void(const std::function<void()>& start)> around) {
  arbitrator_->around_start(std::move(around));
}

Registration ApiArb::subscribe_listener(std::string_view pattern,
                                        const std::shared_ptr<detail::Handler>& listener,
                                        const SubscribeOptions& options) {
  return arbitrator_->subscribe(pattern, listener, options);
}

bool ApiArb::has_listener(std::string_view name_space) const { return arbitrator_->has_listener(name_space); }
void ApiArb::on_unhandled(UnhandledHook hook) { arbitrator_->set_unhandled(std::move(hook)); }

}  // namespace vagus
