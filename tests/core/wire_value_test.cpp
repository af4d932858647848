#include <limits>
#include <string>

#include <gtest/gtest.h>

#include <vagus/wire/pack.hpp>
#include <vagus/wire/value.hpp>

#include "wire_hex.hpp"

namespace {

using vagus::Bytes;
using vagus::Value;
using vagus::test::error_of;
using vagus::test::hex;
using vagus::test::unhex;
using vagus::wire::from_bytes;
using vagus::wire::Kind;
using vagus::wire::MalformedError;
using vagus::wire::to_bytes;
using vagus::wire::TypeError;

Value sample() {
  return Value::Map{{"nil", nullptr},
                    {"list", Value::Array{1, -2, 1.5, true, "text"}},
                    {7, unhex("00ff")},
                    {"ext", Value::Ext{5, unhex("aa")}}};
}

TEST(Value, is_what_it_was_made_from) {
  EXPECT_TRUE(Value().is_nil());
  EXPECT_EQ(Value(true).boolean(), true);
  EXPECT_EQ(Value(-5).integer(), -5);
  EXPECT_EQ(Value('a').integer(), 97);
  EXPECT_EQ(Value(std::numeric_limits<std::uint64_t>::max()).unsigned_integer(),
            std::numeric_limits<std::uint64_t>::max());
  EXPECT_EQ(Value(1.5).real(), 1.5);
  EXPECT_EQ(Value(1.5F).real(), 1.5);
  EXPECT_EQ(Value("text").string(), "text");
  EXPECT_EQ(Value(std::string("text")).string(), "text");
  EXPECT_EQ(Value(std::string_view("text")).string(), "text");
  EXPECT_EQ(Value(unhex("0102")).bytes(), unhex("0102"));
  EXPECT_EQ(Value(Value::Array{1, 2}).array().size(), 2u);
  EXPECT_EQ(sample().map().size(), 4u);
  EXPECT_EQ(Value(Value::Ext{5, {}}).ext().type, 5);
}

TEST(Value, tells_its_kind) {
  EXPECT_EQ(Value().kind(), Kind::nil);
  EXPECT_EQ(Value(true).kind(), Kind::boolean);
  EXPECT_EQ(Value(5).kind(), Kind::integer);
  EXPECT_EQ(Value(std::numeric_limits<std::uint64_t>::max()).kind(), Kind::integer);
  EXPECT_EQ(Value(5.0).kind(), Kind::real);
  EXPECT_EQ(Value("").kind(), Kind::str);
  EXPECT_EQ(Value(Bytes{}).kind(), Kind::bin);
  EXPECT_EQ(Value(Value::Array{}).kind(), Kind::array);
  EXPECT_EQ(Value(Value::Map{}).kind(), Kind::map);
  EXPECT_EQ(Value(Value::Ext{}).kind(), Kind::ext);
}

TEST(Value, says_what_it_is_when_asked_for_something_else) {
  EXPECT_EQ(error_of<TypeError>([] { static_cast<void>(Value("x").integer()); }),
            "expected an integer, found a str");
  EXPECT_THROW(static_cast<void>(Value(5).boolean()), TypeError);
  EXPECT_THROW(static_cast<void>(Value(-5).unsigned_integer()), TypeError);
  EXPECT_THROW(static_cast<void>(Value(std::uint64_t{1} << 63).integer()), TypeError);
  EXPECT_THROW(static_cast<void>(Value(5.0).integer()), TypeError);
  EXPECT_EQ(Value(5).real(), 5.0);
}

TEST(Value, finds_the_value_of_a_key) {
  const Value value = sample();
  ASSERT_NE(value.find("list"), nullptr);
  EXPECT_EQ(value.find("list")->array().size(), 5u);
  EXPECT_EQ(value.find("none"), nullptr);
  EXPECT_EQ(Value(5).find("none"), nullptr);
}

TEST(Value, is_equal_to_the_same_value_whatever_its_encoding) {
  EXPECT_EQ(from_bytes<Value>(unhex("d30000000000000005")), Value(5));
  EXPECT_EQ(Value(std::uint64_t{5}), Value(5));
  EXPECT_NE(Value(5), Value(5.0));
  EXPECT_NE(Value("5"), Value(5));
  EXPECT_EQ(sample(), sample());
  EXPECT_EQ(from_bytes<Value>(unhex("ca3fc00000")), Value(1.5));
}

TEST(Value, travels) {
  EXPECT_EQ(from_bytes<Value>(to_bytes(sample())), sample());
  const char* const text =
      "85a36e696cc0a46c6973749501fecb3ff8000000000000c3a47465787407c40200ffa3657874d405aaffcf"
      "8000000000000000";
  EXPECT_EQ(hex(to_bytes(from_bytes<Value>(unhex(text)))), text);
}

TEST(Value, is_shown_like_json) {
  EXPECT_EQ(
      to_string(sample()),
      R"({"nil": null, "list": [1, -2, 1.5, true, "text"], 7: bin(2 bytes: 00 ff), "ext": ext(5, 1 byte: aa)})");
  EXPECT_EQ(to_string(Value(std::numeric_limits<std::uint64_t>::max())), "18446744073709551615");
  EXPECT_EQ(to_string(Value(1.0)), "1.0");
  EXPECT_EQ(to_string(Value(1e300)), "1e+300");
  EXPECT_EQ(to_string(Value(std::numeric_limits<double>::quiet_NaN())), "nan");
  EXPECT_EQ(to_string(Value(-std::numeric_limits<double>::infinity())), "-inf");
  EXPECT_EQ(to_string(Value("a\"b\\c\n\x01\xff\xc3\xa4")), R"("a\"b\\c\n\x01\xff)"
                                                           "\xc3\xa4\"");
  EXPECT_EQ(to_string(Value(Bytes(100))), "bin(100 bytes: 00 00 00 00 00 00 00 00 ...)");
  EXPECT_EQ(to_string(Value(Value::Array{})), "[]");
  EXPECT_EQ(to_string(Value(Bytes{})), "bin(0 bytes)");
}

TEST(Value, is_not_read_deeper_than_the_limit) {
  std::string text;
  for (int level = 0; level < 64; ++level) text += "91";
  EXPECT_NO_THROW(from_bytes<Value>(unhex(text.substr(2) + "90")));
  EXPECT_THROW(from_bytes<Value>(unhex(text + "90")), MalformedError);
  EXPECT_THROW(from_bytes<Value>(unhex("ddff000000")), MalformedError);
}

struct Holder {
  int number = 0;
  Value value = {};
  std::vector<Value> values = {};

  friend bool operator==(const Holder&, const Holder&) = default;
};

TEST(Value, may_be_a_field) {
  const Holder holder{1, sample(), {1, "x"}};
  EXPECT_EQ(from_bytes<Holder>(to_bytes(holder)), holder);
}

}  // namespace
