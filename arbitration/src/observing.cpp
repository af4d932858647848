#include "observing.hpp"

#include <algorithm>
#include <exception>
#include <string>
#include <utility>

#include <vagus/core/call_context.hpp>
#include <vagus/core/gate.hpp>
#include <vagus/core/random_number.hpp>

namespace vagus {

const char* to_string(RequestState state) noexcept {
  switch (state) {
    case RequestState::completed:
      return "completed";
    case RequestState::failed:
      return "failed";
    case RequestState::refused:
      return "refused";
    case RequestState::abandoned:
      return "abandoned";
  }
  return "?";
}

/// The hooks of one registration, which may outlive the arbitrator.
class Observing::Entry final : public detail::Registered {
 public:
  Entry(CallHooks hooks, std::weak_ptr<Observing> observing)
      : hooks_(std::move(hooks)), observing_(std::move(observing)) {}

  void end() noexcept override {
    if (home_.left()) return;
    if (const auto observing = observing_.lock()) observing->remove(*this);
    close();
  }
  void close() noexcept { gate_.close(); }

  template <typename Event>
  void tell(std::function<void(const Event&)> CallHooks::*hook, const Event& event,
            Observing& observing) noexcept {
    const auto& function = hooks_.*hook;
    if (!function || !gate_.enter()) return;
    {
      detail::CallContext context;
      context.chain.root = detail::random_number();
      context.gates = {&gate_, nullptr};
      const detail::ContextScope scope(&context, false);
      try {
        function(event);
      } catch (const std::exception& error) {
        observing.hook_failed(error.what());
      } catch (...) {
        observing.hook_failed("not a std::exception");
      }
    }
    gate_.leave();
  }

 private:
  const CallHooks hooks_;
  const std::weak_ptr<Observing> observing_;
  const detail::HomeProcess home_;
  detail::Gate gate_;
};

/// Tells of one call that this side makes.
class Observing::CallObserver final : public Transaction::Observer {
 public:
  CallObserver(std::shared_ptr<Observing> observing, std::shared_ptr<const Audience> audience)
      : observing_(std::move(observing)), audience_(std::move(audience)) {}

  void begun(const Transaction& call) {
    const CallBegun event{number_, call.name_space(), call.deadline()};
    for (const auto& entry : audience_->entries) {
      entry->tell(&CallHooks::call_begun, event, *observing_);
    }
  }

  void sending(const Peer& peer) noexcept override {
    // What has waited for a link may end at this very moment.
    MutexLock lock(mutex_);
    peer_ = peer;
  }

  void ended(const Transaction& call, TransactionState state, const Error* error,
             Duration elapsed) noexcept override {
    if (observing_->home_.left()) return;
    // It has a link, a peer and an id as soon as it is to be sent, and keeps them if that then fails.
    const bool sent = call.link() != 0 && (error == nullptr || error->execution() != Execution::not_sent);
    if (audience_->measured && sent) {
      observing_->histograms_.add_call(call.name_space(), elapsed, state != TransactionState::completed);
    }
    const Peer peer = sent ? peer_last_sent_to() : Peer{};
    const TransactionId id = sent ? call.id() : TransactionId{};
    const CallEnded event{number_, call.name_space(), peer, id, state, error, elapsed};
    for (const auto& entry : audience_->entries) {
      entry->tell(&CallHooks::call_ended, event, *observing_);
    }
  }

 private:
  Peer peer_last_sent_to() {
    MutexLock lock(mutex_);
    return peer_;
  }

  const std::shared_ptr<Observing> observing_;
  const std::shared_ptr<const Audience> audience_;
  const std::uint64_t number_ = observing_->next_number();
  Mutex mutex_;
  Peer peer_ VAGUS_GUARDED_BY(mutex_);
};

/// Tells of one request. Belongs to it, and so may refer to it, but for what is virtual once it is being
/// destroyed.
class Observing::RequestObserver final : public detail::AnswerObserver {
 public:
  RequestObserver(std::shared_ptr<Observing> observing, std::shared_ptr<const Audience> audience,
                  const detail::IncomingCall& call)
      : observing_(std::move(observing)), audience_(std::move(audience)), call_(call), peer_(call.peer()) {}
  ~RequestObserver() override {
    if (!told_) tell(RequestState::abandoned, nullptr, false);
  }

  void received() {
    const RequestReceived event{number_, call_.name_space(), peer_, call_.id(), call_.solicited()};
    for (const auto& entry : audience_->entries) {
      entry->tell(&CallHooks::request_received, event, *observing_);
    }
  }

  void started() noexcept override {
    started_ = Deadline::now();
    ran_ = true;
  }
  void threw(std::string_view type) noexcept override {
    state_ = RequestState::failed;
    exception_ = type;
  }
  void answered(bool given_up) noexcept override { tell(state_, nullptr, given_up); }
  void refused(const Error& error, bool given_up) noexcept override {
    ran_ = false;  // the hooks for what nothing handles have all passed it on
    tell(RequestState::refused, &error, given_up);
  }

 private:
  void tell(RequestState state, const Error* refusal, bool given_up) noexcept {
    told_ = true;
    if (observing_->home_.left()) return;
    const TimePoint ended = Deadline::now();
    const Duration waited = (ran_ ? started_ : ended) - received_;
    const Duration ran = ran_ ? ended - started_ : Duration::zero();
    if (audience_->measured && ran_) {
      const bool failed = state != RequestState::completed;
      observing_->histograms_.add_request(call_.name_space(), waited, ran, failed);
    }
    const RequestHandled event{
        number_,    call_.name_space(), peer_,  call_.id(), call_.solicited(), state, refusal,
        exception_, given_up,           waited, ran};
    for (const auto& entry : audience_->entries) {
      entry->tell(&CallHooks::request_handled, event, *observing_);
    }
  }

  const std::shared_ptr<Observing> observing_;
  const std::shared_ptr<const Audience> audience_;
  const detail::IncomingCall& call_;
  const Peer peer_;
  const std::uint64_t number_ = observing_->next_number();
  const TimePoint received_ = Deadline::now();
  // By who runs it; then by who answers it, and that comes after.
  TimePoint started_{};
  bool ran_ = false;
  bool told_ = false;
  RequestState state_ = RequestState::completed;
  std::string exception_;
};

Observing::Observing(Log& log, detail::Gate& log_lent, Counter& failed)
    : log_(log), log_lent_(log_lent), failed_(failed) {}
Observing::~Observing() = default;

// A reply may be given, and be told of, when the log has gone.
void Observing::hook_failed(const char* what) noexcept {
  failed_.add();
  if (!log_lent_.enter()) return;
  log_.error(std::string("an exception left a call hook: ") + what);
  log_lent_.leave();
}

std::shared_ptr<const Observing::Audience> Observing::audience() const {
  MutexLock lock(mutex_);
  return audience_;
}

void Observing::set_audience(Audience audience) {
  active_.store(audience.measured || !audience.entries.empty(), std::memory_order_relaxed);
  audience_ = std::make_shared<const Audience>(std::move(audience));
}

Registration Observing::add(CallHooks hooks) {
  auto entry = std::make_shared<Entry>(std::move(hooks), weak_from_this());
  {
    MutexLock lock(mutex_);
    Audience changed = *audience_;
    changed.entries.push_back(entry);
    set_audience(std::move(changed));
  }
  return Registration(std::move(entry));
}

void Observing::remove(const Entry& entry) noexcept {
  std::shared_ptr<const Audience> former;  // destroyed outside of the lock
  MutexLock lock(mutex_);
  former = audience_;
  Audience changed = *audience_;
  std::erase_if(changed.entries, [&](const auto& present) { return present.get() == &entry; });
  set_audience(std::move(changed));
  lock.unlock();
}

void Observing::set_measured() {
  Audience changed = *audience_;
  changed.measured = measure_ || !measuring_for_.empty();
  set_audience(std::move(changed));
}

void Observing::measure(bool on) {
  MutexLock lock(mutex_);
  measure_ = on;
  set_measured();
}

void Observing::measure_for(std::uint64_t link) {
  MutexLock lock(mutex_);
  if (measuring_for_.insert(link).second) set_measured();
}

void Observing::end_measuring_for(std::uint64_t link) noexcept {
  MutexLock lock(mutex_);
  if (measuring_for_.erase(link) != 0) set_measured();
}

bool Observing::measuring() const { return audience()->measured; }

std::vector<MethodStats> Observing::method_stats() const {
  if (home_.left()) return {};
  return histograms_.read();
}

void Observing::close() noexcept {
  for (const auto& entry : audience()->entries) entry->close();
}

void Observing::begin(Transaction& call) {
  if (home_.left()) return;
  const auto observer = std::make_shared<CallObserver>(shared_from_this(), audience());
  call.observe(observer);
  observer->begun(call);
}

void Observing::receive(detail::IncomingCall& call) {
  auto observer = std::make_unique<RequestObserver>(shared_from_this(), audience(), call);
  observer->received();
  call.observe(std::move(observer));
}

}  // namespace vagus
