#include <string>

#include <gtest/gtest.h>

#include <vagus/wire/error_message.hpp>
#include <vagus/wire/pack.hpp>

#include "wire_hex.hpp"

namespace {

using vagus::Bytes;
using vagus::Value;
using vagus::test::unhex;
using vagus::wire::decode_error;
using vagus::wire::ErrorMessage;
using vagus::wire::MalformedError;
using vagus::wire::Reader;
using vagus::wire::to_bytes;

ErrorMessage decoded(const Value& value) {
  const Bytes bytes = to_bytes(value);
  Reader reader{bytes};
  ErrorMessage error = decode_error(reader);
  EXPECT_TRUE(reader.at_end());
  return error;
}

std::string message(const Value& value) {
  const ErrorMessage error = decoded(value);
  EXPECT_EQ(error.type, "");
  EXPECT_TRUE(error.trace.empty());
  return error.message;
}

TEST(ErrorMessage, comes_back_as_it_was_sent) {
  ErrorMessage error;
  error.type = "std::out_of_range";
  error.message = "-5 mm is out of range";
  error.trace = {"move_to failed", "the axis refused"};
  EXPECT_EQ(vagus::wire::from_bytes<ErrorMessage>(to_bytes(error)), error);
  error.data = Value::Map{{"least", 0}};
  error.execution = "ran";
  EXPECT_EQ(vagus::wire::from_bytes<ErrorMessage>(to_bytes(error)), error);
}

TEST(ErrorMessage, is_a_map_that_any_peer_can_read) {
  ErrorMessage error;
  error.type = "T";
  error.message = "M";
  EXPECT_EQ(vagus::wire::from_bytes<Value>(to_bytes(error)),
            (Value::Map{{"type", "T"}, {"message", "M"}, {"trace", Value::Array{}}}));
}

TEST(ErrorMessage, tells_data_that_is_nil_from_no_data) {
  ErrorMessage error;
  error.data = Value();
  EXPECT_EQ(vagus::wire::from_bytes<ErrorMessage>(to_bytes(error)), error);
}

TEST(ErrorMessage, with_keys_missing_or_unknown_is_taken) {
  EXPECT_EQ(message(Value::Map{{"message", "M"}}), "M");
  EXPECT_EQ(message(Value::Map{{"colour", 7}, {"message", "M"}}), "M");
}

TEST(ErrorMessage, of_other_peers_is_a_code_and_a_text_or_a_text) {
  EXPECT_EQ(message(Value::Array{0, "no such method"}), "no such method");
  EXPECT_EQ(message(Value::Array{-7, "no such method"}), "no such method");
  EXPECT_EQ(message("no such method"), "no such method");
  EXPECT_EQ(message(unhex("6e6f")), "no");
  EXPECT_EQ(message(""), "");
}

TEST(ErrorMessage, of_any_other_form_is_shown) {
  EXPECT_EQ(message(false), "false");
  EXPECT_EQ(message(0), "0");
  EXPECT_EQ(message(Value::Array{1, 2, "x"}), R"([1, 2, "x"])");
  EXPECT_EQ(message(Value::Array{"x", 1}), R"(["x", 1])");
  EXPECT_EQ(message(Value::Map{{"code", 5}}), R"({"code": 5})");
  EXPECT_EQ(message(Value::Map{{"message", 5}}), R"({"message": 5})") << "nearly ours";
  EXPECT_EQ(message(Value::Map{{5, "x"}, {"message", "M"}}), R"({5: "x", "message": "M"})");
}

TEST(ErrorMessage, of_any_other_form_is_shortened) {
  const std::string text = message(Value::Array(100'000, "x"));
  EXPECT_LT(text.size(), 1100u);
  EXPECT_EQ(text.substr(text.size() - 6), ", ...]");
  EXPECT_LT(message(Value::Array{std::string(100'000, 'x')}).size(), 1100u);
}

TEST(ErrorMessage, that_is_malformed_is_an_error) {
  for (const char* const text : {"", "c1", "92 00", "81 a76d657373616765", "81a76d657373616765a2"}) {
    const Bytes bytes = unhex(text);
    Reader reader{bytes};
    EXPECT_THROW(decode_error(reader), MalformedError) << text;
  }
}

}  // namespace
