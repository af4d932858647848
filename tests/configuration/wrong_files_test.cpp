// What is wrong with a file, and where: each line of a file is counted from 1 on, each column too.

#include <string>

#include <gtest/gtest.h>

#include <vagus/configuration/configuration.hpp>

#include "configuration/faults.hpp"

namespace vagus {
namespace {

using testing::expect_faults;
using testing::faults;

TEST(WrongFiles, that_are_no_toml_say_where) {
  for (const auto& [text, place] : {std::pair("name = ", "1:8"), std::pair("\nname = 1\nname = 2", "3:8")}) {
    const std::string told = faults(text);
    EXPECT_TRUE(told.starts_with("mill.toml:" + std::string(place) + ": this is no TOML: ")) << told;
  }
}

TEST(WrongFiles, with_unknown_keys_say_which_was_meant) {
  expect_faults({
      {"[limits]\nmax_dept = 5",
       "2:1: unknown key 'max_dept' in [limits]; did you mean max_depth? known here: max_message_size, "
       "max_depth, max_pending, max_links, max_unsent"},
      {"[api.machine]\n  timout = \"2s\"",
       "2:3: unknown key 'timout' in [api.machine]; did you mean timeout? known here: docs, namespace, "
       "version, "
       "workers, queue, down_queue, peer, serial, timeout, priority, when_full, when_down, methods, events, "
       "parts"},
      {"\n[nothing_like_it]",
       "2:2: unknown key 'nothing_like_it' in the file; known here: name, defaults, limits, listen, connect, "
       "permissions, users, api"},
      {"[api.m.methods.f]\nparameters = [{name = \"a\", type = \"int\", defualt = 1}]",
       "2:42: unknown key 'defualt' in a parameter of f; did you mean default? known here: name, type, "
       "default"},
      {"[api.m.events.e]\nresult = \"int\"",
       "2:1: unknown key 'result' in [api.m.events.e]; known here: docs, parameters, hidden, timeout, "
       "priority, when_full, when_down"},
  });
}

TEST(WrongFiles, with_values_of_another_type_say_what_was_expected) {
  expect_faults({
      {"name = 5", "1:8: 'name' in the file is 5; expected text"},
      {"limits = 1.5", "1:10: 'limits' in the file is a number; expected a table"},
      {"listen = \"shm://mill\"", "1:10: 'listen' in the file is text; expected a list of tables"},
      {"listen = [\"shm://mill\"]", "1:11: [[listen]] is text; expected a table"},
      {"[api.m]\nworkers = \"two\"",
       "2:11: 'workers' in [api.m] is \"two\"; expected a whole number from 0 to 1024"},
      {"[api.m]\nworkers = 2.0", "2:11: 'workers' in [api.m] is 2.0; expected a whole number from 0 to 1024"},
      {"[api.m]\nserial = 1", "2:10: 'serial' in [api.m] is 1; expected true or false"},
      {"[api.m]\ndocs = 2020-02-01", "2:8: 'docs' in [api.m] is 2020-02-01; expected text"},
      {"[[permissions]]\ncall = [\"a\", []]",
       "2:14: 'call' in [[permissions]] is a list; expected text in the list"},
      {"[api.m.methods]\nf = true", "2:5: [api.m.methods.f] is true; expected a table"},
  });
}

TEST(WrongFiles, with_values_that_are_none_say_what_was_expected) {
  expect_faults({
      {"[defaults]\ntimeout = \"2\"",
       "2:11: 'timeout' in [defaults] is \"2\"; expected a time such as \"250ms\": a whole number from 1 to "
       "1000000, and ms, s, min or h; or \"none\""},
      {"[defaults]\ntimeout = 2",
       "2:11: 'timeout' in [defaults] is 2; expected a time such as \"250ms\": a whole number from 1 to "
       "1000000, and ms, s, min or h; or \"none\""},
      {"[defaults]\nwhen_full = \"wiat\"",
       "2:13: 'when_full' in [defaults] is \"wiat\"; expected \"wait\", \"refuse\" or \"drop\"; did you mean "
       "wait?"},
      {"[limits]\nmax_message_size = \"64MB\"",
       "2:20: 'max_message_size' in [limits] is \"64MB\"; expected a number of bytes such as 4096, \"64KiB\" "
       "or "
       "\"16MiB\""},
      {"[limits]\nmax_depth = 0",
       "2:13: 'max_depth' in [limits] is 0; expected a whole number from 1 to 512"},
      {"[limits]\nmax_depth = 513",
       "2:13: 'max_depth' in [limits] is 513; expected a whole number from 1 to 512"},
      {"[defaults]\ntimeout = \"3600000ms\"",
       "2:11: 'timeout' in [defaults] is \"3600000ms\"; expected a time such as \"250ms\": a whole number "
       "from 1 to 1000000, and ms, s, min or h; or \"none\""},
      {"name = \"\"", "1:8: 'name' in the file is empty"},
      {"name = \"" + std::string(256, 'n') + '"', "1:8: 'name' in the file has 256 bytes of at most 255"},
      {"[api.m.down_queue]\nwhen_full = \"wait\"",
       "2:13: 'when_full' in the down_queue of [api.m] is \"wait\"; expected \"refuse\", \"drop_oldest\" or "
       "\"block\""},
      {"[[permissions]]\nuser_id = -1",
       "2:11: 'user_id' in [[permissions]] is -1; expected a whole number from 0 to 4294967295"},
      {"[[permissions]]\nuser = \"\"", "2:8: 'user' in [[permissions]] is empty; \"*\" is any"},
      {"[[permissions]]\nlisten = [\"a..b\"]",
       "2:11: \"a..b\" in 'listen' of [[permissions]] is no pattern; expected names with dots between them, "
       "* for "
       "any one and ** for any number of them, such as \"machine.**\""},
  });
}

TEST(WrongFiles, with_endpoints_that_are_none) {
  expect_faults({
      {"[[listen]]", "1:1: [[listen]] has no 'url', which is needed"},
      {"[[listen]]\nurl = \"mill\"",
       "2:7: \"mill\" is not a URL: there is no :// in it; right ones are shm://machine and "
       "tcp://localhost:4000?wait=block"},
      {"[[connect]]\nurl = \"shm://a\"\nname = \"a\"\n[[connect]]\nurl = \"shm://b\"\nname = \"a\"",
       "6:8: another endpoint is named \"a\", too"},
      {"[[listen]]\nurl = \"shm://a\"\noptions = {mode = 0o660}",
       "3:19: 'options.mode' in [[listen]] is 432; expected text such as \"0660\""},
      {"[[listen]]\nurl = \"shm://a\"\noptions = {mode = [0o660]}",
       "3:19: 'options.mode' in [[listen]] is a list; expected text such as \"0660\""},
      {"[[listen]]\nurl = \"shm://a\"\n[[listen]]\nurl = \"shm://b\"\nname = \"\"",
       "5:8: the name of an endpoint is empty"},
      {"[[listen]]\nurl = \"shm://a?wait=block\"\noptions = {wait = \"spin\"}",
       "3:12: the option 'wait' stands in the URL, too"},
      {"[[listen]]\nurl = \"shm://a\"\nlogin = {}",
       "3:1: unknown key 'login' in [[listen]]; known here: url, options, name"},
      {"[api.m]\npeer = \"lfet\"\n[[connect]]\nurl = \"shm://b\"\nname = \"left\"",
       "2:8: no endpoint here is named \"lfet\"; did you mean left?"},
  });
}

TEST(WrongFiles, with_wrong_names) {
  expect_faults({
      {"[api.\"a b\"]",
       "1:6: \"a b\" is no name of an API; expected letters, digits and _, and no digit first"},
      {"[api.m]\nnamespace = \"a b\"",
       "2:13: \"a b\" is no namespace; expected names with dots between them, such as \"machine.x\""},
      {"[api.m.methods]\n2nd = {}",
       "2:1: \"2nd\" is no name of a method; expected letters, digits and _, and no digit first"},
      {"[api.m.methods.f]\n[api.m.events.f]", "2:15: f is a method of m, and cannot be an event, too"},
      {"[api.m.methods.f]\n[api.m.parts.f]", "2:14: f is both a part of m and a member of it"},
      {"[api.m.parts.x]\n[api.\"m.x\"]", "2:1: the API m.x is here twice"},
  });
}

TEST(WrongFiles, with_wrong_parameters) {
  const std::string method = "[api.m.methods.f]\nparameters = [";
  const std::string types =
      " there are: any, bool, int8, int16, int, int64, uint8, uint16, uint, uint64, float, double, string, "
      "bytes, "
      "duration, time, list<T>, set<T>, optional<T>, array<T, 3>, map<K, V>, tuple<T, ...>";
  expect_faults({
      {method + "{type = \"int\"}]", "2:15: a parameter of f has no 'name', which is needed"},
      {method + "{name = \"a\"}]", "2:15: a parameter of f has no 'type', which is needed"},
      {method + "{name = \"a-b\", type = \"int\"}]",
       "2:23: \"a-b\" is no name of a parameter; expected letters, digits and _, and no digit first"},
      {method + "{name = \"a\", type = \"int\"}, {name = \"a\", type = \"int\"}]",
       "2:43: f has two parameters called a"},
      {method + "{name = \"a\", type = \"int\", default = 1}, {name = \"b\", type = \"int\"}]",
       "2:56: b of f follows a, which has a default, and needs one, too"},
      {method + "{name = \"a\", type = \"int\", default = \"x\"}, {name = \"b\", type = \"int\"}]",
       "2:52: the default of a of f is \"x\"; expected int, from -2147483648 to 2147483647\n"
       "mill.toml:2:58: b of f follows a, which has a default, and needs one, too"},
      {method + "{name = \"a\", type = \"list<uint8>\"}]",
       "2:35: \"list<uint8>\" is no type: list of uint8 is written bytes"},
      {method + "{name = \"a\", type = \"map<string, array<uint8, 4>>\"}]",
       "2:35: \"map<string, array<uint8, 4>>\" is no type: array of uint8 is written bytes"},
      {method + "{name = \"a\", type = \"doubel\"}]",
       "2:35: \"doubel\" is no type: doubel is not known; did you mean double?" + types},
      {method + "{name = \"a\", type = \"void\"}]", "2:35: \"void\" is no type: void is not known;" + types},
      {method + "{name = \"a\", type = \"list<int\"}]",
       "2:35: \"list<int\" is no type: a , or > is expected after int"},
      {method + "{name = \"a\", type = \"map<int>\"}]",
       "2:35: \"map<int>\" is no type: map is written map<K, V>"},
      {method + "{name = \"a\", type = \"list\"}]", "2:35: \"list\" is no type: list is written list<T>"},
      {method + "{name = \"a\", type = \"int<int>\"}]",
       "2:35: \"int<int>\" is no type: nothing stands between <> for int"},
      {method + "{name = \"a\", type = \"array<int, x>\"}]",
       "2:35: \"array<int, x>\" is no type: array is written array<T, 3>"},
      {method + "{name = \"a\", type = \"int int\"}]",
       "2:35: \"int int\" is no type: nothing is expected after int"},
  });
  std::string deep = "int";
  for (int i = 0; i < 100; ++i) deep = "list<" + deep + '>';
  const std::string told = faults(method + "{name = \"a\", type = \"" + deep + "\"}]");
  EXPECT_TRUE(told.ends_with("is no type: it is nested too deep")) << told;
}

TEST(WrongFiles, with_defaults_that_do_not_fit_their_parameters) {
  const auto fault = [](const std::string& type, const std::string& value) {
    return faults("[api.m.methods.f]\nparameters = [{name = \"a\", type = \"" + type +
                  "\", default = " + value + "}]");
  };
  EXPECT_EQ(fault("uint8", "256"),
            "mill.toml:2:54: the default of a of f is 256; expected uint8, from 0 to 255");
  EXPECT_EQ(fault("int", "\"1\""),
            "mill.toml:2:52: the default of a of f is \"1\"; expected int, from "
            "-2147483648 to 2147483647");
  EXPECT_EQ(fault("double", "\"1\""), "mill.toml:2:55: the default of a of f is \"1\"; expected double");
  EXPECT_EQ(fault("float", "-1e300"),
            "mill.toml:2:54: the default of a of f is -1e+300; expected a number that a float can hold");
  EXPECT_EQ(fault("float", "-inf"), "");
  EXPECT_EQ(fault("duration", "\"0s\""), "");
  EXPECT_EQ(fault("list<int>", "[1, true]"),
            "mill.toml:2:62: the default of a of f is true; expected int, from -2147483648 to "
            "2147483647");
  EXPECT_EQ(fault("array<int, 2>", "[1]"),
            "mill.toml:2:62: the default of a of f is a list; expected array<int, 2>");
  EXPECT_EQ(fault("map<int, int>", "{a = 1}"),
            "mill.toml:2:62: the default of a of f is a table; expected {}: only the keys of a "
            "map<string, T> can be written");
  EXPECT_EQ(fault("bytes", "\"hex:0\""),
            "mill.toml:2:54: the default of a of f is \"hex:0\"; expected "
            "bytes such as \"hex:00ff10\"");
  EXPECT_EQ(fault("duration", "5"),
            "mill.toml:2:57: the default of a of f is 5; expected a time such as \"250ms\": a whole number "
            "up to 1000000, and ms, s, min or h");
  EXPECT_EQ(fault("time", "2020-01-01"),
            "mill.toml:2:53: the default of a of f is 2020-01-01; expected none: a default that is a "
            "point in time cannot be written");
}

TEST(WrongFiles, are_told_of_as_a_whole_in_the_order_of_their_lines) {
  EXPECT_EQ(faults("[api.m]\nserial = 1\n\n[limits]\nmax_depth = 0\n\n[defaults]\npriority = 1"),
            "mill.toml:2:10: 'serial' in [api.m] is 1; expected true or false\n"
            "mill.toml:5:13: 'max_depth' in [limits] is 0; expected a whole number from 1 to 512\n"
            "mill.toml:8:12: 'priority' in [defaults] is 1; expected \"low\", \"normal\" or \"high\"");
}

TEST(WrongFiles, with_names_that_are_too_long_as_a_whole) {
  const std::string a(600, 'a');
  const std::string begin(60, 'a');
  expect_faults({
      {"[api." + a + ".parts." + a + "]", "1:613: " + begin + "... has 1201 bytes of at most 1024"},
      {"[api." + a + ".methods." + a + "]", "1:615: " + begin + "... has 1201 bytes of at most 1024"},
      {"[api.m]\nnamespace = \"" + a + "\"\n[api.m.events." + a + "]",
       "3:15: " + begin + "... has 1201 bytes of at most 1024"},
  });
}

TEST(WrongFiles, that_are_not_there_say_why) {
  try {
    static_cast<void>(Configuration::from_file("/nonexistent/mill.toml"));
    FAIL();
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "/nonexistent/mill.toml: cannot be read: No such file or directory");
    EXPECT_EQ(error.code(), ErrorCode::api_param);
  }
  EXPECT_THROW(static_cast<void>(Configuration::from_file("/tmp")), ConfigurationError);
}

}  // namespace
}  // namespace vagus
