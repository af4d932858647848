#include "common/address_name.hpp"

#include <algorithm>
#include <cstddef>

#include <vagus/core/error.hpp>

namespace vagus::transport {

namespace {

constexpr std::size_t longest_name = 64;

bool is_allowed(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' ||
         c == '.';
}

}  // namespace

void check_address_name(const Url& url) {
  const bool allowed = std::all_of(url.address.begin(), url.address.end(), is_allowed);
  if (allowed && !url.address.empty() && url.address.size() <= longest_name) return;
  throw ApiParamError(url.to_string() + ": a name consists of letters, digits, _ - and ., at most " +
                      std::to_string(longest_name) + " of them");
}

}  // namespace vagus::transport
