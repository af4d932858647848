#pragma once

#include <memory>

#include <vagus/transport/transport.hpp>

namespace vagus::transport::supervised {

class Supervision;

/// `supervised://NAME`: the body's side, which listens at the link that it has inherited.
std::shared_ptr<Transport> make_transport();

/// The head's side: connects to the body that is supervised, whatever the URL says.
std::shared_ptr<Transport> make_head_transport(std::shared_ptr<Supervision> supervision);

}  // namespace vagus::transport::supervised
