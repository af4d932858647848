// Names that are looked up, of which some have several addresses, and of which some take long.
//
// This program has a getaddrinfo() of its own, which Asio calls in place of that of the C library.

#include <chrono>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include <dlfcn.h>
#include <gtest/gtest.h>
#include <netdb.h>

#include "support/core/flag.hpp"
#include "support/own_address.hpp"
#include "transport/link_ends.hpp"
#include "transport/turned_clock.hpp"

namespace vagus::testing {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view two_addresses = "two.addresses.test";  // 127.0.0.1 and one of this process's own
constexpr std::string_view slow_name = "slow.test";

struct LookUp {
  Flag begun;
  Flag may_end;
};

std::mutex look_up_mutex;
std::shared_ptr<LookUp> look_up_of_slow_name;

std::shared_ptr<LookUp> current_look_up() {
  const std::lock_guard lock(look_up_mutex);
  return look_up_of_slow_name;
}

/// While it exists, to look the slow name up takes until its end.
class SlowName {
 public:
  SlowName() { replace(look_up_); }
  ~SlowName() {
    replace(nullptr);
    look_up_->may_end.raise();
  }
  SlowName(const SlowName&) = delete;
  SlowName& operator=(const SlowName&) = delete;

  bool await_look_up() const { return look_up_->begun.await(); }

 private:
  static void replace(std::shared_ptr<LookUp> look_up) {
    const std::lock_guard lock(look_up_mutex);
    look_up_of_slow_name = std::move(look_up);
  }

  const std::shared_ptr<LookUp> look_up_ = std::make_shared<LookUp>();
};

using GetAddressInfo = int(const char*, const char*, const addrinfo*, addrinfo**);

int look_up(const char* host, const char* service, const addrinfo* hints, addrinfo** found) {
  static const auto original = reinterpret_cast<GetAddressInfo*>(::dlsym(RTLD_NEXT, "getaddrinfo"));
  const std::string_view name = host == nullptr ? "" : host;
  if (name == slow_name) {
    if (const auto under_way = current_look_up()) {
      under_way->begun.raise();
      under_way->may_end.await();
    }
    return EAI_NONAME;
  }
  if (name == "localhost") return EAI_NONAME;  // as some systems say: it is known without asking
  if (name != two_addresses) return original(host, service, hints, found);
  const int error = original("127.0.0.1", service, hints, found);
  if (error != 0) return error;
  addrinfo* last = *found;
  while (last->ai_next != nullptr) last = last->ai_next;
  return original(own_loopback_address().c_str(), service, hints, &last->ai_next);
}

class NameLookUp : public ::testing::Test {
 public:
  transport::TransportContext context(std::string name = "") {
    return make_context(threads.loop(), lines.log(), std::move(name));
  }
  static std::string port_of(const Body& listening) {
    const std::string url = listening.url();
    return url.substr(url.rfind(':') + 1);
  }

  LogLines lines;
  LoopThreads threads;
};

TEST_F(NameLookUp, does_not_lead_to_another_address_where_somebody_listens_at_the_first) {
  Body first("tcp://127.0.0.1:0", context());
  try {
    const Body second("tcp://" + std::string(two_addresses) + ":" + port_of(first), context());
    FAIL() << "it listens at " << second.url();
  } catch (const TransportDisconnectedError& error) {
    EXPECT_NE(std::string(error.what()).find("is taken"), std::string::npos) << error.what();
  }
}

TEST_F(NameLookUp, is_not_needed_for_localhost_which_is_the_same_to_listen_and_to_connect) {
  Body listening("tcp://localhost:0", context("the one"));
  Body other("tcp://[::1]:" + port_of(listening), context("another"));
  const auto link = try_connect(listening.url(), context());
  ASSERT_TRUE(link.has_value()) << link.error().what();
  EXPECT_EQ(link.value()->peer_hello().name, "the one");
}

class NameLookUpOver : public NameLookUp, public ::testing::WithParamInterface<const char*> {
 public:
  std::string url(const std::string& host, const std::string& port) const {
    return GetParam() + ("://" + host) + ":" + port;
  }
};
INSTANTIATE_TEST_SUITE_P(Over, NameLookUpOver, ::testing::Values("tcp", "udp"),
                         [](const auto& scheme) { return std::string(scheme.param); });

TEST_P(NameLookUpOver, that_takes_too_long_ends_the_attempt_at_its_deadline) {
  const SlowName slow;
  const auto link = try_connect(url(std::string(slow_name), "4000"), context(), Deadline::after(1ms));
  ASSERT_FALSE(link.has_value());
  EXPECT_EQ(link.error().code(), ErrorCode::connection_timeout) << link.error().what();
}

TEST_P(NameLookUpOver, that_takes_long_keeps_nobody_from_this_machine) {
  Body listening(url("127.0.0.1", "0"), context());
  std::future<Result<std::unique_ptr<Link>>> other;  // outlives the slow name, which it waits for
  const SlowName slow;
  other = std::async(std::launch::async,
                     [&] { return try_connect(url(std::string(slow_name), "4000"), context()); });
  ASSERT_TRUE(slow.await_look_up());
  EXPECT_TRUE(try_connect(url("localhost", port_of(listening)), context()).has_value());
}

TEST_P(NameLookUpOver, is_not_needed_for_localhost_of_which_each_address_is_tried) {
  Body listening(url("[::1]", "0"), context());
  EXPECT_TRUE(try_connect(url("localhost", port_of(listening)), context()).has_value());
}

class NameLookUpByTurnedClock : public WithTurnedClock, public NameLookUp {};

TEST_F(NameLookUpByTurnedClock, takes_the_time_of_that_clock) {
  std::future<Result<std::unique_ptr<Link>>> attempt;
  const SlowName slow;
  attempt = std::async(std::launch::async, [&] {
    return try_connect("tcp://" + std::string(slow_name) + ":4000", context(), Deadline::after(5s));
  });
  ASSERT_TRUE(slow.await_look_up());
  EXPECT_EQ(attempt.wait_for(20ms), std::future_status::timeout);
  clock.turn(5s);
  const auto link = attempt.get();
  ASSERT_FALSE(link.has_value());
  EXPECT_EQ(link.error().code(), ErrorCode::connection_timeout) << link.error().what();
}

}  // namespace
}  // namespace vagus::testing

extern "C" int getaddrinfo(const char* host, const char* service, const addrinfo* hints, addrinfo** found) {
  return vagus::testing::look_up(host, service, hints, found);
}
