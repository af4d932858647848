// What a property asks of whatever its API is attached to.

#include <gtest/gtest.h>

#include <vagus/api/property.hpp>

#include "api/fake_host.hpp"

namespace vagus::testing {
namespace {

using Array = Value::Array;

class TankApi : public ApiBase {
 public:
  using ApiBase::ApiBase;
  Property<int> level{this, "level", "In litres."};
};

class PropertyOfAnApi : public ::testing::Test {
 protected:
  void attach() { root_of(tank)->attach(host, nullptr, {}); }
  /// What was told to whom listens, in order; `to 7` for what one peer was told.
  std::vector<std::string> told() const {
    std::vector<std::string> lines;
    for (const Sent& sent : host->sent) {
      std::string line = sent.name_space + " " + to_string(sent.arguments);
      if (sent.target.kind == detail::Target::Kind::peer) line += " to " + std::to_string(sent.target.peer);
      lines.push_back(std::move(line));
    }
    return lines;
  }
  void retell(std::uint64_t peer, std::string_view wanted) {
    root_of(tank)->tell_retained(peer, [&](std::string_view name) { return name == wanted; });
  }

  std::shared_ptr<FakeHost> host = std::make_shared<FakeHost>();
  TankApi tank{"tank"};
};

using Lines = std::vector<std::string>;

TEST_F(PropertyOfAnApi, tells_what_has_changed_and_nothing_else) {
  attach();
  for (const int level : {1, 1, 2, 1}) tank.level.update(level);
  EXPECT_EQ(told(), (Lines{"tank.level.changed [1]", "tank.level.changed [2]", "tank.level.changed [1]"}));
  EXPECT_TRUE(host->sent.front().event);
  EXPECT_EQ(host->sent.front().how, Sent::How::told);
}

TEST_F(PropertyOfAnApi, tells_one_peer_the_last_value_when_that_is_wanted) {
  attach();
  retell(7, "tank.level.changed");
  tank.level.update(1);
  retell(7, "tank.level.changed");
  retell(7, "tank.level.set");
  EXPECT_EQ(told(), (Lines{"tank.level.changed [1]", "tank.level.changed [1] to 7"}));
}

TEST_F(PropertyOfAnApi, keeps_its_value_without_anybody_to_tell) {
  EXPECT_EQ(tank.level.value(), std::nullopt);
  tank.level.update(5);
  EXPECT_EQ(tank.level.value(), 5);
  attach();
  retell(0, "tank.level.changed");
  EXPECT_EQ(told(), Lines{"tank.level.changed [5]"});
}

TEST_F(PropertyOfAnApi, is_held_by_one_api_of_a_process) {
  attach();
  host->taken = {"tank.level.get"};
  EXPECT_THROW(tank.level.update(1), MultipleApiResponseError);
  EXPECT_EQ(tank.level.value(), std::nullopt);
  host->taken.clear();
  tank.level.update(1);
  EXPECT_EQ(tank.level.value(), 1);
}

TEST_F(PropertyOfAnApi, asks_for_the_value_anew_unless_it_is_told_anyway) {
  attach();
  host->told.clear();
  auto first = tank.level.observe([](int) {});
  EXPECT_EQ(host->told, Lines{"listen tank.level.changed"});
  const auto second = tank.level.observe([](int) {});
  EXPECT_EQ(host->told.back(), "listen anew tank.level.changed");
  EXPECT_EQ(host->told.size(), 2u);
}

TEST_F(PropertyOfAnApi, asks_for_it_when_it_is_attached_beside_another_that_listens) {
  const auto first = tank.level.observe([](int) {});
  host->told_before = true;
  attach();
  EXPECT_EQ(host->told, (Lines{"listen tank.level.changed", "listen anew tank.level.changed"}));
}

TEST_F(PropertyOfAnApi, a_name_that_is_taken_is_refused) {
  EXPECT_THROW((Property<int>{&tank, "level"}), ApiParamError);
  EXPECT_THROW((Property<int>{&tank, "no name"}), ApiParamError);
}

}  // namespace
}  // namespace vagus::testing
