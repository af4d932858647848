// What comes before anybody is let in: the parameters of `$auth`, and its answer; and hashes, as they are
// stored.

#include <vagus/core/error.hpp>
#include <vagus/wire/decode_error.hpp>

#include "login_attempt.hpp"
#include "stored_secret.hpp"
#include "support/allocations.hpp"
#include "support/check.hpp"
#include "support/input.hpp"

using namespace vagus;

namespace {

// A login has three texts of at most 1 KiB; the error that refuses one is short.
constexpr std::size_t most_memory = 64 * 1024;

void try_params(std::span<const std::byte> params) {
  try {
    const Login login = decode_login(params);
    fuzz::check(login.token.empty() != (login.user.empty() && login.password.empty()),
                "a login is by a password or by a token");
    fuzz::check(login.user.size() <= 1024 && login.password.size() <= 1024 && login.token.size() <= 1024,
                "a login is short");
  } catch (const wire::DecodeError&) {
  }
}

void try_hashes(std::string_view text) {
  try {
    const auto hash = PasswordHash::parse(text);
    fuzz::check(PasswordHash::parse(hash.to_string()).hash == hash.hash, "a hash survives to be written");
    fuzz::check((std::size_t{128} * hash.cost.r << hash.cost.log2_n) <= std::size_t{256} << 20,
                "a hash costs no more than it may");
  } catch (const ApiParamError&) {
  }
  try {
    const auto hash = TokenHash::parse(text);
    fuzz::check(hash.to_string() == text, "a hash survives to be written");
  } catch (const ApiParamError&) {
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const fuzz::Allocations allocations;
  try_params({reinterpret_cast<const std::byte*>(data), size});
  try_hashes(fuzz::text_of(data, size));
  fuzz::check(allocations.peak() <= most_memory, "a login takes little memory");
  return 0;
}
