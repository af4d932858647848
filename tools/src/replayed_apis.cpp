#include "replayed_apis.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <utility>

namespace vagus::tools {

namespace {

constexpr std::size_t most_parameters = 12;
constexpr std::string_view changed = "changed";

std::string above(const std::string& name) {
  const std::size_t dot = name.rfind('.');
  return dot == std::string::npos ? std::string() : name.substr(0, dot);
}

std::string_view last_of(std::string_view name) { return name.substr(name.rfind('.') + 1); }

using Parameters = decltype(params());

Parameters parameters_of(const MemberDescription& member) {
  Parameters parameters;
  for (const ParameterDescription& parameter : member.parameters) {
    if (parameter.name.empty()) return {};
    parameters.push_back(param(parameter.name));
  }
  return parameters;
}

/// Values of whatever type, since that is known as text only. They fit every contract.
template <std::size_t>
using Any = Value;

template <std::size_t... Index>
std::shared_ptr<void> declared(ApiBase& api, const MemberDescription& member,
                               std::index_sequence<Index...> /*parameters*/) {
  const std::string docs =
      member.docs + (member.docs.empty() ? "" : " ") + "Recorded as " + to_string(member) + '.';
  return std::make_shared<Event<void(Any<Index>...)>>(&api, last_of(member.name_space), docs,
                                                      parameters_of(member));
}

template <std::size_t Count>
std::shared_ptr<void> with_parameters(ApiBase& api, const MemberDescription& member) {
  return declared(api, member, std::make_index_sequence<Count>());
}

template <std::size_t... Count>
constexpr auto each_number(std::index_sequence<Count...> /*numbers*/) {
  return std::array{&with_parameters<Count>...};
}

}  // namespace

ReplayedApis::ReplayedApis(ApiArb& arb, const Description& described) : arb_(arb) {
  for (const ApiDescription& api : described.apis) {
    if (api.root) roots_.insert(api.name_space);
  }
  for (const MemberDescription& member : described.members) {
    if (member.event) declare(member, described);
  }
  for (const auto& api : apis_) {
    if (roots_.contains(api->name_space())) arb_.attach(*api);
  }
}

ReplayedApis::~ReplayedApis() {
  properties_.clear();
  events_.clear();
  while (!apis_.empty()) apis_.pop_back();
}

void ReplayedApis::declare(const MemberDescription& event, const Description& described) {
  const std::string owner = above(event.name_space);
  const bool is_property = last_of(event.name_space) == changed && !owner.empty() &&
                           described.member(owner + ".get") != nullptr && !roots_.contains(owner);
  if (is_property) {
    auto property = std::make_unique<Property<Value>>(&api(above(owner)), last_of(owner),
                                                      "Its event was recorded as " + to_string(event) + '.');
    properties_.emplace(event.name_space, std::move(property));
    return;
  }
  static constexpr auto makers = each_number(std::make_index_sequence<most_parameters + 1>());
  // Those with more are sent all the same.
  if (event.parameters.size() <= most_parameters) {
    events_.push_back(makers[event.parameters.size()](api(owner), event));
  }
}

ApiBase& ReplayedApis::api(const std::string& name_space) {
  if (const auto found = by_name_.find(name_space); found != by_name_.end()) return *found->second;
  std::unique_ptr<ApiBase> made;
  if (name_space.empty()) {
    made = std::make_unique<ApiBase>(no_namespace);
  } else if (roots_.contains(name_space) || above(name_space).empty()) {
    made = std::make_unique<ApiBase>(name_space);
  } else {
    made = std::make_unique<ApiBase>(&api(above(name_space)), last_of(name_space));
  }
  if (above(name_space).empty()) roots_.insert(name_space);
  by_name_.emplace(name_space, made.get());
  apis_.push_back(std::move(made));
  return *apis_.back();
}

void ReplayedApis::send(const HeardEvent& event) {
  const auto property = properties_.find(event.name_space);
  if (property != properties_.end() && event.arguments.size() == 1) {
    property->second->update(event.arguments.front());
    return;
  }
  arb_.proxy().apply_event(event.name_space, event.arguments, event.named).post();
}

}  // namespace vagus::tools
