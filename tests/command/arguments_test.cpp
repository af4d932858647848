#include "arguments.hpp"

#include <gtest/gtest.h>

#include "exit_codes.hpp"
#include "type_text.hpp"

namespace vagus::tools::testing {
namespace {

const std::vector<wire::TypeDescription> types{
    {"Position", {{"x", "double"}, {"y", "double"}, {"unit", "string"}}, ""},
    {"Unnamed", {{"", "int"}, {"", "string"}}, ""},
    {"Mode", {}, "uint8"},
    {"Speed", {}, "int", {{"slow", -1}, {"fast", 1}}}};

MemberDescription method(std::vector<ParameterDescription> parameters) {
  MemberDescription member;
  member.name_space = "machine.move_to";
  member.parameters = std::move(parameters);
  return member;
}

BoundArguments bound(const std::vector<ParameterDescription>& parameters,
                     const std::vector<std::string>& texts) {
  return bind_arguments(method(parameters), JsonConverter(types), texts);
}

Value one(const std::string& type, const std::string& text) {
  return bound({{"value", type, std::nullopt}}, {text}).positional.at(0);
}

std::string fault(const std::vector<ParameterDescription>& parameters,
                  const std::vector<std::string>& texts) {
  try {
    bound(parameters, texts);
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return "none";
}

std::string fault(const std::string& type, const std::string& text) {
  return fault({{"value", type, std::nullopt}}, {text});
}

TEST(ToolArguments, name_enumerators_or_give_their_numbers) {
  EXPECT_EQ(one("Speed", "slow"), Value(-1));
  EXPECT_EQ(one("Speed", "1"), Value(1));
  EXPECT_EQ(one("list<Speed>", "[\"fast\", -1]"), Value(Value::Array{1, -1}));
  EXPECT_NE(fault("Speed", "quick").find("expected one of slow (-1), fast (1)"), std::string::npos);
  EXPECT_NE(fault("Speed", "0").find("expected one of slow (-1), fast (1)"), std::string::npos);
  EXPECT_EQ(JsonConverter(types).to_json(Value(-1), "Speed"), "slow");
  EXPECT_EQ(JsonConverter(types).to_json(Value(5), "Speed"), 5) << "of a newer build";
}

TEST(ToolArguments, show_defaults_that_are_enumerators_by_their_names) {
  const std::string shown =
      fault({{"speed", "Speed", Value(-1)}, {"other", "Speed", Value(7)}, {"mode", "Mode", Value(1)}},
            {"1", "1", "1", "1"});
  EXPECT_NE(shown.find("move_to(speed: Speed = slow, other: Speed = 7, mode: Mode = 1)"), std::string::npos)
      << shown;
}

TEST(ToolArguments, give_only_known_alternatives_of_a_variant_that_may_grow) {
  EXPECT_EQ(one("variant<int, unknown>", "[0, 2]"), Value(Value::Array{0, 2}));
  EXPECT_NE(fault("variant<int, unknown>", "[1, 2]").find("the index, 0 to 0"), std::string::npos);
}

TEST(ToolArguments, are_converted_to_their_types) {
  EXPECT_EQ(one("int", "-3"), Value(-3));
  EXPECT_EQ(one("uint64", "18446744073709551615"), Value(std::uint64_t{18446744073709551615u}));
  EXPECT_EQ(one("double", "2"), Value(2.0));
  EXPECT_EQ(one("bool", "true"), Value(true));
  EXPECT_EQ(one("list<int>", "[1, 2]"), Value(Value::Array{1, 2}));
  EXPECT_EQ(one("map<string, bool>", "{\"a\": true}"), Value(Value::Map{{"a", true}}));
  EXPECT_EQ(one("map<int, string>", "[[1, \"a\"]]"), Value(Value::Map{{1, "a"}}));
  EXPECT_EQ(one("optional<int>", "null"), Value());
  EXPECT_EQ(one("tuple<int, string>", "[1, \"a\"]"), Value(Value::Array{1, "a"}));
  EXPECT_EQ(one("variant<nil, double>", "[1, 2]"), Value(Value::Array{1, 2.0}));
  EXPECT_EQ(one("bytes", "hex:00ff"), Value(Bytes{std::byte{0}, std::byte{255}}));
  EXPECT_EQ(one("duration", "1.5ms"), Value(1'500'000));
  EXPECT_EQ(one("any", "{\"a\": [1]}"), Value(Value::Map{{"a", Value::Array{1}}}));
}

TEST(ToolArguments, that_are_text_need_no_quotes) {
  EXPECT_EQ(one("string", "hello"), Value("hello"));
  EXPECT_EQ(one("string", "\"hello\""), Value("hello"));
  EXPECT_EQ(one("string", "17"), Value("17"));
  EXPECT_EQ(one("string", "\"a=b\""), Value("a=b"));
  EXPECT_EQ(one("optional<string>", "null"), Value());
}

TEST(ToolArguments, that_are_structs_are_objects_or_arrays) {
  EXPECT_EQ(one("Position", R"({"x": 1, "y": 2})"), Value(Value::Array{1.0, 2.0}));
  EXPECT_EQ(one("Position", R"({"unit": "mm", "y": 2, "x": 1})"), Value(Value::Array{1.0, 2.0, "mm"}));
  EXPECT_EQ(one("Unnamed", R"([1, "a"])"), Value(Value::Array{1, "a"}));
  EXPECT_EQ(one("Mode", "1"), Value(1));
}

TEST(ToolArguments, are_given_by_position_and_by_name) {
  const std::vector<ParameterDescription> parameters{{"target", "double", std::nullopt},
                                                     {"speed", "int", Value(10)}};
  EXPECT_EQ(bound(parameters, {"120", "speed=5"}).positional, (Value::Array{120.0}));
  EXPECT_EQ(bound(parameters, {"120", "speed=5"}).named, (Value::Map{{"speed", 5}}));
  EXPECT_EQ(bound(parameters, {"speed=5", "target=1"}).named, (Value::Map{{"speed", 5}, {"target", 1.0}}));
}

TEST(ToolArguments, that_are_wrong_are_refused_with_what_would_be_right) {
  const std::vector<ParameterDescription> parameters{{"target", "double", std::nullopt},
                                                     {"speed", "int", Value(10)}};
  EXPECT_NE(fault(parameters, {}).find("is missing target"), std::string::npos);
  EXPECT_NE(fault(parameters, {}).find("move_to(target: double, speed: int = 10)"), std::string::npos);
  EXPECT_NE(fault(parameters, {"1", "2", "3"}).find("takes 2 arguments, and 3 is one more"),
            std::string::npos);
  EXPECT_NE(fault(parameters, {"1", "sped=2"}).find("did you mean speed?"), std::string::npos);
  EXPECT_NE(fault(parameters, {"1", "target=2"}).find("is given target twice"), std::string::npos);
  EXPECT_NE(fault(parameters, {"speed=2", "1"}).find("no argument by position after one by name"),
            std::string::npos);
  EXPECT_NE(fault("int", "1.5").find("value is 1.5, expected an integer from -2147483648"),
            std::string::npos);
  EXPECT_NE(fault("uint8", "256").find("from 0 to 255"), std::string::npos);
  EXPECT_NE(fault("uint", "-1").find("from 0 to 4294967295"), std::string::npos);
  EXPECT_NE(fault("double", "fast").find("expected a double in JSON"), std::string::npos);
  EXPECT_NE(fault("list<int>", "[1, \"a\"]").find("value[1] is \"a\""), std::string::npos);
  EXPECT_NE(fault("array<int, 2>", "[1]").find("an array of 2"), std::string::npos);
  EXPECT_NE(fault("bytes", "hex:0g").find("hex:00ff"), std::string::npos);
  EXPECT_NE(fault("duration", "5 parsecs").find("a duration"), std::string::npos);
  EXPECT_NE(fault("Position", R"({"x": 1, "z": 2})").find("with the fields x, y, unit"), std::string::npos);
  EXPECT_NE(fault("Position", R"({"x": "a"})").find("value.x is \"a\", expected a number"),
            std::string::npos);
  EXPECT_NE(fault("variant<int>", "[1, 2]").find("the index, 0 to 0"), std::string::npos);
}

TEST(ToolArguments, for_what_is_not_known_are_json_or_text) {
  EXPECT_EQ(bind_arguments({"1", "[2]", "text", "a b=c"}).positional,
            (Value::Array{1, Value::Array{2}, "text", "a b=c"}));
  EXPECT_EQ(bind_arguments({"a=1"}).named, (Value::Map{{"a", 1}}));
}

TEST(ToolResults, are_json_with_the_names_of_fields) {
  const JsonConverter converter(types);
  EXPECT_EQ(one_line(converter.to_json(Value(Value::Array{1.0, 2.0, "mm"}), "Position")),
            R"({"x":1.0,"y":2.0,"unit":"mm"})");
  EXPECT_EQ(one_line(converter.to_json(Value(Value::Array{Value::Array{1, "a"}}), "list<Unnamed>")),
            R"([[1,"a"]])");
  EXPECT_EQ(one_line(converter.to_json(Value(Value::Map{{1, Value::Array{0.0}}}), "map<int, Position>")),
            R"([[1,{"x":0.0}]])");
  EXPECT_EQ(one_line(converter.to_json(Value(Bytes{std::byte{10}}), "bytes")), R"("hex:0a")");
  EXPECT_EQ(one_line(converter.to_json(Value("no list"), "list<int>")), R"("no list")");
  EXPECT_EQ(one_line(JsonConverter::to_json(Value("\xff"))), "\"\xEF\xBF\xBD\"");
}

TEST(TypeText, is_taken_apart) {
  const TypeText type = parse_type("map<string, tuple<int, list<double>>>");
  EXPECT_EQ(type.name, "map");
  ASSERT_EQ(type.arguments.size(), 2u);
  EXPECT_EQ(type.arguments[1].name, "tuple");
  EXPECT_EQ(type.arguments[1].arguments[1].arguments[0].name, "double");
  EXPECT_EQ(parse_type("tuple<>").arguments.size(), 0u);
  EXPECT_EQ(parse_type("list<int").name, "list<int");
  EXPECT_EQ(parse_type("").name, "");
  std::string deep = "int";
  for (int i = 0; i < 10'000; ++i) deep = "list<" + deep + ">";
  EXPECT_EQ(parse_type(deep).name, "list");
}

}  // namespace
}  // namespace vagus::tools::testing
