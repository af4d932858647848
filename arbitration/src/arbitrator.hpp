/// What stands behind ApiArb.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include <boost/container/small_vector.hpp>

#include <vagus/api/api_action.hpp>
#include <vagus/api/api_base.hpp>
#include <vagus/api/api_host.hpp>
#include <vagus/api/description.hpp>
#include <vagus/arbitration/arb_options.hpp>
#include <vagus/arbitration/link_event.hpp>
#include <vagus/arbitration/process_stats.hpp>
#include <vagus/arbitration/stats.hpp>
#include <vagus/core/deadline_queue.hpp>
#include <vagus/core/duty.hpp>
#include <vagus/core/event_loop.hpp>
#include <vagus/core/gate.hpp>
#include <vagus/core/home_process.hpp>
#include <vagus/core/listeners.hpp>
#include <vagus/core/transaction_manager.hpp>
#include <vagus/core/worker_pool.hpp>
#include <vagus/transport/endpoint.hpp>
#include <vagus/transport/transport.hpp>

#include "blocked_workers.hpp"
#include "connector.hpp"
#include "counters.hpp"
#include "foreign_loop.hpp"
#include "incoming.hpp"
#include "logins.hpp"
#include "observing.hpp"
#include "parked_calls.hpp"
#include "pattern_listeners.hpp"
#include "plain_peer.hpp"
#include "rare_log.hpp"
#include "routing_table.hpp"
#include "session.hpp"
#include "sleeper.hpp"
#include "traffic.hpp"
#include "unlinked_calls.hpp"

namespace vagus {

/// Brings links, APIs and threads together. Its parts each do one thing and guard themselves; what is left
/// here is who tells whom. The sources: arbitrator.cpp (beginning and end), arbitrator_foreign_loop.cpp
/// (where the program's own loop serves), arbitrator_calls.cpp (calls that this side makes),
/// arbitrator_selection.cpp (whom they go to), arbitrator_parking.cpp (where they wait for the first link),
/// arbitrator_queueing.cpp (and for one that is back), arbitrator_dispatch.cpp (messages that arrive),
/// arbitrator_patterns.cpp (who hears what matches a pattern), arbitrator_properties.cpp (what was told
/// last), arbitrator_links.cpp (links and peers), arbitrator_contracts.cpp (whether they were built from the
/// same contracts), arbitrator_access.cpp (whom it lets in, and who may do what), arbitrator_figures.cpp
/// (what they come to), arbitrator_telling.cpp (what peers are told of that), arbitrator_describing.cpp (and
/// of what there is), arbitrator_ping.cpp (how far away a peer is).
class Arbitrator final : public detail::ApiHost,
                         public SessionOwner,
                         public detail::Duty,
                         public std::enable_shared_from_this<Arbitrator> {
 public:
  Arbitrator(std::vector<Endpoint> endpoints, const ArbOptions& options);
  ~Arbitrator() override;

  // Beginning and end
  // ------------------------------------------------------------------------------------------------

  /// In a child that was forked from the process that made it, whose threads and links are not there: why
  /// nothing can be done with it. Else null.
  ErrorPtr not_at_home(std::string_view name_space) const;
  /// Throws that.
  void check_home() const;
  /// For the end of an ApiArb in such a child: keeps its copy for ever, untouched. False at home.
  static bool keep_if_not_at_home(const std::shared_ptr<Arbitrator>& arbitrator);

  /// See ApiArb.
  void around_start(std::function<void(const std::function<void()>& start)> around);
  void start();
  /// The grace of a stop that whoever waited has to do; none if somebody else does, or only run() is to end.
  std::optional<Duration> wait_until_stopped();
  /// Of the foreign loop; both throw std::logic_error if there is none.
  int descriptor() const;
  std::size_t process(std::size_t at_most, Deadline until);
  void wait_open(Duration duration);
  /// Has run() end.
  void request_stop() noexcept;
  /// Has run() end, and do the stop.
  void stop_after_run(Duration grace) noexcept;
  void stop(Duration grace);
  /// Is the calling thread one of the workers, or inside of process()?
  bool on_own_thread() const;
  /// Does the calling thread run something that stop() waits for? That may be on a thread of the user's, too.
  bool inside_own_run() const;
  bool run_duty(Extent extent) noexcept override;

  void attach(ApiBase& api, const AttachOptions& options);
  void detach(detail::ApiRoot& root) noexcept override;
  void set_unhandled(UnhandledHook hook);
  /// Throws ApiParamError for what is no pattern, OverloadedError for too many different ones.
  Registration subscribe(std::string_view pattern, const std::shared_ptr<detail::Handler>& listener,
                         const SubscribeOptions& options);
  /// Would an event go to a peer now, by its name or by a pattern?
  bool has_listener(std::string_view name_space) const;
  using StateListeners = detail::Listeners<LinkEvent>;
  StateListeners& state_listeners() noexcept { return state_listeners_; }
  TransactionManager& transactions() noexcept { return transactions_; }
  bool connected() const;
  std::vector<Peer> peers() const;
  Stats stats() const;
  std::vector<PeerStats> peer_stats() const;
  /// What is attached here; with `rights`, what a peer may know of it. Throws ApiParamError for what is no
  /// pattern.
  Description describe(std::string_view pattern, const PeerRights* rights = nullptr) const;
  Description describe(const Peer& peer, std::string_view pattern, Duration timeout);
  Description description(const std::string& name_space, Duration timeout) override;
  ProcessStats stats_of(const Peer& peer, const StatsRequest& request, Duration timeout);
  Observing& observing() noexcept { return *observing_; }
  Duration ping(const Peer& peer, Duration timeout);
  std::vector<PeerResult<Duration>> ping_all(Duration timeout);
  AsyncResult<Duration> async_ping(const Peer& peer, Duration timeout);

  // For APIs
  // ---------------------------------------------------------------------------------------------------------

  const CallDefaults& defaults() const noexcept override { return defaults_; }
  void begin_chain(Transaction& call) const override;
  void submit(const detail::Outgoing& call, const std::shared_ptr<Transaction>& transaction) override;
  void submit_and_wait(const detail::Outgoing& call,
                       const std::shared_ptr<Transaction>& transaction) override;
  ErrorPtr post(const detail::Outgoing& message) override;
  void tell_last(const detail::Outgoing& event) override;
  std::shared_ptr<wire::Block> borrow(const detail::ApiRoot& root, std::uint64_t peer,
                                      std::size_t size) override;
  void count_failed(const Error& error) noexcept override { counters_.calls_failed.add(error.code()); }
  bool cancel(Transaction& transaction) override;
  void wait(Transaction& transaction, Deadline deadline) override;
  void acknowledge(const Transaction& transaction, std::uint64_t parts) override;
  std::shared_ptr<Executor> executor(detail::ApiRoot* root) override;
  Result<std::vector<Peer>> peers_that_handle(std::string_view name_space,
                                              detail::ApiRoot* root) const override;
  void claim(const std::shared_ptr<detail::ApiRoot>& root, const std::string& name_space,
             const std::shared_ptr<detail::HandlerSlot>& slot) override;
  void unclaim(const detail::ApiRoot& root, const std::string& name_space) noexcept override;
  bool listen(const std::shared_ptr<detail::ApiRoot>& root, const std::string& name_space) override;
  void listen_anew(const std::string& name_space) override;
  void unlisten(const detail::ApiRoot& root, const std::string& name_space) noexcept override;
  void hook_changed(const std::string& name_space) override;

  // For sessions
  // -----------------------------------------------------------------------------------------------------

  void dispatch(Session& session, std::span<const std::byte> message, AdmittedWork* inline_work) override;
  void session_ended(const std::shared_ptr<Session>& session, const ErrorPtr& reason) override;
  EventLoop& loop() noexcept override { return loop_; }
  Log& log() noexcept override { return log_; }
  TrafficTotals& traffic_totals() noexcept override { return traffic_; }
  bool begin_linger() noexcept override { return !lingering_.exchange(true); }
  void end_linger() noexcept override { lingering_.store(false); }

 private:
  /// One of our endpoints.
  struct Port {
    Endpoint endpoint;
    std::string url;
    Url link_url;  ///< without the options that are the arbitrator's
    std::shared_ptr<const PlainPeerOptions> plain;
    std::shared_ptr<transport::Transport> transport;
    std::unique_ptr<transport::Listener> listener;       // guarded by lifecycle_
    std::size_t connections = 1;                         ///< as many connectors there are
    std::vector<std::shared_ptr<Connector>> connectors;  // constant from start on
    std::uint64_t incarnation = 0;                       // of the last peer; guarded by sessions_mutex_
    std::set<std::string> lost_roots;                    // the APIs of the last peer; likewise
    std::atomic<bool> ever_open{false};
    std::atomic<bool> plain_server{false};  // of the last peer; changed under sessions_mutex_
    std::uint64_t refusals = 0;             // attempts that the peer has refused; guarded by sessions_mutex_
    ErrorPtr refusal;                       // the last one, until a link is open; likewise
    const bool logins_demanded;
    /// Throws ApiParamError if an option of the URL is wrong.
    Port(Endpoint where, const ArbOptions& options);
    void stop_connecting();
    /// As if no link of it had ever been open. Under sessions_mutex_.
    void forget_links();
    /// Why no connector of it has succeeded; empty if none has failed.
    ErrorPtr last_error() const;
  };
  enum class Phase : std::uint8_t { made, running, stopping, stopped };
  using Sessions = boost::container::small_vector<std::shared_ptr<Session>, 2>;

  /// Whom a call goes to, or why to nobody; neither: to be parked until another link is open.
  struct Selection {
    std::shared_ptr<Session> session;
    ErrorPtr error;
    bool unknown = false;  ///< to be parked, since no peer that is there knows it
  };

  /// What is known of the endpoints besides their open links.
  struct Others {
    bool ever_open = false;
    std::string may_come;    ///< the URL of one that connects and has never been open yet; empty: of none
    std::string lost;        ///< that of one which was open before, and had the API
    std::string lost_plain;  ///< that of one which was open before, and may have had it
  };

  struct Linked {
    std::shared_ptr<Session> session;
    Port* port;
    std::shared_ptr<Connector> connector;  ///< that has made it; null: the peer has
  };
  class ChainExecutor;
  class BlockedScope;
  class LoopThreadScope;
  class FailureCount;
  class Payload;
  class PingCall;
  class PatternSubscription;

  // arbitrator.cpp
  /// As start(), for calls, which throw nothing.
  ErrorPtr try_start();
  void resize_pool();
  /// Handlers, hooks and listeners may end; from its return on none begins.
  void wait_for_runs(Deadline until);
  std::vector<std::shared_ptr<Attachment>> all_leaving() const;
  void end_all(const ErrorPtr& error);
  void end_apis();
  /// Runs nothing of it any more: what is queued is answered.
  static void end_work_of(const Attachment& attachment);
  void close_links(const ErrorPtr& error);
  void finish_threads();
  std::shared_ptr<Intake> make_intake(unsigned workers, std::size_t capacity);
  void stop_unsolicited();
  void finish_intakes();
  ErrorPtr stopped_error(std::string_view name_space) const;

  // arbitrator_foreign_loop.cpp
  ForeignLoop& foreign(const char* asking) const;
  /// Is the calling thread one that serves the foreign loop?
  bool on_loop_thread() const noexcept;
  /// It is from now on.
  void be_loop_thread();
  /// It is as long as no other is, if it has made the ApiArb.
  void be_loop_thread_for_now();

  // arbitrator_links.cpp
  transport::TransportContext transport_context(const Port& port);
  void start_port(Port& port);
  void add_link(Port& port, const std::shared_ptr<Connector>& connector,
                std::unique_ptr<transport::Link> link);
  /// That of the peer which has opened this link beside others, and has logged in as `user` on all of them;
  /// the link's own if it is the first one.
  std::uint64_t peer_of(const Session& session, const std::string& user) const;
  bool has_open_link(std::uint64_t peer) const VAGUS_REQUIRES(sessions_mutex_);
  void session_opened(const std::shared_ptr<Session>& session);
  /// A peer whose link is open has announced that it handles more than before.
  void peer_handles_more(const std::string& endpoint);
  void apply_interest(Session& session, std::span<const std::byte> params);
  void announce(Interest interest);
  void emit(LinkEvent event);
  std::shared_ptr<Session> find_session(std::uint64_t id) const;
  /// Also those that are not open yet.
  Sessions all_sessions() const;
  Sessions open_sessions(std::string_view bound_peer) const;
  /// One to each peer that listens to the event: of several links always that which was opened first, so that
  /// events keep their order.
  Sessions listening_sessions(std::string_view bound_peer, const detail::Outgoing& event) const;
  std::string missing_ports() const VAGUS_REQUIRES(sessions_mutex_);

  // arbitrator_access.cpp
  static bool demands_login(const Endpoint& endpoint, const ArbOptions& options);
  static bool asks_for_login(const Port& port, const wire::Hello& body);
  /// False, and the attempt has failed, if the body asks for a login that there is none of.
  bool can_log_in(const Port& port, Connector* connector, const wire::Hello& body);
  void let_in(const Port& port, const std::shared_ptr<Session>& session) VAGUS_REQUIRES(interest_mutex_);
  void admit(Session& session, const std::string& user) VAGUS_REQUIRES(interest_mutex_);
  /// What this side tells a peer of itself first.
  Interest picture_for(const Session& session) const;
  void send_picture(Session& session) VAGUS_REQUIRES(interest_mutex_);
  void on_early_request(Session& session, const wire::Message& message);
  void on_login(Session& session, const wire::Message& message);
  void login_accepted(Session& session, std::uint32_t id, const std::string& user);
  void login_refused(Session& session, std::uint32_t id, const std::string& user, const ErrorPtr& error);
  void on_login_answer(Session& session, const wire::Message& message);
  void refused_by(Port& port, const ErrorPtr& error);
  /// Counts and logs it, and gives what the peer is told. `what` it may not: such as "call".
  ErrorPtr denied(const Session& session, std::string_view what, std::string_view name_space);
  ErrorPtr denied(const Session& session, const std::string& what, const ErrorContext& context);
  void restrict_announced(const Session& session, Interest& interest);
  bool may_call(const Session& session, std::string_view method) const {
    PeerRights* const rights = session.rights();
    return rights == nullptr || rights->may_call(method);
  }

  // arbitrator_contracts.cpp
  /// Of what is announced, as far as it is declared.
  void add_shapes(Interest& interest) const;
  /// Notes it with the link if a peer handles or hears something in another shape than one of our APIs has.
  void compare_contracts(Session& session, const Interest& announced) const;
  /// The same for all links, of an API that has just come.
  void compare_contracts(const detail::ApiRoot& root) const;
  /// What is to be sent along, so that the peer can compare; empty if it has no need to.
  static std::string differing_signature(const detail::Outgoing& message, Session& session);
  /// The refusal of what was sent with this signature; null if both sides understand each other.
  static ErrorPtr contract_mismatch(const detail::IncomingCall& call, std::string_view signature,
                                    const detail::MemberInfo* declared);

  // arbitrator_describing.cpp
  Sessions described_by(const std::string& name_space, Deadline deadline);
  std::shared_ptr<const Description> told_by(Session& session, const std::string& name_space,
                                             Deadline deadline);

  // arbitrator_selection.cpp
  Selection select(const detail::Outgoing& call);
  /// One of several that all could take it.
  Selection choose_among(const detail::Outgoing& call, const Sessions& handling, const Sessions& candidates);
  /// Those whose hooks are for it, as nothing handles it.
  static Sessions hooking(std::string_view name_space, const Sessions& candidates, bool owned);
  /// Those that say that they handle it.
  static Sessions handling(std::string_view name_space, const Sessions& candidates);
  /// Those that may, and say nothing.
  static Sessions plain_servers(const Sessions& candidates);
  /// Among those that handle it; nothing if none does.
  std::optional<Selection> choose(const detail::Outgoing& call, const Sessions& candidates);
  Selection nobody(const detail::Outgoing& call, const Sessions& candidates, const Others& others);
  Others others_of(std::string_view bound_peer, std::string_view name_space) const;
  bool is_open(const Port& port) const VAGUS_REQUIRES(sessions_mutex_);
  bool ever_open(std::string_view bound_peer) const;

  // arbitrator_payload.cpp
  /// The arguments of a message to a peer that knows none by name.
  Bytes arguments_for_plain(const detail::Outgoing& message) const;

  // arbitrator_calls.cpp
  static ErrorPtr unpackable(const detail::Outgoing& message, const std::exception& failure);
  /// False: the link was lost before it was sent, and it is to wait for another one.
  bool send_call(const detail::Outgoing& call, const std::shared_ptr<Transaction>& transaction,
                 Session& session, Sleeper* reader, TimePoint now, const std::optional<wire::Chain>& chain);
  /// Ends it when there is a peer to send it to; for calls to all that are made then.
  void await_peers(const detail::Outgoing& call, const std::shared_ptr<Transaction>& transaction);
  void submit_local(const detail::Outgoing& call, const std::shared_ptr<Transaction>& transaction);
  ErrorPtr run_locally(const detail::Outgoing& call, const std::shared_ptr<Transaction>& transaction);
  /// Its handler hears of its end, `call` being what this process makes of it.
  void follow_local(const std::shared_ptr<Transaction>& transaction, const std::shared_ptr<LocalCall>& call);
  void wait_without_link(Transaction& transaction, Sleeper& sleeper, Deadline deadline);

  // arbitrator_posting.cpp
  ErrorPtr send_unsolicited(const detail::Outgoing& message, Session& session);
  ErrorPtr send_once(const detail::Outgoing& message, Session& session, WhenFull when_full,
                     Deadline begin_by = Deadline::never());
  ErrorPtr not_posted(const detail::Outgoing& message, const ErrorPtr& error);
  ErrorPtr post_locally(const detail::Outgoing& message);
  static bool may_queue(const detail::Outgoing& message);
  ErrorPtr post_to_listeners(const detail::Outgoing& message, const Sessions& listening);
  /// A method, or a name of which only the peer knows what it is.
  ErrorPtr post_to_handler(const detail::Outgoing& message);

  // arbitrator_giving_up.cpp
  void expire_passed();
  void watch_earliest_deadline() VAGUS_REQUIRES(timer_mutex_);
  void watch_deadline(const std::shared_ptr<Transaction>& transaction);
  /// Ends it for its deadline, or sees it ended otherwise.
  void expire(Transaction& transaction);
  /// The same without waiting; false: somebody else is ending it.
  bool give_up_late(Transaction& transaction);
  void tell_cancelled(const Transaction& transaction) noexcept;

  /// While somebody observes: has the end of this call told.
  void observe(Transaction& call) {
    if (observing_->active() && call.observer() == nullptr) observing_->begin(call);
  }

  // arbitrator_ping.cpp
  std::shared_ptr<PingCall> make_ping(Duration timeout);
  /// The link to an open peer; null, and the ping has failed, if there is none.
  std::shared_ptr<Session> session_to_ping(const Peer& peer, PingCall& ping);
  void send_ping(const std::shared_ptr<PingCall>& ping, Session& session, WhenFull when_full,
                 Sleeper* reader);

  // arbitrator_telling.cpp
  void on_stats(Session& session, const std::shared_ptr<RemoteCall>& call,
                const detail::Arguments& arguments);
  Value answer_stats(Session& session, const Value::Array& given);
  ProcessStats stats_for(const PeerRights* rights, std::string_view pattern) const;
  bool is_hidden(std::string_view name_space) const;

  // arbitrator_parking.cpp
  static std::string endpoint_of(const detail::Outgoing& message);
  static std::string line_of_unknown(const detail::Outgoing& message);
  /// The line in which there are calls that were made before it and not sent yet; none: there is no such
  /// line.
  std::optional<std::string> line_to_join(const detail::Outgoing& call) const;
  void park(const detail::Outgoing& call, const std::shared_ptr<Transaction>& transaction,
            const std::string& line);
  /// Null if it stands in the line, or has been sent already.
  ErrorPtr line_up(const detail::Outgoing& call, const std::shared_ptr<Transaction>& transaction,
                   const std::string& line);
  void end_parked();
  void drop_parked(const ParkedCall& parked, const ErrorPtr& error);
  void send_all_parked(const std::string& endpoint);
  void send_parked(const std::string& line);
  bool any_open(std::string_view endpoint) const;
  /// Until there are more chances than `chances_before`; false at the deadline.
  bool wait_for_another_chance(std::uint64_t chances_before, Deadline deadline);
  using IsAhead = FunctionRef<bool(const ParkedCall&)>;
  /// Does anything that is parked go before this message? Of what cannot be sent now only what `is_ahead`. To
  /// be asked after it was found whom the message goes to.
  bool is_preceded(const detail::Outgoing& message, IsAhead is_ahead) const;
  /// The same for a message to this peer: what waits for others does not go before it.
  bool is_preceded(const detail::Outgoing& message, Session* to) const;
  /// Does an event wait in the line of this one?
  bool is_behind_event(const detail::Outgoing& message) const;
  /// True if something went first: whom the message goes to is to be found anew. False at its deadline, too.
  /// `to` null: whoever hears it.
  bool has_waited_for_parked(const detail::Outgoing& message, Session* to);

  // arbitrator_queueing.cpp
  /// False, and `parked` stays the caller's, if the line is full and its API does not want to wait for it.
  bool add_to_queue(const std::string& line, std::unique_ptr<ParkedCall>& parked);
  static DownQueue down_queue_of(const ParkedCall& parked);
  static ErrorPtr queue_is_full();
  /// Of the line that was just sent to the last place of another.
  void move_parked(const std::string& line, std::unique_ptr<ParkedCall> parked);
  bool drop_oldest(const std::string& line);
  void drop_for_another(const ParkedCall& parked);
  bool wait_for_place(const std::string& line, std::size_t capacity, Deadline deadline);
  /// A call has ended; tells those that wait for a place if it may have stood in a line.
  void place_may_be_free(const Transaction& ended);
  ErrorPtr queue_message(const detail::Outgoing& message);
  /// May a message that came to this error be sent over another link, since the end of this one was why?
  static bool tells_of_lost_link(const Error& error, const Session& session);
  /// A call that has just met such an error lines up.
  void park_lost(const detail::Outgoing& call, const std::shared_ptr<Transaction>& transaction);
  /// False: the link was lost before it was sent, and it is to wait for another one.
  bool send_parked_to(Session& session, const ParkedCall& call);
  /// False: no link is open that it could go to.
  bool send_parked_event(const ParkedCall& event);
  void keep_for_resending(const detail::Outgoing& call, const std::shared_ptr<Transaction>& transaction);
  /// The call's link has ended; true if it waits for another now, which session_ended() looks for.
  bool resend(const std::shared_ptr<Transaction>& transaction);

  // arbitrator_dispatch.cpp
  AnswerTools answer_tools() { return {shared_from_this(), exceptions_, log_, counters_, lent_}; }
  /// Looks after the deadline of a call that is being handled, should its caller not be able to.
  void watch_handled(Deadline deadline);
  void stop_expired();
  void on_request(Session& session, const wire::Message& message, AdmittedWork* inline_work);
  void on_response(Session& session, const wire::Message& message);
  void end_with(Transaction& transaction, Session& session, const wire::Message& response);
  void on_notification(Session& session, const wire::Message& message, AdmittedWork* inline_work);
  void on_own_notification(Session& session, const wire::Message& message);
  void on_cancel(Session& session, wire::Reader& params);
  void on_progress(Session& session, wire::Reader& params);
  void give_part(const std::shared_ptr<Transaction>& transaction, std::span<const std::byte> part);
  /// It was ended, and no link knows it any more.
  void leave_ended(const std::shared_ptr<Transaction>& transaction);
  /// For stop(), and its deadline, since no link knows it. False if it is too late for that.
  bool keep_until_ended(const std::shared_ptr<Transaction>& transaction);
  detail::CallContext context_of(const wire::Message& message);
  std::shared_ptr<RemoteCall> make_call(Session& session, const wire::Message& message,
                                        std::shared_ptr<const std::string> name_space, bool solicited);
  void handle(Session* session, const std::shared_ptr<detail::IncomingCall>& call, const Route* route,
              const detail::Arguments& arguments, const wire::Extension& extension,
              AdmittedWork* inline_work);
  void admit(const std::shared_ptr<Intake>& intake, std::shared_ptr<Work> work, detail::IncomingCall& call,
             AdmittedWork* inline_work, const CallChain& chain = {});
  /// What a peer asks the arbitrator itself; may throw.
  using SelfAnswer = Value (Arbitrator::*)(Session& session, const Value::Array& given);
  void answer_about_itself(Session& session, const std::shared_ptr<RemoteCall>& call,
                           const detail::Arguments& arguments, SelfAnswer answer);
  Value answer_describe(Session& session, const Value::Array& given);
  void unhandled(const std::shared_ptr<detail::IncomingCall>& call, const detail::Arguments& arguments);
  bool has_unhandled_hook() const;
  bool deliver_event(Session& session, const wire::Message& message, AdmittedWork* inline_work);
  /// `declared` null: nobody has declared the event.
  void deliver_to(const detail::Subscriber& subscriber, const detail::MemberInfo* declared,
                  const std::shared_ptr<Attachment>& attachment, const std::shared_ptr<RemoteCall>& call,
                  const Session& session, const wire::Message& message, AdmittedWork* inline_work);

  // arbitrator_patterns.cpp
  void end_subscription(const std::string& pattern, const detail::Handler* listener) noexcept;
  /// `heard`: who hears it by its name; null: nobody does, and it may be a call. False if there is nobody for
  /// it here.
  bool deliver_by_pattern(Session& session, const wire::Message& message, const Heard* heard,
                          AdmittedWork* inline_work);

  // arbitrator_properties.cpp
  /// Asks for the last of each event whose subscribers want that: what was on its way over a link that was
  /// lost may be lost too, while the peer, which has another one, need not have noticed yet that it was.
  void ask_for_last();
  /// To a peer that has just opened its first link, that has lost one of several, or that listens to more,
  /// the last of each event that it listens to and that is retained here.
  void send_retained(const Session& session, const Interest* newly);

  // Constant after construction.
  const std::string name_;
  const TimePoint made_ = Deadline::now();
  const ArbOptions options_;
  const CallDefaults defaults_;
  const wire::Limits limits_;
  Log own_log_;
  Log& log_;
  const ExceptionTypes own_exceptions_;
  const ExceptionTypes& exceptions_;
  const std::uint64_t incarnation_;
  const detail::HomeProcess home_;
  std::list<Port> ports_;

  const std::unique_ptr<const Permissions> permissions_;  // null: everybody may do everything

  // Each guards itself.
  Counters counters_;
  RareLog rare_log_{log_};
  const std::unique_ptr<Logins> logins_;  // null: there are no users
  TrafficTotals traffic_;
  detail::Gate lent_;  // of those who use log_ and exceptions_, and whom nothing else has ended by the end
  const std::shared_ptr<Observing> observing_;
  EventLoop loop_;
  const std::shared_ptr<ForeignLoop> foreign_;  // null: the workers run what is the program's
  const std::thread::id made_by_ = std::this_thread::get_id();
  std::atomic<bool> maker_serves_{false};  // relaxed: read by the one that has written it
  WorkerPool pool_{loop_};
  TransactionManager transactions_;
  DeadlineQueue deadlines_;
  UnlinkedCalls unlinked_calls_;
  RoutingTable routing_;
  const std::shared_ptr<BlockedWorkers> blocked_ = std::make_shared<BlockedWorkers>();
  ParkedCalls parked_;
  Mutex intakes_mutex_;
  std::vector<std::weak_ptr<Intake>> intakes_ VAGUS_GUARDED_BY(intakes_mutex_);  // all that were made
  const std::shared_ptr<Intake> service_;  // callbacks of calls by name, state listeners, hooks
  StateListeners state_listeners_;
  PatternListeners pattern_listeners_;
  const std::shared_ptr<Attachment> listening_;  // whose workers run them; of no API
  const std::shared_ptr<Attachment> serving_;    // for the hooks that service_ runs; of no API
  Mutex timer_mutex_;  // so that the timer never stands at a deadline that is later than the earliest
  std::unique_ptr<Timer> deadline_timer_ VAGUS_GUARDED_BY(timer_mutex_);
  TimePoint deadline_look_ VAGUS_GUARDED_BY(timer_mutex_) = TimePoint::max();  // what it stands at
  std::unique_ptr<Timer> handled_timer_ VAGUS_GUARDED_BY(timer_mutex_);
  // When the calls that are handled are looked through next. Changed under timer_mutex_; who files a call
  // looks after that, and so finds what was written before they were looked through without it.
  std::atomic<TimePoint> handled_look_{TimePoint::max()};
  std::atomic<bool> lingering_{false};
  Mutex resend_mutex_;  // calls that may be sent again, until they have ended
  std::unordered_map<const Transaction*, std::unique_ptr<ParkedCall>> resend_ VAGUS_GUARDED_BY(resend_mutex_);
  Mutex any_mutex_;
  std::map<std::string, std::uint64_t> turns_of_any_ VAGUS_GUARDED_BY(any_mutex_);  // by the method

  mutable Mutex lifecycle_;  // above all others
  std::condition_variable stop_requested_changed_;
  bool stop_requested_ VAGUS_GUARDED_BY(lifecycle_) = false;
  std::optional<Duration> stop_after_run_ VAGUS_GUARDED_BY(lifecycle_);
  bool stop_done_ VAGUS_GUARDED_BY(lifecycle_) = false;
  std::thread::id finishing_ VAGUS_GUARDED_BY(lifecycle_);  // the thread that stops it, or runs what is left
  std::atomic<Phase> phase_{Phase::made};                   // changed under lifecycle_
  std::function<void(const std::function<void()>&)> around_start_ VAGUS_GUARDED_BY(lifecycle_);

  mutable Mutex sessions_mutex_;
  std::condition_variable opened_changed_;
  std::map<std::uint64_t, Linked> sessions_ VAGUS_GUARDED_BY(sessions_mutex_);
  Sessions open_ VAGUS_GUARDED_BY(sessions_mutex_);
  // How often there was somebody new who may handle what nobody did: a link was opened, or a peer announced
  // more. Changed under sessions_mutex_; who finds nobody has read it before he looked.
  std::atomic<std::uint64_t> chances_{0};
  std::uint64_t next_session_ VAGUS_GUARDED_BY(sessions_mutex_) = 1;
  bool ever_open_ VAGUS_GUARDED_BY(sessions_mutex_) = false;

  mutable Mutex interest_mutex_;  // changes of what we handle and their announcements, in one order; above
                                  // sessions_mutex_
  // What is just being detached, for as long as something of it runs.
  std::vector<std::weak_ptr<Attachment>> leaving_ VAGUS_GUARDED_BY(interest_mutex_);

  mutable Mutex hook_mutex_;
  UnhandledHook unhandled_hook_ VAGUS_GUARDED_BY(hook_mutex_);
};

}  // namespace vagus
