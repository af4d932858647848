// What there is here, and at a peer: the reserved request `$describe`.

#include <unistd.h>

#include <utility>

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
            Value(Value::Map{}), nullptr, make_error<TransportFinishedError>(name_ + " is stopping")),
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

}  // namespace vagus
