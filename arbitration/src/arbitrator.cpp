// The beginning and the end of an arbitrator.

#include "arbitrator.hpp"

#include <algorithm>
#include <chrono>
#include <fstream>
#include <limits>
#include <set>
#include <thread>
#include <utility>

#include <vagus/core/call_context.hpp>
#include <vagus/core/fault_point.hpp>
#include <vagus/core/random_number.hpp>

namespace vagus {

namespace {

// A peer that does not read what it is owed is not waited for any longer when all ends.
constexpr Duration time_for_last_words = std::chrono::milliseconds(50);

std::string name_or_program(std::string_view name) {
  if (!name.empty()) return std::string(name.substr(0, wire::Hello::max_name_size));
  std::string program;
  std::getline(std::ifstream("/proc/self/comm"), program);
  return program;
}

CallDefaults with_library_defaults(const CallDefaults& own) {
  return own.over({default_timeout, Priority::normal, WhenFull::wait});
}

}  // namespace

Arbitrator::Arbitrator(std::vector<Endpoint> endpoints, const ArbOptions& options)
    : name_(name_or_program(options.name)),
      options_(options),
      defaults_(with_library_defaults(options.defaults())),
      limits_{options.max_message_size, options.max_depth},
      log_(options.log ? *options.log : own_log_),
      exceptions_(options.exceptions ? *options.exceptions : own_exceptions_),
      incarnation_(detail::random_number()),
      permissions_(options.permissions ? std::make_unique<const Permissions>(*options.permissions) : nullptr),
      logins_(options.users ? std::make_unique<Logins>(*options.users, log_) : nullptr),
      observing_(std::make_shared<Observing>(log_, lent_, counters_.handlers_failed)),
      foreign_(options.loop == Loop::foreign ? std::make_shared<ForeignLoop>() : nullptr),
      transactions_(options.max_pending, options.transaction_ids.get()),
      parked_(options.max_pending, counters_.posts_dropped),
      service_(make_intake(1, 1024)),
      state_listeners_(service_, log_,
                       {.on_workers = true,
                        .failed = [&failed = counters_.handlers_failed] { failed.add(); },
                        .described_as = "state listener"}),
      listening_(std::make_shared<Attachment>()),
      serving_(std::make_shared<Attachment>()) {
  listening_->intake = make_intake(1, 1024);
  serving_->intake = service_;
  const auto builtin = transport::TransportRegistry::builtin();
  const auto& transports = options.transports ? *options.transports : builtin;
  std::set<std::string> names;
  for (Endpoint& endpoint : endpoints) {
    if (!endpoint.name().empty() && !names.insert(endpoint.name()).second) {
      throw ApiParamError("two endpoints are named \"" + endpoint.name() + "\"");
    }
    Port& port = ports_.emplace_back(std::move(endpoint), options);
    const auto& own = port.endpoint.transport();
    port.transport = own ? own : transports.find(port.link_url.scheme);
  }
}

Arbitrator::~Arbitrator() {
  observing_->close();
  if (foreign_) foreign_->close();
}

bool Arbitrator::on_own_thread() const { return pool_.is_member() || (foreign_ && foreign_->inside()); }

bool Arbitrator::inside_own_run() const {
  const detail::CallContext* const context = detail::current_context();
  return on_own_thread() || (context != nullptr && context->waiter == this);
}

ErrorPtr Arbitrator::stopped_error(std::string_view name_space) const {
  return make_error<TransportFinishedError>("the ApiArb was stopped", {name_space, {}, Execution::not_sent});
}

ErrorPtr Arbitrator::not_at_home(std::string_view name_space) const {
  if (!home_.left()) return nullptr;
  return make_error<TransportFinishedError>(
      "this process was forked from the one that made the ApiArb " + name_ +
          ", and has neither its threads nor its links: make a new ApiArb here, or exec a program",
      {name_space, {}, Execution::not_sent});
}

void Arbitrator::check_home() const {
  if (const auto error = not_at_home({})) error->raise();
}

bool Arbitrator::keep_if_not_at_home(const std::shared_ptr<Arbitrator>& arbitrator) {
  if (!arbitrator->home_.left()) return false;
  // To destroy it would be to join threads that do not exist, to wait for locks that are held for ever, and
  // to take descriptors out of an epoll that is the parent's, too.
  static auto& kept = *new std::vector<std::shared_ptr<Arbitrator>>;
  kept.push_back(arbitrator);
  return true;
}

// Beginning
// -----------------------------------------------------------------------------------------------------------

void Arbitrator::around_start(std::function<void(const std::function<void()>& start)> around) {
  MutexLock lock(lifecycle_);
  around_start_ = std::move(around);
}

void Arbitrator::start() {
  check_home();
  if (phase_.load() != Phase::made) return;
  be_loop_thread_for_now();
  MutexLock lock(lifecycle_);
  if (phase_.load() != Phase::made) return;
  {
    MutexLock timer(timer_mutex_);
    deadline_timer_ = std::make_unique<Timer>(loop_, [this] { expire_passed(); });
    handled_timer_ = std::make_unique<Timer>(loop_, [this] { stop_expired(); });
    // Of an earlier try they stand at nothing any more.
    deadline_look_ = TimePoint::max();
    handled_look_.store(TimePoint::max(), std::memory_order_relaxed);
  }
  resize_pool();
  try {
    const auto start_ports = [this] {
      for (Port& port : ports_) start_port(port);
    };
    if (around_start_) {
      around_start_(start_ports);
    } else {
      start_ports();
    }
  } catch (...) {
    // As if it had never been started: the next try may find the address free.
    for (Port& port : ports_) {
      port.stop_connecting();
      port.connectors.clear();
      port.listener.reset();
    }
    const Sessions opened = all_sessions();
    lock.unlock();  // who hears of their ends may come to it
    const auto error = make_error<TransportFinishedError>(name_ + " could not start");
    for (const auto& session : opened) {
      session->close(error);
      session_ended(session, error);
    }
    MutexLock sessions(sessions_mutex_);
    if (open_.empty()) {  // else another thread has started it since
      ever_open_ = false;
      for (Port& port : ports_) port.forget_links();
    }
    throw;
  }
  phase_.store(Phase::running);
}

ErrorPtr Arbitrator::try_start() {
  if (auto error = not_at_home({})) return error;
  if (phase_.load() != Phase::made) return nullptr;
  try {
    start();
    return nullptr;
  } catch (const Error& error) {
    return make_error(error.code(), error.what(), {});
  } catch (const std::exception& error) {
    return make_error<TransportDisconnectedError>(name_ + " could not start: " + error.what());
  }
}

void Arbitrator::resize_pool() {
  if (foreign_) {
    pool_.resize(2);  // one reads, one sends what was parked
    return;
  }
  // One reads while all workers are busy, one is for the service intake, one sends what was parked.
  std::size_t threads = 3;
  if (pattern_listeners_.any()) ++threads;
  for (const auto& attachment : routing_.all()) threads += std::max(1u, attachment->root->options().workers);
  pool_.resize(threads);
}

std::optional<Duration> Arbitrator::wait_until_stopped() {
  MutexLock lock(lifecycle_);
  while (!stop_requested_) {
    if (!foreign_) {
      stop_requested_changed_.wait(lock.native());
      continue;
    }
    // Nobody else may do it while this thread waits.
    lock.unlock();
    foreign_->wait();
    process(std::numeric_limits<std::size_t>::max(), Deadline::never());
    lock.lock();
  }
  return stop_after_run_;
}

void Arbitrator::attach(ApiBase& api, const AttachOptions& options) {
  check_home();
  const auto root = root_of(api);
  if (api.name_space() != root->name_space()) {
    throw ApiParamError(api.name_space() + " is a part of " + root->name_space() + ": attach that",
                        {api.name_space()});
  }
  if (!options.peer.empty() && std::none_of(ports_.begin(), ports_.end(), [&](const Port& port) {
        return port.endpoint.name() == options.peer;
      })) {
    throw ApiParamError("no endpoint of this ApiArb is named \"" + std::string(options.peer) +
                            "\"; name one with connect(url).named(...)",
                        {api.name_space()});
  }
  if (phase_.load() >= Phase::stopping) stopped_error(api.name_space())->raise();
  be_loop_thread_for_now();
  auto attachment = std::make_shared<Attachment>();
  attachment->root = root;
  attachment->intake = make_intake(root->options().workers, root->options().queue);
  attachment->peer = options.peer;
  if (routing_.find(*root))
    throw ApiParamError(api.name_space() + " is attached to this ApiArb already", {api.name_space()});
  routing_.add(attachment);
  VAGUS_FAULT_POINT("attach.added");
  try {
    root->attach(shared_from_this(), attachment->intake, attachment->peer);
  } catch (...) {
    routing_.remove(*root);
    throw;
  }
  {
    MutexLock lock(interest_mutex_);
    Interest interest;
    // One without a namespace has nothing to be told of but what it handles.
    if (routing_.announce(*root) && !root->name_space().empty()) {
      interest.roots.push_back(root->name_space());
      interest.hooks = root->hooked_names();
    }
    announce(std::move(interest));
  }
  compare_contracts(*root);
  root->tell_retained(0, [](std::string_view) { return true; });
  MutexLock lock(lifecycle_);
  if (phase_.load() == Phase::running) resize_pool();
}

void Arbitrator::detach(detail::ApiRoot& root) noexcept {
  if (home_.left()) return;
  std::shared_ptr<Attachment> attachment;
  std::deque<std::shared_ptr<Work>> queued;
  {
    MutexLock lock(interest_mutex_);
    attachment = routing_.find(root);
    if (!attachment) {
      lock.unlock();
      // Whoever is just detaching it waits for what runs, and so does everybody who comes for the same.
      for (const auto& leaving : all_leaving()) {
        if (leaving->root.get() == &root) leaving->gate->close();
      }
      return;
    }
    std::erase_if(leaving_, [](const auto& left) { return left.expired(); });
    leaving_.push_back(attachment);
    // First, so that whoever is told that the API is gone is told so when nothing queued runs any more.
    queued = attachment->intake->close();
    auto removed = routing_.remove(root);
    Interest interest;
    interest.unhandles = std::move(removed.handled);
    interest.unlistens = std::move(removed.heard);
    if (!root.name_space().empty()) {
      interest.unroots.push_back(root.name_space());
      interest.unhooks = root.hooked_names();
      const auto others = routing_.hooked_names();
      std::erase_if(interest.unhooks, [&](const std::string& name) { return others.contains(name); });
    }
    announce(std::move(interest));
  }
  // What was queued finds the gate closed, and so is answered, without a run.
  attachment->gate->close();
  for (const auto& work : queued) work->run();
  root.detached(phase_.load() >= Phase::stopping);
  if (on_own_thread()) return;  // fewer threads next time; this one is busy
  MutexLock lock(lifecycle_);
  if (phase_.load() == Phase::running) resize_pool();
}

// The end
// -------------------------------------------------------------------------------------------------------------

std::vector<std::shared_ptr<Attachment>> Arbitrator::all_leaving() const {
  std::vector<std::shared_ptr<Attachment>> all;
  MutexLock lock(interest_mutex_);
  for (const auto& left : leaving_) {
    if (auto attachment = left.lock()) all.push_back(std::move(attachment));
  }
  return all;
}

void Arbitrator::request_stop() noexcept {
  MutexLock lock(lifecycle_);
  stop_requested_ = true;
  stop_requested_changed_.notify_all();
  if (foreign_) foreign_->interrupt();
}

void Arbitrator::stop_after_run(Duration grace) noexcept {
  if (home_.left()) return;
  MutexLock lock(lifecycle_);
  if (!stop_after_run_) stop_after_run_ = grace;
  stop_requested_ = true;
  stop_requested_changed_.notify_all();
  if (foreign_) foreign_->interrupt();
}

void Arbitrator::stop(Duration grace) {
  if (home_.left()) return;
  request_stop();
  {
    MutexLock lock(lifecycle_);
    const Phase phase = phase_.load();
    if (phase >= Phase::stopping) {
      const bool inside = inside_own_run() || finishing_ == std::this_thread::get_id();
      while (!stop_done_ && !inside) stop_requested_changed_.wait(lock.native());
      return;
    }
    phase_.store(phase == Phase::made ? Phase::stopped : Phase::stopping);
    finishing_ = std::this_thread::get_id();  // callbacks that run in here may stop it, too
  }
  {
    // Who waits for a link, or for a place in the queue of one that is down, looks at the phase.
    MutexLock lock(sessions_mutex_);
    opened_changed_.notify_all();
  }
  for (Port& port : ports_) {
    port.stop_connecting();
    port.listener.reset();
  }
  if (logins_) logins_->stop();
  wait_for_runs(Deadline::after(grace));
  // Whoever stops it runs what is left: the loop may have ended before.
  if (foreign_) be_loop_thread();
  const auto error = stopped_error({});
  end_all(error);
  end_apis();
  close_links(error);
  if (!pool_.is_member()) {
    finish_threads();
    return;
  }
  // This very thread is one of those to wait for: somebody else does, and keeps us until then.
  std::thread([self = shared_from_this()] { self->finish_threads(); }).detach();
}

void Arbitrator::wait_for_runs(Deadline until) {
  auto attachments = routing_.all();
  attachments.insert(attachments.end(), {listening_, serving_});
  const auto leaving = all_leaving();
  attachments.insert(attachments.end(), leaving.begin(), leaving.end());
  for (const auto& attachment : attachments) attachment->gate->wait_empty(until);
  // What begins between the look and the end of all would be told to stop at once.
  for (const auto& attachment : attachments) {
    attachment->stopping.store(true, std::memory_order_relaxed);
    attachment->gate->shut();
  }
  for (const auto& attachment : attachments) attachment->gate->wait_empty(until);
}

void Arbitrator::end_all(const ErrorPtr& error) {
  Sessions sessions;
  {
    MutexLock lock(sessions_mutex_);
    for (const auto& [id, linked] : sessions_) sessions.push_back(linked.session);
    opened_changed_.notify_all();
  }
  for (const auto& session : sessions) {
    session->stop_handled();
    session->end_waits();
  }
  stop_unsolicited();
  const auto end = [&](const std::shared_ptr<Transaction>& transaction) {
    transaction->fail(with_context(error, transaction->context(Execution::unknown)));
    transaction->hurry();  // its end may wait for what no thread is left to run
  };
  for (const auto& transaction : transactions_.close()) end(transaction);
  end_parked();
  for (const auto& transaction : unlinked_calls_.close()) end(transaction);
  deadlines_.clear();
}

void Arbitrator::end_apis() {
  for (const auto& attachment : routing_.all()) detach(*attachment->root);
  for (const auto& attachment : {listening_, serving_}) end_work_of(*attachment);
  for (const auto& attachment : all_leaving())
    attachment->gate->close();  // their links are needed until then
}

void Arbitrator::end_work_of(const Attachment& attachment) {
  const auto queued = attachment.intake->close();
  // What was queued finds the gate closed, and so is answered, without a run.
  attachment.gate->close();
  for (const auto& work : queued) work->run();
}

void Arbitrator::close_links(const ErrorPtr& error) {
  const Sessions sessions = all_sessions();
  // An answer may have been kept while another thread was sending, which has not come back to it yet.
  const Deadline drained = Deadline::after(time_for_last_words);
  for (const auto& session : sessions) session->drain(drained);
  for (const auto& session : sessions) session->close(error);
  for (const auto& session : sessions) {
    session->stop(error);
    session_ended(session, error);
  }
  for (const Port& port : ports_) emit({LinkState::closed, port.url, {}, error, false});
}

std::shared_ptr<Intake> Arbitrator::make_intake(unsigned workers, std::size_t capacity) {
  auto intake =
      std::make_shared<Intake>(loop_, foreign_, blocked_, log_, counters_.handlers_failed, workers, capacity);
  MutexLock lock(intakes_mutex_);
  std::erase_if(intakes_, [](const auto& known) { return known.expired(); });
  intakes_.push_back(intake);
  return intake;
}

/// No link ends these calls. Also those of APIs that are just being detached, which waits for them.
void Arbitrator::stop_unsolicited() {
  std::vector<std::weak_ptr<Intake>> all;
  {
    MutexLock lock(intakes_mutex_);
    all = intakes_;
  }
  for (const auto& known : all) {
    if (const auto intake = known.lock()) intake->stop_unsolicited();
  }
}

/// Also those of APIs that were detached: results of their calls may still be followed.
void Arbitrator::finish_intakes() {
  std::vector<std::weak_ptr<Intake>> all;
  {
    MutexLock lock(intakes_mutex_);
    all.swap(intakes_);
  }
  for (const auto& known : all) {
    if (const auto intake = known.lock()) intake->finish();
  }
}

void Arbitrator::finish_threads() {
  {
    MutexLock lock(lifecycle_);
    finishing_ = std::this_thread::get_id();
  }
  {
    std::unique_ptr<Timer> deadlines;
    std::unique_ptr<Timer> handled;
    MutexLock lock(timer_mutex_);
    deadlines.swap(deadline_timer_);
    handled.swap(handled_timer_);
    lock.unlock();
  }
  loop_.finish();
  pool_.join();
  if (foreign_) foreign_->finish();
  finish_intakes();
  lent_.close();
  MutexLock lock(lifecycle_);
  finishing_ = {};
  phase_.store(Phase::stopped);
  stop_done_ = true;
  stop_requested_changed_.notify_all();
}

}  // namespace vagus
