#include <limits>
#include <set>

#include <vagus/core/error.hpp>

#include "readers.hpp"

namespace vagus {

namespace {

constexpr std::int64_t largest_id = std::numeric_limits<std::uint32_t>::max();

std::vector<std::string> patterns(TableReader& table, std::string_view key) {
  std::vector<std::string> all;
  for (PlacedText& pattern : table.texts(key)) {
    try {
      const Permissions checked{{.call = {pattern.text}}};
      all.push_back(std::move(pattern.text));
    } catch (const ApiParamError&) {
      table.faults().add(
          pattern.place,
          '"' + shown(pattern.text) + "\" in '" + std::string(key) + "' of " + table.where() +
              " is no pattern; expected names with dots between them, * for any one and ** for "
              "any number of them, such as \"machine.**\"");
    }
  }
  return all;
}

Permission read_permission(const Node& node, Faults& faults) {
  TableReader table(node, "[[permissions]]", faults);
  Permission permission;
  for (const auto& [key, into] :
       {std::pair("user", &permission.user), std::pair("certificate", &permission.certificate)}) {
    const auto name = table.placed_text(key);
    if (!name) continue;
    if (name->text.empty()) {
      faults.add(name->place, '\'' + std::string(key) + "' in [[permissions]] is empty; \"*\" is any");
    }
    *into = name->text;
  }
  permission.user_id = table.number("user_id", 0, largest_id);
  permission.group_id = table.number("group_id", 0, largest_id);
  permission.call = patterns(table, "call");
  permission.listen = patterns(table, "listen");
  permission.describe = patterns(table, "describe");
  permission.handle = patterns(table, "handle");
  table.finish();
  return permission;
}

/// A hash: as it is, or from elsewhere.
std::string read_hash(TableReader& table, const std::string& key, const std::string& folder) {
  const auto here = table.secret_text(key);
  const auto elsewhere = read_secret(table, key, folder);
  if (here && here->text.empty()) {
    table.faults().add(here->place, '\'' + key + "' in " + table.where() + " is empty");
  }
  if (here && elsewhere) {
    table.faults().add(elsewhere->place,
                       '\'' + key + "' stands in " + table.where() + ", too; expected one of them");
  }
  return here ? here->text : elsewhere ? elsewhere->text : std::string();
}

std::optional<User> read_user(const Node& node, const std::string& folder, Faults& faults) {
  const std::size_t before = faults.count();
  TableReader table(node, "[[users]]", faults);
  const auto name = table.required_text("name");
  for (const char* const key : {"password", "token"}) {
    const Node* const given = table.forbidden(key);
    if (given == nullptr) continue;
    faults.add(given->place, '\'' + std::string(key) +
                                 "' in [[users]]: secrets do not stand in this file; "
                                 "expected '" +
                                 key + "_hash', see vagus::hash_" + key + "()");
    return std::nullopt;
  }
  User user;
  user.password_hash = read_hash(table, "password_hash", folder);
  user.token_hash = read_hash(table, "token_hash", folder);
  table.finish();
  if (!name || faults.count() != before) return std::nullopt;  // what is wrong has been told
  user.name = name->text;
  try {
    const Users checked{user};
    return user;
  } catch (const ApiParamError& wrong) {
    faults.add(node.place, wrong.what());
    return std::nullopt;
  }
}

}  // namespace

std::optional<Permissions> read_permissions(TableReader& top) {
  const Node::List* const nodes = top.list("permissions", "tables");
  if (nodes == nullptr) return std::nullopt;
  std::vector<Permission> all;
  for (const Node& node : *nodes) all.push_back(read_permission(node, top.faults()));
  if (!top.faults().none()) return std::nullopt;  // which is told, and nobody gets in
  return Permissions(std::move(all));
}

std::optional<Users> read_users(TableReader& top, const std::string& folder) {
  const Node::List* const nodes = top.list("users", "tables");
  if (nodes == nullptr) return std::nullopt;
  std::vector<User> all;
  std::set<std::string> names;
  for (const Node& node : *nodes) {
    auto user = read_user(node, folder, top.faults());
    if (!user) continue;
    if (names.insert(user->name).second) {
      all.push_back(std::move(*user));
    } else {
      top.faults().add(node.place, "the user \"" + shown(user->name) + "\" is there twice");
    }
  }
  return Users(std::move(all));
}

}  // namespace vagus
