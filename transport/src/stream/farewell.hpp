#pragma once

#include <cstddef>
#include <functional>
#include <memory>

#include <boost/asio/steady_timer.hpp>

#include <vagus/core/event_loop.hpp>
#include <vagus/core/mutex.hpp>

#include "stream/byte_stream.hpp"
#include "stream/loop_watch.hpp"

namespace vagus::transport::stream {

/// Stays for a moment with a peer that was turned away, until it has left: if the socket were closed while
/// something of the peer lies there unread, the system would throw away what says why. Made by make_shared;
/// all functions are safe from any thread.
class Farewell : public std::enable_shared_from_this<Farewell> {
 public:
  /// `watch` is that of the stream's descriptor.
  Farewell(EventLoop& loop, std::unique_ptr<ByteStream> stream, std::shared_ptr<LoopWatch> watch);

  /// Tells the peer that nothing more comes. `done` is called once, on a thread of the loop or inside this
  /// call, unless it is closed before, also before this call.
  void start(std::function<void()> done);
  void close() noexcept;

 private:
  void go_on();
  bool drain() VAGUS_REQUIRES(mutex_);
  void finish(MutexLock& lock);

  Mutex mutex_;
  std::unique_ptr<ByteStream> stream_ VAGUS_GUARDED_BY(mutex_);
  const std::shared_ptr<LoopWatch> watch_;
  boost::asio::steady_timer timer_ VAGUS_GUARDED_BY(mutex_);
  std::function<void()> done_ VAGUS_GUARDED_BY(mutex_);
  std::size_t drained_ VAGUS_GUARDED_BY(mutex_) = 0;
};

}  // namespace vagus::transport::stream
