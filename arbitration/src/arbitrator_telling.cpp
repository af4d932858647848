// What peers are told of the figures, and what they tell: the reserved request `$stats`.

#include <unistd.h>

#include <algorithm>
#include <utility>

#include <vagus/wire/message.hpp>

#include "arbitrator.hpp"
#include "describing.hpp"

namespace vagus {

namespace {

const char* const name_of_stats = "$stats";

bool is_right(const Value::Array& given) {
  return given.size() <= 2 && (given.empty() || given[0].kind() == Value::Kind::str) &&
         (given.size() < 2 || given[1].kind() == Value::Kind::boolean);
}

bool may_know_everything(const PeerRights* rights) {
  return rights == nullptr || rights->may_describe_everything();
}

}  // namespace

bool Arbitrator::is_hidden(std::string_view name_space) const {
  const auto owner = routing_.owner(name_space);
  const auto declared = owner ? owner->root->declared(name_space) : nullptr;
  return declared && declared->hidden;
}

ProcessStats Arbitrator::stats_for(const PeerRights* rights, std::string_view pattern) const {
  const NamePattern wanted(pattern);
  const Describing telling(wanted, rights);
  ProcessStats told;
  told.name = name_;
  told.library = VAGUS_VERSION;
  told.process_id = ::getpid();
  told.uptime = Deadline::now() - made_;
  told.totals = stats();
  for (const auto& attachment : routing_.all()) {
    const std::string& name_space = attachment->root->name_space();
    if (!telling.wanted_part(name_space)) continue;
    told.apis.push_back({name_space, attachment->root->options().workers, attachment->intake->waiting()});
  }
  std::sort(told.apis.begin(), told.apis.end(),
            [](const ApiStats& a, const ApiStats& b) { return a.name_space < b.name_space; });
  if (may_know_everything(rights)) told.peers = peer_stats();
  told.measuring = observing_->measuring();
  told.methods = observing_->method_stats();
  std::erase_if(told.methods, [&](const MethodStats& method) {
    return !telling.wanted(method.name_space, is_hidden(method.name_space));
  });
  return told;
}

// Who may not have it measured is refused at once, with an error of its own; all else is answered where time
// does not matter.
void Arbitrator::on_stats(Session& session, const std::shared_ptr<RemoteCall>& call,
                          const detail::Arguments& arguments) {
  wire::Reader positional(arguments.positional);
  const Value given = arguments.positional.empty() ? Value(Value::Array{}) : wire::unpack<Value>(positional);
  const bool measure = is_right(given.array()) && given.array().size() == 2 && given.array()[1].boolean();
  if (measure && !may_know_everything(session.rights())) {
    call->refuse(denied(session, "have calls measured: that takes the right to describe **",
                        {name_of_stats, {}, Execution::not_run}));
    return;
  }
  answer_about_itself(session, call, arguments, &Arbitrator::answer_stats);
}

Value Arbitrator::answer_stats(Session& session, const Value::Array& given) {
  if (!is_right(given)) {
    throw ApiParamError("$stats takes a pattern, \"machine.**\" say, and whether to measure, or nothing",
                        {name_of_stats, {}, Execution::not_run});
  }
  const std::string pattern = given.empty() ? "**" : given[0].string();
  if (given.size() == 2 && given[1].boolean()) {
    observing_->measure_for(session.id());
    // It may have ended just now, and then nobody else would end the measuring.
    if (!find_session(session.id())) observing_->end_measuring_for(session.id());
  }
  return to_value(stats_for(session.rights(), pattern));
}

ProcessStats Arbitrator::stats_of(const Peer& peer, const StatsRequest& request, Duration timeout) {
  static const auto name = std::make_shared<const std::string>(name_of_stats);
  const NamePattern checked(request.pattern);
  if (peer.plain) {
    throw UnsupportedApiError(peer.name + " speaks MessagePack-RPC and no more, and has no figures to tell",
                              {*name, {}, Execution::not_sent});
  }
  detail::ActionTarget target;
  target.name_space = name;
  target.fixed_host = shared_from_this();
  const auto told =
      ApiAction<Value, std::string, bool>(std::move(target), {std::string(request.pattern), request.measure})
          .to(peer)
          .call({.timeout = timeout});
  try {
    return process_stats_from(told);
  } catch (const wire::DecodeError& wrong) {
    throw ProtocolError(peer.name + " tells its figures in a way that is not understood: " + wrong.what(),
                        {*name, {}, Execution::ran});
  }
}

}  // namespace vagus
