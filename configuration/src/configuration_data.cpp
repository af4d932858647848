#include "configuration_data.hpp"

#include <algorithm>

#include <vagus/core/suggestions.hpp>

#include "faults.hpp"

namespace vagus::detail {

namespace {

/// Of an API or of one of its parts, whose names begin with its own.
bool has_any_of(const Keys& keys, const ApiSettings& api) {
  return keys.contains(api.key) ||
         std::any_of(api.parts.begin(), api.parts.end(),
                     [&](const ApiSettings& part) { return has_any_of(keys, part); });
}

/// What nobody has asked for. Of an API of which nothing was asked for that is all that is said.
class Unused {
 public:
  Unused(const Settings& settings, const AskedFor& asked, Faults& faults) : asked_(asked), faults_(faults) {
    for (const std::string& name : asked.all) {
      const bool known = settings.api(name) != nullptr || settings.member(name) != nullptr;
      if (!known) missed_.push_back(name);
    }
  }

  void look_at_root(const ApiSettings& api) {
    const std::string what = "[api." + api.key + ']';
    const bool named = has_any_of(asked_.name_spaces, api);
    const bool bound = asked_.peers.contains(api.key);
    const bool asked = asked_.all.contains(api.key) || (!api.has_more && (named || bound));
    if (!asked) {
      return tell(api.place, what + (named || bound ? " but for its namespace and peer" : ""), api.key);
    }
    if (api.name_space_place && !named) tell_of_no_effect(*api.name_space_place, "namespace", what);
    if (api.peer_place && !bound) tell_of_no_effect(*api.peer_place, "peer", what);
    look_into(api);
  }

 private:
  void look_into(const ApiSettings& api) {
    for (const MemberSettings& member : api.members) {
      if (!asked_.all.contains(member.key)) {
        tell(member.place, (member.event ? "the event " : "the method ") + member.key, member.key);
      }
    }
    for (const ApiSettings& part : api.parts) {
      if (asked_.all.contains(part.key)) {
        look_into(part);
      } else {
        tell(part.place, "the part " + part.key, part.key);
      }
    }
  }
  void tell(const Place& place, const std::string& what, const std::string& key) {
    faults_.add(place, "this program makes no use of " + what + did_you_mean(key, missed_));
  }
  void tell_of_no_effect(const Place& place, const std::string& key, const std::string& api) {
    faults_.add(place, "the " + key + " of " + api + " has no effect in this program");
  }

  const AskedFor& asked_;
  Faults& faults_;
  std::vector<std::string> missed_;  // what was asked for, and is not there
};

}  // namespace

void ConfigurationData::note(Keys AskedFor::*keys, std::string_view key) const {
  MutexLock lock(mutex_);
  Keys& noted = asked_.*keys;
  if (!noted.contains(key)) noted.emplace(key);
}

const ApiSettings* ConfigurationData::ask_for_api(std::string_view key) const {
  note(&AskedFor::all, key);
  return settings_.api(key);
}

const MemberSettings* ConfigurationData::ask_for_member(std::string_view key) const {
  note(&AskedFor::all, key);
  return settings_.member(key);
}

void ConfigurationData::ask_for_all_of(const ApiSettings& api) const {
  note(&AskedFor::all, api.key);
  note_name_space(api.key);
  for (const MemberSettings& member : api.members) note(&AskedFor::all, member.key);
  for (const ApiSettings& part : api.parts) ask_for_all_of(part);
}

void ConfigurationData::note_name_space(std::string_view key) const { note(&AskedFor::name_spaces, key); }
void ConfigurationData::note_peer(std::string_view key) const { note(&AskedFor::peers, key); }

void ConfigurationData::note_attached(const ApiSettings& api) const {
  note_name_space(api.key);
  note_peer(api.key);
}

const ApiSettings& ConfigurationData::root_api(std::string_view key) const {
  const ApiSettings* const found = settings_.api(key);
  if (found != nullptr && found->root) return *found;
  std::vector<std::string> keys;
  for (const ApiSettings& api : settings_.apis) keys.push_back(api.key);
  throw ConfigurationError(settings_.file + ": there is no [api." + std::string(key) + ']' +
                           did_you_mean(key, keys));
}

void ConfigurationData::check_used() const {
  AskedFor asked;
  {
    MutexLock lock(mutex_);
    asked = asked_;
  }
  Faults faults(settings_.file);
  Unused unused(settings_, asked, faults);
  for (const ApiSettings& api : settings_.apis) unused.look_at_root(api);
  faults.raise();
}

}  // namespace vagus::detail
