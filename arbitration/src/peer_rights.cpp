#include "peer_rights.hpp"

#include <algorithm>

#include <vagus/core/error.hpp>

namespace vagus {

namespace {

// A peer may make up any number of names; those of an honest one have their place here.
constexpr std::size_t most_remembered = 4096;

bool is_meant(const std::optional<std::string>& wanted, std::string_view name) noexcept {
  if (!wanted) return true;
  return !name.empty() && (*wanted == "*" || *wanted == name);
}

bool is_meant(const std::optional<std::int64_t>& wanted, std::int64_t id) noexcept {
  return !wanted || *wanted == id;
}

bool any_matches(const std::vector<NamePattern>& patterns, std::string_view name) noexcept {
  return std::any_of(patterns.begin(), patterns.end(), [&](const auto& each) { return each.matches(name); });
}

bool any_reaches_into(const std::vector<NamePattern>& patterns, std::string_view root) noexcept {
  return std::any_of(patterns.begin(), patterns.end(),
                     [&](const auto& each) { return each.reaches_into(root); });
}

void add(std::vector<NamePattern>& patterns, const std::vector<std::string>& further) {
  for (const std::string& pattern : further) patterns.emplace_back(pattern);
}

/// Is there a name that the pattern and one of the others match? Of what is no pattern at all others say so.
bool any_overlaps(const std::vector<NamePattern>& patterns, const std::string& pattern) {
  try {
    const NamePattern wanted(pattern);
    return std::any_of(patterns.begin(), patterns.end(),
                       [&](const auto& each) { return each.overlaps(wanted); });
  } catch (const ApiParamError&) {
    return true;
  }
}

/// Takes out what is not allowed, and adds it to `taken`.
template <typename Allowed>
void keep_if(std::vector<std::string>& names, std::vector<std::string>* taken, const Allowed& allowed) {
  const auto first_taken = std::stable_partition(names.begin(), names.end(), allowed);
  if (taken != nullptr) taken->insert(taken->end(), first_taken, names.end());
  names.erase(first_taken, names.end());
}

}  // namespace

bool concerns(const Permission& permission, const transport::Credentials& credentials,
              std::string_view user) {
  return is_meant(permission.user, user) && is_meant(permission.certificate, credentials.certificate_name) &&
         is_meant(permission.user_id, credentials.user_id) &&
         is_meant(permission.group_id, credentials.group_id);
}

PeerRights::PeerRights(const Permissions& permissions, const transport::Credentials& credentials,
                       std::string_view user) {
  for (const Permission& permission : permissions.list()) {
    if (!concerns(permission, credentials, user)) continue;
    add(call_, permission.call);
    add(listen_, permission.listen);
    add(describe_, permission.describe);
    add(handle_, permission.handle);
  }
}

bool PeerRights::may_call(std::string_view name_space) {
  if (const auto found = asked_.find(name_space); found != asked_.end()) return found->second;
  const bool may = any_matches(call_, name_space);
  if (asked_.size() < most_remembered) asked_.emplace(name_space, may);
  return may;
}

bool PeerRights::may_listen(std::string_view name_space) const noexcept {
  return any_matches(listen_, name_space);
}

bool PeerRights::may_know(std::string_view name_space) const noexcept {
  return any_matches(call_, name_space) || any_matches(describe_, name_space) ||
         any_matches(listen_, name_space);
}

bool PeerRights::may_know_below(std::string_view name_space) const noexcept {
  return any_reaches_into(call_, name_space) || any_reaches_into(describe_, name_space) ||
         any_reaches_into(listen_, name_space);
}

bool PeerRights::may_describe(std::string_view name_space) const noexcept {
  return any_matches(describe_, name_space);
}

bool PeerRights::may_describe_everything() const noexcept {
  return std::any_of(describe_.begin(), describe_.end(),
                     [](const NamePattern& each) { return each.is_everything(); });
}

bool PeerRights::may_handle(std::string_view name_space) const noexcept {
  return any_matches(handle_, name_space);
}

std::vector<std::string> PeerRights::restrict_announced(Interest& interest) const {
  std::vector<std::string> taken;
  keep_if(interest.listens, &taken, [&](const auto& name) { return any_matches(listen_, name); });
  // Of a pattern that it may hear something of, it is sent what it may hear.
  keep_if(interest.listens_to, &taken, [&](const auto& pattern) { return any_overlaps(listen_, pattern); });
  keep_if(interest.handles, nullptr, [&](const auto& name) { return any_matches(handle_, name); });
  for (auto* apis : {&interest.roots, &interest.hooks}) {
    keep_if(*apis, nullptr, [&](const auto& api) { return any_reaches_into(handle_, api); });
  }
  return taken;
}

void PeerRights::restrict_told(Interest& interest) const {
  const auto may_know = [&](const auto& name) {
    return any_matches(call_, name) || any_matches(describe_, name);
  };
  const auto may_know_root = [&](const auto& root) {
    return any_reaches_into(call_, root) || any_reaches_into(describe_, root);
  };
  for (auto* names : {&interest.handles, &interest.unhandles, &interest.listens, &interest.unlistens}) {
    keep_if(*names, nullptr, may_know);
  }
  for (auto* patterns : {&interest.listens_to, &interest.unlistens_to}) {
    keep_if(*patterns, nullptr, [&](const auto& pattern) {
      return any_overlaps(call_, pattern) || any_overlaps(describe_, pattern);
    });
  }
  for (auto* apis : {&interest.roots, &interest.unroots, &interest.hooks, &interest.unhooks}) {
    keep_if(*apis, nullptr, may_know_root);
  }
}

}  // namespace vagus
