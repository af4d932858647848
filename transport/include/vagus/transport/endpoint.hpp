/// Where to listen or to connect, as a value.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include <vagus/core/transaction_id.hpp>
#include <vagus/transport/url.hpp>

namespace vagus {

namespace transport {
class Transport;
}

/// What a head shows to a body that asks for it: a user name and a password, or a token. Never logged, and
/// sent to nobody but the body of its endpoint; over a network it is only as secret as the
/// transport keeps what it carries.
struct Login {
  std::string user = {};
  std::string password = {};
  std::string token = {};  ///< instead of the two

  bool empty() const noexcept { return user.empty() && password.empty() && token.empty(); }
};

/// One address and which side of it we are. Made by listen() and connect(); does nothing by itself.
class Endpoint {
 public:
  Endpoint(Side side, Url url) : side_(side), url_(std::move(url)) {}
  /// One that brings its transport along, whatever the URL's scheme.
  Endpoint(Side side, Url url, std::shared_ptr<transport::Transport> transport)
      : side_(side), url_(std::move(url)), transport_(std::move(transport)) {}

  /// The same endpoint with a name, by which stubs are bound to it: `{.peer = "left"}`.
  Endpoint named(std::string name) const& {
    Endpoint copy = *this;
    copy.name_ = std::move(name);
    return copy;
  }

  /// The same endpoint with what to show to a body that asks heads to log in:
  /// `connect(url).login({.user = "anna", .password = asked_for})`. Throws ApiParamError for anything but a
  /// user and a password, or a token, each of at most 1024 bytes, and for an endpoint that listens.
  Endpoint login(Login login) const&;

  /// Side::body listens, Side::head connects.
  Side side() const noexcept { return side_; }
  const Url& url() const noexcept { return url_; }
  const std::string& name() const noexcept { return name_; }
  /// Empty: none was given.
  const Login& login() const noexcept { return login_; }
  /// Null: the one that the ApiArb knows by the URL's scheme.
  const std::shared_ptr<transport::Transport>& transport() const noexcept { return transport_; }

 private:
  Side side_;
  Url url_;
  std::string name_;
  Login login_;
  std::shared_ptr<transport::Transport> transport_;
};

/// A body's endpoint: others connect to it. Throws ApiParamError if the URL is not well-formed, or has a
/// password or the like in it; a scheme that
/// nobody knows is an error of ApiArb.
inline Endpoint listen(std::string_view url) { return Endpoint{Side::body, Url::parse(url)}; }

/// A head's endpoint: connects, and connects again for as long as its ApiArb runs.
inline Endpoint connect(std::string_view url) { return Endpoint{Side::head, Url::parse(url)}; }

}  // namespace vagus
