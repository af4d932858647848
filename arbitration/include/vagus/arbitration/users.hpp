/// Who may log in.
///
/// Passwords and tokens are kept as hashes: whoever reads where they are stored cannot log in with what
/// stands there. All of this needs a Vagus that was built with OpenSSL; the functions that hash throw
/// std::logic_error otherwise, and so does an ApiArb that is given users.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace vagus {

/// Somebody, or some program, with a password, a token, or both.
struct User {
  std::string name;                ///< 1 to 255 bytes; for permissions, logs and Peer::user
  std::string password_hash = {};  ///< made by hash_password(); empty: cannot log in with one
  std::string token_hash = {};     ///< made by hash_token(); empty: cannot log in with one
};

/// Those who may log in. A plain value.
///
///     const vagus::Users users{{.name = "anna", .password_hash = line_of_file},
///                              {.name = "panel", .token_hash = other_line}};
///     vagus::ApiArb arb(vagus::listen("shm://mill"), {.users = users});
class Users {
 public:
  /// Nobody may log in.
  Users() = default;
  /// Throws ApiParamError that says whose name or hash is wrong, or who is there twice.
  Users(std::initializer_list<User> users);
  explicit Users(std::vector<User> users);

  const std::vector<User>& list() const noexcept { return list_; }

 private:
  std::vector<User> list_;
};

/// How much work it is to try one password: scrypt's parameters, by default some 200 ms and 32 MiB.
struct PasswordCost {
  unsigned log2_n = 15;  ///< 10 to 20
  unsigned r = 8;        ///< 1 to 32
  unsigned p = 3;        ///< 1 to 16; 128 * r * 2^log2_n bytes are at most 256 MiB
};

/// What to store in the place of a password: `$scrypt$ln=15,r=8,p=3$salt$hash`, with a new random salt.
/// Throws ApiParamError for an empty password, one of more than 1024 bytes, or a cost out of range.
std::string hash_password(std::string_view password, const PasswordCost& cost = {});

/// A new token: 256 random bits, 43 printable characters. For programs, which do not have to remember it:
/// looking at one costs next to nothing.
std::string make_token();

/// What to store in the place of a token: `$sha256$hash`. Throws ApiParamError for one of less than 32 bytes,
/// which could be guessed, or of more than 1024.
std::string hash_token(std::string_view token);

}  // namespace vagus
