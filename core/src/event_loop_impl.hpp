#pragma once

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

#include <vagus/core/event_loop.hpp>
#include <vagus/core/home_process.hpp>

namespace vagus {

class EventLoop::Impl {
 public:
  // In a forked child the context's descriptors are still shared with the parent: it is left alone.
  const detail::HomeProcess home;
  boost::asio::io_context context;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> keep_running{
      context.get_executor()};
};

/// Runs what nobody else would catch: what it throws is logged as an error and goes no further.
void run_guarded(const std::function<void()>& work) noexcept;

}  // namespace vagus
