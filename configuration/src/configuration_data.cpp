#include "configuration_data.hpp"

#include <vagus/core/suggestions.hpp>

#include "faults.hpp"

namespace vagus::detail {

namespace {

using Asked = std::set<std::string, std::less<>>;

/// What nobody has asked for. Of an API of which nothing was asked for that is all that is said.
class Unused {
 public:
  Unused(const Settings& settings, const Asked& asked, Faults& faults) : asked_(asked), faults_(faults) {
    for (const std::string& name : asked) {
      const bool known = settings.api(name) != nullptr || settings.member(name) != nullptr;
      if (!known) missed_.push_back(name);
    }
  }

  void look_at(const ApiSettings& api) {
    if (!asked_.contains(api.key)) {
      tell(api.place, std::string(api.root ? "[api." + api.key + ']' : "the part " + api.key), api.key);
      return;
    }
    for (const MemberSettings& member : api.members) {
      if (!asked_.contains(member.key)) {
        tell(member.place, (member.event ? "the event " : "the method ") + member.key, member.key);
      }
    }
    for (const ApiSettings& part : api.parts) look_at(part);
  }

 private:
  void tell(const Place& place, const std::string& what, const std::string& key) {
    faults_.add(place, "this program makes no use of " + what + did_you_mean(key, missed_));
  }

  const Asked& asked_;
  Faults& faults_;
  std::vector<std::string> missed_;  // what was asked for, and is not there
};

}  // namespace

void ConfigurationData::note(std::string_view key) const {
  MutexLock lock(mutex_);
  if (!asked_.contains(key)) asked_.emplace(key);
}

const ApiSettings* ConfigurationData::ask_for_api(std::string_view key) const {
  note(key);
  return settings_.api(key);
}

const MemberSettings* ConfigurationData::ask_for_member(std::string_view key) const {
  note(key);
  return settings_.member(key);
}

void ConfigurationData::ask_for_all_of(const ApiSettings& api) const {
  note(api.key);
  for (const MemberSettings& member : api.members) note(member.key);
  for (const ApiSettings& part : api.parts) ask_for_all_of(part);
}

void ConfigurationData::check_used() const {
  Asked asked;
  {
    MutexLock lock(mutex_);
    asked = asked_;
  }
  Faults faults(settings_.file);
  Unused unused(settings_, asked, faults);
  for (const ApiSettings& api : settings_.apis) unused.look_at(api);
  faults.raise();
}

}  // namespace vagus::detail
