#include "settings.hpp"

#include <vagus/core/name.hpp>

namespace vagus {

namespace {

const ApiSettings* find_api(const std::vector<ApiSettings>& apis, std::string_view key) {
  for (const ApiSettings& api : apis) {
    if (api.key == key) return &api;
    if (!is_within(key, api.key)) continue;
    if (const ApiSettings* const part = find_api(api.parts, key)) return part;
  }
  return nullptr;
}

}  // namespace

MethodOptions MemberSettings::options(MethodOptions otherwise) const {
  const CallDefaults said = defaults.over(otherwise.defaults());
  otherwise.timeout = said.timeout;
  otherwise.priority = said.priority;
  otherwise.when_full = said.when_full;
  otherwise.when_down = said.when_down;
  otherwise.serial = serial.value_or(otherwise.serial);
  otherwise.idempotent = idempotent.value_or(otherwise.idempotent);
  otherwise.hidden = hidden.value_or(otherwise.hidden);
  return otherwise;
}

ApiOptions ApiSettings::options(ApiOptions otherwise) const {
  const CallDefaults said = defaults.over(otherwise.defaults());
  otherwise.timeout = said.timeout;
  otherwise.priority = said.priority;
  otherwise.when_full = said.when_full;
  otherwise.when_down = said.when_down;
  otherwise.workers = workers.value_or(otherwise.workers);
  otherwise.serial = serial.value_or(otherwise.serial);
  otherwise.queue = queue.value_or(otherwise.queue);
  otherwise.down_queue.capacity = down_capacity.value_or(otherwise.down_queue.capacity);
  otherwise.down_queue.when_full = down_when_full.value_or(otherwise.down_queue.when_full);
  if (docs) otherwise.docs = *docs;
  if (version) otherwise.version = *version;
  return otherwise;
}

const ApiSettings* Settings::api(std::string_view key) const { return find_api(apis, key); }

const MemberSettings* Settings::member(std::string_view key) const {
  const std::string_view above = parent_namespace(key);
  const ApiSettings* const found = api(above);
  if (found == nullptr) return nullptr;
  for (const MemberSettings& member : found->members) {
    if (member.key == key) return &member;
  }
  return nullptr;
}

}  // namespace vagus
