#include "describing.hpp"

#include <algorithm>
#include <utility>

#include <vagus/wire/pack.hpp>

namespace vagus {

namespace {

template <typename T>
void sort_by_name(std::vector<T>& all) {
  std::sort(all.begin(), all.end(), [](const T& a, const T& b) { return a.name_space < b.name_space; });
}

}  // namespace

bool Describing::wanted(const std::string& name_space, bool is_hidden) const {
  if (!pattern_.matches(name_space)) return false;
  if (rights_ != nullptr && !rights_->may_know(name_space)) return false;
  return !is_hidden || pattern_.is_one_name() || (rights_ != nullptr && rights_->may_describe(name_space));
}

bool Describing::wanted_part(const std::string& name_space) const {
  return pattern_.reaches_into(name_space) && (rights_ == nullptr || rights_->may_know_below(name_space));
}

void Describing::add(const detail::ApiRoot& root, const RoutingTable& routing) {
  for (auto& [name_space, docs] : root.parts()) {
    if (!wanted_part(name_space)) continue;
    ApiDescription api{.name_space = name_space, .docs = docs, .version = {}, .root = false};
    if (name_space == root.name_space()) {
      api.root = true;
      api.version = root.version();
      api.workers = root.options().workers;
    }
    description_.apis.push_back(std::move(api));
  }
  for (const auto& declared : root.all_declared()) {
    if (!wanted(declared->name_space, declared->hidden)) continue;
    MemberDescription member;
    member.name_space = declared->name_space;
    member.event = declared->event;
    member.docs = declared->docs;
    member.idempotent = declared->idempotent;
    member.hidden = declared->hidden;
    const auto route = routing.route(declared->name_space);
    member.handled = route != nullptr && route->attachment->root.get() == &root;
    add_member(std::move(member), declared->signature, declared->parameters);
  }
}

void Describing::add_handled(const Route& route) {
  const std::string& name_space = *route.name_space;
  if (!wanted(name_space, false) || route.attachment->root->declared(name_space)) return;
  const auto handler = route.slot->handler();
  if (!handler) return;
  MemberDescription member;
  member.name_space = name_space;
  member.declared = false;
  member.handled = true;
  add_member(std::move(member), handler->signature(), {});
}

void Describing::add_member(MemberDescription member, const detail::Signature& signature,
                            const detail::ParameterList& parameters) {
  for (std::size_t index = 0; index < signature.parameter_names.size(); ++index) {
    ParameterDescription parameter;
    parameter.type = signature.parameter_names[index];
    if (index < parameters.size()) {
      parameter.name = parameters[index].name;
      if (const auto& packed = parameters[index].default_value) {
        wire::Reader reader(*packed);
        parameter.default_value = wire::unpack<Value>(reader);
      }
    }
    member.parameters.push_back(std::move(parameter));
  }
  member.result = signature.result_name;
  member.reports = signature.part_name;
  if (signature.shape != nullptr || signature.described) {
    auto shape = signature.spelled_out();
    member.signature = detail::signature_text(shape, parameters);
    member.shape = wire::shape_hash(member.signature);
    for (auto& type : shape.types) {
      auto& types = description_.types;
      if (std::find(types.begin(), types.end(), type) == types.end()) types.push_back(std::move(type));
    }
  }
  description_.members.push_back(std::move(member));
}

Description Describing::take() {
  sort_by_name(description_.apis);
  sort_by_name(description_.members);
  std::stable_sort(description_.types.begin(), description_.types.end(),
                   [](const auto& a, const auto& b) { return a.name < b.name; });
  return std::move(description_);
}

}  // namespace vagus
