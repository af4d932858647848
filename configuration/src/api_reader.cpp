#include <algorithm>
#include <limits>
#include <set>

#include <vagus/core/name.hpp>
#include <vagus/core/suggestions.hpp>

#include "readers.hpp"

namespace vagus {

namespace {

constexpr std::int64_t any_number = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t most_workers = 1024;

void read_down_queue(TableReader& table, ApiSettings& api) {
  const Node* const node = table.table("down_queue");
  if (node == nullptr) return;
  TableReader queue(*node, "the down_queue of " + table.where(), table.faults());
  if (const auto capacity = queue.number("capacity", 1, any_number)) {
    api.down_capacity = static_cast<std::size_t>(*capacity);
  }
  api.down_when_full = queue.choice<WhenQueueFull>("when_full", {{"refuse", WhenQueueFull::refuse},
                                                                 {"drop_oldest", WhenQueueFull::drop_oldest},
                                                                 {"block", WhenQueueFull::block}});
  queue.finish();
}

void read_peer(TableReader& table, const std::vector<EndpointSettings>& endpoints, ApiSettings& api) {
  const auto peer = table.placed_text("peer");
  if (!peer) return;
  std::vector<std::string> names;
  for (const EndpointSettings& each : endpoints) {
    if (!each.endpoint.name().empty()) names.push_back(each.endpoint.name());
  }
  if (std::find(names.begin(), names.end(), peer->text) == names.end()) {
    table.faults().add(peer->place, "no endpoint here is named \"" + shown(peer->text) + '"' +
                                        did_you_mean(peer->text, names));
  }
  api.peer = peer->text;
  api.peer_place = peer->place;
}

/// What only a root API has.
void read_root(TableReader& table, const std::vector<EndpointSettings>& endpoints, ApiSettings& api) {
  if (const auto name_space = table.placed_text("namespace")) {
    api.name_space = name_space->text;
    api.name_space_place = name_space->place;
    if (!is_namespace(name_space->text)) {
      table.faults().add(name_space->place, '"' + shown(name_space->text) +
                                                "\" is no namespace; expected names with dots between them, "
                                                "such as \"machine.x\"");
    }
  }
  api.version = table.text("version");
  if (const auto workers = table.number("workers", 0, most_workers)) {
    api.workers = static_cast<unsigned>(*workers);
  }
  if (const auto queue = table.number("queue", 1, any_number)) api.queue = static_cast<std::size_t>(*queue);
  read_down_queue(table, api);
  read_peer(table, endpoints, api);
}

void check_name(const Entry& entry, const ApiSettings& api, Faults& faults) {
  if (api.root ? !is_namespace(entry.key) : !is_name(entry.key)) {
    faults.add(entry.place, '"' + shown(entry.key) +
                                "\" is no name of an API; expected letters, digits and _, and no "
                                "digit first");
  } else if (api.name_space.size() > max_namespace_size) {
    faults.add(entry.place, too_long(api.name_space));
  }
}

ApiSettings read_api(const Entry& entry, const ApiSettings* above,
                     const std::vector<EndpointSettings>& endpoints, Faults& faults);

void read_parts(TableReader& table, const std::vector<EndpointSettings>& endpoints, ApiSettings& api) {
  const Node* const parts = table.table("parts");
  if (parts == nullptr) return;
  for (const Entry& part : *parts->table()) {
    const auto same = [&](const MemberSettings& member) { return member.name == part.key; };
    if (std::any_of(api.members.begin(), api.members.end(), same)) {
      table.faults().add(part.place,
                         shown(part.key) + " is both a part of " + shown(api.key) + " and a member of it");
    }
    api.parts.push_back(read_api(part, &api, endpoints, table.faults()));
  }
}

bool says_more(const Node& api) {
  return api.table() != nullptr &&
         std::any_of(api.table()->begin(), api.table()->end(),
                     [](const Entry& entry) { return entry.key != "namespace" && entry.key != "peer"; });
}

ApiSettings read_api(const Entry& entry, const ApiSettings* above,
                     const std::vector<EndpointSettings>& endpoints, Faults& faults) {
  ApiSettings api;
  api.place = entry.node.place;
  api.root = above == nullptr;
  api.name = entry.key;
  api.key = api.root ? entry.key : above->key + '.' + entry.key;
  api.name_space = api.root ? entry.key : above->name_space + '.' + entry.key;
  api.has_more = says_more(entry.node);
  TableReader table(entry.node, api.root ? "[api." + shown(entry.key) + ']' : "the part " + shown(api.key),
                    faults);
  check_name(entry, api, faults);
  api.docs = table.text("docs");
  if (api.root) read_root(table, endpoints, api);
  api.serial = table.flag("serial");
  api.defaults = read_defaults(table);
  api.members = read_members(table, api);
  read_parts(table, endpoints, api);
  table.finish();
  return api;
}

/// `[api."machine.x"]` beside a part `x` of `machine`: nobody could ask for the one and not the other.
void check_keys(const std::vector<ApiSettings>& apis, std::set<std::string>& keys, Faults& faults) {
  for (const ApiSettings& api : apis) {
    if (!keys.insert(api.key).second) faults.add(api.place, "the API " + shown(api.key) + " is here twice");
    check_keys(api.parts, keys, faults);
  }
}

}  // namespace

std::vector<ApiSettings> read_apis(TableReader& top, const std::vector<EndpointSettings>& endpoints) {
  std::vector<ApiSettings> all;
  const Node* const apis = top.table("api");
  if (apis == nullptr) return all;
  for (const Entry& entry : *apis->table()) all.push_back(read_api(entry, nullptr, endpoints, top.faults()));
  std::set<std::string> keys;
  check_keys(all, keys, top.faults());
  return all;
}

}  // namespace vagus
