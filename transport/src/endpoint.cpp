#include <vagus/core/error.hpp>
#include <vagus/transport/endpoint.hpp>

namespace vagus {

namespace {

constexpr std::size_t longest_secret = 1024;
constexpr std::size_t longest_user = 255;

}  // namespace

Endpoint Endpoint::login(Login login) const& {
  // None of the texts shows what was given.
  if (side_ == Side::body) {
    throw ApiParamError(
        "a login is what a head shows: give it to connect(url); whom a body lets in is in ArbOptions::users");
  }
  const bool by_password = !login.user.empty() && !login.password.empty() && login.token.empty();
  const bool by_token = login.user.empty() && login.password.empty() && !login.token.empty();
  if (!by_password && !by_token) {
    throw ApiParamError("a login is either a user and a password or a token");
  }
  if (login.user.size() > longest_user || login.password.size() > longest_secret ||
      login.token.size() > longest_secret) {
    throw ApiParamError("a login has a user of at most 255 bytes, and a password or a token of at most 1024");
  }
  Endpoint copy = *this;
  copy.login_ = std::move(login);
  return copy;
}

}  // namespace vagus
