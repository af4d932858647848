#include "stored_secret.hpp"

#include <array>
#include <charconv>
#include <cstdint>
#include <stdexcept>

#ifdef VAGUS_WITH_OPENSSL
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#endif

#include <vagus/core/error.hpp>

#include "base64.hpp"

namespace vagus {

namespace {

constexpr std::size_t longest_secret = 1024;
constexpr std::size_t shortest_token = 32;
constexpr std::size_t salt_size = 16;
constexpr std::size_t hash_size = 32;
constexpr std::size_t most_memory = std::size_t{256} << 20;
constexpr std::string_view scrypt_mark = "$scrypt$";
constexpr std::string_view sha256_mark = "$sha256$";

std::size_t memory_of(const PasswordCost& cost) noexcept { return std::size_t{128} * cost.r << cost.log2_n; }

void check(const PasswordCost& cost) {
  const bool in_range = cost.log2_n >= 10 && cost.log2_n <= 20 && cost.r >= 1 && cost.r <= 32 &&
                        cost.p >= 1 && cost.p <= 16 && memory_of(cost) <= most_memory;
  if (in_range) return;
  throw ApiParamError(
      "a cost of passwords has ln from 10 to 20, r from 1 to 32, p from 1 to 16, and 128 * r * "
      "2^ln is at most 256 MiB");
}

[[noreturn]] void refuse_password_hash() {
  throw ApiParamError(
      "a password hash is what hash_password() gives, $scrypt$ln=15,r=8,p=3$salt$hash; this is none");
}

/// Takes `mark` and the number behind it off.
unsigned take_number(std::string_view& text, std::string_view mark) {
  if (!text.starts_with(mark)) refuse_password_hash();
  unsigned number = 0;
  const char* const begin = text.data() + mark.size();
  const auto read = std::from_chars(begin, text.data() + text.size(), number);
  if (read.ec != std::errc() || read.ptr == begin) refuse_password_hash();
  text.remove_prefix(static_cast<std::size_t>(read.ptr - text.data()));
  return number;
}

#ifdef VAGUS_WITH_OPENSSL

std::vector<unsigned char> random_bytes(std::size_t size) {
  std::vector<unsigned char> bytes(size);
  if (RAND_bytes(bytes.data(), static_cast<int>(size)) != 1) {
    throw std::runtime_error("OpenSSL has no random numbers");
  }
  return bytes;
}

std::vector<unsigned char> scrypt(std::string_view password, const std::vector<unsigned char>& salt,
                                  const PasswordCost& cost) {
  std::vector<unsigned char> hash(hash_size);
  // What it needs besides the big block is little; its own default limit is 32 MiB, which is too little.
  const std::uint64_t memory = 2 * most_memory;
  if (EVP_PBE_scrypt(password.data(), password.size(), salt.data(), salt.size(),
                     std::uint64_t{1} << cost.log2_n, cost.r, cost.p, memory, hash.data(),
                     hash.size()) != 1) {
    throw std::runtime_error("OpenSSL cannot compute a password's hash; is there memory for it?");
  }
  return hash;
}

std::vector<unsigned char> sha256(std::string_view text) {
  std::vector<unsigned char> hash(hash_size);
  unsigned size = 0;
  if (EVP_Digest(text.data(), text.size(), hash.data(), &size, EVP_sha256(), nullptr) != 1 ||
      size != hash_size) {
    throw std::runtime_error("OpenSSL cannot compute a SHA-256");
  }
  return hash;
}

bool are_equal(const std::vector<unsigned char>& one, const std::vector<unsigned char>& other) {
  return one.size() == other.size() && CRYPTO_memcmp(one.data(), other.data(), one.size()) == 0;
}

#else

std::vector<unsigned char> random_bytes(std::size_t) {
  need_openssl();
  return {};
}
std::vector<unsigned char> scrypt(std::string_view, const std::vector<unsigned char>&, const PasswordCost&) {
  need_openssl();
  return {};
}
std::vector<unsigned char> sha256(std::string_view) {
  need_openssl();
  return {};
}
bool are_equal(const std::vector<unsigned char>&, const std::vector<unsigned char>&) {
  need_openssl();
  return false;
}

#endif

}  // namespace

void need_openssl() {
#ifndef VAGUS_WITH_OPENSSL
  throw std::logic_error("this Vagus was built without OpenSSL, and knows neither passwords nor tokens");
#endif
}

void wipe(std::string& secret) noexcept {
#ifdef VAGUS_WITH_OPENSSL
  OPENSSL_cleanse(secret.data(), secret.size());
#else
  for (volatile char& character : secret) character = '\0';
#endif
  secret.clear();
}

PasswordHash PasswordHash::parse(std::string_view text) {
  if (!text.starts_with(scrypt_mark)) refuse_password_hash();
  text.remove_prefix(scrypt_mark.size());
  PasswordHash parsed;
  parsed.cost.log2_n = take_number(text, "ln=");
  parsed.cost.r = take_number(text, ",r=");
  parsed.cost.p = take_number(text, ",p=");
  check(parsed.cost);
  const std::size_t end_of_salt = text.find('$', 1);
  if (!text.starts_with('$') || end_of_salt == std::string_view::npos) refuse_password_hash();
  const auto salt = from_base64(text.substr(1, end_of_salt - 1));
  const auto hash = from_base64(text.substr(end_of_salt + 1));
  if (!salt || salt->size() != salt_size || !hash || hash->size() != hash_size) refuse_password_hash();
  parsed.salt = *salt;
  parsed.hash = *hash;
  return parsed;
}

std::string PasswordHash::to_string() const {
  return std::string(scrypt_mark) + "ln=" + std::to_string(cost.log2_n) + ",r=" + std::to_string(cost.r) +
         ",p=" + std::to_string(cost.p) + '$' + to_base64(salt) + '$' + to_base64(hash);
}

bool PasswordHash::matches(std::string_view password) const {
  return are_equal(scrypt(password, salt, cost), hash);
}

TokenHash TokenHash::parse(std::string_view text) {
  if (text.starts_with(sha256_mark)) {
    const auto hash = from_base64(text.substr(sha256_mark.size()));
    if (hash && hash->size() == hash_size) return {*hash};
  }
  throw ApiParamError("a token hash is what hash_token() gives, $sha256$hash; this is none");
}

TokenHash TokenHash::of(std::string_view token) { return {sha256(token)}; }
std::string TokenHash::to_string() const { return std::string(sha256_mark) + to_base64(hash); }
bool TokenHash::matches(const TokenHash& other) const { return are_equal(hash, other.hash); }

std::string hash_password(std::string_view password, const PasswordCost& cost) {
  if (password.empty() || password.size() > longest_secret) {
    throw ApiParamError("a password has from 1 to 1024 bytes");
  }
  check(cost);
  PasswordHash made{cost, random_bytes(salt_size), {}};
  made.hash = scrypt(password, made.salt, cost);
  return made.to_string();
}

std::string make_token() { return to_base64(random_bytes(hash_size)); }

std::string hash_token(std::string_view token) {
  if (token.size() < shortest_token || token.size() > longest_secret) {
    throw ApiParamError("a token has from 32 to 1024 bytes; make_token() makes one");
  }
  return TokenHash::of(token).to_string();
}

}  // namespace vagus
