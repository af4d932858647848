#pragma once

#include <memory>

#include <vagus/transport/transport.hpp>

namespace vagus::transport::shm {

/// `shm://NAME` and `shm:///path`: shared memory between processes of one machine.
std::shared_ptr<Transport> make_transport();

}  // namespace vagus::transport::shm
