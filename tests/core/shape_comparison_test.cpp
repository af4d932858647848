#include <string>

#include <gtest/gtest.h>

#include <vagus/wire/shape_comparison.hpp>

namespace vagus::wire::testing {
namespace {

void expect_fit(std::string_view one, std::string_view other) {
  EXPECT_EQ(contract_difference(one, other), std::nullopt);
  EXPECT_EQ(contract_difference(other, one), std::nullopt);
}

std::string difference(std::string_view caller, std::string_view handler) {
  return contract_difference(caller, handler).value_or("none");
}

TEST(ShapeComparison, what_is_alike_fits) {
  expect_fit("() -> void", "() -> void");
  expect_fit("(map<string, list<int64>>, {double, {bool}}) -> int by string",
             "(map<string, list<int64>>, {double, {bool}}) -> int by string");
}

TEST(ShapeComparison, fields_may_follow_those_of_both) {
  expect_fit("() -> {x: double}", "() -> {x: double, y: double}");
  expect_fit("(list<{double}>) -> void", "(list<{double, {int, bool}}>) -> void");
  expect_fit("({x: double, next: list<^0>}) -> void", "({x: double, next: list<^0>, last: bool}) -> void");
  expect_fit("({}) -> void", "({int}) -> void");
}

TEST(ShapeComparison, parameters_that_may_be_left_out_may_follow) {
  expect_fit("(double) -> void", "(double, int?, string?) -> void");
  expect_fit("() -> void", "(double?) -> void");
}

TEST(ShapeComparison, what_may_be_left_out_may_differ) {
  expect_fit("(double, int?) -> void", "(double, int) -> void");
}

TEST(ShapeComparison, names_of_fields_count_if_both_sides_have_them) {
  expect_fit("() -> {x: double, y: double}", "() -> {double, double}");
  EXPECT_EQ(difference("() -> {x: double, y: double}", "() -> {x: double, z: double}"),
            "field 2 of result is y for the caller and z for the handler");
}

TEST(ShapeComparison, any_takes_and_gives_everything) {
  expect_fit("(any) -> any", "({x: double, y: list<int>}) -> void");
}

TEST(ShapeComparison, the_first_difference_is_told_with_its_place) {
  EXPECT_EQ(difference("(double, int) -> void", "(double, int64) -> void"),
            "parameter 2 is int for the caller and int64 for the handler");
  EXPECT_EQ(difference("(double) -> int", "(double) -> string"),
            "result is int for the caller and string for the handler");
  EXPECT_EQ(difference("(list<{at: {x: double}}>) -> void", "(list<{at: {x: float}}>) -> void"),
            "parameter 1<>.at.x is double for the caller and float for the handler");
  EXPECT_EQ(difference("(map<int, {{bool}}>) -> void", "(map<int, {{int}}>) -> void"),
            "parameter 1<2>.1.1 is bool for the caller and int for the handler");
  EXPECT_EQ(difference("() -> int by double", "() -> int by string"),
            "part is double for the caller and string for the handler");
}

TEST(ShapeComparison, a_parameter_that_one_side_does_not_know_and_the_other_needs_does_not_fit) {
  EXPECT_EQ(difference("(double, string) -> void", "(double) -> void"),
            "parameter 2, string for the caller, is unknown to the handler and may not be left out");
  EXPECT_EQ(difference("(double) -> void", "(double, string) -> void"),
            "parameter 2, string for the handler, is unknown to the caller and may not be left out");
}

TEST(ShapeComparison, a_variant_may_have_further_alternatives_if_the_other_side_takes_unknown_ones) {
  expect_fit("(variant<int, unknown>) -> void", "(variant<int, string, unknown>) -> void");
  expect_fit("(variant<int, unknown>) -> void", "(variant<int, string>) -> void");
  expect_fit("(variant<int>) -> void", "(variant<int, unknown>) -> void");
  EXPECT_EQ(difference("(variant<int>) -> void", "(variant<int, string, unknown>) -> void"),
            "parameter 1 is variant<int> for the caller and variant<int, string, unknown> for the handler");
  EXPECT_EQ(difference("(variant<int, unknown>) -> void", "(variant<string, int, unknown>) -> void"),
            "parameter 1<1> is int for the caller and string for the handler");
}

TEST(ShapeComparison, templates_and_enums_do_not_fit_others) {
  EXPECT_NE(difference("(variant<int, string>) -> void", "(variant<int, string, bool>) -> void"), "none");
  EXPECT_NE(difference("(array<int, 3>) -> void", "(array<int, 4>) -> void"), "none");
  EXPECT_NE(difference("(enum uint8) -> void", "(enum int) -> void"), "none");
  EXPECT_NE(difference("(optional<int>) -> void", "(int) -> void"), "none");
  EXPECT_NE(difference("({int}) -> void", "(tuple<int>) -> void"), "none");
}

TEST(ShapeComparison, what_is_no_signature_does_not_fit) {
  const std::string own = "(double) -> void";
  for (const char* const text :
       {"", "(", "()", "(double) -> ", "(double) -> void ", "(double -> void", "(,) -> void", "({) -> void",
        "(list<) -> void", "(?) -> void", "(double) -> void by "}) {
    EXPECT_NE(contract_difference(text, own), std::nullopt) << text;
  }
}

TEST(ShapeComparison, what_is_nested_too_deeply_or_too_long_is_not_read) {
  const std::string deep = "(" + std::string(100'000, '{') + std::string(100'000, '}') + ") -> void";
  EXPECT_NE(contract_difference(deep, "() -> void"), std::nullopt);
  const std::string nested = "(" + std::string(1'000, '{') + std::string(1'000, '}') + ") -> void";
  EXPECT_NE(contract_difference(nested, "() -> void"), std::nullopt);
}

}  // namespace
}  // namespace vagus::wire::testing
