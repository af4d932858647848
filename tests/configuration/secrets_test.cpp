// Passwords, tokens and their hashes: where a file takes them from, and what it does not show of them.

#include <cstdlib>
#include <stdexcept>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <vagus/configuration/configured_arb.hpp>

#include "configuration/faults.hpp"
#include "configuration/folder.hpp"
#include "support/core/flag.hpp"

namespace vagus {
namespace {

using testing::expect_faults;
using testing::fault_of;
using testing::faults;
using testing::Folder;
using testing::Wrong;

TEST(Secrets, come_from_files_beside_it_and_from_the_environment) {
  const Folder folder;
  folder.write("password", "open sesame\n");
  ::setenv("VAGUS_TEST_TOKEN", "0123456789012345678901234567890123456789", 1);
  const auto endpoints = Configuration::from_file(folder.write("mill.toml", R"(
[[connect]]
url = "shm://left"
login = {user = "anna", password_file = "password"}
[[connect]]
url = "shm://right"
login = {token_env = "VAGUS_TEST_TOKEN"}
)"))
                             .endpoints();
  ::unsetenv("VAGUS_TEST_TOKEN");
  ASSERT_EQ(endpoints.size(), 2u);
  EXPECT_EQ(endpoints[0].login().user, "anna");
  EXPECT_EQ(endpoints[0].login().password, "open sesame");
  EXPECT_EQ(endpoints[1].login().token, "0123456789012345678901234567890123456789");
}

/// Of no token that anybody has.
const std::string token_hash = "$sha256$" + std::string(43, 'A');

TEST(Secrets, may_be_hashes_of_users_from_anywhere) {
  const Folder folder;
  folder.write("anna.hash", token_hash + '\n');
  const auto configuration = Configuration::from_file(
      folder.write("mill.toml", "[[users]]\nname = \"bert\"\ntoken_hash = \"" + token_hash +
                                    "\"\n[[users]]\nname = \"anna\"\ntoken_hash_file = \"anna.hash\""));
  ASSERT_TRUE(configuration.options().users);
  const auto& users = configuration.options().users->list();
  ASSERT_EQ(users.size(), 2u);
  EXPECT_EQ(users[0].name, "bert");
  EXPECT_EQ(users[0].token_hash, token_hash);
  EXPECT_EQ(users[1].name, "anna");
  EXPECT_EQ(users[1].token_hash, token_hash);
}

TEST(Secrets, let_in_whom_a_hash_of_the_file_knows) {
  const std::string token = "0123456789012345678901234567890123456789";
  std::string hash;
  try {
    hash = hash_token(token);
  } catch (const std::logic_error& without) {
    GTEST_SKIP() << without.what();
  }
  ConfiguredArb body{
      Configuration::from_text("[[listen]]\nurl = \"inproc://guarded\"\n[[users]]\nname = \"anna\"\n"
                               "token_hash = \"" +
                               hash + '"')};
  body.start();
  ::setenv("VAGUS_TEST_TOKEN", token.c_str(), 1);
  ConfiguredArb head{Configuration::from_text(
      "[[connect]]\nurl = \"inproc://guarded\"\nlogin = {token_env = \"VAGUS_TEST_TOKEN\"}")};
  ::unsetenv("VAGUS_TEST_TOKEN");
  head.wait_open(testing::generous);
  body.wait_open(testing::generous);
  EXPECT_EQ(body.peers().at(0).user, "anna");
}

TEST(Secrets, that_stand_in_the_file_are_refused_and_not_shown) {
  const std::string hash = "$sha256$" + std::string(43, 'A');
  const std::string connect = "[[connect]]\nurl = \"shm://a\"\nlogin = ";
  expect_faults({
      {connect + "{user = \"anna\", password = \"open sesame\"}",
       "3:36: 'password' in the login of [[connect]]: secrets do not stand in this file; expected "
       "'password_file' or 'password_env'"},
      {connect + "{token_env = \"VAGUS_TEST_NO_SUCH_TOKEN\"}",
       "3:22: 'token_env' in the login of [[connect]]: there is no environment variable "
       "VAGUS_TEST_NO_SUCH_TOKEN, or it is empty"},
      {connect + "{token_file = \"/nonexistent/token\"}",
       "3:23: 'token_file' in the login of [[connect]]: /nonexistent/token cannot be read: No such file or "
       "directory"},
      {connect + "{user = \"anna\", password_file = \"a\", password_env = \"b\"}",
       "3:61: the login of [[connect]] has both 'password_file' and 'password_env'; expected one of them"},
      {connect + "{user = \"anna\"}", "3:9: a login is either a user and a password or a token"},
      {"[[users]]\nname = \"anna\"\npassword = \"open sesame\"",
       "3:12: 'password' in [[users]]: secrets do not stand in this file; expected 'password_hash', see "
       "vagus::hash_password()"},
      {"[[users]]\nname = \"anna\"\ntoken_hash = \"" + hash +
           "\"\n[[users]]\nname = \"anna\"\ntoken_hash = \"" + hash + '"',
       "4:1: the user \"anna\" is there twice"},
      {"[[users]]\ntoken_hash = \"" + hash + '"', "1:1: [[users]] has no 'name', which is needed"},
      {"[[users]]\nname = \"anna\"", "1:1: the user \"anna\" has neither a password nor a token"},
  });
  for (const char* const url : {"tcp://anna:sesame@host:1", "tcp://host:1?token=sesame"}) {
    const std::string told = faults("[[listen]]\nurl = \"" + std::string(url) + '"');
    EXPECT_TRUE(told.starts_with("mill.toml:2:7: a URL has a user, a password or a token in it")) << told;
    EXPECT_EQ(told.find("sesame"), std::string::npos) << told;
  }
  const std::string told = faults("[[listen]]\nurl = \"tcp://host:1\"\noptions = {token = \"sesame\"}");
  EXPECT_TRUE(told.starts_with("mill.toml:3:11: a URL has a user")) << told;
  EXPECT_EQ(told.find("sesame"), std::string::npos) << told;
}

TEST(Secrets, that_stand_where_something_else_is_expected_are_not_shown) {
  const std::string connect = "[[connect]]\nurl = \"shm://a\"\n";
  const std::vector<Wrong> all{
      {connect + "login = \"anna:sesame\"", "3:9: 'login' in [[connect]] is text; expected a table"},
      {connect + "login = {user = \"anna\", password_file = 4711}",
       "3:41: 'password_file' in the login of [[connect]] is a number; expected text"},
      {connect + "options = \"token=sesame\"", "3:11: 'options' in [[connect]] is text; expected a table"},
      {"connect = \"tcp://anna:sesame@host:1\"",
       "1:11: 'connect' in the file is text; expected a list of tables"},
      {"connect = [\"tcp://anna:sesame@host:1\"]", "1:12: [[connect]] is text; expected a table"},
      {"users = \"anna:sesame\"", "1:9: 'users' in the file is text; expected a list of tables"},
      {"users = [\"anna:sesame\"]", "1:10: [[users]] is text; expected a table"},
      {"[[users]]\nname = \"anna\"\npassword_hash = 4711",
       "3:17: 'password_hash' in [[users]] is a number; expected text"},
  };
  expect_faults(all);
}

TEST(Secrets, that_are_empty_or_missing_are_told_whatever_else_is_wrong) {
  expect_faults({
      {"[[users]]\nname = \"anna\"\npassword_hash = \"\"\ntoken_hash = \"$sha256$" + std::string(43, 'A') +
           '"',
       "3:17: 'password_hash' in [[users]] is empty"},
      {"[[connect]]\nurl = \"shm://a\"\nlogin = {user = \"anna\"}\n[limits]\nmax_depth = 0",
       "3:9: a login is either a user and a password or a token\n"
       "mill.toml:5:13: 'max_depth' in [limits] is 0; expected a whole number from 1 to 512"},
  });
}

TEST(Secrets, are_one_line_of_a_file_that_is_not_endless) {
  const Folder folder;
  const std::string text = "[[connect]]\nurl = \"shm://a\"\nlogin = {user = \"anna\", password_file = ";
  const auto fault = [&](const std::string& secret) {
    const std::string file = folder.write("mill.toml", text + '"' + secret + "\"}");
    return fault_of([&] { static_cast<void>(Configuration::from_file(file)); });
  };
  const auto expected = [&](const std::string& secret) {
    return folder.path() + "/mill.toml:3:41: 'password_file' in the login of [[connect]]: " + secret;
  };
  const std::string no_line = " does not hold one line with the secret";
  folder.write("empty", "");
  folder.write("two", "a\nb\n");
  folder.write("long", std::string(4097, 'a'));
  for (const std::string name : {"empty", "two", "long"}) {
    EXPECT_EQ(fault(name), expected(folder.path() + '/' + name + no_line));
  }
  EXPECT_EQ(fault("/dev/zero"), expected("/dev/zero" + no_line));
  EXPECT_EQ(fault("."), expected(folder.path() + "/. cannot be read: Is a directory"));
  folder.write("longest", std::string(1024, 'a') + "\r\n");
  EXPECT_EQ(fault("longest"), "");
}

}  // namespace
}  // namespace vagus
