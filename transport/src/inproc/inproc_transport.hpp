#pragma once

#include <memory>

#include <vagus/transport/transport.hpp>

namespace vagus::transport::inproc {

/// `inproc://NAME`: both ends in this process.
std::shared_ptr<Transport> make_transport();

}  // namespace vagus::transport::inproc
