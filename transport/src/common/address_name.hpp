#pragma once

#include <vagus/transport/url.hpp>

namespace vagus::transport {

/// Throws ApiParamError unless the URL's address is a name: letters, digits, `_`, `-` and `.`, at most 64 of
/// them.
void check_address_name(const Url& url);

}  // namespace vagus::transport
