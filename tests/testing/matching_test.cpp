#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include <vagus/testing/matching.hpp>
#include <vagus/vagus.hpp>

namespace vagus::testing {
namespace {

using namespace std::string_literals;

struct Point {
  double x = 0;
  double y = 0;
};

Received received(Value::Array arguments, Value::Map named = {}) {
  return {"machine.go", std::move(arguments), std::move(named)};
}

template <typename... Arguments>
bool fits(const Received& came, const Arguments&... arguments) {
  return vagus::detail::expected_message("machine.go", arguments...).fits(came);
}

template <typename... Arguments>
std::string text(const Arguments&... arguments) {
  return vagus::detail::expected_message("machine.go", arguments...).to_string();
}

TEST(WhatIsExpected, fits_arguments_that_are_equal_as_values) {
  EXPECT_TRUE(fits(received({1.0, "a", 3}), 1.0, "a", 3));
  EXPECT_TRUE(fits(received({1.0, "a", 3}), 1.0, "a"s, 3u));
  EXPECT_FALSE(fits(received({1.0, "a", 3}), 1.0, "a", 4));
  EXPECT_FALSE(fits(received({1.0}), 1));
  EXPECT_FALSE(fits(received({1.0, 2.0}), 1.0));
  EXPECT_FALSE(fits(received({1.0}), 1.0, 2.0));
  EXPECT_TRUE(fits(received({Value::Array{1.0, 2.0}}), Point{1, 2}));
  EXPECT_TRUE(fits(received({Value::Array{1, 2}}), std::vector<int>{1, 2}));
}

TEST(WhatIsExpected, fits_only_its_own_name) {
  EXPECT_FALSE(vagus::detail::expected_message("machine.gone").fits(received({})));
}

TEST(WhatIsExpected, without_arguments_fits_all) {
  EXPECT_TRUE(fits(received({})));
  EXPECT_TRUE(fits(received({1.0, 2})));
  EXPECT_TRUE(fits(received({}, {{"x", 1}})));
  EXPECT_TRUE(fits(received({}), no_arguments));
  EXPECT_FALSE(fits(received({1.0}), no_arguments));
  EXPECT_FALSE(fits(received({}, {{"x", 1}}), no_arguments));
}

TEST(WhatIsExpected, may_leave_an_argument_open) {
  EXPECT_TRUE(fits(received({1.0, "a"}), anything, "a"));
  EXPECT_FALSE(fits(received({1.0, "b"}), anything, "a"));
  EXPECT_FALSE(fits(received({1.0}), anything, anything));
}

TEST(WhatIsExpected, may_be_told_by_a_predicate) {
  const auto positive = where([](double x) { return x > 0; });
  EXPECT_TRUE(fits(received({1.0}), positive));
  EXPECT_FALSE(fits(received({-1.0}), positive));
  EXPECT_FALSE(fits(received({"a"}), positive));
  EXPECT_TRUE(
      fits(received({Value::Array{1.0, 2.0}}), where([](const Point& point) { return point.y == 2; })));
  EXPECT_TRUE(fits(received({7}), where([](const Value& value) { return value == Value(7); })));
}

TEST(WhatIsExpected, is_shown_to_a_predicate_in_whatever_type_that_takes) {
  const Value bytes(Bytes(100'000, std::byte{7}));
  EXPECT_TRUE(fits(received({bytes}), where([](std::span<const std::byte> seen) {
                     return seen.size() == 100'000 && seen.front() == std::byte{7} &&
                            seen.back() == std::byte{7};
                   })));
  EXPECT_TRUE(fits(received({"a"}), where([](const char* text) { return text == "a"s; })));
  EXPECT_TRUE(fits(received({"a"}), where([](std::string_view text) { return text == "a"; })));
  EXPECT_TRUE(fits(received({"a"}), where([](std::string&& text) { return std::move(text) == "a"; })));
  EXPECT_TRUE(fits(received({3}), where([](std::unique_ptr<int> number) { return *number == 3; })));
}

TEST(WhatIsExpected, lets_through_what_a_predicate_throws) {
  const auto strict = where([](int) -> bool { throw wire::DecodeError("of the predicate's own"); });
  EXPECT_THROW(fits(received({1}), strict), wire::DecodeError);
  EXPECT_FALSE(fits(received({"a"}), strict));
}

TEST(WhatIsExpected, fits_arguments_by_name_in_any_order) {
  EXPECT_TRUE(fits(received({1}, {{"a", 2}, {"b", "c"}}), 1, kw("b", "c"s), kw("a", 2)));
  EXPECT_FALSE(fits(received({1}, {{"a", 2}}), 1, kw("b", 2)));
  EXPECT_FALSE(fits(received({1}, {{"a", 2}}), 1, kw("a", 3)));
  EXPECT_FALSE(fits(received({1}, {{"a", 2}}), 1));
  EXPECT_TRUE(fits(received({}, {{"a", 2}}), kw("a", anything)));
}

TEST(WhatIsExpected, has_a_text) {
  EXPECT_EQ(text(), "machine.go(...)");
  EXPECT_EQ(text(no_arguments), "machine.go()");
  EXPECT_EQ(text(1.0, "a", anything, kw("speed", 2)), "machine.go(1.0, \"a\", anything, speed=2)");
  EXPECT_EQ(text(where([](int) { return true; }, "a prime")), "machine.go(a prime)");
  EXPECT_EQ(to_string(received({1.0, "a"}, {{"speed", 2}})), "machine.go(1.0, \"a\", speed=2)");
}

}  // namespace
}  // namespace vagus::testing
