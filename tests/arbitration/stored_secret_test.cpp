#include "stored_secret.hpp"

#include <set>

#include <gtest/gtest.h>

#include <vagus/core/error.hpp>

#include "base64.hpp"

namespace vagus::testing {
namespace {

constexpr PasswordCost quick{.log2_n = 10, .r = 8, .p = 1};

std::vector<unsigned char> bytes(std::string_view text) { return {text.begin(), text.end()}; }

TEST(Base64, is_that_of_the_standard_for_urls_without_padding) {
  EXPECT_EQ(to_base64(bytes("")), "");
  EXPECT_EQ(to_base64(bytes("f")), "Zg");
  EXPECT_EQ(to_base64(bytes("fo")), "Zm8");
  EXPECT_EQ(to_base64(bytes("foo")), "Zm9v");
  EXPECT_EQ(to_base64(bytes("foobar")), "Zm9vYmFy");
  EXPECT_EQ(to_base64(bytes("\xfb\xff")), "-_8");
}

TEST(Base64, gives_the_bytes_back) {
  for (std::size_t size = 0; size < 70; ++size) {
    std::vector<unsigned char> some(size);
    for (std::size_t i = 0; i < size; ++i) some[i] = static_cast<unsigned char>(i * 37 + size);
    EXPECT_EQ(from_base64(to_base64(some)), some);
  }
}

TEST(Base64, that_is_of_no_bytes_is_refused) {
  EXPECT_EQ(from_base64("Z"), std::nullopt);
  EXPECT_EQ(from_base64("Zh"), std::nullopt);  // bits of no byte are set
  EXPECT_EQ(from_base64("Zg=="), std::nullopt);
  EXPECT_EQ(from_base64("Z g"), std::nullopt);
}

TEST(PasswordHash, matches_its_password_and_no_other) {
  const std::string stored = hash_password("open sesame", quick);
  EXPECT_EQ(stored.substr(0, 22), "$scrypt$ln=10,r=8,p=1$");
  const auto hash = PasswordHash::parse(stored);
  EXPECT_EQ(hash.to_string(), stored);
  EXPECT_TRUE(hash.matches("open sesame"));
  EXPECT_FALSE(hash.matches("open sesamE"));
  EXPECT_FALSE(hash.matches(""));
  EXPECT_FALSE(hash.matches("open sesame "));
}

TEST(PasswordHash, is_scrypt_as_others_compute_it) {
  //   openssl kdf -keylen 32 -kdfopt pass:pleaseletmein -kdfopt salt:SodiumChlorideSo -kdfopt n:1024
  //     -kdfopt r:8 -kdfopt p:16 SCRYPT
  PasswordHash hash{{.log2_n = 10, .r = 8, .p = 16}, bytes("SodiumChlorideSo"), {}};
  hash.hash = *from_base64("9_IYjSBGZO_dS5oIDNipbEdD2mkI4mcCbwgiJGVgIYI");
  EXPECT_TRUE(hash.matches("pleaseletmein"));
}

TEST(PasswordHash, has_a_salt_of_its_own) {
  EXPECT_NE(hash_password("the same", quick), hash_password("the same", quick));
}

TEST(PasswordHash, that_is_none_is_refused_without_being_shown) {
  const std::string good = hash_password("open sesame", quick);
  for (const std::string& wrong : {std::string("open sesame"), std::string(), good.substr(0, good.size() - 1),
                                   good + "A", "$scrypt$" + good, std::string("$scrypt$ln=10,r=8,p=1$"),
                                   std::string("$scrypt$ln=99,r=8,p=1") + good.substr(21),
                                   std::string("$scrypt$ln=20,r=32,p=1") + good.substr(21),
                                   std::string("$scrypt$ln=-1,r=8,p=1") + good.substr(21),
                                   std::string("$2b$12$abcdefghijklmnopqrstuv")}) {
    try {
      static_cast<void>(PasswordHash::parse(wrong));
      FAIL() << wrong << " was taken";
    } catch (const ApiParamError& error) {
      EXPECT_TRUE(wrong.empty() || std::string(error.what()).find(wrong) == std::string::npos)
          << error.what();
    }
  }
}

TEST(PasswordHash, of_no_password_or_at_no_cost_is_refused) {
  EXPECT_THROW(hash_password(""), ApiParamError);
  EXPECT_THROW(hash_password(std::string(1025, 'x')), ApiParamError);
  EXPECT_THROW(hash_password("x", {.log2_n = 9}), ApiParamError);
  EXPECT_THROW(hash_password("x", {.log2_n = 20, .r = 32, .p = 1}), ApiParamError);
  EXPECT_THROW(hash_password("x", {.log2_n = 10, .r = 0}), ApiParamError);
}

TEST(TokenHash, matches_its_token_and_no_other) {
  const std::string token = make_token();
  EXPECT_EQ(token.size(), 43u);
  const auto stored = TokenHash::parse(hash_token(token));
  EXPECT_TRUE(stored.matches(TokenHash::of(token)));
  EXPECT_FALSE(stored.matches(TokenHash::of(make_token())));
  EXPECT_FALSE(stored.matches(TokenHash::of("")));
  EXPECT_THROW(hash_token("1234"), ApiParamError);  // could be guessed
  EXPECT_THROW(TokenHash::parse(token), ApiParamError);
  EXPECT_THROW(TokenHash::parse("$sha256$AAAA"), ApiParamError);
}

TEST(Users, that_are_wrong_are_refused_where_they_are_made) {
  const std::string hash = hash_token(make_token());
  EXPECT_THROW(Users({{.name = "", .token_hash = hash}}), ApiParamError);
  EXPECT_THROW(Users({{.name = "*", .token_hash = hash}}), ApiParamError);
  EXPECT_THROW(Users({{.name = "anna"}}), ApiParamError);
  EXPECT_THROW(Users({{.name = "anna", .token_hash = hash}, {.name = "anna", .token_hash = hash}}),
               ApiParamError);
  try {
    const Users users{{.name = "anna", .password_hash = "open sesame"}};
    FAIL() << "a password in the place of its hash was taken";
  } catch (const ApiParamError& error) {
    EXPECT_NE(std::string(error.what()).find("anna"), std::string::npos);
    EXPECT_EQ(std::string(error.what()).find("sesame"), std::string::npos) << error.what();
  }
}

TEST(Secrets, that_were_wiped_are_gone) {
  std::string secret = "open sesame";
  const char* const where = secret.data();
  wipe(secret);
  EXPECT_TRUE(secret.empty());
  EXPECT_EQ(where[1], '\0');
}

}  // namespace
}  // namespace vagus::testing
