#include <stdexcept>
#include <string>

#include <gtest/gtest.h>

#include <vagus/wire/hello.hpp>
#include <vagus/wire/pack.hpp>
#include <vagus/wire/value.hpp>

#include "wire_hex.hpp"

namespace {

using vagus::Bytes;
using vagus::Value;
using vagus::test::error_of;
using vagus::test::unhex;
using vagus::wire::decode_hello;
using vagus::wire::DecodeError;
using vagus::wire::encode;
using vagus::wire::Hello;
using vagus::wire::Role;
using vagus::wire::to_bytes;

Hello sample() {
  Hello hello;
  hello.version = 3;
  hello.name = "body of the machine";
  hello.role = Role::body;
  hello.incarnation = 0xfedcba9876543210;
  hello.capabilities = {"a", "b"};
  hello.max_message_size = 1024;
  hello.max_pending = 7;
  return hello;
}

Hello decoded(const Value& value) { return decode_hello(to_bytes(value)); }

TEST(Hello, comes_back_as_it_was_sent) {
  EXPECT_EQ(decode_hello(encode(sample())), sample());
  EXPECT_EQ(decode_hello(encode(Hello{})), Hello{});
}

TEST(Hello, is_a_map_that_any_peer_can_read) {
  const Value value = vagus::wire::from_bytes<Value>(encode(sample()));
  EXPECT_EQ(value.find("version")->integer(), 3);
  EXPECT_EQ(value.find("name")->string(), "body of the machine");
  EXPECT_EQ(value.find("role")->string(), "body");
  EXPECT_EQ(value.find("incarnation")->unsigned_integer(), 0xfedcba9876543210u);
  EXPECT_EQ(value.find("capabilities")->array().size(), 2u);
}

TEST(Hello, needs_a_version_and_a_role_only) {
  const Hello hello = decoded(Value::Map{{"version", 1}, {"role", "head"}});
  EXPECT_EQ(hello, Hello{});
  EXPECT_THROW(decoded(Value::Map{{"version", 1}}), DecodeError);
  EXPECT_THROW(decoded(Value::Map{{"role", "head"}}), DecodeError);
}

TEST(Hello, has_unknown_keys_skipped) {
  const Value value = Value::Map{
      {"colour", Value::Array{1, Value::Map{{1, 2}}}}, {"version", 2}, {"role", "body"}, {"zone", nullptr}};
  EXPECT_EQ(decoded(value).version, 2u);
}

TEST(Hello, with_hostile_content_is_an_error) {
  const auto with = [](const char* key, Value value) {
    return error_of<DecodeError>([&] {
      decoded(Value::Map{{"version", 1}, {"role", "head"}, {key, std::move(value)}});
    });
  };
  EXPECT_EQ(with("version", 0), "at .version (byte 28): expected a version from 1 on, found integer 0");
  EXPECT_NE(with("version", std::uint64_t{1} << 32), "nothing was thrown");
  EXPECT_NE(with("role", "king"), "nothing was thrown");
  EXPECT_NE(with("role", 5), "nothing was thrown");
  EXPECT_NE(with("name", std::string(256, 'x')), "nothing was thrown");
  EXPECT_EQ(with("name", std::string(255, 'x')), "nothing was thrown");
  EXPECT_NE(with("incarnation", -1), "nothing was thrown");
  EXPECT_NE(with("capabilities", Value::Array(65)), "nothing was thrown");
  EXPECT_NE(with("capabilities", Value::Array{std::string(256, 'x')}), "nothing was thrown");
  EXPECT_EQ(with("capabilities", Value::Array(64, "x")), "nothing was thrown");
  EXPECT_NE(with("max_pending", "many"), "nothing was thrown");
  EXPECT_THROW(decoded(Value::Map{{1, 2}, {"version", 1}, {"role", "head"}}), DecodeError);
  EXPECT_THROW(decoded("hello"), DecodeError);
  EXPECT_THROW(decode_hello(unhex("dfff000000")), DecodeError);
}

TEST(Hello, that_is_cut_off_or_followed_by_anything_is_an_error) {
  Bytes bytes = encode(sample());
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_THROW(decode_hello(std::span(bytes).first(size)), DecodeError) << size;
  }
  bytes.push_back(std::byte{0xc0});
  EXPECT_THROW(decode_hello(bytes), DecodeError);
}

TEST(Hello, that_exceeds_its_limits_is_not_sent) {
  Hello hello;
  hello.name = std::string(256, 'x');
  EXPECT_THROW(encode(hello), std::length_error);
  hello = {};
  hello.capabilities.resize(65);
  EXPECT_THROW(encode(hello), std::length_error);
  hello.capabilities = {std::string(256, 'x')};
  EXPECT_THROW(encode(hello), std::length_error);
}

}  // namespace
