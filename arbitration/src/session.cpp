#include "session.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace vagus {

namespace {

constexpr std::size_t max_spare = 256;

}  // namespace

Session::Session(SessionOwner& owner, std::uint64_t id, std::unique_ptr<transport::Link> link, Side side,
                 Peer peer, std::string url, std::size_t max_unsent, std::optional<PlainPeer> plain)
    : owner_(owner),
      id_(id),
      side_(side),
      peer_(std::move(peer)),
      url_(std::move(url)),
      max_unsent_(max_unsent),
      plain_(std::move(plain)),
      link_(std::move(link)),
      traffic_(owner_.traffic_totals()) {}

Session::~Session() { link_->stop(); }

void Session::start(const std::vector<Bytes>& first) {
  link_->start(*this);
  for (const Bytes& message : first) {
    send_soon([&](wire::Writer& writer) { writer.raw(message); });
  }
}

void Session::begin_reading() {
  // The role is taken from the beginning, so that nobody reads, and so nobody can find the link open and
  // send, before the first messages stand where the peer will read them first.
  owner_.loop().post([self = shared_from_this()] { self->read_on_loop(); });
}

void Session::close(const ErrorPtr& reason) noexcept { link_->close(reason); }

void Session::cut_off(std::string_view why, const std::exception& failure) noexcept {
  try {
    const std::string text =
        "the link to " + url_ + " is closed: " + std::string(why) + ": " + failure.what();
    owner_.log().warning("the peer " + peer_.name + " is cut off: " + text);
    link_->close(make_error<MessageTooLargeError>(text));
  } catch (const std::exception&) {  // no memory for the text
    link_->close(make_error<TransportDisconnectedError>(url_));
  }
}

void Session::admit(std::unique_ptr<PeerRights> rights, const std::string& user, std::uint64_t peer_id) {
  rights_ = std::move(rights);
  admitted_peer_ = peer_;
  admitted_peer_.user = user;
  admitted_peer_.id = peer_id;
  // PAIR admitted: who sees it sees what was written above.
  admitted_.store(true, std::memory_order_release);
  if (admission_timer_) admission_timer_->stop();
}

void Session::demand_admission(Deadline deadline, ErrorPtr too_late) {
  admission_timer_ =
      std::make_unique<Timer>(owner_.loop(), [weak = weak_from_this(), too_late = std::move(too_late)] {
        const auto self = weak.lock();
        if (self && !self->admitted()) self->close_refused(too_late);
      });
  admission_timer_->start(deadline.at());
}

void Session::close_refused(const ErrorPtr& reason) {
  {
    MutexLock lock(send_mutex_);
    if (!refusal_) refusal_ = reason;
  }
  link_->close(reason);
}

void Session::stop(const ErrorPtr& reason) noexcept {
  if (admission_timer_) admission_timer_->stop();
  link_->stop();
  // The link says nothing from now on, also not that it has ended if that was still on its way.
  if (!ended_.load()) on_closed(reason);
}

void Session::on_closed(const ErrorPtr& reason) {
  {
    MutexLock lock(send_mutex_);
    reason_ = reason;
    ended_.store(true);
    outbox_.clear();
    outbox_filled_.store(false);
    outbox_size_ = 0;
    if (std::exchange(turn_parked_, false)) {
      drop_partial();
      turn_.store(turn_free);
    }
    turn_changed_.notify_all();
  }
  link_->interrupt();
  MutexLock lock(reader_mutex_);
  // Whoever has the role finds out by itself: nothing waits on a link that has ended.
  if (std::exchange(role_taken_, true)) return;
  owner_.loop().post([self = shared_from_this()] { self->read_on_loop(); });
}

ErrorPtr Session::closed_error() const {
  MutexLock lock(send_mutex_);
  if (refusal_) return refusal_;
  return reason_ ? reason_ : make_error<TransportDisconnectedError>("the link to " + url_ + " is closed");
}

bool Session::add_handled(const std::shared_ptr<detail::IncomingCall>& call, std::size_t limit) {
  MutexLock lock(handled_mutex_);
  if (handled_.size() >= limit) return false;
  if (spare_.empty()) {
    handled_.emplace(call->id(), Filed{call, call.get()});
    return true;
  }
  auto node = std::move(spare_.back());
  spare_.pop_back();
  node.key() = call->id();
  node.mapped() = {call, call.get()};
  handled_.insert(std::move(node));
  return true;
}

void Session::remove_handled(TransactionId id, const detail::IncomingCall* call) noexcept {
  if (home_.left()) return;
  MutexLock lock(handled_mutex_);
  // A peer may use an id twice at once.
  const auto [begin, end] = handled_.equal_range(id);
  const auto found = std::find_if(begin, end, [&](const auto& filed) { return filed.second.key == call; });
  if (found == end) return;
  auto node = handled_.extract(found);
  node.mapped() = {};
  if (spare_.size() < max_spare) spare_.push_back(std::move(node));
  lock.unlock();
}

std::shared_ptr<detail::IncomingCall> Session::handled(TransactionId id) const {
  MutexLock lock(handled_mutex_);
  const auto found = handled_.find(id);
  return found == handled_.end() ? nullptr : found->second.call.lock();
}

void Session::stop_handled() noexcept {
  std::vector<std::shared_ptr<detail::IncomingCall>> calls;
  {
    MutexLock lock(handled_mutex_);
    for (const auto& [id, filed] : handled_) {
      if (auto call = filed.call.lock()) calls.push_back(std::move(call));
    }
  }
  for (const auto& call : calls) call->request_stop();
}

Deadline Session::stop_expired(TimePoint now) noexcept {
  std::vector<std::shared_ptr<detail::IncomingCall>> expired;
  std::vector<std::shared_ptr<detail::IncomingCall>> others;  // let go of outside of the lock
  Deadline earliest;
  {
    MutexLock lock(handled_mutex_);
    for (const auto& [id, filed] : handled_) {
      auto call = filed.call.lock();
      if (!call) continue;
      const Deadline deadline = call->context().deadline;
      if (!deadline.passed(now)) earliest = std::min(earliest, deadline);
      (deadline.passed(now) ? expired : others).push_back(std::move(call));
    }
  }
  for (const auto& call : expired) call->request_stop();
  return earliest;
}

}  // namespace vagus
