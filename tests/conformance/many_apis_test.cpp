// Many APIs at one arbitrator: each call reaches the one that it is for, and no other.

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "conformance/conformance.hpp"

namespace vagus::testing {
namespace {

/// An API at the body, and its stub at the head.
struct Member {
  Member(Pair& pair, const std::string& name_space, int its_number)
      : number(its_number), served(name_space), called(name_space) {
    served.work.handle([this](int argument) {
      runs.add();
      return 1000 * number + argument;
    });
    served.part.twice.handle([this](int argument) {
      runs.add();
      return -1000 * number - argument;
    });
    pair.body.attach(served);
    pair.head.attach(called);
  }

  const int number;
  Tally runs;
  SampleApi served;
  SampleApi called;
};

using Members = std::vector<std::unique_ptr<Member>>;

Members make_members(Pair& pair, const std::string& name, int count, int first_number) {
  Members members;
  for (int i = 0; i < count; ++i) {
    members.push_back(std::make_unique<Member>(pair, name + std::to_string(i), first_number + i));
  }
  return members;
}

void expect_answers(const Members& members) {
  for (const auto& member : members) {
    const std::size_t before = member->runs.count();
    EXPECT_EQ(member->called.work(3).call(), 1000 * member->number + 3);
    EXPECT_EQ(member->called.part.twice(4).call(), -1000 * member->number - 4);
    EXPECT_EQ(member->runs.count(), before + 2);
    EXPECT_EQ(error_of(member->called.part.idle())->code(), ErrorCode::unsupported_api);
    EXPECT_EQ(error_of(member->called.other(1))->code(), ErrorCode::unsupported_api);
    EXPECT_EQ(member->runs.count(), before + 2);
  }
}

class ManyApis : public Conformance {};

TEST_P(ManyApis, are_each_called_by_their_own_name_whatever_their_number) {
  const std::vector<std::pair<int, int>> numbers{{1, 0}, {1, 1}, {10, 1}, {1, 10}, {10, 10}};
  for (const auto& [lefts, rights] : numbers) {
    Pair pair(unique_url(GetParam()));
    const Members left = make_members(pair, "left", lefts, 1);
    const Members right = make_members(pair, "right", rights, 21);
    for (int round = 0; round < 3; ++round) {
      expect_answers(left);
      expect_answers(right);
    }
    const auto nobody = error_of(pair.head.proxy("left99").action("work", 1).as<int>());
    EXPECT_EQ(nobody->code(), ErrorCode::unknown_api);
  }
}

TEST_P(ManyApis, whose_names_begin_alike_are_told_apart_by_the_whole_name) {
  Pair pair(url());
  Members members;
  int number = 0;
  for (const char* name : {"mill", "milling", "mill_", "Mill", "mill.milling", "mill.x.y", "mill2"}) {
    members.push_back(std::make_unique<Member>(pair, name, ++number));
  }
  expect_answers(members);
  for (const char* name : {"mil", "mills", "millin", "MILL", "illing"}) {
    EXPECT_EQ(error_of(pair.head.proxy(name).action("work", 1).as<int>())->code(), ErrorCode::unknown_api)
        << name;
  }
  // Of nested ones the deepest owns what lies below it.
  members[4]->served.on_unhandled(
      [](Call&, const UnhandledCall&) -> std::optional<Value> { return Value(44); });
  members[0]->served.on_unhandled(
      [](Call&, const UnhandledCall&) -> std::optional<Value> { return Value(11); });
  EXPECT_EQ(pair.head.proxy("mill.milling").action("nix").call<int>(), 44);
  EXPECT_EQ(pair.head.proxy("mill.milling.part").action("nix").call<int>(), 44);
  EXPECT_EQ(pair.head.proxy("mill.milling_").action("nix").call<int>(), 11);
  EXPECT_EQ(pair.head.proxy("mill.x").action("nix").call<int>(), 11);
  EXPECT_EQ(error_of(pair.head.proxy("mill.x.y").action("nix").as<int>())->code(),
            ErrorCode::unsupported_api);
}

TEST_P(ManyApis, of_which_one_goes_leave_the_others_where_they_are) {
  Pair pair(url());
  Members members = make_members(pair, "api", 5, 1);
  while (!members.empty()) {
    expect_answers(members);
    const std::string gone = members.back()->served.name_space();
    pair.body.detach(members.back()->served);
    EXPECT_EQ(error_of(members.back()->called.work(1))->code(), ErrorCode::unknown_api);
    members.pop_back();  // the stub goes, too
    EXPECT_EQ(error_of(pair.head.proxy(gone).action("work", 1).as<int>())->code(), ErrorCode::unknown_api);
  }
  pair.body.detach(pair.served);
  EXPECT_EQ(error_of(pair.called.add(1, 2))->code(), ErrorCode::unknown_api);
  pair.body.attach(pair.served);
  EXPECT_EQ(pair.called.add(1, 2).call(), 3);
}

TEST_P(ManyApis, of_both_sides_may_have_one_name) {
  // Each side handles `sample.work`, and calls the other's.
  Pair pair(url());
  pair.served.work.handle([](int number) { return number + 1; });
  pair.called.work.handle([](int number) { return number + 2; });
  pair.open();
  pair.body.wait_open(generous);
  EXPECT_EQ(pair.called.work(10).call(), 11);
  EXPECT_EQ(pair.served.work(10).call(), 12);
  EXPECT_EQ(pair.called.work(10).local().call(), 12);
  EXPECT_EQ(pair.served.work(10).local().call(), 11);
}

VAGUS_OVER_EACH_TRANSPORT(ManyApis);

}  // namespace
}  // namespace vagus::testing
