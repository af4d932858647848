#include <utility>

#include <vagus/arbitration/permissions.hpp>
#include <vagus/core/error.hpp>

#include "name_pattern.hpp"

namespace vagus {

namespace {

[[noreturn]] void refuse(std::size_t place, const std::string& what) {
  throw ApiParamError("permission " + std::to_string(place + 1) + " of the list: " + what);
}

void check_patterns(std::size_t place, const char* right, const std::vector<std::string>& patterns) {
  for (const std::string& pattern : patterns) {
    try {
      const NamePattern valid(pattern);
    } catch (const ApiParamError& wrong) {
      refuse(place, std::string(right) + ": " + wrong.what());
    }
  }
}

void check(std::size_t place, const Permission& permission) {
  if (permission.user && permission.user->empty())
    refuse(place, "an empty user; \"*\" is any that has logged in");
  if (permission.certificate && permission.certificate->empty()) {
    refuse(place, "an empty name of a certificate; \"*\" is any");
  }
  if (permission.user_id.value_or(0) < 0 || permission.group_id.value_or(0) < 0) {
    refuse(place, "a negative UNIX user or group id");
  }
  check_patterns(place, "call", permission.call);
  check_patterns(place, "listen", permission.listen);
  check_patterns(place, "describe", permission.describe);
  check_patterns(place, "handle", permission.handle);
}

}  // namespace

Permissions::Permissions(std::initializer_list<Permission> permissions)
    : Permissions(std::vector<Permission>(permissions)) {}

Permissions::Permissions(std::vector<Permission> permissions) : list_(std::move(permissions)) {
  for (std::size_t place = 0; place < list_.size(); ++place) check(place, list_[place]);
}

}  // namespace vagus
