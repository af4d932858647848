#pragma once

#include <memory>

#include <vagus/transport/transport.hpp>

namespace vagus::transport::tls {

/// `tls://host:port`: TCP, encrypted, with certificates.
std::shared_ptr<Transport> make_transport();

}  // namespace vagus::transport::tls
