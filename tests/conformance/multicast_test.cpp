// One head and the members of a group, on the loopback interface of this machine.

#include <atomic>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "conformance/conformance.hpp"
#include "transport/udp_peer.hpp"

namespace vagus::testing {
namespace {

/// A group that no other test uses: its port is free, and so nobody listens to it.
std::string fresh_group() {
  const UdpPeer there;
  return "multicast://239.255.77.1:" + std::to_string(there.port()) + "?interface=lo";
}

struct Member {
  Member(const std::string& url, int number)
      : arb(listen(url), {.name = "member " + std::to_string(number), .log = log.log()}) {
    api.work.handle([number](int factor) { return factor * number; });
    subscription = called.ticked.subscribe([this](int) { ++ticks; });
    arb.attach(api);
    arb.attach(called);
    arb.start();
  }

  RecordedLog log;
  std::atomic<int> ticks{0};
  SampleApi api{"member"};
  SampleApi called{"head"};
  Registration subscription;
  ApiArb arb;
};

/// A head and its members. A machine whose loopback interface does no multicast fails here, with the reason.
class MulticastGroup : public ::testing::Test {
 protected:
  void join(int count) {
    for (int i = 0; i < count; ++i) {
      members.push_back(std::make_unique<Member>(url, static_cast<int>(members.size()) + 1));
    }
  }
  void begin() {
    head.attach(called);
    head.attach(own);
    head.start();
  }
  /// The head has found so many members, and they know each other.
  bool await_members(std::size_t count) {
    const auto deadline = Deadline::after(generous);
    while (head.peers().size() != count) {
      if (deadline.passed()) return false;
      std::this_thread::sleep_for(1ms);
    }
    return true;
  }
  static bool await(const std::function<bool()>& reached) {
    const auto deadline = Deadline::after(generous);
    while (!reached()) {
      if (deadline.passed()) return false;
      std::this_thread::sleep_for(1ms);
    }
    return true;
  }

  const std::string url = fresh_group();
  RecordedLog log;
  std::vector<std::unique_ptr<Member>> members;
  SampleApi called{"member"};
  SampleApi own{"head"};
  ApiArb head{connect(url), {.name = "head", .log = log.log()}};
};

TEST_F(MulticastGroup, of_five_gives_five_answers_to_one_call) {
  join(5);
  begin();
  ASSERT_TRUE(await_members(5));
  const auto results = called.work(10).all().call();
  ASSERT_EQ(results.size(), 5u);
  std::set<int> values;
  for (const auto& one : results) {
    ASSERT_TRUE(one.result.has_value()) << one.result.error().what();
    values.insert(*one.result);
    EXPECT_EQ(one.peer.name, "member " + std::to_string(*one.result / 10));
  }
  EXPECT_EQ(values, (std::set<int>{10, 20, 30, 40, 50}));
}

TEST_F(MulticastGroup, gives_an_error_in_the_place_of_a_member_that_fails_or_is_late) {
  join(3);
  Stage stage;
  members[1]->api.work.handle([](int) -> int { throw std::domain_error("not here"); });
  members[2]->api.work.handle([&](int number) { return stage(number); });
  begin();
  ASSERT_TRUE(await_members(3));
  const auto results = called.work(1).all().call({.timeout = 200ms});
  ASSERT_EQ(results.size(), 3u);
  for (const auto& one : results) {
    if (one.peer.name == "member 1") {
      EXPECT_EQ(one.result.value(), 1);
    } else if (one.peer.name == "member 2") {
      EXPECT_EQ(one.result.error().code(), ErrorCode::remote);
    } else {
      EXPECT_EQ(one.result.error().code(), ErrorCode::transaction_timeout);
    }
  }
}

TEST_F(MulticastGroup, gets_each_event_at_every_member_once) {
  join(5);
  begin();
  ASSERT_TRUE(await_members(5));
  for (int i = 0; i < 20; ++i) own.ticked(i).post();
  for (const auto& member : members) {
    EXPECT_TRUE(await([&] { return member->ticks >= 20; }));
  }
  EXPECT_EQ(called.work(1).all().call().size(), 5u);
  for (const auto& member : members) EXPECT_EQ(member->ticks, 20);
}

TEST_F(MulticastGroup, may_grow_and_shrink) {
  begin();
  join(1);
  ASSERT_TRUE(await_members(1));
  EXPECT_EQ(called.work(3).call(), 3) << "the only one needs no choice";
  join(2);
  ASSERT_TRUE(await_members(3));
  EXPECT_EQ(called.work(1).all().call().size(), 3u);
  members.erase(members.begin());
  ASSERT_TRUE(await_members(2));
  EXPECT_EQ(called.work(1).all().call().size(), 2u);
  EXPECT_GT(called.work(1).any().call(), 1);
}

TEST_F(MulticastGroup, without_members_ends_a_call_at_its_deadline) {
  begin();
  const auto begun = Deadline::now();
  const auto result = called.work(1).try_call({.timeout = 100ms});
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().code(), ErrorCode::transaction_timeout) << result.error().what();
  EXPECT_GE(Deadline::now() - begun, 100ms);
  EXPECT_FALSE(called.work(1).all().try_call({.timeout = 100ms}).has_value());
  try {
    head.wait_open(50ms);
    FAIL() << "there is somebody";
  } catch (const ConnectionTimeoutError& error) {
    EXPECT_NE(std::string(error.what()).find("nobody has answered"), std::string::npos) << error.what();
  }
}

TEST_F(MulticastGroup, may_have_several_heads) {
  join(2);
  begin();
  SampleApi also_called("member");
  RecordedLog other_log;
  ApiArb other(connect(url), {.name = "other head", .log = other_log.log()});
  other.attach(also_called);
  other.start();
  ASSERT_TRUE(await_members(2));
  ASSERT_TRUE(await([&] { return other.peers().size() == 2; }));
  EXPECT_EQ(called.work(1).all().call().size(), 2u);
  EXPECT_EQ(also_called.work(1).all().call().size(), 2u);
}

TEST_F(MulticastGroup, lets_a_member_call_the_head_back) {
  join(1);
  own.work.handle([](int number) { return number + 1; });
  begin();
  ASSERT_TRUE(await_members(1));
  members[0]->api.other.handle([&](int number) { return members[0]->called.work(number).call(); });
  EXPECT_EQ(called.other(41).call({.timeout = generous}), 42);
}

TEST(MulticastUrl, says_what_is_wrong_with_it) {
  const auto refused = [](const std::string& url, const std::string& reason) {
    for (const bool body : {true, false}) {
      ApiArb arb(body ? listen(url) : connect(url));
      try {
        arb.start();
        ADD_FAILURE() << url << " was accepted";
      } catch (const ApiParamError& error) {
        EXPECT_NE(std::string(error.what()).find(reason), std::string::npos) << error.what();
      }
    }
  };
  refused("multicast://127.0.0.1:4000", "is not the address of a group");
  refused("multicast://localhost:4000", "is not the address of a group");
  refused("multicast://239.255.77.1:0?interface=lo", "have to know its port");
  refused("multicast://239.255.77.1:4000?interface=lo&ttl=256", "ttl=256 is not a number from 0 to 255");
  refused("multicast://239.255.77.1:4000?interface=nosuch", "no interface of this machine");
  refused("multicast://239.255.77.1:4000?interface=lo&loop=no", "there is no option loop");
  ApiArb open_to_all(listen("multicast://239.255.77.1:4000"));
  EXPECT_THROW(open_to_all.start(), ApiParamError);
}

}  // namespace
}  // namespace vagus::testing
