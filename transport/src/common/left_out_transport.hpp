#pragma once

#include <memory>
#include <string>

#include <vagus/transport/transport.hpp>

namespace vagus::transport {

/// In the place of one that this build lacks for want of a library: whoever uses it is told so, by an
/// ApiParamError. `library`: "OpenSSL (VAGUS_OPENSSL=OFF)".
std::shared_ptr<Transport> make_left_out_transport(std::string library);

}  // namespace vagus::transport
