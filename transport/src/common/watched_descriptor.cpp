#include "common/watched_descriptor.hpp"

#include <vagus/core/asio_context.hpp>

#include "posix/system_error.hpp"

namespace vagus::transport {

WatchedDescriptor watch(EventLoop& loop, posix::FileDescriptor descriptor) {
  WatchedDescriptor watched(asio_context(loop));
  error_code error;
  watched.assign(descriptor.get(), error);
  if (error) posix::throw_system_error("epoll_ctl", "add", error.value());
  descriptor.release();
  return watched;
}

}  // namespace vagus::transport
