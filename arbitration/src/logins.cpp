#include "logins.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include <boost/asio/ip/address.hpp>

#include <vagus/core/error.hpp>

namespace vagus {

namespace {

using namespace std::chrono_literals;

// A person who mistypes does not notice; who guesses gets some thousand a day for each user.
constexpr int wrong_in_a_row = 5;
constexpr Duration wrong_interval = 2s;
// All users of one machine together, or one who guesses both.
constexpr int wrong_in_a_row_of_origin = 20;
constexpr Duration wrong_interval_of_origin = 1s;

constexpr std::size_t most_waiting = 64;
constexpr std::size_t most_waiting_of_origin = 8;

constexpr int lower_priority = 10;

ErrorPtr wrong() {
  return make_error<PermissionDeniedError>("the login was refused: wrong user, password or token");
}

}  // namespace

std::string login_origin(const transport::Credentials& credentials) {
  if (credentials.address.empty()) return "user id " + std::to_string(credentials.user_id);
  boost::system::error_code not_one;
  const auto address = boost::asio::ip::make_address(credentials.address, not_one);
  if (not_one || !address.is_v6() || address.to_v6().is_v4_mapped()) return credentials.address;
  // Who has one IPv6 address has 2^64 of them.
  auto bytes = address.to_v6().to_bytes();
  std::fill(bytes.begin() + 8, bytes.end(), std::uint8_t{0});
  return boost::asio::ip::make_address_v6(bytes).to_string() + "/64";
}

Logins::Logins(const Users& users, Log& log)
    : log_(log),
      by_user_(wrong_in_a_row, wrong_interval),
      by_origin_(wrong_in_a_row_of_origin, wrong_interval_of_origin) {
  need_openssl();
  for (const User& user : users.list()) {
    Known& known = known_.emplace_back();
    known.name = user.name;
    if (!user.token_hash.empty()) known.token = TokenHash::parse(user.token_hash);
    if (user.password_hash.empty()) continue;
    known.password = PasswordHash::parse(user.password_hash);
    nobodys_ = *known.password;
  }
  // Its password is not known to anybody.
  std::fill(nobodys_.hash.begin(), nobodys_.hash.end(), static_cast<unsigned char>(0));
}

Logins::~Logins() { stop(); }

Result<std::string> Logins::try_token(const Login& login) const {
  const TokenHash shown = TokenHash::of(login.token);
  for (const Known& known : known_) {
    if (known.token && known.token->matches(shown)) return known.name;
  }
  return wrong();
}

Result<std::string> Logins::try_password(const Login& login) const {
  const auto found = std::find_if(known_.begin(), known_.end(), [&](const Known& known) {
    return known.password && known.name == login.user;
  });
  if (found == known_.end()) {
    if (!nobodys_.hash.empty()) static_cast<void>(nobodys_.matches(login.password));
    return wrong();
  }
  if (found->password->matches(login.password)) return found->name;
  return wrong();
}

ErrorPtr Logins::too_soon(const std::string& origin, const std::string& user) {
  const TimePoint now = Deadline::now();
  Duration wait = by_user_.take(origin + ' ' + user, now);
  if (wait == Duration::zero()) {
    wait = by_origin_.take(origin, now);
    if (wait == Duration::zero()) return nullptr;
    by_user_.give_back(origin + ' ' + user);
  }
  return make_error<PermissionDeniedError>(
      "the login was not looked at: too many wrong ones came from there; the next may come in " +
      std::to_string(std::chrono::ceil<std::chrono::seconds>(wait).count()) + " s");
}

void Logins::count_right(const std::string& origin, const std::string& user) {
  by_user_.give_back(origin + ' ' + user);
  by_origin_.give_back(origin);
}

void Logins::attempt(const std::string& origin, Login login, Done done) {
  const bool by_token = !login.token.empty();
  {
    MutexLock lock(mutex_);
    if (stopped_) return;
    ErrorPtr refused = too_soon(origin, login.user);
    if (!refused && !by_token &&
        (waiting_.size() >= most_waiting || of_origin_[origin] >= most_waiting_of_origin)) {
      count_right(origin, login.user);  // it was not looked at
      refused = make_error<OverloadedError>("too many logins at once; try again");
    }
    if (!refused && !by_token) {
      if (!thread_.joinable()) thread_ = std::thread([this] { run(); });
      ++of_origin_[origin];
      waiting_.push_back({origin, std::move(login), std::move(done)});
      changed_.notify_all();
      return;
    }
    lock.unlock();
    if (refused) {
      wipe(login.password);
      wipe(login.token);
      done(refused);
      return;
    }
  }
  const auto result = try_token(login);
  wipe(login.token);
  if (result) {
    MutexLock lock(mutex_);
    count_right(origin, login.user);
  }
  done(result);
}

void Logins::run() {
  // Of this thread only, as Linux has it. It may not be allowed, and then it is as urgent as the others.
  static_cast<void>(::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), lower_priority));
  MutexLock lock(mutex_);
  for (;;) {
    while (waiting_.empty() && !stopped_) changed_.wait(lock.native());
    if (stopped_) return;
    Waiting next = std::move(waiting_.front());
    waiting_.pop_front();
    lock.unlock();
    Result<std::string> result = wrong();
    try {
      result = try_password(next.login);
    } catch (const std::exception& failure) {
      log_.error(std::string("a login could not be looked at: ") + failure.what());
      result = make_error<OverloadedError>("the login could not be looked at; try again");
    }
    wipe(next.login.password);
    lock.lock();
    if (result) count_right(next.origin, next.login.user);
    if (const auto place = of_origin_.find(next.origin); --place->second == 0) of_origin_.erase(place);
    if (stopped_) return;
    lock.unlock();
    next.done(result);
    next.done = nullptr;
    lock.lock();
  }
}

void Logins::stop() noexcept {
  std::thread thread;
  std::deque<Waiting> waiting;  // what they hold is destroyed outside of the lock
  {
    MutexLock lock(mutex_);
    stopped_ = true;
    waiting.swap(waiting_);
    thread.swap(thread_);
    changed_.notify_all();
  }
  for (Waiting& each : waiting) wipe(each.login.password);
  if (thread.joinable()) thread.join();
}

}  // namespace vagus
