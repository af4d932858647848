#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

#include <vagus/core/deadline.hpp>
#include <vagus/transport/url.hpp>

#include "common/spin.hpp"

namespace vagus::transport {

/// For an option that a transport does not know: throws ApiParamError that lists those there are, `known` and
/// `others`, unless it is one of those that belong to whoever makes calls over the links. All of these are
/// listed in the source of this function.
void refuse_unless_of_other_floor(const Url& url, std::string_view option, std::string known,
                                  std::initializer_list<std::string_view> others);

/// The value of an option that is a time: `500ms`, `30s`, `5min`, `1h`. Throws ApiParamError for all else.
Duration parse_time(const Url& url, const std::string& option, const std::string& text);

/// The value of `wait`. Throws ApiParamError for all else.
WaitPolicy parse_wait_policy(const Url& url, const std::string& text);

}  // namespace vagus::transport
