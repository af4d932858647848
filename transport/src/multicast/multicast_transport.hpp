#pragma once

#include <memory>

#include <vagus/transport/transport.hpp>

namespace vagus::transport::multicast {

/// `multicast://group:port?ttl=&interface=`
std::shared_ptr<Transport> make_transport();

}  // namespace vagus::transport::multicast
