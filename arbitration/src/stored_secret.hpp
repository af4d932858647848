/// Hashes of passwords and tokens, as they are stored.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <vagus/arbitration/users.hpp>

namespace vagus {

/// A hash made by hash_password(), taken apart: `$scrypt$ln=15,r=8,p=3$salt$hash`.
struct PasswordHash {
  PasswordCost cost;
  std::vector<unsigned char> salt;
  std::vector<unsigned char> hash;

  /// Throws ApiParamError, which does not show the text.
  static PasswordHash parse(std::string_view text);
  std::string to_string() const;

  /// Takes as long as the cost says, whatever the password is. Throws std::logic_error without OpenSSL.
  bool matches(std::string_view password) const;
};

/// A hash made by hash_token(), taken apart: `$sha256$hash`.
struct TokenHash {
  std::vector<unsigned char> hash;

  static TokenHash parse(std::string_view text);
  static TokenHash of(std::string_view token);
  std::string to_string() const;
  /// In a time that says nothing of where they differ.
  bool matches(const TokenHash& other) const;
};

/// Overwrites it, so that it is not found in memory later.
void wipe(std::string& secret) noexcept;

/// Throws std::logic_error where this library was built without OpenSSL.
void need_openssl();

}  // namespace vagus
