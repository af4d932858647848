// Events of which the last one counts, and is sent to whoever begins to listen.

#include <algorithm>
#include <utility>

#include <vagus/wire/message.hpp>

#include "arbitrator_payload.hpp"

namespace vagus {

void Arbitrator::tell_last(const detail::Outgoing& event) {
  if (home_.left() || phase_.load() >= Phase::stopping) return;
  const bool aimed = event.target.kind == detail::Target::Kind::peer;
  for (const auto& session : listening_sessions(endpoint_of(event), event)) {
    // Nobody has named it: it is told because it is there.
    if (aimed && session->plain() != nullptr && !session->takes_event(*event.name_space)) continue;
    try {
      const Payload payload(*this, event, *session);
      session->send_last(*event.name_space, [&](wire::Writer& writer) {
        wire::begin_notification(writer, *event.name_space, payload.extended());
        payload.write(writer);
      });
      counters_.messages_posted.add();
    } catch (const std::exception& failure) {
      counters_.posts_dropped.add();
      rare_log_.warning(session->peer().name + " was not told of " + *event.name_space + ": " +
                        failure.what());
    }
  }
}

void Arbitrator::listen_anew(const std::string& name_space) {
  check_home();
  MutexLock lock(interest_mutex_);
  if (!routing_.listeners(name_space)) return;
  Interest interest;
  interest.listens.push_back(name_space);
  announce(std::move(interest));
}

void Arbitrator::ask_for_last() {
  if (phase_.load() >= Phase::stopping) return;
  MutexLock lock(interest_mutex_);
  Interest interest;
  for (const auto& attachment : routing_.all()) {
    for (std::string& name_space : attachment->root->wanting_last()) {
      if (routing_.listeners(name_space)) interest.listens.push_back(std::move(name_space));
    }
  }
  if (!interest.listens.empty()) announce(std::move(interest));
}

void Arbitrator::send_retained(const Session& session, const Interest* newly) {
  std::vector<NamePattern> patterns;
  if (newly != nullptr) {
    if (newly->listens.empty() && newly->listens_to.empty()) return;
    for (const std::string& pattern : newly->listens_to) patterns.emplace_back(pattern);
  }
  const auto wanted = [&](std::string_view name_space) {
    if (newly == nullptr) return true;
    const auto& names = newly->listens;
    return std::find(names.begin(), names.end(), name_space) != names.end() ||
           std::any_of(patterns.begin(), patterns.end(),
                       [&](const NamePattern& pattern) { return pattern.matches(name_space); });
  };
  for (const auto& attachment : routing_.all()) attachment->root->tell_retained(session.peer().id, wanted);
}

}  // namespace vagus
