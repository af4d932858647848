/// The Asio context of an event loop, for the floors above. Not installed.
#pragma once

#include <boost/asio/io_context.hpp>

#include <vagus/core/event_loop.hpp>

namespace vagus {

/// Valid as long as the loop.
boost::asio::io_context& asio_context(EventLoop& loop) noexcept;

}  // namespace vagus
