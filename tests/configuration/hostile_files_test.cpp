// Files that somebody has made to do harm, or by a program that is broken.

#include <cstddef>
#include <string>

#include <gtest/gtest.h>

#include <vagus/configuration/configuration.hpp>

#include "configuration/faults.hpp"
#include "configuration/folder.hpp"

namespace vagus {
namespace {

using testing::expect_faults;
using testing::fault_of;
using testing::faults;

TEST(HostileFiles, are_told_of_on_one_line_whatever_their_names_and_texts_are) {
  expect_faults({
      {R"("k\ney\u001b" = 1)",
       R"(1:1: unknown key 'k\x0aey\x1b' in the file; known here: name, defaults, limits, listen, connect, )"
       "permissions, users, api"},
      {R"(defaults = {timeout = "\u001b[31mred"})",
       R"(1:23: 'timeout' in [defaults] is "\x1b[31mred"; expected a time such as "250ms": a whole number )"
       R"(from 1 to 1000000, and ms, s, min or h; or "none")"},
      {R"([api."a\nb"])",
       R"(1:6: "a\x0ab" is no name of an API; expected letters, digits and _, and no digit first)"},
      {R"([api.m.methods."a\nb"])",
       R"(1:16: "a\x0ab" is no name of a method; expected letters, digits and _, and no digit first)"},
  });
  // Long ones are cut, between two characters.
  const std::string told = faults("defaults = {priority = \"" + std::string(59, 'x') + "\u00e4\u00e4\"}");
  EXPECT_NE(told.find("is \"" + std::string(59, 'x') + "...\";"), std::string::npos) << told;
}

TEST(HostileFiles, that_are_nested_deep_end_nothing) {
  std::string deep = "default = ";
  for (int i = 0; i < 60; ++i) deep += '[';
  for (int i = 0; i < 60; ++i) deep += ']';
  const std::string told = faults(deep);
  EXPECT_NE(told.find("nested deeper than 32"), std::string::npos) << told;
}

TEST(HostileFiles, with_keys_that_are_nested_deep_end_nothing) {
  const auto dotted = [](std::size_t dots) {
    std::string key = "a";
    for (std::size_t dot = 0; dot < dots; ++dot) key += ".a";
    return key;
  };
  const std::string fault = ": this is nested deeper than 32 tables and lists";
  EXPECT_EQ(faults("x.y = 1 # it's\n" + dotted(100'000) + " = 1"), "mill.toml:2:2002" + fault);
  EXPECT_EQ(faults('[' + dotted(100'000) + "]\nb = 1"), "mill.toml:1:2001" + fault);
  EXPECT_EQ(faults("a = {x = '''it's''', " + dotted(100'000) + " = 1}"), "mill.toml:1:2021" + fault);
  std::string quoted = "a";
  for (int i = 0; i < 100'000; ++i) quoted += ".\"=\\\"\"";
  EXPECT_NE(faults(quoted + " = 1").find(fault), std::string::npos);
  std::string tables = "a = ";
  for (int i = 0; i < 200; ++i) tables += '{' + dotted(500) + " = ";
  EXPECT_NE(faults(tables).find(fault), std::string::npos);
  // Dots elsewhere nest nothing.
  const std::string dots(2000, '.');
  std::string many =
      "docs = '" + dots + "' # " + dots + "\nversion = \"\"\"\n" + dots + "\"\"\"\nqueue = 5\n";
  for (int i = 0; i < 2000; ++i) many += "methods.f" + std::to_string(i) + " = {} # one\n";
  std::string numbers = "1.5";
  for (int i = 0; i < 2000; ++i) numbers += ",1.5";
  many += "methods.f.parameters = [{name = \"a\", type = \"list<double>\", default = [" + numbers + "]}]";
  EXPECT_EQ(faults("[api.m]\n" + many), "");
}

TEST(HostileFiles, that_are_too_large_or_no_text_say_so) {
  const testing::Folder folder;
  const auto fault = [&](const std::string& text) {
    const std::string file = folder.write("mill.toml", text);
    return fault_of([&] { static_cast<void>(Configuration::from_file(file)); });
  };
  EXPECT_EQ(fault(std::string(std::size_t{16} << 20, '\n')), "");
  EXPECT_EQ(fault(std::string((std::size_t{16} << 20) + 1, '\n')),
            folder.path() + "/mill.toml: is larger than 16 MiB, which is no configuration");
  const std::string told = fault("name = \"\xff\xfe\"");
  EXPECT_TRUE(told.starts_with(folder.path() + "/mill.toml:1:8: this is no TOML: ")) << told;
}

}  // namespace
}  // namespace vagus
