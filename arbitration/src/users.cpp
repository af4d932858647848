#include <set>
#include <utility>

#include <vagus/arbitration/users.hpp>
#include <vagus/core/error.hpp>

#include "stored_secret.hpp"

namespace vagus {

namespace {

constexpr std::size_t longest_name = 255;

void check(const User& user) {
  if (user.name.empty() || user.name.size() > longest_name) {
    throw ApiParamError("the name of a user has from 1 to 255 bytes, and not " +
                        std::to_string(user.name.size()));
  }
  if (user.name == "*") throw ApiParamError("\"*\" is any user, and so nobody's name");
  if (user.password_hash.empty() && user.token_hash.empty()) {
    throw ApiParamError("the user \"" + user.name + "\" has neither a password nor a token");
  }
  try {
    if (!user.password_hash.empty()) static_cast<void>(PasswordHash::parse(user.password_hash));
    if (!user.token_hash.empty()) static_cast<void>(TokenHash::parse(user.token_hash));
  } catch (const ApiParamError& wrong) {
    throw ApiParamError("the user \"" + user.name + "\": " + wrong.what());
  }
}

}  // namespace

Users::Users(std::initializer_list<User> users) : Users(std::vector<User>(users)) {}

Users::Users(std::vector<User> users) : list_(std::move(users)) {
  std::set<std::string_view> names;
  for (const User& user : list_) {
    check(user);
    if (!names.insert(user.name).second) throw ApiParamError("the user \"" + user.name + "\" is there twice");
  }
}

}  // namespace vagus
