// Passwords, tokens and their hashes: where a file takes them from.

#include <cstdlib>
#include <stdexcept>
#include <string>

#include <gtest/gtest.h>

#include <vagus/configuration/configured_arb.hpp>

#include "configuration/folder.hpp"
#include "support/core/flag.hpp"

namespace vagus {
namespace {

using testing::Folder;

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

}  // namespace
}  // namespace vagus
