#pragma once

#include <boost/asio/posix/stream_descriptor.hpp>

#include <vagus/core/event_loop.hpp>

#include "posix/file_descriptor.hpp"

namespace vagus::transport {

/// Asio only waits on our descriptors: what comes over them carries descriptors and credentials, which Asio
/// does not know.
using WatchedDescriptor = boost::asio::posix::stream_descriptor;
using boost::system::error_code;

/// Puts the descriptor under the event loop's watch. Throws if the system refuses; it is closed then.
WatchedDescriptor watch(EventLoop& loop, posix::FileDescriptor descriptor);

/// Calls `ready` once when there is something to read, to accept, or an end to be seen; or with an error when
/// the descriptor is closed first.
template <typename Ready>
void async_wait_readable(WatchedDescriptor& descriptor, Ready ready) {
  descriptor.async_wait(WatchedDescriptor::wait_read, std::move(ready));
}

}  // namespace vagus::transport
