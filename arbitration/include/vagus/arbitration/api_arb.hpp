/// The arbitrator: shares links between all APIs of a process.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <initializer_list>
#include <memory>
#include <span>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <vagus/api/api_action.hpp>
#include <vagus/api/api_base.hpp>
#include <vagus/api/api_proxy.hpp>
#include <vagus/api/description.hpp>
#include <vagus/api/heard_event.hpp>
#include <vagus/arbitration/arb_options.hpp>
#include <vagus/arbitration/call_hooks.hpp>
#include <vagus/arbitration/link_event.hpp>
#include <vagus/arbitration/method_stats.hpp>
#include <vagus/arbitration/process_stats.hpp>
#include <vagus/arbitration/stats.hpp>
#include <vagus/core/deadline.hpp>
#include <vagus/core/peer.hpp>
#include <vagus/core/registration.hpp>
#include <vagus/core/transaction_manager.hpp>
#include <vagus/transport/endpoint.hpp>

namespace vagus {

class Arbitrator;

/// Owns the links to the peers and the worker threads, and brings calls and handlers together.
///
///     vagus::ApiArb arb{vagus::listen("shm://mill")};   // the body; the head says connect("shm://mill")
///     arb.attach(machine);
///     arb.run_until_signal();
///
/// Making one does no I/O and starts no thread: that happens at start(), run(), run_until_signal(),
/// wait_open() or the first call, so that what was attached before is there for the first peer. Either side
/// may start first, and may be stopped and started again: the other goes on with the same objects.
///
/// Threads: as many as the workers of all attached APIs together (at least one for each), one more to read,
/// one for callbacks of calls by name, state listeners and hooks, one to send what waited for a link, and one
/// once somebody subscribes to a pattern; with a loop of the program's own two, which run nothing that is the
/// program's. All functions are safe from any thread, also from handlers and callbacks, unless they say
/// otherwise.
///
/// A child that is forked from this process, and does not exec, has neither the threads nor the links: what
/// it asks of its copy fails with TransportFinishedError, and stop() and the destructor do nothing there. It
/// may make an ApiArb of its own.
class ApiArb {
 public:
  /// Throws ApiParamError for an unknown scheme or a bad option of a URL, and for two endpoints of one name.
  explicit ApiArb(const Endpoint& endpoint, const ArbOptions& options = {});
  ApiArb(std::initializer_list<Endpoint> endpoints, const ArbOptions& options = {});
  /// Of as many as the program finds out when it runs.
  explicit ApiArb(std::span<const Endpoint> endpoints, const ArbOptions& options = {});
  /// Stops at once: running handlers are told (Call::stop_requested) and waited for, calls that are pending
  /// fail with TransportFinishedError. From inside one of its handlers or callbacks it does not wait for that
  /// one.
  ~ApiArb();
  ApiArb(const ApiArb&) = delete;
  ApiArb& operator=(const ApiArb&) = delete;

  /// Joins an API: its handlers answer peers, its stubs call them. It has to be a root API; it may be
  /// attached to one ApiArb at a time. Throws ApiParamError otherwise, MultipleApiResponseError if another
  /// attached API handles one of its namespaces.
  void attach(ApiBase& api, const AttachOptions& options = {});
  /// Parts with it: waits for its running handlers (from inside one of them, not for that one, whose reply is
  /// still sent), answers what is still queued. Nothing happens if it is not attached here.
  void detach(ApiBase& api);

  /// For calls by name below a namespace. Throws ApiParamError if it is none.
  ApiProxy proxy(std::string_view name_space);
  /// For calls by their whole names, `nvim_eval` say.
  ApiProxy proxy();

  /// Runs in the background from now on. Throws what keeps it from listening, such as
  /// TransportDisconnectedError for a name that another body has.
  void start();
  /// As start(), then waits until stop(). With a foreign loop, processes until then.
  void run();
  /// As run(), but ends on SIGINT and SIGTERM too, and puts the former signal handlers back. One at a time in
  /// a process; throws std::logic_error otherwise.
  void run_until_signal();
  /// As start(), then waits until every endpoint that connects is open and every one that listens has a peer.
  /// Throws ConnectionTimeoutError that says which is not, and why.
  void wait_open(Duration duration);

  /// Ends it for good: new calls fail with TransportFinishedError, running handlers may finish until the
  /// `grace` is over, what is queued is answered, then the links close. Returns when nothing runs any more.
  /// From inside a handler or callback it ends what run() waits for and returns; the rest is done where run()
  /// returns or this object goes.
  ///
  /// With a foreign loop, it and the destructor run, on the thread that calls them, what is left of callbacks
  /// and coroutines, which get their error; they wait for other threads that are inside of process().
  void stop(Duration grace = {});

  // A loop of the program's own
  // ---------------------------------------------------------------------------------------

  /// For an ApiArb with `ArbOptions{.loop = vagus::Loop::foreign}`; all three throw std::logic_error
  /// otherwise. Its handlers, event subscribers, callbacks, state listeners, on_unhandled() hooks and
  /// coroutines run inside of process() and nowhere else, but for what comes back, in the same chain of
  /// calls, to a thread of the loop while that waits for a call; the hooks of observe() run where they always
  /// do. The threads of the loop are those that call process(), run() or run_until_signal(); before the first
  /// of them does, the one that has made the ApiArb.
  ///
  /// Readable, for poll, epoll, Asio, GLib or Qt, while process() has something to run; level-triggered. Not
  /// to be read, written or closed; an event loop that closes what it watches gets a dup() of it. Valid as
  /// long as this object.
  int descriptor() const;
  /// Runs what waits, and returns how many pieces of work that were. Never waits for more to come: what comes
  /// meanwhile is left for the next time, and the descriptor stays readable.
  ///
  /// Threads: any, also several at once, which are the workers then: an API runs as many handlers at once as
  /// it has `.workers`, 0 counting as 1. From inside of a handler or callback, as a dialog of a GUI does that
  /// runs a loop of its own, it runs what another worker could run at that moment. After stop() there is
  /// nothing to run.
  std::size_t process();
  /// The same, but at most so many pieces.
  std::size_t process(std::size_t at_most);
  /// The same, but begins no further piece when so much time has passed, so that a GUI stays responsive.
  std::size_t process_for(Duration time);

  /// Is any link open?
  bool connected() const;
  /// Those whose link is open.
  std::vector<Peer> peers() const;
  TransactionManager& transactions() noexcept;

  /// The figures so far. Cheap enough to be asked for every second, not for every call.
  Stats stats() const;
  /// Those of each link that is open now.
  std::vector<PeerStats> peer_stats() const;
  /// Measures from now on how long each call and each request takes, or no more; what was measured stays. A
  /// call then costs some 200 ns more on each side, see docs/observing.md.
  void measure(bool on);
  /// What was measured so far, a method each, in the order of their names.
  std::vector<MethodStats> method_stats() const;
  /// The figures of a peer, its queues and latencies included, as far as this side may know them. Throws what
  /// a call throws; ApiParamError for what is no pattern, PermissionDeniedError for measuring that is not
  /// allowed, UnsupportedApiError for a plain peer, ProtocolError for an answer that is none.
  ProcessStats stats_of(const Peer& peer, const StatsRequest& request = {},
                        Duration timeout = std::chrono::seconds(10));

  /// Has the hooks called for each call and each request from now on, as long as the registration lives.
  [[nodiscard]] Registration observe(CallHooks hooks);
  /// Writes a line at this level into the log of this ApiArb for each call that ends and each request that is
  /// handled, if its namespace matches and as long as the registration lives: the id, the peer, the outcome,
  /// the times, but no arguments, results or texts of errors. In the pattern, `*` stands for one name and
  /// `**` for any number of them: `machine.**`. Throws ApiParamError for what is no pattern.
  ///
  /// The log that an ApiArb has by default shows warnings and worse: give it another with ArbOptions::log, or
  /// LogLevel::warning here.
  [[nodiscard]] Registration log_calls(std::string_view pattern, LogLevel level = LogLevel::info);

  /// Asks the peer for a sign of life, and says how long it took to come. Whoever reads there answers, also
  /// while all workers are busy. Throws TransactionTimeout if nothing comes in time, a
  /// TransportDisconnectedError if the peer is not connected or goes meanwhile. It is no call for stats() and
  /// hooks.
  Duration ping(const Peer& peer, Duration timeout = std::chrono::seconds(1));
  /// The same at once for all that are connected, each a time or an error.
  std::vector<PeerResult<Duration>> ping(Duration timeout = std::chrono::seconds(1));
  /// The same without waiting. OverloadedError if the link is full.
  AsyncResult<Duration> async_ping(const Peer& peer, Duration timeout = std::chrono::seconds(1));

  /// What is attached here and matches the pattern, in which `*` stands for one name and `**` for any number
  /// of them: `machine.**`. Methods with their types, docs and defaults, also those that have a handler and
  /// no declaration; events; sub-APIs. Throws ApiParamError for what is no pattern.
  Description describe(std::string_view pattern = "**") const;
  /// The same of a peer, which tells what this side may know: see Permission::describe,
  /// MethodOptions::hidden. A large tree is read in parts: RemoteError says so if an answer would exceed what
  /// a message may hold. Throws what a call throws; UnsupportedApiError for a plain peer, ProtocolError for
  /// an answer that is no description.
  Description describe(const Peer& peer, std::string_view pattern = "**",
                       Duration timeout = std::chrono::seconds(10));

  /// Hears of every event of a peer whose name matches the pattern, for as long as the registration lives: in
  /// it, `*` stands for one name and `**` for any number of them, so that `machine.*.moved` is that of each
  /// axis, and `machine.**` whatever `machine` sends. No API is needed for it. The callable takes a
  /// `const vagus::HeardEvent&`, and a `vagus::Call&` before it if it wants to know who has sent it; it may
  /// be a coroutine. What it throws is logged.
  ///
  /// Peers send what somebody hears, and what this side may hear, see Permission::listen. An event comes once
  /// to each subscription that matches, those of Event::subscribe included; all events of one peer come one
  /// at a time and in order, unless `concurrent`, on a thread that subscriptions to patterns share. A posted
  /// call is no event: what is handled here is not heard.
  ///
  /// Throws ApiParamError for what is no pattern, OverloadedError for more than 256 different ones.
  template <typename Function>
  requires(!std::is_function_v<Function>)  //
      [[nodiscard]] Registration
      subscribe(std::string_view pattern, Function&& function, const SubscribeOptions& options = {}) {
    return subscribe_listener(pattern, detail::make_event_listener(std::forward<Function>(function)),
                              options);
  }

  /// The same for events whose parameters are known, as those of all axes are: the callable takes them as a
  /// subscriber of an Event<Signature> does, and a `vagus::Call&` before them if it wants to know which event
  /// it is (Call::name_space) and from whom. An event with other parameters is not heard, and logged.
  ///
  ///     arb.subscribe<void(double)>("machine.*.moved", [](vagus::Call& event, double position_mm) {
  ///       std::cout << event.name_space() << ": " << position_mm << std::endl;
  ///     });
  template <typename Signature, typename Function>
  requires(std::is_function_v<Signature>)  //
      [[nodiscard]] Registration
      subscribe(std::string_view pattern, Function&& function, const SubscribeOptions& options = {}) {
    return subscribe_listener(
        pattern, detail::EventListenerFor<Signature>::make(std::forward<Function>(function)), options);
  }

  /// Would an event of this name go to anybody now? What is costly to find out need not be sent otherwise.
  bool has_listener(std::string_view name_space) const;

  /// Hears of each change of a link once, in order, on no lock, as long as the registration lives. What it
  /// throws is logged.
  [[nodiscard]] Registration on_state(std::function<void(const LinkEvent&)> listener);
  /// Gets the calls that neither a handler nor an API's hook took, before their callers get their error. An
  /// empty hook ends the former one.
  void on_unhandled(UnhandledHook hook);

 protected:
  /// What surrounds the start, whoever begins it: start(), run(), run_until_signal(), wait_open() or the
  /// first call. `around` is given what makes the links, and calls it once or throws, which is as if the
  /// links could not be made: nothing has started, and the next start tries again. For constructors, before
  /// anything can start it.
  ///
  /// Threads: it runs on the one that starts it, one at a time, before the first peer is there and anything
  /// is handled, with a lock held: it must not use this object, nor wait for somebody who does.
  void around_start(std::function<void(const std::function<void()>& start)> around);

 private:
  Registration subscribe_listener(std::string_view pattern, const std::shared_ptr<detail::Handler>& listener,
                                  const SubscribeOptions& options);

  const std::shared_ptr<Arbitrator> arbitrator_;
};

}  // namespace vagus
