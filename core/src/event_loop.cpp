#include <exception>
#include <utility>

#include <boost/asio/post.hpp>

#include <vagus/core/asio_context.hpp>
#include <vagus/core/event_loop.hpp>
#include <vagus/core/log.hpp>

#include "event_loop_impl.hpp"

namespace vagus {

namespace {

// What reaches this far has escaped every owner that could have named it better.
void log_escaped(const char* what) noexcept {
  try {
    Log().error(std::string("an exception left a function that was posted to the event loop: ") + what);
  } catch (const std::exception&) {
    // No memory left to say so: nothing more can be done here.
  }
}

}  // namespace

void run_guarded(const std::function<void()>& work) noexcept {
  try {
    work();
  } catch (const std::exception& error) {
    log_escaped(error.what());
  } catch (...) {
    log_escaped("not a std::exception");
  }
}

EventLoop::EventLoop() : impl_(std::make_unique<Impl>()) {}
EventLoop::~EventLoop() = default;

void EventLoop::post(std::function<void()> work) {
  if (impl_->home.left()) return;
  boost::asio::post(impl_->context, [work = std::move(work)] { run_guarded(work); });
}

bool EventLoop::run_one() { return !impl_->home.left() && impl_->context.run_one() != 0; }

void EventLoop::finish() { impl_->keep_running.reset(); }

void EventLoop::stop() { impl_->context.stop(); }

boost::asio::io_context& asio_context(EventLoop& loop) noexcept { return loop.impl().context; }

}  // namespace vagus
