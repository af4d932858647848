#include "parked_calls.hpp"

#include <gtest/gtest.h>

#include <vagus/wire/writer.hpp>

namespace vagus::testing {
namespace {

struct Message final : detail::Outgoing {
  explicit Message(const std::string& text, Deadline until) {
    name_space = std::make_shared<const std::string>(text);
    deadline = until;
  }
  void pack(wire::Writer& writer) const override { writer.array(0); }
};

class ParkedCallsOf : public ::testing::Test {
 protected:
  bool add(const std::string& name, std::size_t capacity = 100, Deadline deadline = Deadline::never()) {
    auto call = std::make_unique<ParkedCall>(Message(name, deadline), nullptr);
    return parked.add("line", call, capacity);
  }
  /// Does what is in the line go before what comes now, of what cannot be sent `name` only?
  bool goes_first(const std::string& name, std::uint64_t chances_now) {
    return parked.goes_first("line", chances_now,
                             [&](const ParkedCall& call) { return *call.name_space == name; });
  }
  std::string next() {
    in_hand = parked.next("line");
    return in_hand ? *in_hand->name_space : "";
  }
  /// What is in the line, in its order.
  std::vector<std::string> rest() {
    std::vector<std::string> names;
    while (const auto call = parked.take_oldest("line")) names.push_back(*call->name_space);
    return names;
  }
  using Names = std::vector<std::string>;

  static constexpr std::uint64_t chances = 5;
  Counter dropped;
  ParkedCalls parked{100, dropped};
  std::unique_ptr<ParkedCall> in_hand;
};

TEST_F(ParkedCallsOf, a_line_keep_their_order_when_one_is_put_back) {
  add("a");
  add("b");
  ASSERT_TRUE(parked.begin_sending("line"));
  EXPECT_EQ(next(), "a");
  EXPECT_FALSE(parked.put_back("line", in_hand, chances));
  EXPECT_EQ(in_hand, nullptr);
  EXPECT_EQ(rest(), (Names{"a", "b"}));
  EXPECT_FALSE(parked.any());
}

TEST_F(ParkedCallsOf, a_line_count_with_the_one_that_is_just_sent) {
  add("a");
  ASSERT_TRUE(parked.begin_sending("line"));
  EXPECT_EQ(next(), "a");
  EXPECT_FALSE(add("b", 1));
  EXPECT_TRUE(add("b", 2));
  EXPECT_TRUE(parked.full("line", 2));
  parked.put_back("line", in_hand, chances);
  EXPECT_EQ(rest(), (Names{"a", "b"}));
}

TEST_F(ParkedCallsOf, a_line_that_is_full_have_the_one_that_is_just_sent_make_way_if_it_comes_back) {
  add("a");
  add("b");
  ASSERT_TRUE(parked.begin_sending("line"));
  EXPECT_EQ(next(), "a");
  std::unique_ptr<ParkedCall> oldest;
  EXPECT_TRUE(parked.make_place("line", oldest));
  EXPECT_EQ(oldest, nullptr);
  EXPECT_TRUE(add("c", 2));
  EXPECT_TRUE(parked.make_place("line", oldest));
  ASSERT_NE(oldest, nullptr);
  EXPECT_EQ(*oldest->name_space, "b");
  EXPECT_FALSE(parked.put_back("line", in_hand, chances));
  ASSERT_NE(in_hand, nullptr);  // the caller's
  EXPECT_EQ(rest(), Names{"c"});
  EXPECT_FALSE(parked.any());
}

TEST_F(ParkedCallsOf, a_line_that_is_full_let_the_one_that_is_sent_go_if_it_can) {
  add("a");
  ASSERT_TRUE(parked.begin_sending("line"));
  EXPECT_EQ(next(), "a");
  std::unique_ptr<ParkedCall> oldest;
  EXPECT_TRUE(parked.make_place("line", oldest));
  EXPECT_TRUE(add("b", 1));
  EXPECT_EQ(next(), "b");
  EXPECT_EQ(next(), "");
  EXPECT_FALSE(parked.any());
  EXPECT_FALSE(parked.make_place("line", oldest));
}

TEST_F(ParkedCallsOf, a_line_go_first_while_they_may_be_on_their_way) {
  EXPECT_FALSE(goes_first("a", chances));
  add("a");
  EXPECT_TRUE(goes_first("", chances));
  ASSERT_TRUE(parked.begin_sending("line"));
  EXPECT_EQ(next(), "a");
  EXPECT_TRUE(goes_first("", chances));
  EXPECT_EQ(next(), "");
  EXPECT_FALSE(goes_first("a", chances));
}

TEST_F(ParkedCallsOf, a_line_whose_first_cannot_be_sent_let_others_pass_until_there_is_another_chance) {
  add("a");
  add("b");
  ASSERT_TRUE(parked.begin_sending("line"));
  EXPECT_EQ(next(), "a");
  EXPECT_FALSE(parked.put_back("line", in_hand, chances));
  EXPECT_FALSE(goes_first("c", chances));
  EXPECT_TRUE(goes_first("b", chances));
  EXPECT_TRUE(goes_first("c", chances + 1));
  ASSERT_TRUE(parked.begin_sending("line"));
  EXPECT_TRUE(goes_first("c", chances));
}

TEST_F(ParkedCallsOf, a_line_that_have_expired_make_way_and_are_counted) {
  add("a", 2, Deadline(TimePoint()));
  add("b", 2, Deadline::after(std::chrono::hours(1)));
  EXPECT_EQ(parked.next_expiry(), Deadline(TimePoint()));
  EXPECT_TRUE(add("c", 2));
  EXPECT_EQ(dropped.value(), 1u);
  EXPECT_FALSE(add("d", 2));
  EXPECT_GT(parked.next_expiry(), Deadline::after(std::chrono::minutes(1)));
  EXPECT_EQ(rest(), (Names{"b", "c"}));
  EXPECT_EQ(parked.next_expiry(), Deadline::never());
  EXPECT_EQ(dropped.value(), 1u);
}

}  // namespace
}  // namespace vagus::testing
