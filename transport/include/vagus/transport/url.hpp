/// `scheme://address?option=value&option=value`
#pragma once

#include <map>
#include <string>
#include <string_view>

namespace vagus {

/// A parsed URL: a plain value.
struct Url {
  std::string scheme;                          ///< such as `shm`; lower case
  std::string address;                         ///< what stands between `://` and `?`
  std::map<std::string, std::string> options;  ///< what stands after `?`; percent-encoding resolved

  /// Throws ApiParamError that says what is wrong with the text and what a right one looks like. A user, a
  /// password or a token in it is refused, too, without being shown: see Endpoint::login().
  static Url parse(std::string_view text);

  std::string to_string() const;
};

}  // namespace vagus
