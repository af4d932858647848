/// Looks at what peers show to log in.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include <vagus/arbitration/users.hpp>
#include <vagus/core/log.hpp>
#include <vagus/core/mutex.hpp>
#include <vagus/core/result.hpp>
#include <vagus/transport/endpoint.hpp>
#include <vagus/transport/link.hpp>

#include "attempt_limit.hpp"
#include "stored_secret.hpp"

namespace vagus {

/// Where a peer is, as far as the number of its attempts goes: its machine, of an IPv6 address the network.
std::string login_origin(const transport::Credentials& credentials);

/// Tries passwords one after the other on a thread of its own, which starts with the first: however many come
/// at once, they take one processor, at a low priority, and the memory of one. Those of one origin wait for
/// each other, and wrong ones slow an origin down; others do not notice. Tokens are looked at at once.
///
/// Safe from any thread.
class Logins {
 public:
  /// The name of the user who has logged in, or why nobody has. Called on the thread of the logins, or
  /// inside attempt(); must not throw.
  using Done = std::function<void(const Result<std::string>&)>;

  /// Throws std::logic_error without OpenSSL.
  Logins(const Users& users, Log& log);
  ~Logins();

  /// `done` is called once, unless stop() comes before.
  void attempt(const std::string& origin, Login login, Done done);
  /// Afterwards nothing runs and nothing is called any more. Waits for the one that is being looked at, some
  /// tenths of a second; not to be called by `done`.
  void stop() noexcept;

 private:
  struct Known {
    std::string name;
    std::optional<PasswordHash> password;
    std::optional<TokenHash> token;
  };
  struct Waiting {
    std::string origin;
    Login login;
    Done done;
  };

  Result<std::string> try_token(const Login& login) const;
  Result<std::string> try_password(const Login& login) const;
  ErrorPtr too_soon(const std::string& origin, const std::string& user) VAGUS_REQUIRES(mutex_);
  void count_right(const std::string& origin, const std::string& user) VAGUS_REQUIRES(mutex_);
  void run();

  Log& log_;
  std::vector<Known> known_;
  PasswordHash nobodys_;  // tried for a name that nobody has, so that it takes as long

  Mutex mutex_;
  std::condition_variable changed_;
  AttemptLimit by_user_ VAGUS_GUARDED_BY(mutex_);
  AttemptLimit by_origin_ VAGUS_GUARDED_BY(mutex_);
  std::deque<Waiting> waiting_ VAGUS_GUARDED_BY(mutex_);
  std::map<std::string, std::size_t> of_origin_ VAGUS_GUARDED_BY(mutex_);  // waiting or being looked at
  std::thread thread_ VAGUS_GUARDED_BY(mutex_);
  bool stopped_ VAGUS_GUARDED_BY(mutex_) = false;
};

}  // namespace vagus
