#pragma once

#include <memory>

#include "stream/stream_kind.hpp"

namespace vagus::transport::tcp {

/// What becomes of a connected TCP socket, for `tcp://` and for what wraps it.
std::unique_ptr<const stream::StreamKind> make_kind();

}  // namespace vagus::transport::tcp
