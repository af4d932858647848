// What there is here, and at a peer: the reserved request `$describe`.

#include <unistd.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include <vagus/wire/message.hpp>

#include "arbitrator.hpp"
#include "describing.hpp"

namespace vagus {

Description Arbitrator::describe(std::string_view pattern, const PeerRights* rights) const {
  check_home();
  const NamePattern wanted(pattern);
  Describing describing(wanted, rights);
  for (const auto& attachment : routing_.all()) describing.add(*attachment->root, routing_);
  for (const std::string& name_space : routing_.handled_names()) {
    if (const auto route = routing_.route(name_space)) describing.add_handled(*route);
  }
  Description description = describing.take();
  description.name = name_;
  description.library = VAGUS_VERSION;
  description.process_id = ::getpid();
  description.uptime = Deadline::now() - made_;
  return description;
}

// As a piece of work for the service thread: with many methods it takes its time, and nobody else's.
void Arbitrator::answer_about_itself(Session& session, const std::shared_ptr<RemoteCall>& call,
                                     const detail::Arguments& arguments, SelfAnswer answer) {
  const auto hook = [arbitrator = weak_from_this(), link = session.shared_from_this(), answer](
                        Call&, const UnhandledCall& asked) -> std::optional<Value> {
    const auto self = arbitrator.lock();
    if (!self) return std::nullopt;
    return ((*self).*answer)(*link, asked.arguments.array());
  };
  wire::Reader positional(arguments.positional);
  admit(service_,
        std::make_shared<HookWork>(
            call, std::vector<UnhandledHook>{hook},
            arguments.positional.empty() ? Value(Value::Array{}) : wire::unpack<Value>(positional),
            Value(Value::Map{}), serving_, make_error<TransportFinishedError>(name_ + " is stopping")),
        *call, nullptr);
}

Value Arbitrator::answer_describe(Session& session, const Value::Array& given) {
  if (given.size() > 1 || (given.size() == 1 && given[0].kind() != Value::Kind::str)) {
    throw ApiParamError("$describe takes one pattern, \"machine.**\" say, or nothing for all",
                        {"$describe", {}, Execution::not_run});
  }
  return to_value(describe(given.empty() ? "**" : given[0].string(), session.rights()));
}

Description Arbitrator::describe(const Peer& peer, std::string_view pattern, Duration timeout) {
  static const auto name = std::make_shared<const std::string>("$describe");
  const NamePattern checked(pattern);
  if (peer.plain) {
    throw UnsupportedApiError(peer.name + " speaks MessagePack-RPC and no more, and cannot describe itself",
                              {*name, {}, Execution::not_sent});
  }
  detail::ActionTarget target;
  target.name_space = name;
  target.fixed_host = shared_from_this();
  const auto told = ApiAction<Value, std::string>(std::move(target), {std::string(pattern)})
                        .to(peer)
                        .call({.timeout = timeout});
  try {
    return description_from(told);
  } catch (const wire::DecodeError& wrong) {
    throw ProtocolError(peer.name + " describes itself in a way that is not understood: " + wrong.what(),
                        {*name, {}, Execution::ran});
  }
}

// Of peers, for proxies
// -----------------------------------------------------------------------------------------------------------

namespace {

/// Whom a call of this name would go to, for select(); never sent.
class Looked final : public detail::Outgoing {
 public:
  Looked(const std::string& name, Deadline until) {
    name_space = std::make_shared<const std::string>(name);
    deadline = until;
  }
  void pack(wire::Writer& writer) const override { writer.array(0); }
};

template <typename T>
void add_unknown(std::vector<T>& all, const std::vector<T>& more, std::string T::*name) {
  const std::size_t known = all.size();
  const auto is_known = [&](const T& one) {
    return std::any_of(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(known),
                       [&](const T& other) { return other.*name == one.*name; });
  };
  for (const T& one : more) {
    if (!is_known(one)) all.push_back(one);
  }
  std::sort(all.begin(), all.end(), [&](const T& a, const T& b) { return a.*name < b.*name; });
}

}  // namespace

Arbitrator::Sessions Arbitrator::described_by(const std::string& name_space, Deadline deadline) {
  const Looked looked(name_space, deadline);
  for (;;) {
    const auto chances = chances_.load();
    Sessions sessions;
    for (const auto& session : open_sessions({})) {
      const bool same_peer = std::any_of(sessions.begin(), sessions.end(), [&](const auto& other) {
        return other->peer().id == session->peer().id;
      });
      if (!session->plain() && !same_peer && session->interest().has_any_of(name_space)) {
        sessions.push_back(session);
      }
    }
    if (!sessions.empty()) return sessions;
    const Selection selection = select(looked);
    if (selection.error) selection.error->raise();
    if (selection.session) return {selection.session};
    if (!wait_for_another_chance(chances, deadline)) {
      throw TransactionTimeout("no peer came in time that could describe " + name_space,
                               {name_space, {}, Execution::not_sent});
    }
  }
}

std::shared_ptr<const Description> Arbitrator::told_by(Session& session, const std::string& name_space,
                                                       Deadline deadline) {
  // Before it is asked: what it announces meanwhile makes the answer an old one.
  const auto version = session.interest().version();
  if (auto told = session.told_descriptions().find(name_space, version)) return told;
  const std::string pattern = name_space.empty() ? "**" : name_space + ".**";
  auto told = std::make_shared<const Description>(describe(session.peer(), pattern, deadline.remaining()));
  session.told_descriptions().keep(name_space, version, told);
  return told;
}

Description Arbitrator::description(const std::string& name_space, Duration timeout) {
  check_home();
  if (const auto error = try_start()) error->raise();
  const auto deadline = Deadline::after(timeout);
  Description all;
  bool first = true;
  for (const auto& session : described_by(name_space, deadline)) {
    const auto told = told_by(*session, name_space, deadline);
    if (std::exchange(first, false)) {
      all = *told;
      continue;
    }
    add_unknown(all.apis, told->apis, &ApiDescription::name_space);
    add_unknown(all.members, told->members, &MemberDescription::name_space);
    add_unknown(all.types, told->types, &wire::TypeDescription::name);
  }
  return all;
}

}  // namespace vagus
