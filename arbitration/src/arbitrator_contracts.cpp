// Whether this side and a peer were built from the same contracts. Each tells the shapes of what it handles
// and hears. Whoever calls something of another shape sends its own signature along, and who handles it
// compares the two: so nobody has to ask first, and no call waits for more than its answer.

#include <utility>

#include <vagus/wire/shape_comparison.hpp>

#include "arbitrator.hpp"

namespace vagus {

void Arbitrator::add_shapes(Interest& interest) const {
  for (const std::string& name : interest.handles) {
    const auto route = routing_.route(name);
    const auto* const declared = route ? route->slot->declared() : nullptr;
    if (declared != nullptr) interest.shapes.emplace(name, declared->shape());
  }
  for (const std::string& name : interest.listens) {
    const auto heard = routing_.listeners(name);
    const auto declared = heard ? heard->by.front()->root->declared(name) : nullptr;
    if (declared) interest.shapes.emplace(name, declared->shape());
  }
}

void Arbitrator::compare_contracts(Session& session, const Interest& announced) const {
  if (announced.shapes.empty()) return;
  for (const auto& attachment : routing_.all()) {
    for (const auto& [name, shape] : announced.shapes) {
      if (!is_within(name, attachment->root->name_space())) continue;
      const auto declared = attachment->root->declared(name);
      if (declared && declared->shape() != shape) session.interest().note_difference();
    }
  }
}

void Arbitrator::compare_contracts(const detail::ApiRoot& root) const {
  Sessions sessions;
  {
    MutexLock lock(sessions_mutex_);
    for (const auto& [id, linked] : sessions_) sessions.push_back(linked.session);
  }
  for (const auto& session : sessions) {
    for (const auto& declared : root.all_declared()) {
      const auto shape = session->interest().shape(declared->name_space);
      if (shape != 0 && shape != declared->shape()) session->interest().note_difference();
    }
  }
}

std::string Arbitrator::differing_signature(const detail::Outgoing& message, Session& session) {
  if (!session.interest().may_differ() || message.root == nullptr) return {};
  const auto shape = session.interest().shape(*message.name_space);
  const auto declared = shape != 0 ? message.root->declared(*message.name_space) : nullptr;
  return declared && declared->shape() != shape ? declared->signature_text() : std::string();
}

ErrorPtr Arbitrator::contract_mismatch(const detail::IncomingCall& call, std::string_view signature,
                                       const detail::MemberInfo* declared) {
  if (signature.empty() || declared == nullptr) return nullptr;
  const std::string own = declared->signature_text();
  const auto difference = wire::contract_difference(signature, own);
  if (!difference) return nullptr;
  constexpr std::size_t longest = 1000;
  return make_error<ContractMismatchError>(
      call.name_space() + ": caller and handler were built from different contracts: " + *difference +
          ". The caller has " + std::string(signature.substr(0, longest)) + ", the handler " +
          own.substr(0, longest),
      {call.name_space(), call.id(), Execution::not_run});
}

}  // namespace vagus
